import { InboxError } from '../inbox-error.ts'

type Sqlite = typeof import('node:sqlite')

/** This Node has no `node:sqlite`, or one without full-text search. */
export class SqliteUnavailableError extends InboxError {
  override name = 'SqliteUnavailableError'

  constructor() {
    super(
      `The inbox keeps its events with node:sqlite, whose full-text search needs Node 22.16 or newer; this is Node ${process.version}`,
    )
  }
}

/**
 * `node:sqlite`, found at run time: a static import would end an older Node before it could be told why, and bundlers
 * that strip the `node:` prefix break a module that has no other name.
 *
 * @throws {@link SqliteUnavailableError}
 */
export function loadSqlite(): Sqlite {
  // Absent from Node before 20.16, whatever the types say.
  const getBuiltinModule: ((id: 'node:sqlite') => Sqlite | undefined) | undefined = process.getBuiltinModule
  const sqlite = getBuiltinModule?.('node:sqlite')
  if (!sqlite || !hasFullText(sqlite)) throw new SqliteUnavailableError()
  return sqlite
}

function hasFullText({ DatabaseSync }: Sqlite): boolean {
  const database = new DatabaseSync(':memory:')
  try {
    return database.prepare("SELECT sqlite_compileoption_used('ENABLE_FTS5') AS used").get()?.['used'] === 1
  } finally {
    database.close()
  }
}
