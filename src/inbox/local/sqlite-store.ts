import { createSqlStore, type SqlStoreOptions } from '../sql/sql-store.ts'
import type { EventStore } from '../store.ts'
import { createSqliteDriver } from './sqlite-driver.ts'
import { openDatabase } from './sqlite-file.ts'

export interface SqliteStoreOptions extends SqlStoreOptions {
  /** Path of the database; it is made when it does not exist. @default in memory */
  file?: string | undefined
  /** Called with a damaged file that was set aside, and its new name. */
  onDamage?: ((error: Error) => void) | undefined
}

/**
 * Keeps events in SQLite. What was inserted is there after `kill -9`.
 *
 * @throws StoreFileError when the file cannot be used, SqliteUnavailableError on a Node without what it needs
 */
export function openSqliteStore({ file, onDamage, ...options }: SqliteStoreOptions = {}): EventStore {
  const driver = createSqliteDriver(openDatabase(file, onDamage), file)
  try {
    return createSqlStore(driver, options)
  } catch (error) {
    driver.close()
    throw error
  }
}
