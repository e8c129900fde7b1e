import { formatClock } from '../format.ts'
import { type FormatOptions, formatDuration, formatStatus } from '../format-values.ts'
import { createPaint, STATUS_STYLES, type Style } from '../paint.ts'
import { cutToWidth, escapeControlCharacters, padToWidth } from '../terminal-text.ts'
import { type ComparedEvent, type EventComparison, PARTS } from './compare-events.ts'
import { formatDifference, wrap } from './format-replay.ts'

/** Columns of a row's title, and of each event. */
const TITLE_WIDTH = 10
const EVENT_WIDTH = 32

interface Row {
  title: string
  read(event: ComparedEvent): string
  style?(event: ComparedEvent): Style
}

const ROWS: readonly Row[] = [
  { title: 'id', read: ({ id }) => id.slice(0, 8) },
  {
    title: 'event',
    read: ({ method, endpoint, eventType }) => [method ?? eventType, endpoint].filter(part => part).join(' '),
  },
  { title: 'received', read: ({ receivedAt }) => `${receivedAt.slice(0, 10)} ${formatClock(receivedAt)}` },
  { title: 'status', read: formatStatus, style: ({ status }) => STATUS_STYLES[status] },
  { title: 'time', read: ({ executionTimeMs }) => formatDuration(executionTimeMs) || '–' },
]

/** Two events as lines of at most 80 columns: both, then what differs, part by part. */
export function formatComparison(comparison: EventComparison, { color = false }: FormatOptions = {}): string {
  const { first, second, parts, noise, notes, same } = comparison
  const paint = createPaint(color)
  const cell = ({ read, style }: Row, event: ComparedEvent) => {
    const text = cutToWidth(escapeControlCharacters(read(event).slice(0, EVENT_WIDTH * 4)), EVENT_WIDTH)
    const padding = ' '.repeat(Math.max(0, padToWidth(text, EVENT_WIDTH).length - text.length))
    return (style ? paint(style(event), text) : text) + padding
  }
  const rows = ROWS.map(row => {
    const title = paint('dim', padToWidth(row.title, TITLE_WIDTH))
    return `${title}  ${cell(row, first)}  ${cell(row, second)}`.trimEnd()
  })
  const sections = PARTS.flatMap(([part, title]) =>
    parts[part].length === 0
      ? []
      : ['', paint('bold', title), ...parts[part].flatMap(difference => formatDifference(difference, paint))],
  )
  const equal = PARTS.flatMap(([part, title]) => (parts[part].length === 0 ? [title] : []))
  const verdict = same
    ? 'Nothing differs, as far as both events were captured.'
    : equal.length > 0
      ? `No difference in: ${equal.join(', ').toLowerCase()}.`
      : ''
  return [
    ...rows,
    ...sections,
    ...(verdict === '' ? [] : ['', ...wrap(verdict).map(line => paint(same ? 'green' : 'dim', line))]),
    ...(noise.length > 0
      ? ['', ...wrap(`Ids and times, by their looks: ${noise.join(', ')}.`).map(line => paint('dim', line))]
      : []),
    ...(notes.length > 0 ? ['', ...notes.flatMap(note => wrap(note).map(line => paint('dim', line)))] : []),
  ].join('\n')
}
