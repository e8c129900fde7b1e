/**
 * Everything that is on its way, as plain data: no promise, timer or signal, so that any request may take over what
 * another left behind. Whoever sends events claims them first, under a lease: if the claimer dies (a cancelled Worker
 * runs no `finally`), the lease runs out and the next one claims them anew.
 */

/** An event on its way. */
export class QueuedEvent {
  /** Its JSON text; empty until it is made, and where none can be. */
  body = ''
  readonly traceId: string
  /** Its place in the order of capture. */
  readonly sequence: number
  /** The same on every attempt, whoever makes it: a receiver counts the event once. */
  readonly idempotencyKey: string
  #make: (() => string | undefined) | undefined

  /** @param text what makes its text where it is not made yet: never throws, and returns nothing where that is impossible */
  constructor(text: string | (() => string | undefined), traceId: string, sequence: number, idempotencyKey: string) {
    if (typeof text === 'string') this.body = text
    else this.#make = text
    this.traceId = traceId
    this.sequence = sequence
    this.idempotencyKey = idempotencyKey
  }

  /** Makes its text, once. What that is made of is not held any longer. @returns whether there is one */
  make(): boolean {
    const make = this.#make
    this.#make = undefined
    this.body ||= make?.() ?? ''
    return this.body !== ''
  }
}

/** Events that one sender holds. */
export interface Claim {
  /** Those that have no result yet; none where another sender has taken them over. */
  readonly events: Set<QueuedEvent>
  /** Milliseconds since 1970; after it the events are anybody's. */
  until: number
}

/** Milliseconds that whoever opened a batch may be late before anybody may take it over. */
const BATCH_LEASE_MS = 1_000

export class Queue {
  /** Undelivered, oldest first. */
  #waiting: QueuedEvent[] = []
  readonly #claims = new Set<Claim>()
  /** The claim that further events may join, and until when they do. */
  #batch: Claim | undefined
  #batchDue = 0
  readonly #max: number

  /** @param max undelivered events kept */
  constructor(max: number) {
    this.#max = max
  }

  /** Events held in any way. */
  get size(): number {
    let claimed = 0
    for (const { events } of this.#claims) claimed += events.size
    return this.#waiting.length + claimed
  }

  /** Whether anyone is sending now. */
  get hasClaims(): boolean {
    return this.#claims.size > 0
  }

  /** Keeps undelivered events in the order of their capture. @returns those that no longer fit, the oldest */
  put(events: readonly QueuedEvent[]): QueuedEvent[] {
    this.#insert(events)
    return this.#waiting.splice(0, Math.max(0, this.#waiting.length - this.#max))
  }

  /** Takes events that are not queued. */
  claim(events: readonly QueuedEvent[], until: number): Claim {
    const claim: Claim = { events: new Set(events), until }
    this.#claims.add(claim)
    return claim
  }

  /** Takes an event that was never queued, and for `waitMs` lets others join it. */
  openBatch(event: QueuedEvent, now: number, waitMs: number): Claim {
    this.#batchDue = now + waitMs
    this.#batch = this.claim([event], this.#batchDue + BATCH_LEASE_MS)
    return this.#batch
  }

  /**
   * Adds an event that was never queued to the open batch.
   * @returns that batch, where it is to leave now, because it is full or who opened it has died; `false` where it is to wait;
   * nothing where none is open
   */
  joinBatch(event: QueuedEvent, count: number, now: number): Claim | false | undefined {
    const batch = this.#batch
    if (!batch?.events.size || batch.events.size >= count) return undefined
    batch.events.add(event)
    return (batch.events.size >= count || now > this.#batchDue) && batch
  }

  /** Takes a batch's events over, the open one's by default; nothing where another sender has them already. */
  takeBatch(until: number, batch: Claim | undefined = this.#batch): Claim | undefined {
    if (!batch) return undefined
    if (batch === this.#batch) this.#batch = undefined
    this.#claims.delete(batch)
    const events = this.#release(batch)
    return events.length > 0 ? this.claim(events, until) : undefined
  }

  /** The oldest undelivered events, up to `count`, those of dead senders first. None of a batch that is open. */
  claimWaiting(count: number, now: number, until: number): Claim | undefined {
    this.reclaim(now)
    return this.#waiting.length > 0 ? this.claim(this.#waiting.splice(0, count), until) : undefined
  }

  /** Takes back what dead senders hold. */
  reclaim(now: number): void {
    for (const claim of this.#claims) {
      if (claim.until <= now && this.#claims.delete(claim)) this.#insert(this.#release(claim))
    }
  }

  /** Ends a claim to an event. False where its lease ran out: then the event is not the caller's to count. */
  settle(claim: Claim, event: QueuedEvent): boolean {
    const isHeld = claim.events.delete(event)
    if (claim.events.size === 0) this.#claims.delete(claim)
    return isHeld
  }

  /** Takes everything out that is not being sent. */
  takeWaiting(): QueuedEvent[] {
    const batch = this.takeBatch(Number.POSITIVE_INFINITY)
    if (batch) this.#claims.delete(batch)
    return [...this.#waiting.splice(0), ...(batch?.events ?? [])]
  }

  #insert(events: readonly QueuedEvent[]): void {
    this.#waiting = [...this.#waiting, ...events].sort((one, other) => one.sequence - other.sequence)
  }

  #release({ events }: Claim): QueuedEvent[] {
    const released = [...events]
    events.clear()
    return released
  }
}
