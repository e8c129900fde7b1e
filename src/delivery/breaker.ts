/**
 * Stops trying after several failures in a row, so that a dead ingest API costs an application nothing. Plain data: no
 * timer and no promise, for it is shared by all requests.
 */

/** Failed attempts in a row after which events go straight to the queue. */
const FAILURES_TO_OPEN = 5

/** How long they do. */
const OPEN_MS = 30_000

export class Breaker {
  #failures = 0
  #openUntil = 0

  /** Whether to try now. When the time is over one caller may, and the others wait until it has found out. */
  allows(now: number): boolean {
    if (this.#openUntil === 0) return true
    if (now < this.#openUntil) return false
    this.#openUntil = now + OPEN_MS
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#openUntil = 0
  }

  /** @param retryAfter milliseconds for which the server asked to be left alone */
  failed(now: number, retryAfter = 0): void {
    this.#failures++
    const pause = Math.max(retryAfter, this.#failures >= FAILURES_TO_OPEN ? OPEN_MS : 0)
    if (pause > 0) this.#openUntil = Math.max(this.#openUntil, now + pause)
  }
}
