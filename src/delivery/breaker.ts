/**
 * Stops trying after several failures in a row, and begins no more than so many deliveries until one is answered, or ends,
 * so that an ingest API that is dead, hangs or is slow costs an application nothing. Plain data: no timer and no promise,
 * for it is shared by all requests.
 */

/** Failed attempts in a row after which events go straight to the queue. */
const FAILURES_TO_OPEN = 5

/** How long they do; then one delivery finds out whether the API is back, and where it is not, it is twice as long. */
const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 30_000

/** Deliveries begun since the API last answered. */
const MAX_UNANSWERED = 20

/** Deliveries under way at an API that answers: a thousand POSTs a second where it takes an eighth of one. */
const MAX_UNDER_WAY = 128

/** A delivery under way. */
interface UnderWay {
  /** When it is over at the latest: a request that died does not say so. */
  readonly until: number
  /** Whether the API has answered since it began. */
  answered: boolean
}

export class Breaker {
  #failures = 0
  #pauseMs = 0
  #openUntil = 0
  /** Whether a delivery is finding out if the API is back. */
  #isProbing = false
  readonly #underWay = new Set<UnderWay>()

  /** Why no delivery may begin now, or nothing. */
  refuses(now: number): string | undefined {
    if (now < this.#openUntil) return 'several deliveries failed in a row'
    let unanswered = 0
    for (const delivery of this.#underWay) {
      if (delivery.until <= now) this.#underWay.delete(delivery)
      else if (!delivery.answered) unanswered++
    }
    const hasRoom = this.#underWay.size < MAX_UNDER_WAY && unanswered < MAX_UNANSWERED
    return hasRoom ? undefined : 'several deliveries wait for a response'
  }

  /**
   * Begins a delivery that is over by `until`; {@link ended} is to be called when it is.
   * @param answerBy when its first attempt has an answer or has failed: until then no other begins where the API was away
   */
  begins(now: number, until: number, answerBy: number): UnderWay {
    if (this.#openUntil > 0) {
      this.#isProbing = true
      this.#openUntil = Math.max(now, answerBy)
    }
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
    this.#pauseMs = 0
    this.#openUntil = 0
    this.#isProbing = false
  }

  /** @param retryAfter milliseconds for which the server asked to be left alone */
  failed(now: number, retryAfter = 0): void {
    this.#failures++
    // Deliveries begun before it paused fail too: that is no news.
    const opens = this.#isProbing || (this.#pauseMs === 0 && this.#failures >= FAILURES_TO_OPEN)
    if (opens) {
      this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2 || FIRST_PAUSE_MS)
      // Only the delivery that finds out ends its own wait for an answer; what the server asked for stays.
      this.#openUntil = Math.max(now + this.#pauseMs, this.#isProbing ? 0 : this.#openUntil)
      this.#isProbing = false
    }
    if (retryAfter > 0) this.#openUntil = Math.max(this.#openUntil, now + retryAfter)
  }
}
