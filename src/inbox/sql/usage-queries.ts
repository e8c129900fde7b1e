import type { MonthUsage } from '../store.ts'
import type { SqlDriver } from './driver.ts'
import { readText } from './rows.ts'

/** Counts new events to the months that they were accepted in. @param sequences as JSON */
export function countUsage(driver: SqlDriver, sequences: string): void {
  driver.query(
    `INSERT INTO usage (month, events, bytes)
      SELECT strftime('%Y-%m', received_at / 1000, 'unixepoch'), count(*), sum(size_bytes)
        FROM events WHERE sequence IN (SELECT value FROM json_each(?)) GROUP BY 1
      ON CONFLICT (month) DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes`,
    sequences,
  )
}

/** The newest first. @param limit @default all */
export function listUsage(driver: SqlDriver, limit = -1): MonthUsage[] {
  return driver
    .query('SELECT month, events, bytes FROM usage ORDER BY month DESC LIMIT ?', limit)
    .map(row => ({ month: readText(row, 'month'), events: Number(row['events']), bytes: Number(row['bytes']) }))
}
