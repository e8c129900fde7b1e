/** How many events a project takes in: its object knows, for all isolates ask the same one. */
import type { SqlDriver } from '../sql/driver.ts'
import { listUsage } from '../sql/usage-queries.ts'
import type { ProjectLimits } from './directory-store.ts'

/** Milliseconds for which an event that was let in counts before it is stored. What is not stored by then may have been lost. */
const WAITING_MS = 3_600_000

/** What the Worker asks of a project that has limits. */
export interface AdmissionRequest {
  /** Of the events, which are the same for each repeat. */
  ids: readonly string[]
  limits: ProjectLimits
}

/** Why events are not let in. */
export interface LimitReached {
  /** Those that are not, by their place. */
  refused: number[]
  limit: keyof ProjectLimits
  /** Seconds after which it is worth asking again: 1 or more. */
  retryAfter: number
}

/**
 * Lets events in as long as the limits allow it. What is stored is counted by the store; what was let in and waits in the queue is
 * remembered here, in memory alone: after a restart it counts again when it is stored. A repeat counts once.
 *
 * The limit of a second is that of a bucket, which holds as many events and fills up by as many a second. A batch is let in as soon
 * as anything is in it and leaves a debt, so that a batch larger than the limit is taken some time.
 */
export class Admission {
  readonly #driver: SqlDriver
  readonly #now: () => number
  /** When each event that is not stored yet was let in, by its id, the oldest first. */
  readonly #waiting = new Map<string, number>()
  /** What the bucket lacks: below 0 never, above the limit in debt. */
  #lacking = 0
  #filledAt = 0

  constructor(driver: SqlDriver, now: () => number = Date.now) {
    this.#driver = driver
    this.#now = now
  }

  /** @returns `undefined` where all are let in */
  admit(ids: readonly string[], limits: ProjectLimits): LimitReached | undefined {
    const refused = this.#refuseBySecond(ids, limits.second)
    if (refused) return refused
    return limits.month === null ? undefined : this.#refuseByMonth(ids, limits.month)
  }

  /** The events are stored, or cannot be: they wait no more. */
  settle(ids: readonly string[]): void {
    for (const id of ids) this.#waiting.delete(id)
  }

  #refuseBySecond(ids: readonly string[], limit: number | null): LimitReached | undefined {
    if (limit === null) return undefined
    const now = this.#now()
    this.#lacking = Math.max(0, this.#lacking - ((now - this.#filledAt) / 1000) * limit)
    this.#filledAt = now
    if (this.#lacking >= limit) {
      const retryAfter = Math.max(1, Math.ceil((this.#lacking - limit + 1) / limit))
      return { refused: [...ids.keys()], limit: 'second', retryAfter }
    }
    this.#lacking += ids.length
    return undefined
  }

  #refuseByMonth(ids: readonly string[], limit: number): LimitReached | undefined {
    const now = this.#now()
    for (const [id, since] of this.#waiting) {
      if (now - since < WAITING_MS) break
      this.#waiting.delete(id)
    }
    const month = new Date(now).toISOString().slice(0, 7)
    const stored = listUsage(this.#driver, 1).find(usage => usage.month === month)?.events ?? 0
    const known = this.#findStored(ids)
    const refused: number[] = []
    for (const [index, id] of ids.entries()) {
      if (known.has(id) || this.#waiting.has(id)) continue
      if (stored + this.#waiting.size < limit) this.#waiting.set(id, now)
      else refused.push(index)
    }
    if (refused.length === 0) return undefined
    const date = new Date(now)
    const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
    return { refused, limit: 'month', retryAfter: Math.ceil((next - now) / 1000) }
  }

  #findStored(ids: readonly string[]): Set<string> {
    const sql = 'SELECT id FROM events WHERE id IN (SELECT value FROM json_each(?))'
    return new Set(this.#driver.query(sql, JSON.stringify(ids)).map(row => String(row['id'])))
  }
}
