import { randomUUID } from 'node:crypto'
import type { StatementSync } from 'node:sqlite'
import {
  COUNT_SQL,
  listQuery,
  RANGE_SQL,
  SERVICE_NAMES_SQL,
  SUMMARY_COLUMNS,
  TRACE_SQL,
  volumeQuery,
} from '../sql/queries.ts'
import { readOptionalNumber, readOptionalText, readSummary, readText, readTime, readVolume } from '../sql/rows.ts'
import type {
  EventConditions,
  EventFilter,
  EventPage,
  EventStore,
  EventVolume,
  InsertedEvent,
  NewEvent,
  VolumeOptions,
} from '../store.ts'
import { describeStoreError } from '../store-error.ts'
import { openDatabase } from './sqlite-file.ts'
import { createPruning, type StoreLimits } from './sqlite-limits.ts'

export interface SqliteStoreOptions {
  /** Path of the database; it is made when it does not exist. @default in memory */
  file?: string | undefined
  /** Events that are kept; the oldest go first. @default 100000 */
  maxEvents?: number | undefined
  /** Bytes that they may take; the oldest go first, the newest stays. @default 1 GiB */
  maxBytes?: number | undefined
  /** Milliseconds since the epoch. @default Date.now */
  now?: (() => number) | undefined
  /** Told of a damaged file that was set aside, with its new name. */
  onDamage?: ((error: Error) => void) | undefined
}

export const DEFAULT_MAX_EVENTS = 100_000
const DEFAULT_MAX_BYTES = 1024 ** 3
const MAX_BUCKETS = 1000

/**
 * Keeps events in SQLite. What was inserted is there after `kill -9`.
 *
 * @throws StoreFileError when the file cannot be used, SqliteUnavailableError on a Node without `node:sqlite`
 */
