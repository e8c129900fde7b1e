/** Replays that are under way: what is played back to each, and what its event says of it, for as long as it is waited for. */
import { read } from '../../../safe-read.ts'
import type { Tape } from '../../../tape/format.ts'
import type { EventFeed } from '../../event-feed.ts'
import { type OpenReplays, type ReplayedEvent, type ReplayOutcome, textsOf } from '../../replay/hermetic.ts'
import { findHeader, readHeaderPairs } from '../../replay/request-headers.ts'
import type { EventStore } from '../../store.ts'

/** A replay that is about to be sent. */
export interface SentReplay {
  /** Of which event. */
  eventId: string
  /** Of the replay itself. */
  traceId: string
  /** What is played back to it; without one its calls are made. */
  tape?: Tape | undefined
}

type AwaitedStore = Pick<EventStore, 'get' | 'setReplayOf'>

interface Awaited extends SentReplay {
  isTaken: boolean
  event: ReplayedEvent | null
  /** Ends the wait for the event. */
  arrived: () => void
  expires: number
}

/** Milliseconds that an event may take after its response. */
const EVENT_TIME_MS = 5_000

/** Milliseconds after which nobody waits for a replay any more. */
const LEASE_MS = 60_000

const MAX_AWAITED = 1_000

export class AwaitedReplays {
  readonly #store: AwaitedStore
  readonly #feed: EventFeed
  readonly #awaited = new Map<string, Awaited>()
  #unsubscribe: (() => void) | undefined

  constructor(store: AwaitedStore, feed: EventFeed) {
    this.#store = store
    this.#feed = feed
  }

  /** Waits for a replay. @returns the id that its request is to carry where a tape is played back to it */
  open(sent: SentReplay): string {
    this.#sweep()
    const id = crypto.randomUUID()
    const expires = Date.now() + LEASE_MS
    this.#awaited.set(id, { ...sent, isTaken: false, event: null, arrived: () => {}, expires })
    this.#unsubscribe ??= this.#feed.subscribe(summary => this.#look(summary.id))
    return id
  }

  /** The tape of a replay, once. */
  takeTape(id: string): Tape | undefined {
    const awaited = this.#awaited.get(id)
    if (!awaited?.tape || awaited.isTaken) return undefined
    awaited.isTaken = true
    return awaited.tape
  }

  /** See {@link OpenReplays.outcome}. `undefined` for a replay that nobody waits for. */
  async outcome(id: string, waits: boolean): Promise<ReplayOutcome | undefined> {
    const awaited = this.#awaited.get(id)
    if (!awaited) return undefined
    if (waits && awaited.isTaken && !awaited.event) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, EVENT_TIME_MS)
        awaited.arrived = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    // The event of one that was played back may yet come.
    if (!awaited.isTaken || awaited.event) this.#forget(id)
    return { taken: awaited.isTaken, event: awaited.event }
  }

  /** For replays of an event that the inbox sends itself. @param tape what is played back to them */
  of(eventId: string, tape: Tape | undefined): OpenReplays {
    return {
      open: async traceId => this.open({ eventId, traceId, tape }),
      outcome: async (id, waits) => (await this.outcome(id, waits)) ?? { taken: false, event: null },
    }
  }

  #sweep(): void {
    const now = Date.now()
    for (const [id, { expires }] of this.#awaited) {
      if (expires < now || this.#awaited.size >= MAX_AWAITED) this.#forget(id)
    }
  }

  #forget(id: string): void {
    this.#awaited.get(id)?.arrived()
    this.#awaited.delete(id)
    if (this.#awaited.size > 0) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  /** Whether an event that has arrived is one that is waited for. */
  #look(eventId: string): void {
    this.#sweep()
    const stored = this.#store.get(eventId)
    // Few events come of a replay, and an event may be large.
    if (!stored?.json.includes('x-replaystack-replay') && !stored?.json.includes('"replay":')) return
    const event: unknown = JSON.parse(stored.json)
    const replay = read(event, 'metadata', 'replay')
    const found = this.#find(event, read(replay, 'id'))
    if (!found) return
    const [id, awaited] = found
    this.#store.setReplayOf(eventId, awaited.eventId)
    const text = (name: string) => {
      const value = read(event, name)
      return typeof value === 'string' ? value : undefined
    }
    awaited.event = {
      id: eventId,
      notOnTape: textsOf(read(replay, 'notOnTape')),
      notCalled: textsOf(read(replay, 'notCalled')),
      masked: textsOf(read(replay, 'masked')),
      errorName: text('errorName'),
      errorMessage: text('errorMessage'),
    }
    if (awaited.tape) awaited.arrived()
    else this.#forget(id)
  }

  /** The replay that an event comes of: it has taken its tape, or came by its header and under its trace id. */
  #find(event: unknown, replayId: unknown): [id: string, awaited: Awaited] | undefined {
    for (const [id, awaited] of this.#awaited) {
      if (id === replayId && awaited.isTaken && !awaited.event) return [id, awaited]
      if (awaited.tape || read(event, 'traceId') !== awaited.traceId) continue
      const headers = readHeaderPairs(Object(read(event, 'requestHeaders') ?? {}))
      if (findHeader(headers, 'x-replaystack-replay') === awaited.eventId) return [id, awaited]
    }
    return undefined
  }
}
