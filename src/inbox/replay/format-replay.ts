import { type FormatOptions, formatDuration } from '../format-values.ts'
import { createPaint, type Paint } from '../paint.ts'
import { cutToWidth, escapeControlCharacters, padToWidth } from '../terminal-text.ts'
import type { Difference } from './compare-json.ts'
import type { AnswerView, ReplayResult } from './replay-result.ts'
import { isAnythingCompared } from './verdict.ts'

/** Columns of the narrowest terminal that is cared for. */
const WIDTH = 80

/** Lines of a value that is a text. */
const MAX_VALUE_LINES = 8

/** A replay's outcome as lines of at most 80 columns: both answers, then what differs. */
export function formatReplay(result: ReplayResult, { color = false }: FormatOptions = {}): string {
  const paint = createPaint(color)
  const { request, original, replayed, same, compared, verdict, differences, leftOut, runs, tape, notes } = result
  const lines = [
    paint('bold', fitLine(`${request.method} ${request.url}`)),
    paint('dim', `trace id  ${request.traceId}`),
    '',
    `${padToWidth('', 10)}  ${padToWidth(result.comparedWith === 'baseline' ? 'BASELINE' : 'CAPTURED', 12)}  REPLAYED`,
    formatRow('status', original, replayed, ({ statusCode }) => String(statusCode ?? '–'), paint),
    formatRow('time', original, replayed, ({ durationMs }) => formatDuration(durationMs) || '–', paint),
    '',
    ...wrap(verdict).map(line => paint(same ? 'green' : isAnythingCompared(compared) ? 'red' : 'yellow', line)),
    ...(leftOut.length > 0
      ? wrap(`Left out, for it differs between the ${runs.length} runs: ${nameSome(leftOut)}`)
      : []
    ).map(line => paint('dim', line)),
    ...nameCalls('Not on the tape', tape?.notOnTape).map(line => paint('red', line)),
    ...nameCalls('On the tape, and not called', tape?.notCalled).map(line => paint('yellow', line)),
    ...differences.flatMap(difference => ['', ...formatDifference(difference, paint)]),
    ...(notes.length > 0 ? ['', ...notes.flatMap(note => wrap(note).map(line => paint('dim', line)))] : []),
  ]
  return lines.join('\n')
}

function nameCalls(title: string, calls: readonly string[] = []): string[] {
  if (calls.length === 0) return []
  const lines = calls.flatMap(call => call.split('\n').flatMap(line => wrap(`  ${line}`)))
  return ['', `${title}:`, ...lines]
}

/** How many names of what was left out are shown. */
const MAX_NAMES = 20

function nameSome(names: readonly string[]): string {
  const rest = names.length - MAX_NAMES
  return names.slice(0, MAX_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

function formatRow(
  title: string,
  original: AnswerView,
  replayed: AnswerView,
  read: (answer: AnswerView) => string,
  paint: Paint,
): string {
  return `${paint('dim', padToWidth(title, 10))}  ${padToWidth(read(original), 12)}  ${read(replayed)}`
}

/** What differs in one place: its name, what was there, what is there now. */
export function formatDifference({ path, kind, original, replayed }: Difference, paint: Paint): string[] {
  return [
    paint('cyan', fitLine(path)),
    ...(kind === 'added' ? [] : formatValue('-', original).map(line => paint('red', line))),
    ...(kind === 'removed' ? [] : formatValue('+', replayed).map(line => paint('green', line))),
  ]
}

function formatValue(sign: string, value: string): string[] {
  const lines = value.split(/\r?\n/)
  const shown = lines.slice(0, MAX_VALUE_LINES).map(line => fitLine(`  ${sign} ${line}`))
  const rest = lines.length - shown.length
  return rest > 0 ? [...shown, `    … ${rest} more lines`] : shown
}

/** One line of at most 80 columns. */
export function fitLine(text: string): string {
  return cutToWidth(escapeControlCharacters(text.slice(0, WIDTH * 4)), WIDTH)
}

/** A text as lines of at most so many columns. */
export function wrap(text: string, width = WIDTH): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of escapeControlCharacters(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line].map(fitLine)
}
