type Query = (sql: string) => readonly Record<string, unknown>[]

/** The tables of a database that have a text anywhere in them, those that a full-text index keeps its words in too. */
export function findTraces(query: Query, pattern: RegExp): string[] {
  const tables = query("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => String(name))
  return tables.filter(table => query(`SELECT * FROM "${table}"`).some(row => Object.values(row).some(isFound)))

  function isFound(value: unknown): boolean {
    return pattern.test(value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value))
  }
}
