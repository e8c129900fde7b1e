import { chmodSync, closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { InboxError } from '../inbox-error.ts'
import { MIGRATIONS, migrate } from '../sql/migrations.ts'
import { isDamage } from '../store-error.ts'
import { APPLICATION_ID, isInboxFile, setFileAside } from './sqlite-damage.ts'
import { createSqliteDriver } from './sqlite-driver.ts'
import { loadSqlite } from './sqlite-module.ts'

/** A file that cannot serve as the inbox's database: not a database, another program's, a newer inbox's, out of reach. */
export class StoreFileError extends InboxError {
  override name = 'StoreFileError'
}

/** A file with the inbox's mark, whose content is not what an inbox wrote. */
class DamagedFileError extends InboxError {
  override name = 'DamagedFileError'
}

/** Up to this size a file is checked whole when it is opened; of a larger one, the table that lists are read from. */
const FULLY_CHECKED_BYTES = 256 * 1024 * 1024

/** Up to this size the index of words is checked too, which takes as long again: some 2 ms of CPU for each MiB. */
const WORDS_CHECKED_BYTES = 64 * 1024 * 1024

/** Milliseconds for which another inbox is waited for that migrates the file. */
const OPENING_WAIT_MS = 30_000
/** Milliseconds for which another one's write is waited for. Nothing else is answered meanwhile, and clients do not wait longer. */
const WRITING_WAIT_MS = 2000

const SETTINGS = `
  PRAGMA journal_mode = WAL;
  -- In WAL mode a commit survives the death of the process at any moment, also with NORMAL.
  PRAGMA synchronous = NORMAL;
  -- Bytes: what a burst has left is cut off again.
  PRAGMA journal_size_limit = 16777216;
  -- KiB: what a search reads of 100,000 events stays in memory.
  PRAGMA cache_size = -65536`

/**
 * Opens a database file, making or migrating it as needed; without a file, one in memory. An inbox's file that is
 * damaged is renamed to `FILE.corrupt-<time>`, with what SQLite keeps beside it, and a new one is made.
 *
 * @param onDamage told of a file that was set aside
 * @throws {@link StoreFileError}, {@link SqliteUnavailableError}
 */
export function openDatabase(file: string | undefined, onDamage?: (error: Error) => void): DatabaseSync {
  if (file === undefined) return openSoundDatabase(file, () => {})
  try {
    return alone(file, () => openOrReplace(file, onDamage))
  } catch (error) {
    throw toFileError(file, error)
  }
}

/**
 * Runs while no other inbox opens this file. Of two that were started together, SQLite does not let the second wait for
 * the first to choose the journal's mode, and both might set the file aside: the second one the first one's new file.
 */
function alone<Result>(file: string, open: () => Result): Result {
  const { DatabaseSync } = loadSqlite()
  const lockFile = `${file}-lock`
  const isKnown = existsSync(lockFile)
  keepToOwner(lockFile)
  // A lock of SQLite's own: the system lets go of it when the process dies. The file stays empty, and stays.
  const lock = new DatabaseSync(lockFile)
  let isOpened = false
  try {
    lock.exec(`PRAGMA busy_timeout = ${OPENING_WAIT_MS}; BEGIN EXCLUSIVE`)
    const opened = open()
    isOpened = true
    return opened
  } finally {
    lock.close()
    // Nothing is left beside a file that is refused.
    if (!isOpened && !isKnown) rmSync(lockFile, { force: true })
  }
}

function openOrReplace(file: string, onDamage?: (error: Error) => void): DatabaseSync {
  let aside: string | undefined
  const keepAside = (error: unknown) => {
    if (aside === undefined && isDamagedInbox(file, error)) aside = setFileAside(file, new Date())
  }
  try {
    return openSoundDatabase(file, keepAside)
  } catch (error) {
    if (aside === undefined) throw error
    const message = `${file} is damaged (${reasonOf(error)}): it is now ${aside}, and a new one was made`
    onDamage?.(new StoreFileError(message, { cause: error }))
  }
  return openSoundDatabase(file, () => {})
}

/**
 * Makes a file that its owner alone can read, also where it is there already: events tell what an application was sent.
 * SQLite gives what it keeps beside a database the same permissions.
 */
function keepToOwner(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
}

function openSoundDatabase(file: string | undefined, keepAside: (error: unknown) => void): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  if (file !== undefined && !existsSync(file)) keepToOwner(file)
  const database = new DatabaseSync(file ?? ':memory:')
  try {
    database.exec(`PRAGMA busy_timeout = ${OPENING_WAIT_MS}`)
    refuseForeignFile(database, file)
    for (const own of ['', '-wal', '-shm']) if (file !== undefined && existsSync(file + own)) keepToOwner(file + own)
    database.exec(SETTINGS)
    migrateFile(database)
    if (file !== undefined) checkContent(database, file)
    database.exec(`PRAGMA busy_timeout = ${WRITING_WAIT_MS}`)
    return database
  } catch (error) {
    try {
      // Before it is closed, which would let SQLite remove the log beside it.
      keepAside(error)
    } catch {
      // Windows renames no file that is open.
    }
    database.close()
    keepAside(error)
    throw error
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

function migrateFile(database: DatabaseSync): void {
  if (readPragma(database, 'user_version') === MIGRATIONS.length) return
  // All or nothing, whenever the process dies; immediate, for an inbox that runs already may be writing.
  database.exec('BEGIN IMMEDIATE')
  migrate(createSqliteDriver(database, undefined), readPragma(database, 'user_version'))
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`)
}

function checkContent(database: DatabaseSync, file: string): void {
  const tables = database.prepare(`SELECT name FROM sqlite_master WHERE name IN ('events', 'event_json')`).all()
  if (tables.length < 2) throw new DamagedFileError('a table is missing')
  const { size } = statSync(file)
  const scope = size > FULLY_CHECKED_BYTES ? 'events' : '1'
  const result = database.prepare(`PRAGMA quick_check(${scope})`).get()?.['quick_check']
  if (result !== 'ok') throw new DamagedFileError(firstLineOf(String(result)))
  // What the words' index has written is content to the check above.
  if (size <= WORDS_CHECKED_BYTES) database.exec("INSERT INTO event_text (event_text) VALUES ('integrity-check')")
}

function isDamagedInbox(file: string, error: unknown): boolean {
  return error instanceof DamagedFileError || (isDamage(error) && isInboxFile(file))
}

function readPragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

function toFileError(file: string, error: unknown): Error {
  if (error instanceof InboxError) return error
  return new StoreFileError(`${file} cannot be opened as the inbox's database: ${reasonOf(error)}`, { cause: error })
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A check's first line says where, the next one what. */
function firstLineOf(text: string): string {
  return text.replace(/^\*\*\* in database main \*\*\*\n/, '').split('\n', 1)[0] ?? ''
}
