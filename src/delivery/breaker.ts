/**
 * Stops trying after several failures in a row, and begins no more than so many deliveries until one is answered, or ends,
 * so that an ingest API that is dead, hangs or is slow costs an application nothing. Plain data: no timer and no promise,
 * for it is shared by all requests.
 */

/** Failed attempts in a row after which events go straight to the queue. */
const FAILURES_TO_OPEN = 5

/** How long they do. */
const OPEN_MS = 30_000

/** Deliveries begun since the API last answered. */
const MAX_UNANSWERED = 20

/** Deliveries under way at an API that answers: a thousand events a second where it takes an eighth of one. */
const MAX_UNDER_WAY = 128

/** A delivery under way. */
interface UnderWay {
  /** When it is surely over: the request of one that died does not tell. */
  readonly until: number
  /** Whether the API has answered since it began. */
  answered: boolean
}

export class Breaker {
  #failures = 0
  #openUntil = 0
  readonly #underWay = new Set<UnderWay>()

  /** Whether to try now. When the time is over one caller may, and the others wait until it has found out. */
  allows(now: number): boolean {
    if (this.#openUntil === 0) return true
    if (now < this.#openUntil || !this.#hasRoom(now)) return false
    this.#openUntil = now + OPEN_MS
    return true
  }

  /** Begins a delivery that is over by `until`, where there is room; {@link ended} is to be called when it is. */
  begins(now: number, until: number): UnderWay | undefined {
    if (!this.#hasRoom(now)) return undefined
    const delivery = { until, answered: false }
    this.#underWay.add(delivery)
    return delivery
  }

  ended(delivery: UnderWay): void {
    this.#underWay.delete(delivery)
  }

  succeeded(): void {
    for (const delivery of this.#underWay) delivery.answered = true
    this.#failures = 0
    this.#openUntil = 0
  }

  /** @param retryAfter milliseconds for which the server asked to be left alone */
  failed(now: number, retryAfter = 0): void {
    this.#failures++
    const pause = Math.max(retryAfter, this.#failures >= FAILURES_TO_OPEN ? OPEN_MS : 0)
    if (pause > 0) this.#openUntil = Math.max(this.#openUntil, now + pause)
  }

  #hasRoom(now: number): boolean {
    let unanswered = 0
    for (const delivery of this.#underWay) {
      if (delivery.until <= now) this.#underWay.delete(delivery)
      else if (!delivery.answered) unanswered++
    }
    return this.#underWay.size < MAX_UNDER_WAY && unanswered < MAX_UNANSWERED
  }
}
