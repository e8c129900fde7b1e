import { randomUUID } from 'node:crypto'
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { EVENT_STATUSES, EVENT_TYPES } from './event-values.ts'
import { openDatabase } from './sqlite-file.ts'
import type { EventFilter, EventPage, EventStore, EventSummary, InsertedEvent, NewEvent, StoredEvent } from './store.ts'

type Row = Record<string, SQLOutputValue>

export interface SqliteStoreOptions {
  /** Path of the database; it is made when it does not exist. @default in memory */
  file?: string | undefined
  /** Milliseconds since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

const SUMMARY_COLUMNS = `sequence, id, received_at, trace_id, event_type, method, endpoint, status, status_code,
  execution_time_ms, error_name, error_message, service_name, environment`

/** One condition for each filter; a list's statement is made of those it asks for, so that each finds its index. */
const CONDITIONS: Record<Exclude<keyof EventFilter, 'limit'>, string> = {
  status: 'status = :status',
  type: 'event_type = :type',
  service: 'service_name = :service',
  before: 'sequence < :before',
  q: `(endpoint LIKE :q ESCAPE '\\' OR error_name LIKE :q ESCAPE '\\' OR error_message LIKE :q ESCAPE '\\'
    OR trace_id LIKE :q ESCAPE '\\' OR service_name LIKE :q ESCAPE '\\')`,
}

/**
 * Keeps events in SQLite. What was inserted is there after `kill -9`.
 *
 * @throws StoreFileError when the file cannot be used, SqliteUnavailableError on a Node without `node:sqlite`
 */
export function openSqliteStore({ file, now = Date.now }: SqliteStoreOptions = {}): EventStore {
  const database = openDatabase(file)
  const insertEvent =
    database.prepare(`INSERT INTO events (id, idempotency_key, received_at, trace_id, event_type, method,
      endpoint, status, status_code, execution_time_ms, error_name, error_message, service_name, environment, json)
    VALUES (:id, :idempotencyKey, :receivedAt, :traceId, :eventType, :method,
      :endpoint, :status, :statusCode, :executionTimeMs, :errorName, :errorMessage, :serviceName, :environment, :json)
    ON CONFLICT (idempotency_key) DO NOTHING`)
  const findSummary = database.prepare(`SELECT ${SUMMARY_COLUMNS} FROM events WHERE id = ?`)
  const findSummaryByKey = database.prepare(`SELECT ${SUMMARY_COLUMNS} FROM events WHERE idempotency_key = ?`)
  const findAfter = database.prepare(`SELECT ${SUMMARY_COLUMNS} FROM events
    WHERE sequence > (SELECT sequence FROM events WHERE id = ?) ORDER BY sequence LIMIT ?`)
  const findEvent = database.prepare('SELECT id, received_at, json FROM events WHERE id = ?')
  const deleteEvents = database.prepare('DELETE FROM events')
  const listStatements = new Map<string, StatementSync>()

  function insert({ event, json, idempotencyKey }: NewEvent): InsertedEvent {
    const id = randomUUID()
    const { changes } = insertEvent.run({
      id,
      idempotencyKey: idempotencyKey ?? null,
      receivedAt: now(),
      traceId: event.traceId,
      eventType: event.eventType,
      method: event.method ?? null,
      endpoint: event.endpoint ?? null,
      status: event.status,
      statusCode: event.statusCode ?? null,
      executionTimeMs: event.executionTimeMs ?? null,
      errorName: event.errorName ?? null,
      errorMessage: event.errorMessage ?? null,
      serviceName: event.serviceName ?? null,
      environment: event.environment ?? null,
      json,
    })
    const created = changes === 1
    const row = created ? findSummary.get(id) : findSummaryByKey.get(idempotencyKey ?? null)
    if (!row) throw new Error('The event that was just inserted is gone')
    return { summary: readSummary(row), created }
  }

  function insertMany(events: readonly NewEvent[]): InsertedEvent[] {
    database.exec('BEGIN IMMEDIATE')
    try {
      const inserted = events.map(insert)
      database.exec('COMMIT')
      return inserted
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }

  function prepareList(conditions: readonly string[]): StatementSync {
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
    const sql = `SELECT ${SUMMARY_COLUMNS} FROM events ${where} ORDER BY sequence DESC LIMIT :limit`
    const statement = listStatements.get(sql) ?? database.prepare(sql)
    listStatements.set(sql, statement)
    return statement
  }

  function list({ limit = 50, ...filter }: EventFilter = {}): EventPage {
    const conditions: string[] = []
    // One row more than asked for tells whether there is a next page.
    const values: Record<string, SQLInputValue> = { limit: limit + 1 }
    for (const [name, condition] of Object.entries({ ...filter, q: filter.q && toLikePattern(filter.q) })) {
      if (condition === undefined || condition === '' || !isConditionName(name)) continue
      conditions.push(CONDITIONS[name])
      values[name] = condition
    }
    const rows = prepareList(conditions).all(values)
    const page = rows.slice(0, limit)
    const oldest = page.at(-1)
    return {
      events: page.map(readSummary),
      next: rows.length > limit && oldest ? Number(oldest['sequence']) : null,
    }
  }

  function get(id: string): StoredEvent | undefined {
    const row = findEvent.get(id)
    return row && { id: readText(row, 'id'), receivedAt: readTime(row), json: readText(row, 'json') }
  }

  return {
    insert,
    insertMany,
    list,
    get,
    listAfter: (id, limit) => findAfter.all(id, limit).map(readSummary),
    clear: () => Number(deleteEvents.run().changes),
    close() {
      if (database.isOpen) database.close()
    },
  }
}

function isConditionName(name: string): name is keyof typeof CONDITIONS {
  return Object.hasOwn(CONDITIONS, name)
}

/** What was asked for is text: its `%`, `_` and `\` match themselves. */
function toLikePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

function readSummary(row: Row): EventSummary {
  return {
    id: readText(row, 'id'),
    receivedAt: readTime(row),
    traceId: readText(row, 'trace_id'),
    eventType: readOneOf(row, 'event_type', EVENT_TYPES),
    method: readOptionalText(row, 'method'),
    endpoint: readOptionalText(row, 'endpoint'),
    status: readOneOf(row, 'status', EVENT_STATUSES),
    statusCode: readOptionalNumber(row, 'status_code'),
    executionTimeMs: readOptionalNumber(row, 'execution_time_ms'),
    errorName: readOptionalText(row, 'error_name'),
    errorMessage: readOptionalText(row, 'error_message'),
    serviceName: readOptionalText(row, 'service_name'),
    environment: readOptionalText(row, 'environment'),
  }
}

function readTime(row: Row): string {
  return new Date(Number(row['received_at'])).toISOString()
}

function readText(row: Row, column: string): string {
  return String(row[column])
}

function readOptionalText(row: Row, column: string): string | undefined {
  const value = row[column]
  return typeof value === 'string' ? value : undefined
}

function readOptionalNumber(row: Row, column: string): number | undefined {
  const value = row[column]
  return typeof value === 'number' ? value : undefined
}

function readOneOf<const Value extends string>(row: Row, column: string, values: readonly Value[]): Value {
  const found = values.find(value => value === row[column])
  if (found === undefined) throw new Error(`The database holds an unknown ${column}`)
  return found
}
