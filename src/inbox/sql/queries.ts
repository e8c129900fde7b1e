import { joinQueries } from '../query/parse-query.ts'
import type { Query, QueryCondition } from '../query/query.ts'
import type { EventConditions, EventFilter } from '../store.ts'
import type { SqlValue } from './driver.ts'
import { type QueryConditions, readConditions } from './query-conditions.ts'

/** A list's row. The event's JSON is not part of it. */
export const SUMMARY_COLUMNS = `sequence, id, received_at, trace_id, event_type, method, route, endpoint, url_query, status,
  status_code, execution_time_ms, size_bytes, error_name, error_message, service_name, environment, app_version,
  commit_hash, issue_id, replay_of, pinned, note`

export const MAX_SERVICE_NAMES = 1000

export interface Statement {
  sql: string
  values: SqlValue[]
}

/** The newest events that meet all conditions, `limit` rows at most. */
export function listQuery({ limit = 50, before, ...conditions }: EventFilter): Statement {
  return selectEvents(SUMMARY_COLUMNS, conditions, { before, tail: `ORDER BY sequence DESC LIMIT ${limit}` })
}

/** The sequences of the newest events that meet all conditions, `limit` rows at most. */
export function sequencesQuery(conditions: EventConditions, limit: number): Statement {
  return selectEvents('sequence', conditions, { tail: `ORDER BY sequence DESC LIMIT ${limit}` })
}

/**
 * How many events of each status there are in each part of the time, from its start until before its end, cut into
 * `buckets`: of the parts that have any.
 */
export function volumeQuery(conditions: EventConditions, from: number, end: number, buckets: number): Statement {
  const span = end - from
  // Parts begin at whole milliseconds: at the start of part i, or before it.
  const bucket = `((received_at + 1 - ${from}) * ${buckets} + ${span - 1}) / ${span} - 1`
  const columns = `${bucket} AS bucket, status, count(*) AS count`
  const between = `received_at >= ${from} AND received_at < ${end}`
  return selectEvents(columns, conditions, { and: between, tail: 'GROUP BY 1, 2' })
}

export const TRACE_SQL = `SELECT ${SUMMARY_COLUMNS} FROM events WHERE trace_id = ? ORDER BY sequence LIMIT ?`

/** Each step finds the next name in the index, however many events have the last one. */
export const SERVICE_NAMES_SQL = `WITH RECURSIVE names (name) AS (
    SELECT min(service_name) FROM events
    UNION ALL
    SELECT (SELECT min(service_name) FROM events WHERE service_name > name) FROM names WHERE name IS NOT NULL
  ) SELECT name FROM names WHERE name IS NOT NULL LIMIT ${MAX_SERVICE_NAMES}`

export const COUNT_SQL = 'SELECT sum(count) AS count FROM event_counts'

export const RANGE_SQL = `SELECT (SELECT min(received_at) FROM events) AS first, (SELECT max(received_at) FROM events) AS last`

interface Around {
  /** Sequences between which they are, both left out. */
  before?: number | undefined
  after?: number | undefined
  /** One more condition. */
  and?: string
  tail: string
}

export function selectEvents(
  columns: string,
  conditions: EventConditions,
  { before, after, and, tail }: Around,
): Statement {
  const { match, conditions: own, values }: QueryConditions = readConditions(toQuery(conditions))
  const all = [...own, ...(and === undefined ? [] : [and])]
  if (match === undefined) {
    if (before !== undefined) all.push(`sequence < ${before}`)
    if (after !== undefined) all.push(`sequence > ${after}`)
    const where = all.length > 0 ? `WHERE ${all.join(' AND ')}` : ''
    return { sql: `SELECT ${columns} FROM events ${where} ${tail}`, values }
  }
  // From the index of words to the events, never the other way: it is read newest first, as long as is needed.
  if (before !== undefined) all.push(`event_text.rowid < ${before}`)
  if (after !== undefined) all.push(`event_text.rowid > ${after}`)
  const where = ['event_text MATCH ?', ...all].join(' AND ')
  const order = tail.replace('ORDER BY sequence', 'ORDER BY event_text.rowid')
  const sql = `SELECT ${columns} FROM event_text CROSS JOIN events ON events.sequence = event_text.rowid WHERE ${where} ${order}`
  return { sql, values: [match, ...values] }
}

/** The conditions that lists had before there was a query language, in its terms. */
function toQuery({ status, type, service, q, query = { clauses: [] } }: EventConditions): Query {
  const conditions: QueryCondition[] = []
  if (status) conditions.push({ field: 'is', value: status })
  if (type) conditions.push({ field: 'type', value: type })
  if (service) conditions.push({ field: 'service', value: service, hasWildcard: false })
  if (q) conditions.push({ field: 'text', value: q, isPhrase: false })
  const clauses = conditions.map(condition => [{ condition, isNegated: false, start: 0, end: 0 }])
  return joinQueries({ clauses }, query)
}
