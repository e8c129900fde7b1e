/**
 * Delivery's policy: what is sent when, what is tried again, what is given up. It keeps only plain data between calls
 * (the queue, the breaker, the counts): on Workers no promise, signal or timer of one request may serve another.
 * Longer than most files: every rule changes the same counts, which add up only where all of the rules are seen together.
 */
import type { CaptureResponse, ClientStats, DropReason } from '../types.ts'
import {
  type AttemptSettings,
  type Outcome,
  type PostOutcome,
  postEvents,
  type Receiver,
  sendTogether,
} from './attempt.ts'
import { Breaker } from './breaker.ts'
import type { ReplayStackError } from './error.ts'
import { type Claim, Queue, QueuedEvent } from './queue.ts'
import { backoffMs, MAX_WAIT_MS } from './retry.ts'
import type { Clock } from './transport.ts'

/** How one client delivers. */
export interface DeliverySettings extends AttemptSettings {
  /** Milliseconds for one attempt. */
  readonly timeoutMs: number
  /** Attempts after the first. */
  readonly retries: number
  readonly offlineQueueMax: number
  /** Events of one POST. */
  readonly batchMaxEvents: number
  /** Milliseconds that an event which may wait does so for others. */
  readonly batchFlushIntervalMs: number
  /** Called with each event that is given up, and with how many were for this reason. */
  readonly onDrop: (event: QueuedEvent, reason: DropReason, dropped: number) => void
  /** Called once for each delivery that failed or was refused. */
  readonly onError: (error: ReplayStackError) => void
  /** Called with each decision. */
  readonly log: ((decision: string, event: QueuedEvent, why?: string) => void) | undefined
}

/**
 * When an event leaves: now, taking along what waits; together with others, a moment later; or with whatever is sent next,
 * because nothing runs any more where it was captured.
 */
export type Departure = 'now' | 'together' | 'next'

/** An event's way out. */
export interface Sending {
  /**
   * Settles when the event itself is done with: resolves to the API's answer, or `null` where it waits in the queue or leaves in
   * another's batch. Rejects with the error it failed by.
   */
  own: Promise<CaptureResponse | null>
  /** Settles when all that followed is done too. Never rejects. */
  all: Promise<void>
}

/** Work whose event is still to come. */
export interface OpenWork {
  /** Milliseconds since 1970; after it, the request that does the work may have died. */
  readonly until: number
  /** Whether the work is over, and only its event is still to be made. */
  ended: boolean
}

/** What became of each event of a claim. */
type Outcomes = Map<QueuedEvent, Outcome>

/** Milliseconds by which the timer of an attempt may be late. */
const PROBE_SLACK_MS = 1_000

/** How often `flush` looks whether other senders are done: their promises are not its to await. */
const POLL_MS = 5

/** Whether the API takes events: something has arrived, and nothing failed since. */
function takesEvents(outcomes: Outcomes | undefined): boolean {
  const verdicts = [...(outcomes?.values() ?? [])].map(({ verdict }) => verdict)
  return verdicts.includes('delivered') && !verdicts.includes('failed')
}

export class Delivery {
  /** Whether events are refused. */
  closed = false
  readonly #settings: DeliverySettings
  readonly #clock: Clock
  readonly #queue: Queue
  readonly #breaker = new Breaker()
  readonly #receiver: Receiver
  readonly #dropped: Partial<Record<DropReason, number>> = {}
  /** Work whose events are still to come. */
  readonly #openWork = new Set<OpenWork>()
  /** Why the last event that did not arrive did not. */
  #lastError: ReplayStackError | undefined
  #captured = 0
  #sent = 0
  /** Whether the plan's limit was reported, and nothing has arrived since. */
  #isLimitKnown = false

  constructor(settings: DeliverySettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.#queue = new Queue(settings.offlineQueueMax)
    this.#receiver = { batchMax: settings.batchMaxEvents }
  }

