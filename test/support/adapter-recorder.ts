import { expect } from 'vitest'
import type { ReplayStackClient } from '../../src/client/client.ts'
import type { AdapterOptions, ReplayStackEvent, WaitUntilLike } from '../../src/types.ts'
import { createRecordedClient } from './recorded-client.ts'

/** What a test of an adapter records with. */
export interface AdapterRecorder {
  /** For the wrapper or middleware. */
  options: AdapterOptions<Request>
  client: ReplayStackClient
  /** The events that were sent, once none is on its way. */
  events(): Promise<ReplayStackEvent[]>
  /** The one event that was sent. */
  event(): Promise<ReplayStackEvent>
}

/** A recorded client as the options of an adapter. */
export function createAdapterRecorder(options: AdapterOptions<Request> = {}): AdapterRecorder {
  // As installed: a transport of the application's own gets each event by itself.
  const recorded = createRecordedClient({ batchMaxEvents: 20 })
  const { client } = recorded
  const events = async (): Promise<ReplayStackEvent[]> => {
    expect(await client.flush()).toBe(true)
    return recorded.events
  }
  return {
    options: { client, ...options },
    client,
    events,
    async event() {
      const [event, ...others] = await events()
      if (!event) throw new Error('No event was sent.')
      expect(others).toEqual([])
      return event
    },
  }
}

/** A host's context that insists on being itself. */
export class HostContext implements WaitUntilLike {
  readonly waiting: Promise<unknown>[] = []
  #own = this.waiting
  waitUntil(promise: Promise<unknown>): void {
    this.#own.push(promise)
  }
}

/** Makes GET requests to one origin. */
export const requestsTo =
  (origin: string) =>
  (path = '/', headers: Record<string, string> = {}): Request =>
    new Request(`${origin}${path}`, { headers })
