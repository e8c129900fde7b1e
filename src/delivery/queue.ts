/**
 * Everything that is on its way, as plain data: no promise, timer or signal, so that any request may take over what
 * another left behind. Whoever sends events claims them first, under a lease: if the claimer dies (a cancelled Worker
 * runs no `finally`), the lease runs out and the next one claims them anew.
 */

/** An event ready to be sent. */
export interface QueuedEvent {
  /** Its JSON text. */
  readonly body: string
  readonly traceId: string
  /** Its place in the order of capture. */
  readonly sequence: number
  /** The same on every attempt, whoever makes it: a receiver counts the event once. */
  readonly idempotencyKey: string
}

/** Events that one sender holds. */
export interface Claim {
  readonly events: readonly QueuedEvent[]
  /** Milliseconds since 1970; after it the events are anybody's. */
  readonly until: number
}

/** Characters of one batch's events: well under the 10 MB that the ingest API takes. */
const MAX_BATCH_CHARACTERS = 2_000_000

export class Queue {
  /** Undelivered, oldest first. */
  #waiting: QueuedEvent[] = []
  /** Captured just now, waiting a moment to leave together. */
  #fresh: QueuedEvent[] = []
  readonly #claims = new Set<Claim>()
  readonly #max: number

  /** @param max undelivered events kept */
  constructor(max: number) {
    this.#max = max
  }

  /** Events held in any way. */
  get size(): number {
    let claimed = 0
    for (const claim of this.#claims) claimed += claim.events.length
    return this.#waiting.length + this.#fresh.length + claimed
  }

  get freshSize(): number {
    return this.#fresh.length
  }

  /** Whether anyone is sending now. */
  get hasClaims(): boolean {
    return this.#claims.size > 0
  }

  /** Whether nobody has taken an event along that was captured just now. */
  isFresh(event: QueuedEvent): boolean {
    return this.#fresh.includes(event)
  }

  addFresh(event: QueuedEvent): void {
    this.#fresh.push(event)
  }

  /** Keeps undelivered events in the order of their capture. @returns those that no longer fit, the oldest */
  put(events: readonly QueuedEvent[]): QueuedEvent[] {
    this.#insert(events)
    return this.#waiting.splice(0, Math.max(0, this.#waiting.length - this.#max))
  }

  /** Takes an event that was never queued. */
  claimNew(event: QueuedEvent, until: number): Claim {
    return this.#claim([event], until)
  }

  /** The events captured just now, up to `count`; nothing where another sender has them already. */
  claimFresh(count: number, until: number): Claim | undefined {
    return this.#claimFrom(this.#fresh, count, until)
  }

  /** The oldest undelivered events, up to `count`, those of dead senders first. None that still waits for company. */
  claimWaiting(count: number, now: number, until: number): Claim | undefined {
    this.reclaim(now)
    return this.#claimFrom(this.#waiting, count, until)
  }

  /** Takes back what dead senders hold. */
  reclaim(now: number): void {
    for (const claim of this.#claims) {
      if (claim.until <= now && this.#claims.delete(claim)) this.#insert(claim.events)
    }
  }

  /** Ends a claim. False where its lease ran out and another holds the events: then they are not the caller's to count. */
  settle(claim: Claim): boolean {
    return this.#claims.delete(claim)
  }

  /** Empties the queue of what nobody holds. */
  takeWaiting(): QueuedEvent[] {
    const events = [...this.#waiting, ...this.#fresh]
    this.#waiting = []
    this.#fresh = []
    return events
  }

  #insert(events: readonly QueuedEvent[]): void {
    this.#waiting = [...this.#waiting, ...events].sort((one, other) => one.sequence - other.sequence)
  }

  #claimFrom(events: QueuedEvent[], count: number, until: number): Claim | undefined {
    let taken = 0
    for (let characters = 0; taken < Math.min(count, events.length); taken++) {
      characters += events[taken]?.body.length ?? 0
      if (taken > 0 && characters > MAX_BATCH_CHARACTERS) break
    }
    return taken > 0 ? this.#claim(events.splice(0, taken), until) : undefined
  }

  #claim(events: readonly QueuedEvent[], until: number): Claim {
    const claim: Claim = { events, until }
    this.#claims.add(claim)
    return claim
  }
}