  stats(): ClientStats {
    return { captured: this.#captured, sent: this.#sent, pending: this.#queue.size, dropped: { ...this.#dropped } }
  }

  /** @param text see {@link QueuedEvent}: what makes it is called when the event leaves */
  deliver(text: string | (() => string | undefined), traceId: string, departure: Departure = 'now'): Sending {
    // Before it is counted: an application may have changed what makes it.
    const idempotencyKey = crypto.randomUUID()
    const event = new QueuedEvent(text, traceId, this.#captured++, idempotencyKey)
    this.#settings.log?.('captured', event)
    if (this.closed) this.#drop([event], 'closed')
    const sent = this.closed ? undefined : this.#depart(event, departure)
    if (!sent) return { own: Promise.resolve(null), all: Promise.resolve() }
    const own = sent.then(outcomes => {
      const outcome = outcomes?.get(event)
      if (!outcome) return null
      if (outcome.verdict === 'delivered') return outcome.response
      throw outcome.error
    })
    // Often nothing handles it: it never rejects.
    const all = sent.then(outcomes => (takesEvents(outcomes) ? this.#drain() : undefined)).catch(() => {})
    return { own, all }
  }

  /** Whether an event that may wait does so for others. */
  get gathers(): boolean {
    return this.#receiver.batchMax > 1 && this.#settings.batchFlushIntervalMs > 0
  }

  /** From now on `flush` waits for the event of this work, until {@link endWork} is called. */
  beginWork(leaseMs: number): OpenWork {
    const work = { until: this.#clock.now() + leaseMs, ended: false }
    this.#openWork.add(work)
    return work
  }

  endWork(work: OpenWork): void {
    this.#openWork.delete(work)
  }

  /** Counts an event that was captured but never became one that could be sent. */
  abandon(traceId: string): void {
    this.#drop([new QueuedEvent('', traceId, this.#captured++, '')], 'internal')
  }

  /**
   * Delivers what is in flight and what waits, oldest first, within `timeoutMs`.
   * @param waitsForWork whether it also waits for the end of work that goes on
   * @returns whether nothing is left, and the last error
   */
  async flush(timeoutMs: number, waitsForWork = true): Promise<{ empty: boolean; error?: ReplayStackError }> {
    const hasOpenWork = (): boolean => this.#hasOpenWork(waitsForWork)
    const deadline = this.#clock.now() + timeoutMs
    let stopped = false
    let last: ReplayStackError | undefined
    const lostBefore = this.#lost
    while ((this.#queue.size > 0 || hasOpenWork()) && this.#clock.now() < deadline) {
      const claim: Claim | undefined = stopped
        ? undefined
        : (this.#claimWaiting() ?? this.#queue.takeBatch(this.#lease()))
      if (claim) {
        const outcomes: Outcomes = await this.#send(claim, deadline)
        for (const outcome of outcomes.values()) {
          if (outcome.verdict === 'delivered') continue
          last = outcome.error
          stopped ||= outcome.verdict === 'failed'
        }
      } else if (this.#queue.hasClaims || hasOpenWork()) await this.#clock.sleep(POLL_MS)
      else break
    }
    // What was in flight already is another's to send, and may have been lost meanwhile.
    if (this.#lost > lostBefore) last ??= this.#lastError
    return { empty: this.#queue.size === 0 && !hasOpenWork(), ...(last && { error: last }) }
  }

  /** Events given up so far. */
  get #lost(): number {
    return Object.values(this.#dropped).reduce((sum, count) => sum + count, 0)
  }

  /** Refuses from now on, and gives up what waits. */
  close(): void {
    this.closed = true
    this.#drop(this.#queue.takeWaiting(), 'closed')
  }

  /** Sends the event, now or with the batch that it opens; nothing where another sends it. */
  #depart(event: QueuedEvent, departure: Departure): Promise<Outcomes | undefined> | undefined {
    const { batchFlushIntervalMs } = this.#settings
    const now = this.#clock.now()
    if (departure === 'next') {
      // As if its sender had died already: in a batch, others could join it, and would wait for nobody.
      this.#queue.claim([event], now)
      return undefined
    }
    const joined = this.#queue.joinBatch(event, this.#receiver.batchMax, now)
    if (departure === 'together' && this.gathers) {
      if (joined === false) return undefined
      // By a timer in any case: who joins a batch last has an answer to send before the batch is made.
      if (joined) return this.#sendBatch(joined, 0)
      return this.#sendBatch(this.#queue.openBatch(event, now, batchFlushIntervalMs), batchFlushIntervalMs)
    }
    const batch = joined === undefined ? undefined : this.#queue.takeBatch(this.#lease())
    return this.#begin(batch ?? this.#queue.claim([event], this.#lease()))
  }

  /** Sends what has joined a batch after `waitMs`. */
  async #sendBatch(batch: Claim, waitMs: number): Promise<Outcomes | undefined> {
    await this.#clock.sleep(waitMs)
    const claim = this.#queue.takeBatch(this.#lease(), batch)
    return claim && this.#begin(claim)
  }

  /** Sends, unless the API is away, or enough wait for an answer: then the next that gets one takes what waits along. */
  async #begin(claim: Claim): Promise<Outcomes | undefined> {
    const now = this.#clock.now()
    const why = this.#breaker.refuses(now)
    if (why === undefined) {
      const begun = this.#breaker.begins(now, claim.until, now + this.#settings.timeoutMs + PROBE_SLACK_MS)
      return this.#send(claim).finally(() => this.#breaker.ended(begun))
    }
    this.#queue.reclaim(now)
    this.#make(claim)
    this.#keep(this.#settleAll(claim), why)
    return undefined
  }

  /** After a delivery that succeeded: sends what waits, until nothing does or a delivery fails. */
  async #drain(): Promise<void> {
    let claim = this.#claimWaiting()
    while (claim && takesEvents(await this.#begin(claim))) claim = this.#claimWaiting()
  }

  #hasOpenWork(waitsForWork: boolean): boolean {
    const now = this.#clock.now()
    let isOpen = false
    for (const one of this.#openWork) {
      if (one.until <= now) this.#openWork.delete(one)
      else if (waitsForWork || one.ended) isOpen = true
    }
    return isOpen
  }

  #claimWaiting(): Claim | undefined {
    return this.#queue.claimWaiting(this.#receiver.batchMax, this.#clock.now(), this.#lease())
  }

  /** When a claim made now may be taken over: later than its sender can take, were it alive. */
  #lease(): number {
    const { retries, timeoutMs } = this.#settings
    return this.#clock.now() + (retries + 1) * (timeoutMs + MAX_WAIT_MS) + 1_000
  }

  /** Sends a claim's events, and settles the claim with what became of each. */
  async #send(claim: Claim, deadline = Number.POSITIVE_INFINITY): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    let reported: ReplayStackError | undefined
    const attempt = (events: readonly QueuedEvent[]) => this.#attempt(events, claim, deadline)
    this.#make(claim)
    await sendTogether([...claim.events], this.#receiver, attempt, (event, outcome) => {
      outcomes.set(event, outcome)
      const isHeld = this.#queue.settle(claim, event)
      if (outcome.verdict === 'delivered') {
        if (isHeld) this.#sent++
        this.#isLimitKnown = false
        this.#settings.log?.('sent', event)
        return
      }
      const { error } = outcome
      this.#lastError = error
      if (isHeld && outcome.verdict === 'failed') this.#keep([event], error.message)
      else if (isHeld) this.#drop([event], 'rejected')
      const isKnown = error === reported || (error.code === 'plan_limit' && this.#isLimitKnown)
      reported = error
      this.#isLimitKnown ||= error.code === 'plan_limit'
      if (!isKnown) this.#settings.onError(error)
    })
    return outcomes
  }

  /** One POST, and again as the rules say. */
  async #attempt(events: readonly QueuedEvent[], claim: Claim, deadline: number): Promise<PostOutcome> {
    const { retries, timeoutMs } = this.#settings
    claim.until = this.#lease()
    for (let attempt = 0; ; attempt++) {
      const time = Math.max(1, Math.min(timeoutMs, deadline - this.#clock.now()))
      const outcome = await postEvents(events, this.#settings, time, this.#clock)
      if (outcome.verdict !== 'failed') {
        this.#breaker.succeeded()
        return outcome
      }
      const { retryAfter } = outcome
      this.#breaker.failed(this.#clock.now(), retryAfter)
      const wait = retryAfter ?? backoffMs(attempt, Math.random())
      if (attempt >= retries || wait > MAX_WAIT_MS || this.#clock.now() + wait >= deadline) return outcome
      await this.#clock.sleep(wait)
    }
  }

  /** Makes the texts of a claim's events, all at once; one that cannot be made is given up. */
  #make(claim: Claim): void {
    for (const event of claim.events) {
      if (!event.make() && this.#queue.settle(claim, event)) this.#drop([event], 'internal')
    }
  }

  /** Ends a claim; what it still held. */
  #settleAll(claim: Claim): QueuedEvent[] {
    return [...claim.events].filter(event => this.#queue.settle(claim, event))
  }

  /** Into the queue; what no longer fits is dropped, the oldest first. */
  #keep(events: readonly QueuedEvent[], why: string): void {
    if (this.closed) this.#drop(events, 'closed')
    else {
      const over = this.#queue.put(events)
      for (const event of events) if (!over.includes(event)) this.#settings.log?.('queued', event, why)
      this.#drop(over, 'max_queue_size')
    }
  }

  /** Counts first, then calls the hook: what that reads of `stats()` adds up. */
  #drop(events: readonly QueuedEvent[], reason: DropReason): void {
    const before = this.#dropped[reason] ?? 0
    if (events.length > 0) this.#dropped[reason] = before + events.length
    for (const [index, event] of events.entries()) {
      this.#settings.log?.('dropped', event, reason)
      this.#settings.onDrop(event, reason, before + index + 1)
    }
  }
}
