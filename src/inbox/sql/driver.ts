/** What SQLite stores, of what the inbox uses. */
export type SqlValue = string | number | null

export type Row = Record<string, unknown>

/**
 * SQLite, as the store needs it: `node:sqlite` and a Durable Object's `ctx.storage.sql` both serve. What a Durable Object
 * refuses stays out of its statements: `BEGIN`, pragmas, named parameters, more than 100 parameters, patterns of `GLOB` of
 * more than 50 bytes. @see https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
 */
export interface SqlDriver {
  /** Runs one statement with values for its `?`, and returns its rows. */
  query(sql: string, ...values: SqlValue[]): Row[]
  /** Runs statements without values. */
  execute(script: string): void
  /** All that `work` writes, or nothing. */
  transaction<Result>(work: () => Result): Result
  /** Bytes that the data takes, without what is free for more. */
  usedBytes(): number
  /** Overwrites what was deleted, where the database's owner can. To be called outside of a transaction. */
  erase(): void
  /** May be called twice. */
  close(): void
}
