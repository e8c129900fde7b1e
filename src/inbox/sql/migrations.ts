/** Each entry takes the schema one version on; `user_version` counts those that were applied. Append only. */
export const MIGRATIONS: readonly string[] = [
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
  // that goes stale. In the filters' indexes the sequence comes before the other filters, so that a list that has
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
]