export function openSqliteStore({
  file,
  maxEvents = DEFAULT_MAX_EVENTS,
  maxBytes = DEFAULT_MAX_BYTES,
  now = Date.now,
  onDamage,
}: SqliteStoreOptions = {}): EventStore {
  const limits: StoreLimits = { maxEvents, maxBytes }
  const database = openDatabase(file, onDamage)
  const insertEvent =
    database.prepare(`INSERT INTO events (id, idempotency_key, received_at, trace_id, event_type, method,
      endpoint, status, status_code, execution_time_ms, error_name, error_message, service_name, environment)
    VALUES (:id, :idempotencyKey, :receivedAt, :traceId, :eventType, :method,
      :endpoint, :status, :statusCode, :executionTimeMs, :errorName, :errorMessage, :serviceName, :environment)`)
  const insertJson = database.prepare('INSERT INTO event_json (sequence, json) VALUES (?, ?)')
  const findSummary = database.prepare(`SELECT ${SUMMARY_COLUMNS} FROM events WHERE sequence = ?`)
  const findSummaryByKey = database.prepare(`SELECT ${SUMMARY_COLUMNS} FROM events WHERE idempotency_key = ?`)
  const findAfter = database.prepare(`SELECT ${SUMMARY_COLUMNS} FROM events
    WHERE sequence > (SELECT sequence FROM events WHERE id = ?) ORDER BY sequence LIMIT ?`)
  const findBefore = database.prepare(`SELECT ${SUMMARY_COLUMNS} FROM events
    WHERE sequence < (SELECT sequence FROM events WHERE id = ?) ORDER BY sequence DESC LIMIT ?`)
  const findTrace = database.prepare(TRACE_SQL)
  const findServiceNames = database.prepare(SERVICE_NAMES_SQL)
  const countEvents = database.prepare(COUNT_SQL)
  const findRange = database.prepare(RANGE_SQL)
  const findEvent = database.prepare(
    'SELECT id, received_at, json FROM events JOIN event_json USING (sequence) WHERE id = ?',
  )
  const findReplayTarget = database.prepare('SELECT target FROM replay_targets WHERE service = ?')
  const putReplayTarget = database.prepare('INSERT OR REPLACE INTO replay_targets (service, target) VALUES (?, ?)')
  const prune = createPruning(database, limits)
  const statements = new Map<string, StatementSync>()

  function prepareOnce(sql: string): StatementSync {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }

  function insertOne({ event, json, idempotencyKey }: NewEvent): InsertedEvent {
    const known = idempotencyKey === undefined ? undefined : findSummaryByKey.get(idempotencyKey)
    if (known) return { summary: readSummary(known), created: false }
    const { lastInsertRowid } = insertEvent.run({
      id: randomUUID(),
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
    })
    insertJson.run(lastInsertRowid, json)
    const row = findSummary.get(lastInsertRowid)
    if (!row) throw new Error('The event that was just inserted is gone')
    return { summary: readSummary(row), created: true }
  }

  /** All that `work` writes, or nothing. */
  function write<Result>(work: () => Result): Result {
    // Immediate: an inbox that waits for another's write reads what that one wrote.
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      try {
        database.exec('ROLLBACK')
      } catch {
        // A disk that is full has ended the transaction by itself.
      }
      throw error
    }
  }

  function insertMany(events: readonly NewEvent[]): InsertedEvent[] {
    return write(() => {
      const inserted = events.map(insertOne)
      prune()
      return inserted
    })
  }

  function insert(event: NewEvent): InsertedEvent {
    return write(() => {
      const inserted = insertOne(event)
      prune()
      return inserted
    })
  }

  function list({ limit = 50, ...filter }: EventFilter = {}): EventPage {
    // One row more than asked for tells whether there is a next page.
    const { sql, values } = listQuery({ ...filter, limit: limit + 1 })
    const rows = prepareOnce(sql).all(values)
    const page = rows.slice(0, limit)
    const oldest = page.at(-1)
    return {
      events: page.map(readSummary),
      next: rows.length > limit && oldest ? Number(oldest['sequence']) : null,
    }
  }

  function volume(conditions: EventConditions, { from, to, buckets }: VolumeOptions): EventVolume[] {
    if (!(from <= to)) throw new RangeError(`from must not be after to, got ${from} and ${to}`)
    if (!Number.isInteger(buckets) || buckets < 1 || buckets > MAX_BUCKETS) {
      throw new RangeError(`buckets must be an integer from 1 to ${MAX_BUCKETS}, got ${buckets}`)
    }
    const { sql, values } = volumeQuery(conditions)
    const statement = prepareOnce(sql)
    const edge = (index: number) => Math.floor(from + ((to + 1 - from) * index) / buckets)
    return Array.from({ length: buckets }, (_, index) =>
      readVolume(statement.get({ ...values, from: edge(index), to: edge(index + 1) }), edge(index)),
    )
  }

  function clear(): number {
    return write(() => {
      database.exec('DELETE FROM event_json')
      return Number(prepareOnce('DELETE FROM events').run().changes)
    })
  }

  function close(): void {
    if (database.isOpen) database.close()
  }

  /** The method, whose errors say what is wrong with which file. */
  function guard<Parameters extends unknown[], Result>(method: (...parameters: Parameters) => Result) {
    return (...parameters: Parameters): Result => {
      try {
        return method(...parameters)
      } catch (error) {
        throw describeStoreError(error, file)
      }
    }
  }

  const store: EventStore = {
    insert: guard(insert),
    insertMany: guard(insertMany),
    list: guard(list),
    listAfter: guard((id, limit) => findAfter.all(id, limit).map(readSummary)),
    listBefore: guard((id, limit) => findBefore.all(id, limit).map(readSummary)),
    listByTrace: guard((traceId, limit) => findTrace.all(traceId, limit).map(readSummary)),
    serviceNames: guard(() => findServiceNames.all().map(row => readText(row, 'name'))),
    volume: guard(volume),
    count: guard(() => Number(countEvents.get()?.['count'] ?? 0)),
    range: guard(() => {
      const row = findRange.get()
      const [first, last] = [readOptionalNumber(row, 'first'), readOptionalNumber(row, 'last')]
      return first === undefined || last === undefined ? undefined : { first, last }
    }),
    get: guard(id => {
      const row = findEvent.get(id)
      return row && { id: readText(row, 'id'), receivedAt: readTime(row), json: readText(row, 'json') }
    }),
    replayTarget: guard(service => readOptionalText(findReplayTarget.get(service), 'target')),
    setReplayTarget: guard((service, target) => {
      putReplayTarget.run(service, target)
    }),
    clear: guard(clear),
    close,
  }

  try {
    // What an earlier inbox with higher limits has kept goes in steps, between which another one may write.
    while (write(prune));
  } catch (error) {
    close()
    throw describeStoreError(error, file)
  }
  return store
}
