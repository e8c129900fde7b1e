/**
 * Delivery's policy: what is sent when, what is tried again, what is given up. It keeps only plain data between calls
 * (the queue, the breaker, the counts): on Workers no promise, signal or timer of one request may serve another.
 * Longer than most files: every rule works on the same books, and they balance only where all of them are seen.
 */
import type { CaptureResponse, ClientStats, DropReason } from '../types.ts'
import { type AttemptSettings, attemptDelivery } from './attempt.ts'
import { Breaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { ReplayStackError } from './error.ts'
import { type Claim, Queue, type QueuedEvent } from './queue.ts'
import { backoffMs, MAX_WAIT_MS, refusesSender } from './retry.ts'

/** How one client delivers. */
export interface DeliverySettings extends AttemptSettings {
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number
  /** Attempts after the first. */
  readonly retries: number
  readonly offlineQueueMax: number
  /** Events of one POST. */
  readonly batchMaxEvents: number
  /** Told of every event given up, and how many were for this reason. */
  readonly onDrop: (event: QueuedEvent, reason: DropReason, dropped: number) => void
  /** Told of every delivery that failed or was refused, once. */
  readonly onError: (error: ReplayStackError) => void
  /** Told of every decision. */
  readonly log: (decision: string, event: QueuedEvent, why?: string) => void
}

/** An event's way out. */
export interface Sending {
  /**
   * Settles when the event's own fate is known: the API's answer, or `null` where it waits in the queue or left in
   * another's batch. Rejects with the error it failed by.
   */
  own: Promise<CaptureResponse | null>
  /** Settles when all that followed is done too. Never rejects. */
  all: Promise<void>
}

/** An event that is still to come. */
export interface Expectation {
  /** Milliseconds since 1970; after it, who announced it may have died. */
  readonly until: number
  /** Whether the work is over that it tells of. */
  ended: boolean
}

/** How long an event waits for others to leave with it. */
const LINGER_MS = 5

/** How often `flush` looks whether other senders are done: their promises are not its to await. */
const POLL_MS = 5

export class Delivery {
  readonly #settings: DeliverySettings
  readonly #clock: Clock
  readonly #queue: Queue
  readonly #breaker = new Breaker()
  readonly #dropped: Partial<Record<DropReason, number>> = {}
  /** Work whose events are still to come. */
  readonly #expected = new Set<Expectation>()
  #captured = 0
  #sent = 0
  #closed = false

  constructor(settings: DeliverySettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.#queue = new Queue(settings.offlineQueueMax)
  }

  get closed(): boolean {
    return this.#closed
  }

  stats(): ClientStats {
    return { captured: this.#captured, sent: this.#sent, pending: this.#queue.size, dropped: { ...this.#dropped } }
  }

  deliver(body: string, traceId: string): Sending {
    const event = { body, traceId, idempotencyKey: crypto.randomUUID(), sequence: this.#captured++ }
    this.#settings.log('captured', event)
    if (this.#closed) {
      this.#drop([event], 'closed')
      return { own: Promise.resolve(null), all: Promise.resolve() }
    }
    const own = this.#deliverOwn(event)
    const all = own.then(
      answer => (answer ? this.#drain() : undefined),
      () => {},
    )
    return { own, all }
  }

  /** Announces an event that is still to come, so that `flush` waits for it; {@link met} says that it has. */
  expect(leaseMs: number): Expectation {
    const expectation = { until: this.#clock.now() + leaseMs, ended: false }
    this.#expected.add(expectation)
    return expectation
  }

  met(expectation: Expectation): void {
    this.#expected.delete(expectation)
  }

  /** Counts an event that was captured but never became one that could be sent. */
  abandon(traceId: string): void {
    this.#drop([{ body: '', traceId, idempotencyKey: '', sequence: this.#captured++ }], 'internal')
  }

  /**
   * Delivers what is in flight and what waits, oldest first, within `timeoutMs`.
   * @param waitsForWork whether it also waits for work that was announced and goes on
   * @returns whether nothing is left, and the last error met
   */
  async flush(timeoutMs: number, waitsForWork = true): Promise<{ empty: boolean; error?: ReplayStackError }> {
    const expects = (): boolean => this.#expects(waitsForWork)
    const deadline = this.#clock.now() + timeoutMs
    let stopped = false
    let last: ReplayStackError | undefined
    while ((this.#queue.size > 0 || expects()) && this.#clock.now() < deadline) {
      const claim: Claim | undefined = stopped ? undefined : (this.#claimWaiting() ?? this.#claimFresh())
      if (claim) {
        const error: ReplayStackError | undefined = await this.#send(claim, deadline).then(
          () => undefined,
          thrown => thrown,
        )
        last = error ?? last
        stopped = error !== undefined && error.code !== 'rejected'
      } else if (this.#queue.hasClaims || expects()) await this.#clock.sleep(POLL_MS)
      else break
    }
    return { empty: this.#queue.size === 0 && !expects(), ...(last && { error: last }) }
  }

  /** Refuses from now on, and gives up what waits. */
  close(): void {
    this.#closed = true
    this.#drop(this.#queue.takeWaiting(), 'closed')
  }

  async #deliverOwn(event: QueuedEvent): Promise<CaptureResponse | null> {
    const { batchMaxEvents } = this.#settings
    if (!this.#breaker.allows(this.#clock.now())) {
      this.#keep([event], 'several deliveries failed in a row')
      return null
    }
    if (batchMaxEvents <= 1) return this.#begin(this.#queue.claimNew(event, this.#lease()))
    this.#queue.addFresh(event)
    if (this.#queue.freshSize < batchMaxEvents) await this.#clock.sleep(LINGER_MS)
    let answer: CaptureResponse | null = null
    // Where another has taken it along, those that came since wait for company of their own. What dead ones left before
    // it may fill a batch without it; each claim has one event at least.
    while (this.#queue.isFresh(event)) answer = await this.#begin(this.#claimFresh() as Claim)
    return answer
  }

  /** Sends, unless enough wait for an answer: then the next that gets one takes what waits along. */
  async #begin(claim: Claim): Promise<CaptureResponse | null> {
    const now = this.#clock.now()
    const begun = this.#breaker.begins(now, claim.until)
    if (begun) return this.#send(claim).finally(() => this.#breaker.ended(begun))
    this.#queue.reclaim(now)
    if (this.#queue.settle(claim)) this.#keep(claim.events, 'several deliveries wait for an answer')
    return null
  }

  /** On the back of a delivery that succeeded: sends what waits until nothing does, or one fails. */
  async #drain(): Promise<void> {
    try {
      let claim = this.#claimWaiting()
      while (claim && (await this.#begin(claim))) claim = this.#claimWaiting()
    } catch {
      // It was reported, and what it failed to send waits again.
    }
  }

  #expects(waitsForWork: boolean): boolean {
    const now = this.#clock.now()
    let expects = false
    for (const one of this.#expected) {
      if (one.until <= now) this.#expected.delete(one)
      else if (waitsForWork || one.ended) expects = true
    }
    return expects
  }

  #claimFresh(): Claim | undefined {
    return this.#queue.claimFresh(this.#settings.batchMaxEvents, this.#lease())
  }

  #claimWaiting(): Claim | undefined {
    return this.#queue.claimWaiting(this.#settings.batchMaxEvents, this.#clock.now(), this.#lease())
  }

  /** When a claim made now may be taken over: later than its sender can take, were it alive. */
  #lease(): number {
    const { retries, timeoutMs } = this.#settings
    return this.#clock.now() + (retries + 1) * (timeoutMs + MAX_WAIT_MS) + 1_000
  }

  /** Sends a claim's events, trying again as the rules say. Rejects with the error it ended by. */
  async #send(claim: Claim, deadline = Number.POSITIVE_INFINITY): Promise<CaptureResponse> {
    const { retries, timeoutMs } = this.#settings
    for (let attempt = 0; ; attempt++) {
      const time = Math.max(1, Math.min(timeoutMs, deadline - this.#clock.now()))
      const outcome = await attemptDelivery(claim.events, this.#settings, time, this.#clock)
      if (outcome.verdict === 'delivered') {
        this.#breaker.succeeded()
        if (this.#queue.settle(claim)) this.#sent += claim.events.length
        for (const event of claim.events) this.#settings.log('sent', event)
        return outcome.response
      }
      if (outcome.verdict === 'rejected') return this.#refused(claim, outcome.error, deadline)
      const { error, retryAfter } = outcome
      this.#breaker.failed(this.#clock.now(), retryAfter)
      const wait = retryAfter ?? backoffMs(attempt, Math.random())
      if (attempt >= retries || wait > MAX_WAIT_MS || this.#clock.now() + wait >= deadline) {
        if (this.#queue.settle(claim)) this.#keep(claim.events, error.message)
        this.#settings.onError(error)
        throw error
      }
      await this.#clock.sleep(wait)
    }
  }

  /** A refusal is final. In a batch it may be meant for one event: then the others go by themselves. */
  async #refused(claim: Claim, error: ReplayStackError, deadline: number): Promise<CaptureResponse> {
    this.#breaker.succeeded()
    if (!this.#queue.settle(claim)) throw error
    if (claim.events.length === 1 || refusesSender(error.status)) {
      this.#drop(claim.events, 'rejected')
      this.#settings.onError(error)
      throw error
    }
    const singles = claim.events.map(event => this.#queue.claimNew(event, this.#lease()))
    let answer: CaptureResponse | undefined
    let failure = error
    for (const single of singles) {
      if (failure.code !== 'rejected') {
        if (this.#queue.settle(single)) this.#keep(single.events, failure.message)
        continue
      }
      await this.#send(single, deadline).then(
        response => {
          answer ??= response
        },
        (thrown: ReplayStackError) => {
          failure = thrown
        },
      )
    }
    if (answer) return answer
    throw failure
  }

  /** Into the queue; what no longer fits is dropped, the oldest first. */
  #keep(events: readonly QueuedEvent[], why: string): void {
    if (this.#closed) this.#drop(events, 'closed')
    else {
      const over = this.#queue.put(events)
      for (const event of events) if (!over.includes(event)) this.#settings.log('queued', event, why)
      this.#drop(over, 'max_queue_size')
    }
  }

  /** Counts first, then tells: a hook that looks at the books finds them balanced. */
  #drop(events: readonly QueuedEvent[], reason: DropReason): void {
    const before = this.#dropped[reason] ?? 0
    if (events.length > 0) this.#dropped[reason] = before + events.length
    for (const [index, event] of events.entries()) {
      this.#settings.log('dropped', event, reason)
      this.#settings.onDrop(event, reason, before + index + 1)
    }
  }
}
