import { formatDuration } from './format-values.ts'
import type { RouteNumbers } from './store.ts'
import { cutToWidth, displayWidth, escapeControlCharacters, padToWidth } from './terminal-text.ts'

/** Columns of the terminal that a route may take. */
const MAX_ROUTE_WIDTH = 60

const COLUMNS: readonly (readonly [title: string, read: (route: RouteNumbers) => string])[] = [
  ['ROUTE', readName],
  ['EVENTS', ({ count }) => String(count)],
  ['FAILED', ({ failures }) => String(failures)],
  ['P50', ({ p50 }) => formatDuration(p50)],
  ['P95', ({ p95 }) => formatDuration(p95)],
  ['P99', ({ p99 }) => formatDuration(p99)],
  ['SLOWEST', ({ slowestEventId }) => slowestEventId?.slice(0, 8) ?? ''],
]

/** Routes with their numbers as a table. Without a newline at its end. */
export function formatRoutes(routes: readonly RouteNumbers[]): string {
  if (routes.length === 0) return 'No routes.'
  const rows = [COLUMNS.map(([title]) => title), ...routes.map(route => COLUMNS.map(([, read]) => read(route)))]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map(row => displayWidth(row[column] ?? ''))))
  return rows
    .map(row =>
      row
        .map((cell, column) => padToWidth(cell, widths[column] ?? 0, column === 0 ? 'left' : 'right'))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function readName({ method, route }: RouteNumbers): string {
  const name = [method, route].filter(part => part).join(' ')
  return cutToWidth(escapeControlCharacters(name.slice(0, MAX_ROUTE_WIDTH * 4)), MAX_ROUTE_WIDTH)
}
