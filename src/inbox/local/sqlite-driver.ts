import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SqlDriver } from '../sql/driver.ts'
import { describeStoreError } from '../store-error.ts'

/** Statements that are kept prepared: every query that somebody types is another. */
const MAX_STATEMENTS = 200

const PAGES_SQL = `SELECT (SELECT page_count FROM pragma_page_count) AS pages,
  (SELECT freelist_count FROM pragma_freelist_count) AS free, (SELECT page_size FROM pragma_page_size) AS size`

/**
 * A database of `node:sqlite` as the store needs it.
 *
 * @param file for what its errors say
 */
export function createSqliteDriver(database: DatabaseSync, file: string | undefined): SqlDriver {
  const statements = new Map<string, StatementSync>()
  let isWriting = false

  function prepareOnce(sql: string): StatementSync {
    const statement = statements.get(sql) ?? database.prepare(sql)
    // The last in the table is the last that was used.
    statements.delete(sql)
    statements.set(sql, statement)
    for (const oldest of statements.keys()) {
      if (statements.size <= MAX_STATEMENTS) break
      statements.delete(oldest)
    }
    return statement
  }

  const query: SqlDriver['query'] = (sql, ...values) => prepareOnce(sql).all(...values)

  function transaction<Result>(work: () => Result): Result {
    if (isWriting) return work()
    // Immediate: an inbox that waits for another's write reads what that one wrote.
    database.exec('BEGIN IMMEDIATE')
    isWriting = true
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
    } finally {
      isWriting = false
    }
  }

  /** The function, whose errors say what is wrong with which file. */
  function guard<Parameters extends unknown[], Result>(work: (...parameters: Parameters) => Result) {
    return (...parameters: Parameters): Result => {
      try {
        return work(...parameters)
      } catch (error) {
        throw describeStoreError(error, file)
      }
    }
  }

  return {
    query: guard(query),
    execute: guard(script => database.exec(script)),
    transaction: work => guard(() => transaction(work))(),
    usedBytes: guard(() => {
      const [row] = query(PAGES_SQL)
      return (Number(row?.['pages']) - Number(row?.['free'])) * Number(row?.['size'])
    }),
    // What is deleted stays in pages that are free, and in the log of writes.
    erase: guard(() => database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')),
    close() {
      if (database.isOpen) database.close()
    },
  }
}
