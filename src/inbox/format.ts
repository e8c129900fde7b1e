import { type FormatOptions, formatDuration, formatStatus } from './format-values.ts'
import { createPaint, type Paint, STATUS_STYLES, type Style } from './paint.ts'
import type { EventSummary } from './store.ts'
import { cutToWidth, displayWidth, escapeControlCharacters, padToWidth } from './terminal-text.ts'
import type { TopFrame } from './top-frame.ts'

export { formatEvent } from './format-event.ts'
export type { FormatOptions } from './format-values.ts'

interface Column {
  title: string
  /** Columns of the terminal, at most; a line of its own always takes as many. */
  width: number
  align?: 'right'
  read(event: EventSummary): string
  style?(event: EventSummary): Style | undefined
}

const COLUMNS: readonly Column[] = [
  { title: 'TIME', width: 8, read: event => formatClock(event.receivedAt), style: () => 'dim' },
  { title: 'TYPE', width: 7, read: event => event.eventType },
  { title: 'METHOD', width: 7, read: event => event.method ?? '' },
  { title: 'ENDPOINT', width: 28, read: event => event.endpoint ?? '' },
  { title: 'STATUS', width: 11, read: formatStatus, style: event => STATUS_STYLES[event.status] },
  { title: 'DURATION', width: 9, align: 'right', read: event => formatDuration(event.executionTimeMs) },
  { title: 'ERROR', width: 28, read: formatError, style: event => STATUS_STYLES[event.status] },
  // As many characters as the commands need.
  { title: 'ID', width: 8, read: event => event.id.slice(0, 8), style: () => 'dim' },
]

const GAP = '  '

/** Columns of a frame below an event's line: it stands under its type. */
const FRAME_INDENT = 10
const FRAME_WIDTH = 108

/** Events as a table with a header, each column as wide as it needs to be. Without a newline at its end. */
export function formatEventTable(events: readonly EventSummary[], { color = false }: FormatOptions = {}): string {
  if (events.length === 0) return 'No events yet.'
  const paint = createPaint(color)
  const cells = events.map(event => COLUMNS.map(column => readCell(column, event)))
  const widths = COLUMNS.map((column, index) =>
    Math.max(column.title.length, ...cells.map(row => displayWidth(row[index] ?? ''))),
  )
  const header = joinCells(
    COLUMNS.map(column => column.title),
    widths,
  )
  const lines = events.map((event, row) => joinCells(cells[row] ?? [], widths, event, paint))
  return [paint('bold', header), ...lines].join('\n')
}

/**
 * One event as one line, in columns that stay where they are from line to line; only an event without an error takes no
 * room for one. Without a newline at its end.
 */
export function formatEventLine(event: EventSummary, { color = false }: FormatOptions = {}): string {
  const cells = COLUMNS.map(column => readCell(column, event))
  return joinCells(
    cells,
    COLUMNS.map((column, index) => (column.title === 'ERROR' && cells[index] === '' ? 0 : column.width)),
    event,
    createPaint(color),
  )
}

/** Where an event's error was thrown, for a line below its own. Without a newline at its end. */
export function formatTopFrame(
  { functionName, fileName, lineNumber, columnNumber }: TopFrame,
  { color = false }: FormatOptions = {},
): string {
  const place = [fileName, lineNumber, columnNumber].filter(part => part !== undefined).join(':')
  const text = functionName === undefined ? `at ${place}` : `at ${functionName} (${place})`
  const shown = cutToWidth(escapeControlCharacters(text.slice(0, FRAME_WIDTH * 4)), FRAME_WIDTH)
  return ' '.repeat(FRAME_INDENT) + createPaint(color)('dim', shown)
}

function formatError({ errorName, errorMessage }: EventSummary): string {
  return [errorName, errorMessage].filter(part => part).join(': ')
}

/** The reader's own wall clock. */
export function formatClock(time: string): string {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => String(part).padStart(2, '0')).join(':')
}

function readCell({ read, width }: Column, event: EventSummary): string {
  // A message may have megabytes; what cannot be seen is not measured.
  return cutToWidth(escapeControlCharacters(read(event).slice(0, width * 4)), width)
}

function joinCells(cells: readonly string[], widths: readonly number[], event?: EventSummary, paint?: Paint): string {
  const parts = COLUMNS.map((column, index) => {
    const text = cells[index] ?? ''
    const isLast = index === COLUMNS.length - 1
    const padded = isLast ? text : padToWidth(text, widths[index] ?? 0, column.align)
    const style = event && column.style?.(event)
    // Only the text is painted: spaces stay spaces.
    return style && paint && text ? padded.replace(text, () => paint(style, text)) : padded
  })
  return parts.join(GAP).trimEnd()
}
