import type { SqlDriver } from './driver.ts'
import { readOptionalNumber } from './rows.ts'

/** Events that one step removes. More than one insert brings, so that what is too many ends some time. */
const STEP = 200

export interface StoreLimits {
  /** Events that are kept, pinned ones aside; the oldest go first. */
  maxEvents: number
  /** Bytes that all may take; pinned events and the newest one stay. */
  maxBytes: number
  /** Milliseconds since the epoch; what was accepted before goes, pinned events stay. */
  minReceivedAt: number
}

/**
 * Removes the oldest events beyond the limits, {@link STEP} at most, and returns whether any are left to remove. To be
 * called in a transaction.
 */
export function prune(driver: SqlDriver, { maxEvents, maxBytes, minReceivedAt }: StoreLimits): boolean {
  const countExcess = () => {
    const [row] = driver.query('SELECT count FROM event_counts WHERE pinned = 0')
    return (readOptionalNumber(row, 'count') ?? 0) - maxEvents
  }
  const old = findExpired(driver, minReceivedAt)
  if (old.length > 0) deleteEvents(driver, old)
  const isTooLarge = () => driver.usedBytes() > maxBytes
  const excess = countExcess()
  if (excess > 0) deleteEvents(driver, findOldest(driver, Math.min(excess, STEP)))
  const left = STEP - old.length - Math.max(0, Math.min(excess, STEP))
  if (left > 0 && isTooLarge()) {
    for (const sequence of findOldest(driver, left)) {
      deleteEvents(driver, [sequence])
      if (!isTooLarge()) break
    }
  }
  return countExcess() > 0 || old.length === STEP || (isTooLarge() && findOldest(driver, 1).length > 0)
}

/** Events that were accepted too long ago, {@link STEP} at most. */
function findExpired(driver: SqlDriver, minReceivedAt: number): number[] {
  if (minReceivedAt === Number.NEGATIVE_INFINITY) return []
  const sql = 'SELECT sequence FROM events WHERE received_at < ? AND pinned = 0 ORDER BY received_at LIMIT ?'
  return driver.query(sql, minReceivedAt, STEP).map(row => Number(row['sequence']))
}

/** The oldest events that may go. */
function findOldest(driver: SqlDriver, limit: number): number[] {
  return driver
    .query(
      `SELECT sequence FROM events WHERE pinned = 0 AND sequence < (SELECT max(sequence) FROM events)
        ORDER BY sequence LIMIT ?`,
      limit,
    )
    .map(row => Number(row['sequence']))
}

/** Removes events, with all that is kept of them. */
export function deleteEvents(driver: SqlDriver, sequences: readonly number[]): void {
  if (sequences.length === 0) return
  const list = JSON.stringify(sequences)
  for (const [table, key] of [
    ['event_text', 'rowid'],
    ['event_json', 'sequence'],
    ['event_json_rest', 'sequence'],
    ['events', 'sequence'],
  ]) {
    driver.query(`DELETE FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`, list)
  }
}
