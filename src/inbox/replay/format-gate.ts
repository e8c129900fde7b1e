import { type FormatOptions, formatDuration } from '../format-values.ts'
import { createPaint, type Paint, type Style } from '../paint.ts'
import { cutToWidth, escapeControlCharacters, padToWidth } from '../terminal-text.ts'
import { fitLine, wrap } from './format-replay.ts'
import { countOutcomes, type GateEntry, type GateResult, isFixed, nameDifferences } from './gate-result.ts'

const OUTCOMES: Readonly<Record<GateEntry['outcome'], readonly [word: string, style: Style]>> = {
  same: ['same', 'green'],
  different: ['differs', 'red'],
  unanswered: ['no answer', 'red'],
  skipped: ['skipped', 'yellow'],
}

/** Columns of the table; together with what is between them, 80. */
const WIDTHS = { outcome: 9, title: 34, status: 9, count: 8, id: 8 } as const

/** The table of all replays, what differs in each, what was not replayed and why, and the numbers of each outcome. */
export function formatGate({ entries, found, query }: GateResult, { color = false }: FormatOptions = {}): string {
  const paint = createPaint(color)
  const counts = countOutcomes(entries)
  const replayed = entries.filter(({ outcome }) => outcome !== 'skipped')
  const skipped = entries.filter(({ outcome }) => outcome === 'skipped')
  const header = joinCells(['', 'EVENT', 'STATUS', 'EVENTS', 'ID'])
  const time = formatDuration(entries.reduce((sum, { durationMs }) => sum + durationMs, 0))
  const fixed = counts.fixed > 0 ? ` (${counts.fixed} no longer ${counts.fixed === 1 ? 'fails' : 'fail'})` : ''
  const summary = [
    `${found === 1 ? '1 event' : `${found} events`}, ${entries.length} of a kind of their own:`,
    `${counts.same} same, ${counts.different} different${fixed},`,
    ...(counts.unanswered > 0 ? [`${counts.unanswered} without an answer,`] : []),
    `${counts.skipped} not replayed; ${time}`,
  ].join(' ')
  return [
    ...wrap(`Query: ${query || '(all events)'}`).map(line => paint('dim', line)),
    '',
    ...(replayed.length > 0 ? [paint('bold', header)] : []),
    ...replayed.flatMap(entry => formatEntry(entry, paint)),
    ...(skipped.length > 0 ? [...(replayed.length > 0 ? [''] : []), paint('bold', 'Not replayed')] : []),
    ...skipped.flatMap(entry => formatEntry(entry, paint)),
    '',
    ...wrap(summary),
  ].join('\n')
}

function formatEntry(entry: GateEntry, paint: Paint): string[] {
  const [word, style] = OUTCOMES[entry.outcome]
  const isRepaired = isFixed(entry)
  const cells = [isRepaired ? 'fixed' : word, entry.title, statuses(entry), String(entry.count), entry.id]
  const line = joinCells(cells)
  const detail = entry.reason ?? nameDifferences(entry)
  const details = detail === '' ? [] : wrap(detail, 78).map(text => fitLine(`  ${text}`))
  // Only the word is painted: spaces stay spaces.
  return [
    line.replace(/^\S+(?: answer)?/, text => paint(isRepaired ? 'green' : style, text)),
    ...details.map(text => paint('dim', text)),
  ]
}

function statuses({ statusCode, result }: GateEntry): string {
  const [before, after] = [result?.original.statusCode ?? statusCode, result?.replayed.statusCode]
  if (after === undefined || before === after) return String(before ?? '–')
  return `${before ?? '–'} → ${after}`
}

function joinCells(cells: readonly string[]): string {
  return Object.values(WIDTHS)
    .map((width, index) => {
      const text = escapeControlCharacters((cells[index] ?? '').slice(0, width * 4))
      // Of an id, as many characters as the commands need.
      return padToWidth(index === 4 ? text.slice(0, width) : cutToWidth(text, width), width)
    })
    .join('  ')
    .trimEnd()
}
