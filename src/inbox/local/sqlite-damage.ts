import { closeSync, existsSync, openSync, readSync, renameSync } from 'node:fs'

/** `RPLY`: marks a SQLite file as an inbox's, so that no other program's database is ever changed. */
export const APPLICATION_ID = 0x52504c59

const MAGIC = 'SQLite format 3\0'
/** Where a database file holds its application id. @see https://sqlite.org/fileformat.html#the_database_header */
const APPLICATION_ID_OFFSET = 68

const DATABASE_NAME = /\.(?:db|db3|sqlite|sqlite3)$/i

/**
 * Whether a damaged file was an inbox's, as far as can be told: by its mark or, where not even SQLite's header is left,
 * by a name that only a database has. `--db notes.txt` is a slip of the hand, and nothing to be moved.
 */
export function isInboxFile(file: string): boolean {
  const header = readHeader(file)
  if (header.length < APPLICATION_ID_OFFSET + 4 || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    return DATABASE_NAME.test(file)
  }
  return header.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID
}

/** Renames a database and what SQLite keeps beside it, and answers the new name. */
export function setFileAside(file: string, now: Date): string {
  const time = now.toISOString().replaceAll(':', '-').replace('.', '-')
  let aside = `${file}.corrupt-${time}`
  for (let count = 2; existsSync(aside); count++) aside = `${file}.corrupt-${time}-${count}`
  renameSync(file, aside)
  for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix)
  return aside
}

function readHeader(file: string): Buffer {
  const header = Buffer.alloc(APPLICATION_ID_OFFSET + 4)
  const descriptor = openSync(file, 'r')
  try {
    return header.subarray(0, readSync(descriptor, header))
  } finally {
    closeSync(descriptor)
  }
}
