import { InboxError } from './inbox-error.ts'

/** The store could not do what it was asked: its disk is full, its file is read-only, locked or damaged. */
export class StoreError extends InboxError {
  override name = 'StoreError'
}

/** SQLite's primary result codes, as far as a reader can do something about them. @see https://sqlite.org/rescode.html */
const REASONS: Readonly<Record<number, string>> = {
  5: 'it is in use by another program',
  8: 'it is read-only',
  10: 'its disk cannot be written or read',
  11: 'it is damaged; start the inbox again, and it is set aside',
  13: 'its disk is full',
  14: 'it cannot be opened',
  26: 'it is damaged; start the inbox again, and it is set aside',
}

const CORRUPT = 11
const NOT_A_DATABASE = 26

/** The primary result code of an error that SQLite raised. */
export function readResultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  // The higher bytes tell more of the same.
  return error.errcode & 0xff
}

/** Whether the file's content is what was wrong. */
export function isDamage(error: unknown): boolean {
  const code = readResultCode(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

/** An error of SQLite's in words that help; any other as it is. */
export function describeStoreError(error: unknown, file: string | undefined): unknown {
  const reason = REASONS[readResultCode(error) ?? 0]
  if (reason === undefined) return error
  return new StoreError(`${file ?? 'The database in memory'} cannot be used: ${reason}`, { cause: error })
}
