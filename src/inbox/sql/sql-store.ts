/**
 * The store in SQL, behind a driver. Longer than most files: what is kept at ingest, counted and taken out again is one set of
 * books.
 */
import type { Restoration, RestoreResult } from '../backup/backup.ts'
import { readEventColumns } from '../event-columns.ts'
import { readEventWords } from '../event-words.ts'
import { readIssueKind } from '../issues/fingerprint.ts'
import { placeOf } from '../kept-sources.ts'
import type {
  EventChange,
  EventConditions,
  EventFilter,
  EventPage,
  EventStore,
  EventSummary,
  EventVolume,
  InsertedEvent,
  NewEvent,
  VolumeOptions,
} from '../store.ts'
import { findKnownIds, readBackupPage, restoreIssue, restoreMarks } from './backup-queries.ts'
import type { SqlDriver, SqlValue } from './driver.ts'
import { clearJson, insertJson, readJson } from './event-json.ts'
import { countIssues, findIssuePlace, getIssue, listIssues, setIssueState } from './issue-queries.ts'
import { clearIssues, countToIssue, discountFromIssues, readIssueEvent } from './issue-tables.ts'
import { forgetSome } from './person-queries.ts'
import { deleteEvents, prune } from './pruning.ts'
import {
  COUNT_SQL,
  listQuery,
  RANGE_SQL,
  SERVICE_NAMES_SQL,
  type Statement,
  SUMMARY_COLUMNS,
  selectEvents,
  sequencesQuery,
  TRACE_SQL,
  volumeQuery,
} from './queries.ts'
import { addReplay, listReplays } from './replay-queries.ts'
import { durationBucket, listRoutes } from './route-queries.ts'
import { readOptionalNumber, readOptionalText, readSummary, readText, readTime, readVolumes } from './rows.ts'
import { countUsage, listUsage } from './usage-queries.ts'

