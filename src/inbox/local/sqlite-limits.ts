import type { DatabaseSync } from 'node:sqlite'
import { readOptionalNumber } from '../sql/rows.ts'

/** Events that one step removes. More than one insert brings, so that what is too many ends some time. */
const STEP = 200

export interface StoreLimits {
  /** Events that are kept; the oldest go first. */
  maxEvents: number
  /** Bytes that they may take, the newest event aside. */
  maxBytes: number
}

/**
 * Answers a function that removes the oldest events beyond the limits, {@link STEP} at most, and answers whether any
 * are left to remove. To be called in a transaction.
 */
export function createPruning(database: DatabaseSync, { maxEvents, maxBytes }: StoreLimits): () => boolean {
  const findEnds = database.prepare(
    'SELECT (SELECT min(sequence) FROM events) AS oldest, (SELECT max(sequence) FROM events) AS newest',
  )
  const deleteEvents = database.prepare('DELETE FROM events WHERE sequence <= ?')
  const deleteJson = database.prepare('DELETE FROM event_json WHERE sequence <= ?')
  const readPages = (['page_count', 'freelist_count', 'page_size'] as const).map(name => {
    const pragma = database.prepare(`PRAGMA ${name}`)
    return () => Number(pragma.get()?.[name])
  })
  const readUsedBytes = () => {
    const [pages = 0, free = 0, size = 0] = readPages.map(read => read())
    return (pages - free) * size
  }
  const removeUpTo = (sequence: number) => {
    deleteEvents.run(sequence)
    deleteJson.run(sequence)
  }

  return () => {
    const ends = findEnds.get()
    const [oldest, newest] = [readOptionalNumber(ends, 'oldest'), readOptionalNumber(ends, 'newest')]
    if (oldest === undefined || newest === undefined) return false
    // No number is left out between the two: an insert that is undone gives its number back.
    const last = Math.min(newest - maxEvents, oldest + STEP - 1)
    if (last >= oldest) removeUpTo(last)
    let next = Math.max(oldest, last + 1)
    const end = Math.min(newest, oldest + STEP)
    while (next < end && readUsedBytes() > maxBytes) removeUpTo(next++)
    return next < newest && (newest - next >= maxEvents || readUsedBytes() > maxBytes)
  }
}
