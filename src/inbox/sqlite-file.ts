import type { DatabaseSync } from 'node:sqlite'
import { InboxError } from './inbox-error.ts'
import { loadSqlite } from './sqlite-module.ts'

/** A file that cannot serve as the inbox's database: not a database, another program's, a newer inbox's, out of reach. */
export class StoreFileError extends InboxError {
  override name = 'StoreFileError'
}

/** `RPLY`: marks a SQLite file as an inbox's, so that no other program's database is ever changed. */
const APPLICATION_ID = 0x52504c59

/** Each entry takes the schema one version on; `user_version` counts those that were applied. Append only. */
const MIGRATIONS: readonly string[] = [
  // `json` is last, so that reading a list never touches the pages it overflows to. The indexes end in the rowid by
  // themselves: each serves "equals this, newest first" without a sort.
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
]

/**
 * Opens a database file, making or migrating it as needed; without a file, one in memory.
 *
 * @throws {@link StoreFileError}, {@link SqliteUnavailableError}
 */
export function openDatabase(file: string | undefined): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file ?? ':memory:')
    database.exec('PRAGMA busy_timeout = 5000')
    refuseForeignFile(database, file)
    // In WAL mode a commit survives the death of the process at any moment, also with NORMAL.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    migrate(database)
    return database
  } catch (error) {
    if (database?.isOpen) database.close()
    if (error instanceof StoreFileError) throw error
    throw new StoreFileError(`${file} cannot be opened as the inbox's database: ${reasonOf(error)}`, { cause: error })
  }
}

function refuseForeignFile(database: DatabaseSync, file: string | undefined): void {
  const version = readPragma(database, 'user_version')
  if (readPragma(database, 'application_id') === APPLICATION_ID) {
    if (version <= MIGRATIONS.length) return
    throw new StoreFileError(`${file} was written by a newer version of the inbox`)
  }
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_master').get()
  if (version !== 0 || tables?.['count'] !== 0) throw new StoreFileError(`${file} is another program's database`)
}

function migrate(database: DatabaseSync): void {
  // Immediate: of two inboxes that open one new file together, the second waits and then finds it done.
  database.exec('BEGIN IMMEDIATE')
  for (const migration of MIGRATIONS.slice(readPragma(database, 'user_version'))) database.exec(migration)
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`)
}

function readPragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