export interface SqlStoreOptions {
  /** Events that are kept; the oldest go first, pinned ones never. @default 100000 */
  maxEvents?: number | undefined
  /** Bytes that they may take; the oldest go first, pinned ones and the newest stay. @default 1 GiB */
  maxBytes?: number | undefined
  /** Milliseconds for which an event is kept, pinned ones for ever. @default as long as there is room */
  maxAgeMs?: number | undefined
  /** Milliseconds since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

export const DEFAULT_MAX_EVENTS = 100_000
const DEFAULT_MAX_BYTES = 1024 ** 3
const MAX_BUCKETS = 1000
/** Events that are deleted by one statement. */
const DELETED_AT_ONCE = 1000

const INSERT_SQL = `INSERT INTO events (id, idempotency_key, received_at, trace_id, event_type, method, route, endpoint,
    status, status_code, execution_time_ms, size_bytes, has_calls, error_name, error_message, service_name, environment,
    app_version, commit_hash, issue_id, duration_bucket, url_query)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${SUMMARY_COLUMNS}`

/** Counts new events, to their months and routes too: together, for each of these rows is written once a batch then. */
function countInserted(driver: SqlDriver, sequences: readonly number[]): void {
  const list = JSON.stringify(sequences)
  driver.query('UPDATE event_counts SET count = count + ? WHERE pinned = 0', sequences.length)
  driver.query(
    `INSERT INTO route_durations (method, route, bucket, count, failures)
      SELECT coalesce(method, ''), route, coalesce(duration_bucket, -1), count(*), count(*) FILTER (WHERE status = 'failed')
        FROM events WHERE sequence IN (SELECT value FROM json_each(?)) AND route IS NOT NULL GROUP BY 1, 2, 3
      ON CONFLICT (method, route, bucket) DO UPDATE SET count = count + excluded.count,
        failures = failures + excluded.failures`,
    list,
  )
  countUsage(driver, list)
}

/** Keeps events in SQLite, whose schema must be the present one. */
export function createSqlStore(
  driver: SqlDriver,
  {
    maxEvents = DEFAULT_MAX_EVENTS,
    maxBytes = DEFAULT_MAX_BYTES,
    maxAgeMs = Number.POSITIVE_INFINITY,
    now = Date.now,
  }: SqlStoreOptions = {},
): EventStore {
  let limits = { maxEvents, maxAgeMs }
  const pruneSome = () =>
    prune(driver, { maxEvents: limits.maxEvents, maxBytes, minReceivedAt: now() - limits.maxAgeMs })
  const run = ({ sql, values }: Statement) => driver.query(sql, ...values)
  const readSummaries = (sql: string, ...values: SqlValue[]) => driver.query(sql, ...values).map(readSummary)

  /** @param sequences takes that of an event that was not known */
  function insertOne({ event, json, idempotencyKey, sources, ...given }: NewEvent, sequences: number[]): InsertedEvent {
    const known =
      idempotencyKey !== undefined &&
      readSummaries(`SELECT ${SUMMARY_COLUMNS} FROM events WHERE idempotency_key = ?`, idempotencyKey)[0]
    if (known) return { summary: known, created: false }
    const { id = crypto.randomUUID(), receivedAt = now() } = given
    const columns = readEventColumns(event)
    const kind = readIssueKind(event, frame => sources?.[placeOf(frame)])
    if (kind) countToIssue(driver, kind, readIssueEvent(event, receivedAt))
    const [row] = driver.query(
      INSERT_SQL,
      id,
      idempotencyKey ?? null,
      receivedAt,
      event.traceId,
      event.eventType,
      event.method ?? null,
      columns.route,
      event.endpoint ?? null,
      event.status,
      event.statusCode ?? null,
      event.executionTimeMs ?? null,
      new TextEncoder().encode(json).byteLength,
      Number(columns.hasCalls),
      event.errorName ?? null,
      columns.errorMessage,
      event.serviceName ?? null,
      event.environment ?? null,
      columns.appVersion,
      columns.commitHash,
      kind?.issueId ?? null,
      durationBucket(event.executionTimeMs),
      columns.urlQuery,
    )
    if (!row) throw new Error('The event that was just inserted is gone')
    const sequence = Number(row['sequence'])
    sequences.push(sequence)
    insertJson(driver, sequence, json, sources)
    driver.query('INSERT INTO event_text (rowid, words) VALUES (?, ?)', sequence, readEventWords(id, event))
    return { summary: readSummary(row), created: true }
  }

  function insertMany(events: readonly NewEvent[]): InsertedEvent[] {
    return driver.transaction(() => {
      const sequences: number[] = []
      const inserted = events.map(event => insertOne(event, sequences))
      if (sequences.length > 0) countInserted(driver, sequences)
      pruneSome()
      return inserted
    })
  }

  function restore({ events, issues }: Restoration): RestoreResult {
    return driver.transaction(() => {
      const knownIds = findKnownIds(
        driver,
        events.map(({ id }) => id),
      )
      const unknown = events.filter(({ id }) => !knownIds.has(id))
      const sequences: number[] = []
      for (const event of unknown) if (insertOne(event, sequences).created) restoreMarks(driver, event)
      if (sequences.length > 0) countInserted(driver, sequences)
      for (const issue of issues) restoreIssue(driver, issue)
      pruneSome()
      return { restored: sequences.length, known: events.length - sequences.length, issues: issues.length }
    })
  }

  function insert(event: NewEvent): InsertedEvent {
    const [inserted] = insertMany([event])
    if (!inserted) throw new Error('The event was not inserted')
    return inserted
  }

  function list({ limit = 50, ...filter }: EventFilter = {}): EventPage {
    // One row more than asked for tells whether there is a next page.
    const rows = run(listQuery({ ...filter, limit: limit + 1 }))
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
    const [start, end] = [Math.floor(from), Math.floor(to) + 1]
    const edges = Array.from({ length: buckets }, (_, index) => start + Math.floor(((end - start) * index) / buckets))
    return readVolumes(run(volumeQuery(conditions, start, end, buckets)), edges)
  }

  function update(id: string, { pinned, note }: EventChange): EventSummary | undefined {
    const [row] = driver.query(
      `UPDATE events SET pinned = coalesce(?, pinned), note = CASE WHEN ? THEN nullif(?, '') ELSE note END
        WHERE id = ? RETURNING ${SUMMARY_COLUMNS}`,
      pinned === undefined ? null : Number(pinned),
      Number(note !== undefined),
      note ?? null,
      id,
    )
    return row && readSummary(row)
  }

  function deleteMany(conditions: EventConditions): number {
    return driver.transaction(() => {
      let deleted = 0
      for (;;) {
        const rows = run(sequencesQuery(conditions, DELETED_AT_ONCE))
        const sequences = rows.map(row => Number(row['sequence']))
        discountFromIssues(driver, sequences)
        deleteEvents(driver, sequences)
        deleted += sequences.length
        if (sequences.length < DELETED_AT_ONCE) return deleted
      }
    })
  }

  function clear(): number {
    return driver.transaction(() => {
      const deleted = count()
      clearJson(driver)
      driver.query("INSERT INTO event_text (event_text) VALUES ('delete-all')")
      driver.query('DELETE FROM events')
      clearIssues(driver)
      return deleted
    })
  }

  function count(): number {
    return readOptionalNumber(driver.query(COUNT_SQL)[0], 'count') ?? 0
  }

  // What an earlier inbox with higher limits has kept goes in steps, between which another one may write.
  while (driver.transaction(pruneSome));

  return {
    insert,
    insertMany,
    list,
    listAfter: (id, limit) =>
      readSummaries(
        `SELECT ${SUMMARY_COLUMNS} FROM events
          WHERE sequence > (SELECT sequence FROM events WHERE id = ?) ORDER BY sequence LIMIT ?`,
        id,
        limit,
      ),
    listBefore: (id, limit) =>
      readSummaries(
        `SELECT ${SUMMARY_COLUMNS} FROM events
          WHERE sequence < (SELECT sequence FROM events WHERE id = ?) ORDER BY sequence DESC LIMIT ?`,
        id,
        limit,
      ),
    listByTrace: (traceId, limit) => readSummaries(TRACE_SQL, traceId, limit),
    serviceNames: () => driver.query(SERVICE_NAMES_SQL).map(row => readText(row, 'name')),
    volume,
    limitTo: given => {
      limits = given
    },
    prune: () => driver.transaction(pruneSome),
    count,
    range: () => {
      const [row] = driver.query(RANGE_SQL)
      const [first, last] = [readOptionalNumber(row, 'first'), readOptionalNumber(row, 'last')]
      return first === undefined || last === undefined ? undefined : { first, last }
    },
    get: id => {
      const [row] = driver.query(`SELECT ${SUMMARY_COLUMNS} FROM events WHERE id = ?`, id)
      if (!row) return undefined
      return { id, receivedAt: readTime(row), ...readJson(driver, Number(row['sequence'])), summary: readSummary(row) }
    },
    setReplayOf: (id, originalId) => {
      driver.query('UPDATE events SET replay_of = ? WHERE id = ?', originalId, id)
    },
    addReplay: replay => driver.transaction(() => addReplay(driver, replay)),
    replays: (eventId, limit) => listReplays(driver, eventId, limit),
    issues: (filter = {}) => listIssues(driver, filter, now()),
    issue: issueId => getIssue(driver, issueId, now()),
    issueCounts: query => countIssues(driver, query),
    issuePlace: id => findIssuePlace(driver, id),
    setIssueState: (issueId, state) =>
      setIssueState(driver, issueId, state) ? getIssue(driver, issueId, now()) : undefined,
    routes: (conditions = {}) => listRoutes(driver, conditions),
    usage: () => listUsage(driver),
    replayTarget: service =>
      readOptionalText(driver.query('SELECT target FROM replay_targets WHERE service = ?', service)[0], 'target'),
    setReplayTarget: (service, target) => {
      driver.query('INSERT OR REPLACE INTO replay_targets (service, target) VALUES (?, ?)', service, target)
    },
    update,
    delete: id => {
      const [row] = driver.query('SELECT sequence FROM events WHERE id = ?', id)
      if (!row) return false
      const sequences = [Number(row['sequence'])]
      driver.transaction(() => {
        discountFromIssues(driver, sequences)
        deleteEvents(driver, sequences)
      })
      return true
    },
    deleteMany,
    clear,
    countMany: conditions => Number(run(selectEvents('count(*) AS count', conditions, { tail: '' }))[0]?.['count']),
    forget: options => {
      const step = driver.transaction(() => forgetSome(driver, options))
      if (options.isRemoving && step.next === undefined) driver.erase()
      return step
    },
    backup: after => readBackupPage(driver, after),
    restore,
    close: () => driver.close(),
  }
}
