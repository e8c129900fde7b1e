import type { SqlDriver } from '../sql/driver.ts'
import { MIGRATIONS, type Migration, migrate } from '../sql/migrations.ts'
import type { ObjectStorage } from './platform.ts'

/** A Durable Object's SQLite as the store needs it. */
export function createObjectDriver(storage: ObjectStorage): SqlDriver {
  const { sql } = storage
  return {
    query: (statement, ...values) => sql.exec(statement, ...values).toArray(),
    execute: script => void sql.exec(script),
    transaction: work => storage.transactionSync(work),
    usedBytes: () => sql.databaseSize,
    // An object's storage takes no VACUUM; it is encrypted, and keeps what it was for 30 days by itself.
    erase() {},
    // The object closes with its isolate.
    close() {},
  }
}

/** The driver of an object's storage, whose schema is the present one. A Durable Object keeps no `user_version`. */
export function openObjectDriver(storage: ObjectStorage, migrations: readonly Migration[] = MIGRATIONS): SqlDriver {
  const driver = createObjectDriver(storage)
  driver.transaction(() => {
    driver.execute('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT')
    const version = Number(driver.query('SELECT version FROM schema_version')[0]?.['version'] ?? 0)
    if (version === migrations.length) return
    migrate(driver, version, migrations)
    driver.query('DELETE FROM schema_version')
    driver.query('INSERT INTO schema_version VALUES (?)', migrations.length)
  })
  return driver
}
