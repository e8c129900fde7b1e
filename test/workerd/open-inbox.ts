import { onTestFinished } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { type FaultyIngest, startIngestFor } from '../support/faulty-ingest.ts'

/** An ingest API with faults, and what has arrived behind them. */
export interface OpenIngest extends FaultyIngest {
  /** The events there are, oldest first. */
  events(): ReplayStackEvent[]
  /** Settles when so many have arrived: a test's own time limit is the only one. */
  arrived(count: number): Promise<ReplayStackEvent[]>
}

/**
 * Listens until the test is over.
 * @param onFinished where that test does not run alone, its own
 */
export async function openIngest(onFinished: typeof onTestFinished = onTestFinished): Promise<OpenIngest> {
  const ingest = await startIngestFor(onFinished)
  const { store, feed } = ingest.inbox
  const events = () =>
    store
      .list({ limit: 200 })
      .events.map(({ id }): ReplayStackEvent => JSON.parse(store.get(id)?.json ?? 'null'))
      .reverse()
  const arrived = (count: number) =>
    new Promise<ReplayStackEvent[]>(resolve => {
      const look = () => {
        const found = events()
        if (found.length < count) return
        unsubscribe()
        resolve(found)
      }
      const unsubscribe = feed.subscribe(look)
      look()
    })
  return Object.assign(ingest, { events, arrived })
}
