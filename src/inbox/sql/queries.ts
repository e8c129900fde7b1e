import type { EventConditions, EventFilter } from '../store.ts'

/** A list's row. The event's JSON is not part of it. */
export const SUMMARY_COLUMNS = `sequence, id, received_at, trace_id, event_type, method, endpoint, status, status_code,
  execution_time_ms, error_name, error_message, service_name, environment`

export const MAX_SERVICE_NAMES = 1000

/** Characters of each text that a search looks at: LIKE takes as long as a text times what is looked for. */
const SEARCHED_CHARACTERS = 2000

/** What a search looks at. */
const SEARCHED = ['endpoint', "method || ' ' || endpoint", 'error_name', 'error_message', 'trace_id', 'service_name']

/** One condition for each filter; a statement is made of those it is asked for, so that it finds its index. */
const CONDITIONS: Record<keyof Omit<EventFilter, 'limit'>, string> = {
  status: 'status = :status',
  type: 'event_type = :type',
  service: 'service_name = :service',
  before: 'sequence < :before',
  // The pattern of an id is that of what is looked for without the `%` before it.
  q: `(${SEARCHED.map(text => `substr(${text}, 1, ${SEARCHED_CHARACTERS}) LIKE :q ESCAPE '\\'`).join(' OR ')}
    OR id LIKE substr(:q, 2) ESCAPE '\\')`,
}

export interface Query {
  sql: string
  values: Record<string, string | number>
}

/** The newest events that meet all conditions, `limit` rows at most. */
export function listQuery({ limit = 50, ...filter }: EventFilter): Query {
  const { conditions, values } = readConditions(filter)
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  const sql = `SELECT ${SUMMARY_COLUMNS} FROM events ${where} ORDER BY sequence DESC LIMIT :limit`
  return { sql, values: { ...values, limit } }
}

/**
 * How many events of each status there are from a time until before another. One statement for each part of a volume:
 * the parts follow each other in the index, where grouping them would sort them first.
 */
export function volumeQuery(filter: EventConditions): Query {
  const { conditions, values } = readConditions(filter)
  const sql = `SELECT count(*) FILTER (WHERE status = 'success') AS success,
      count(*) FILTER (WHERE status = 'warning') AS warning,
      count(*) FILTER (WHERE status = 'failed') AS failed,
      count(*) FILTER (WHERE status = 'pending') AS pending
    FROM events INDEXED BY events_received_at
    WHERE ${['received_at >= :from', 'received_at < :to', ...conditions].join(' AND ')}`
  return { sql, values }
}

export const TRACE_SQL = `SELECT ${SUMMARY_COLUMNS} FROM events WHERE trace_id = ? ORDER BY sequence LIMIT ?`

/** Each step finds the next name in the index, however many events have the last one. */
export const SERVICE_NAMES_SQL = `WITH RECURSIVE names (name) AS (
    SELECT min(service_name) FROM events
    UNION ALL
    SELECT (SELECT min(service_name) FROM events WHERE service_name > name) FROM names WHERE name IS NOT NULL
  ) SELECT name FROM names WHERE name IS NOT NULL LIMIT ${MAX_SERVICE_NAMES}`

export const COUNT_SQL = 'SELECT count(*) AS count FROM events'

export const RANGE_SQL = `SELECT (SELECT min(received_at) FROM events) AS first, (SELECT max(received_at) FROM events) AS last`

function readConditions({ q, ...filter }: Omit<EventFilter, 'limit'>) {
  const conditions: string[] = []
  const values: Query['values'] = {}
  for (const [name, value] of Object.entries({ ...filter, q: q && toLikePattern(q) })) {
    if (value === undefined || value === '' || !isConditionName(name)) continue
    conditions.push(CONDITIONS[name])
    values[name] = value
  }
  return { conditions, values }
}

function isConditionName(name: string): name is keyof typeof CONDITIONS {
  return Object.hasOwn(CONDITIONS, name)
}

/** What was asked for is text: its `%`, `_` and `\` match themselves. */
function toLikePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}
