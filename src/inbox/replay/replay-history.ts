import type { EventFeed } from '../event-feed.ts'
import type { EventStore } from '../store.ts'
import { StoreError } from '../store-error.ts'
import type { ReplayEnd, ReplayRecord } from './replay-record.ts'
import type { KeptEvent } from './test-file.ts'

/** A replay that was sent and is not over. */
export type StartedReplay = Pick<ReplayRecord, 'replayId' | 'eventId' | 'startedAt' | 'target'>

type HistoryStore = Pick<EventStore, 'addReplay'>

/** Says to whoever follows the inbox that a replay begins. */
export function startReplay(feed: EventFeed, { id, event }: KeptEvent, target: string): StartedReplay {
  const started = {
    replayId: crypto.randomUUID(),
    eventId: id,
    startedAt: new Date().toISOString(),
    target: target.replace(/\/+$/, ''),
  }
  feed.publishReplay({ type: 'replay.started', record: started, event })
  return started
}

/** Keeps a replay that was answered in the history of its event, and says that it is over. */
export function completeReplay(
  { store, feed }: { store: HistoryStore; feed: EventFeed },
  { event }: Pick<KeptEvent, 'event'>,
  started: StartedReplay,
  end: ReplayEnd,
): ReplayRecord {
  const record = { ...started, ...end }
  try {
    if (end.outcome !== 'unanswered') store.addReplay(record)
  } catch (error) {
    // A replay was answered: a store that is full costs its place in the history alone.
    if (!(error instanceof StoreError)) throw error
  }
  feed.publishReplay({ type: 'replay.completed', record, event })
  return record
}

/** Where a replay is written down by whoever sends it. */
export interface ReplayHistory {
  /** Is called before the request is sent. */
  start(target: string): Promise<void>
  /** Is called when the replay is over. */
  end(end: ReplayEnd): Promise<void>
}

/** The history of an event, for replays that the inbox sends itself. */
export function openHistory(of: { store: HistoryStore; feed: EventFeed }, kept: KeptEvent): ReplayHistory {
  let started: StartedReplay | undefined
  return {
    async start(target) {
      started = startReplay(of.feed, kept, target)
    },
    async end(end) {
      if (started) completeReplay(of, kept, started, end)
    },
  }
}
