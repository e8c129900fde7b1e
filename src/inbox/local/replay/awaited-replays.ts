/** Replays that are under way: what is played back to each, and what its event says of it, for as long as it is waited for. */
import { read } from '../../../safe-read.ts'
import type { Tape } from '../../../tape/format.ts'
import type { EventFeed } from '../../event-feed.ts'
import { type HermeticReplays, type ReplayedEvent, type ReplayOutcome, textsOf } from '../../replay/hermetic.ts'
import type { EventStore } from '../../store.ts'

interface Awaited {
  tape: Tape
  isTaken: boolean
  event: ReplayedEvent | null
  /** Ends the wait for the event. */
  arrived: () => void
  expires: number
}

/** Milliseconds that an event may take after its response. */
const EVENT_TIME_MS = 5_000

/** Milliseconds after which nobody waits for a replay any more. */
const LEASE_MS = 5 * 60_000

const MAX_AWAITED = 1_000

export class AwaitedReplays {
  readonly #store: Pick<EventStore, 'get'>
  readonly #feed: EventFeed
  readonly #awaited = new Map<string, Awaited>()
  #unsubscribe: (() => void) | undefined

  constructor(store: Pick<EventStore, 'get'>, feed: EventFeed) {
    this.#store = store
    this.#feed = feed
  }

  /** Waits for a replay that is answered from this tape. @returns the id that its request is to carry */
  open(tape: Tape): string {
    const now = Date.now()
    for (const [id, { expires }] of this.#awaited) {
      if (expires < now || this.#awaited.size >= MAX_AWAITED) this.#forget(id)
    }
    const id = crypto.randomUUID()
    this.#awaited.set(id, { tape, isTaken: false, event: null, arrived: () => {}, expires: now + LEASE_MS })
    this.#unsubscribe ??= this.#feed.subscribe(summary => this.#look(summary.id))
    return id
  }

  /** The tape of a replay, once. */
  takeTape(id: string): Tape | undefined {
    const awaited = this.#awaited.get(id)
    if (!awaited || awaited.isTaken) return undefined
    awaited.isTaken = true
    return awaited.tape
  }

  /** See {@link HermeticReplays.outcome}. `undefined` for a replay that nobody waits for. */
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
    this.#forget(id)
    return { taken: awaited.isTaken, event: awaited.event }
  }

  /** For a replay that the inbox sends itself. */
  of(tape: Tape): HermeticReplays {
    return {
      open: async () => this.open(tape),
      outcome: async (id, waits) => (await this.outcome(id, waits)) ?? { taken: false, event: null },
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
    const stored = this.#store.get(eventId)
    if (!stored?.json.includes('"replay":')) return
    const event: unknown = JSON.parse(stored.json)
    const replay = read(event, 'metadata', 'replay')
    const awaited = this.#awaited.get(String(read(replay, 'id')))
    if (!awaited?.isTaken) return
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
    awaited.arrived()
  }
}
