import type { ReplayStackEvent } from '../../types.ts'
import { readEventColumns } from '../event-columns.ts'
import { readEventWords } from '../event-words.ts'
import { assertEvent } from '../ingest.ts'
import { readIssueKind } from '../issues/fingerprint.ts'
import type { SqlDriver } from './driver.ts'
import { countToIssue, readIssueEvent } from './issue-tables.ts'
import { durationBucket } from './route-queries.ts'

/** Takes a schema one version on: a script, or a function where SQL alone cannot. */
export type Migration = string | ((driver: SqlDriver) => void)

/** The store's schema, step by step. A driver's owner keeps the number of those that were applied. Append only. */
export const MIGRATIONS: readonly Migration[] = [
  // The indexes end in the rowid by themselves: each serves "equals this, newest first" without a sort.
  `CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    idempotency_key TEXT UNIQUE,
    received_at INTEGER NOT NULL,
    trace_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    method TEXT,
    endpoint TEXT,
    status TEXT NOT NULL,
    status_code INTEGER,
    execution_time_ms REAL,
    error_name TEXT,
    error_message TEXT,
    service_name TEXT,
    environment TEXT,
    json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_status ON events (status);
  CREATE INDEX events_event_type ON events (event_type);
  CREATE INDEX events_service_name ON events (service_name);`,

  // The JSON moves to a table of its own: what is left of an event is so little that a search may read all of it. A
  // full-text index would be faster still, but Node 22.13 has no FTS5, and an index that only some Nodes keep is one
  // that goes stale (later the inbox came to need 22.16, which has it). In the filters' indexes the sequence comes before the other filters, so that a list that has
  // several is told apart, newest first, within the index. The index of times has all that a volume may ask for.
  `CREATE TABLE event_json (sequence INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
  INSERT INTO event_json SELECT sequence, json FROM events;
  DROP INDEX events_status;
  DROP INDEX events_event_type;
  DROP INDEX events_service_name;
  ALTER TABLE events DROP COLUMN json;
  CREATE INDEX events_status ON events (status, sequence, event_type, service_name);
  CREATE INDEX events_event_type ON events (event_type, sequence, status, service_name);
  CREATE INDEX events_service_name ON events (service_name, sequence, status, event_type);
  CREATE INDEX events_trace_id ON events (trace_id);
  CREATE INDEX events_received_at ON events (received_at, status, event_type, service_name, endpoint, error_name,
    error_message, trace_id);`,

  // A search looks at the method and the id too: a volume that is searched finds them in the index of times.
  `DROP INDEX events_received_at;
  CREATE INDEX events_received_at ON events (received_at, status, event_type, service_name, endpoint, error_name,
    error_message, trace_id, method, id);`,

  'CREATE TABLE replay_targets (service TEXT PRIMARY KEY, target TEXT NOT NULL) STRICT;',

  // What the query language asks for has columns, and words have a full-text index without a copy of the texts. The long
  // columns are last: SQLite reads a row from its beginning. Tallies are kept by triggers, so that they are right
  // whatever adds and removes events.
  `CREATE TABLE new_events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    idempotency_key TEXT UNIQUE,
    received_at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    status TEXT NOT NULL,
    status_code INTEGER,
    method TEXT,
    execution_time_ms REAL,
    size_bytes INTEGER NOT NULL DEFAULT 0,
    pinned INTEGER NOT NULL DEFAULT 0,
    has_calls INTEGER NOT NULL DEFAULT 0,
    service_name TEXT,
    environment TEXT,
    app_version TEXT,
    commit_hash TEXT,
    error_name TEXT,
    trace_id TEXT NOT NULL,
    issue_id TEXT,
    replay_of TEXT,
    route TEXT,
    endpoint TEXT,
    note TEXT,
    error_message TEXT
  ) STRICT;
  INSERT INTO new_events (sequence, id, idempotency_key, received_at, trace_id, event_type, method, endpoint, status,
      status_code, execution_time_ms, error_name, error_message, service_name, environment)
    SELECT sequence, id, idempotency_key, received_at, trace_id, event_type, method, endpoint, status,
      status_code, execution_time_ms, error_name, error_message, service_name, environment FROM events;
  INSERT OR IGNORE INTO sqlite_sequence (name, seq) VALUES ('new_events', 0);
  UPDATE sqlite_sequence SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)
    WHERE name = 'new_events';
  DROP TABLE events;
  ALTER TABLE new_events RENAME TO events;
  CREATE INDEX events_status ON events (status, sequence, event_type, service_name, received_at);
  CREATE INDEX events_event_type ON events (event_type, sequence, status, service_name, received_at);
  CREATE INDEX events_service_name ON events (service_name, sequence, status, event_type, received_at);
  CREATE INDEX events_trace_id ON events (trace_id);
  CREATE INDEX events_received_at ON events (received_at, status, event_type, service_name);
  CREATE INDEX events_pinned ON events (sequence) WHERE pinned = 1;
  CREATE VIRTUAL TABLE event_text USING fts5 (words, content = '', contentless_delete = 1, detail = full,
    prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2');
  CREATE TABLE event_counts (pinned INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT;
  INSERT INTO event_counts VALUES (0, (SELECT count(*) FROM events)), (1, 0);
  CREATE TRIGGER count_inserted AFTER INSERT ON events BEGIN
    UPDATE event_counts SET count = count + 1 WHERE pinned = NEW.pinned;
  END;
  CREATE TRIGGER count_deleted AFTER DELETE ON events BEGIN
    UPDATE event_counts SET count = count - 1 WHERE pinned = OLD.pinned;
  END;
  CREATE TRIGGER count_pinned AFTER UPDATE OF pinned ON events WHEN OLD.pinned <> NEW.pinned BEGIN
    UPDATE event_counts SET count = count - 1 WHERE pinned = OLD.pinned;
    UPDATE event_counts SET count = count + 1 WHERE pinned = NEW.pinned;
  END;`,
  indexKeptEvents,

  'CREATE INDEX events_replay_of ON events (replay_of) WHERE replay_of IS NOT NULL;',

  // Issues are kept beside their events: what is pruned still counts. A route's durations are counted by triggers, as the
  // events are that are there.
  `ALTER TABLE event_json ADD COLUMN sources TEXT;
  ALTER TABLE events ADD COLUMN duration_bucket INTEGER;
  CREATE INDEX events_issue_id ON events (issue_id, sequence) WHERE issue_id IS NOT NULL;
  CREATE INDEX events_route ON events (route, method, execution_time_ms) WHERE route IS NOT NULL;
  CREATE TABLE issues (
    issue_id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    error_name TEXT,
    error_message TEXT,
    culprit TEXT NOT NULL,
    route TEXT,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    regressed_at INTEGER,
    regressed_in TEXT
  ) STRICT;
  CREATE TABLE issue_hours (issue_id TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (issue_id, hour)) STRICT, WITHOUT ROWID;
  CREATE TABLE issue_names (issue_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, count INTEGER NOT NULL,
    first_seen INTEGER NOT NULL, PRIMARY KEY (issue_id, name, value)) STRICT, WITHOUT ROWID;
  CREATE TABLE route_durations (method TEXT NOT NULL, route TEXT NOT NULL, bucket INTEGER NOT NULL,
    count INTEGER NOT NULL, failures INTEGER NOT NULL, PRIMARY KEY (method, route, bucket)) STRICT, WITHOUT ROWID;`,
  countKeptEvents,

  `INSERT INTO route_durations SELECT coalesce(method, ''), route, coalesce(duration_bucket, -1), count(*),
      count(*) FILTER (WHERE status = 'failed') FROM events WHERE route IS NOT NULL GROUP BY 1, 2, 3;
  CREATE TRIGGER route_inserted AFTER INSERT ON events WHEN NEW.route IS NOT NULL BEGIN
    INSERT INTO route_durations (method, route, bucket, count, failures)
      VALUES (coalesce(NEW.method, ''), NEW.route, coalesce(NEW.duration_bucket, -1), 1, NEW.status = 'failed')
      ON CONFLICT (method, route, bucket) DO UPDATE SET count = count + 1, failures = failures + excluded.failures;
  END;
  CREATE TRIGGER route_deleted AFTER DELETE ON events WHEN OLD.route IS NOT NULL BEGIN
    UPDATE route_durations SET count = count - 1, failures = failures - (OLD.status = 'failed')
      WHERE method = coalesce(OLD.method, '') AND route = OLD.route AND bucket = coalesce(OLD.duration_bucket, -1);
    DELETE FROM route_durations WHERE method = coalesce(OLD.method, '') AND route = OLD.route
      AND bucket = coalesce(OLD.duration_bucket, -1) AND count <= 0;
  END;`,

  // Only lists show it: events from before go without, rather than all of them being read again.
  'ALTER TABLE events ADD COLUMN url_query TEXT;',

  // Of a replay from before, there is only the event that came of it.
  `CREATE TABLE replays (
    replay_id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    target TEXT,
    outcome TEXT,
    verdict TEXT,
    original_status_code INTEGER,
    status_code INTEGER,
    duration_ms REAL,
    trace_id TEXT
  ) STRICT;
  CREATE INDEX replays_event_id ON replays (event_id, started_at);
  INSERT INTO replays (replay_id, event_id, started_at, original_status_code, status_code, duration_ms, trace_id)
    SELECT replay.id, original.id, replay.received_at, original.status_code, replay.status_code, replay.execution_time_ms,
      replay.trace_id
    FROM events AS replay JOIN events AS original ON original.id = replay.replay_of WHERE replay.replay_of IS NOT NULL;
  CREATE TRIGGER replays_deleted AFTER DELETE ON events BEGIN
    DELETE FROM replays WHERE event_id = OLD.id;
  END;`,

  // A Durable Object's rows hold 2 MB at most, an event 10.
  `CREATE TABLE event_json_rest (sequence INTEGER NOT NULL, part INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (sequence, part)) STRICT;`,

  // A Durable Object pays for each row written: what is inserted is counted once a batch, by `countInserted`.
  'DROP TRIGGER count_inserted; DROP TRIGGER route_inserted;',

  // What was taken in, whether or not it is still there. Of the months before, there is only what is still there.
  `CREATE TABLE usage (month TEXT PRIMARY KEY, events INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO usage SELECT strftime('%Y-%m', received_at / 1000, 'unixepoch'), count(*), sum(size_bytes) FROM events
    GROUP BY 1;`,

  // What was decided about the store, as JSON.
  'CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;',

  `CREATE TABLE alerts (
    alert_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    threshold INTEGER NOT NULL,
    window_ms INTEGER NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    has_content INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    inbox_url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    triggered_at INTEGER,
    delivered_at INTEGER,
    failure TEXT
  ) STRICT;
  CREATE TABLE alert_deliveries (
    delivery_id TEXT PRIMARY KEY,
    alert_id TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL
  ) STRICT;`,
]

