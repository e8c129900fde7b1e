import type { EventConditions, RouteNumbers } from '../store.ts'
import type { Row, SqlDriver } from './driver.ts'
import { selectEvents } from './queries.ts'
import { readOptionalNumber, readOptionalText, readText } from './rows.ts'

/** Routes of one answer: those with the most events. */
const MAX_ROUTES = 500

/** Durations are counted in parts of which each ends a tenth after the last: a percentile is right to 5 %. */
const GROWTH = 1.1

/** The part of a duration in milliseconds; `null` for an event without one. */
export function durationBucket(milliseconds: number | undefined): number | null {
  if (milliseconds === undefined) return null
  return milliseconds <= 1 ? 0 : Math.ceil(Math.log(milliseconds) / Math.log(GROWTH))
}

/** The middle of a part, in milliseconds. */
function durationOf(bucket: number): number {
  const duration = bucket === 0 ? 1 : GROWTH ** (bucket - 0.5)
  return duration < 10 ? Math.round(duration * 10) / 10 : Math.round(duration)
}

/** Routes with their numbers, those with the most events first: of all events from the roll-ups, of some by counting them. */
export function listRoutes(driver: SqlDriver, conditions: EventConditions): RouteNumbers[] {
  const isAll = Object.values(conditions).every(condition => condition === undefined || condition === '')
  if (isAll) {
    const rows = driver.query('SELECT * FROM route_durations')
    return readRoutes(rows, (method, route) =>
      readOptionalText(
        driver.query(
          `SELECT id FROM events WHERE route = ? AND coalesce(method, '') = ? AND execution_time_ms IS NOT NULL
            ORDER BY execution_time_ms DESC LIMIT 1`,
          route,
          method,
        )[0] ?? {},
        'id',
      ),
    )
  }
  // Columns as they are, and few of them: what is grouped is sorted first.
  const columns = `method, route, duration_bucket AS bucket, count(*) AS count, sum(status = 'failed') AS failures,
    max(execution_time_ms) AS slowest, events.sequence AS slowest_sequence`
  const { sql, values } = selectEvents(columns, conditions, { and: 'route IS NOT NULL', tail: 'GROUP BY 3, 2, 1' })
  const rows = driver.query(sql, ...values)
  return readRoutes(rows, (method, route) => {
    const own = rows.filter(row => row['route'] === route && readMethod(row) === method && readBucket(row) >= 0)
    const slowest = own.sort((one, other) => readBucket(other) - readBucket(one))[0]
    if (!slowest) return undefined
    const [event] = driver.query('SELECT id FROM events WHERE sequence = ?', Number(slowest['slowest_sequence']))
    return readOptionalText(event, 'id')
  })
}

/** Empty where there is none. */
function readMethod(row: Row): string {
  return readOptionalText(row, 'method') ?? ''
}

/** Below 0 for events without a duration. */
function readBucket(row: Row): number {
  return readOptionalNumber(row, 'bucket') ?? -1
}

function readRoutes(
  rows: readonly Row[],
  findSlowest: (method: string, route: string) => string | undefined,
): RouteNumbers[] {
  const routes = new Map<
    string,
    { method: string; route: string; count: number; failures: number; buckets: [number, number][] }
  >()
  for (const row of rows) {
    const [method, route] = [readMethod(row), readText(row, 'route')]
    const key = `${method} ${route}`
    const known = routes.get(key) ?? { method, route, count: 0, failures: 0, buckets: [] }
    routes.set(key, known)
    known.count += Number(row['count'])
    known.failures += Number(row['failures'])
    known.buckets.push([readBucket(row), Number(row['count'])])
  }
  return [...routes.values()]
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count || one.route.localeCompare(other.route))
    .slice(0, MAX_ROUTES)
    .map(({ method, route, count, failures, buckets }) => ({
      method: method === '' ? undefined : method,
      route,
      count,
      failures,
      ...readPercentiles(buckets),
      slowestEventId: findSlowest(method, route),
    }))
}

/** Of the events that have a duration. */
function readPercentiles(buckets: readonly [bucket: number, count: number][]) {
  const timed = buckets.filter(([bucket, count]) => bucket >= 0 && count > 0).sort(([one], [other]) => one - other)
  const total = timed.reduce((sum, [, count]) => sum + count, 0)
  const percentile = (share: number) => {
    let left = Math.ceil(total * share)
    for (const [bucket, count] of timed) {
      left -= count
      if (left <= 0) return durationOf(bucket)
    }
    return undefined
  }
  return { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) }
}