/** Applies what came after a version. To be called in a transaction. */
export function migrate(driver: SqlDriver, version: number, migrations: readonly Migration[] = MIGRATIONS): void {
  for (const step of migrations.slice(version)) {
    if (typeof step === 'string') driver.execute(step)
    else step(driver)
  }
}

/** Events that are read at once. */
const STEP = 100

interface KeptRow {
  sequence: number
  id: string
  receivedAt: number
  json: string
  event: ReplayStackEvent
}

/** Every event that an earlier version kept, oldest first. */
function* readKeptEvents(driver: SqlDriver): Generator<KeptRow> {
  let last = 0
  for (;;) {
    const rows = driver.query(
      `SELECT sequence, id, received_at, json FROM events JOIN event_json USING (sequence)
        WHERE sequence > ? ORDER BY sequence LIMIT ?`,
      last,
      STEP,
    )
    for (const row of rows) {
      last = Number(row['sequence'])
      const json = String(row['json'])
      const event: unknown = JSON.parse(json)
      assertEvent(event)
      yield { sequence: last, id: String(row['id']), receivedAt: Number(row['received_at']), json, event }
    }
    if (rows.length < STEP) return
  }
}

/** Fills in the columns and words of events that an earlier version kept. */
function indexKeptEvents(driver: SqlDriver): void {
  for (const { sequence, id, json, event } of readKeptEvents(driver)) {
    const { route, appVersion, commitHash, hasCalls, errorMessage } = readEventColumns(event)
    driver.query(
      `UPDATE events SET size_bytes = ?, route = ?, app_version = ?, commit_hash = ?, has_calls = ?, error_message = ?
        WHERE sequence = ?`,
      new TextEncoder().encode(json).byteLength,
      route,
      appVersion,
      commitHash,
      Number(hasCalls),
      errorMessage,
      sequence,
    )
    driver.query('INSERT INTO event_text (rowid, words) VALUES (?, ?)', sequence, readEventWords(id, event))
  }
}

/** Gives the events that an earlier version kept their issues, and their place among their route's durations. */
function countKeptEvents(driver: SqlDriver): void {
  for (const { sequence, receivedAt, event } of readKeptEvents(driver)) {
    const kind = readIssueKind(event)
    if (kind) countToIssue(driver, kind, readIssueEvent(event, receivedAt))
    driver.query(
      'UPDATE events SET issue_id = ?, duration_bucket = ? WHERE sequence = ?',
      kind?.issueId ?? null,
      durationBucket(event.executionTimeMs),
      sequence,
    )
  }
}
