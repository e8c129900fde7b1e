import type { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { EventFeed } from '../../src/inbox/event-feed.ts'
import { createLocalInboxApp, type LocalInboxAppOptions } from '../../src/inbox/local/local-app.ts'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import type { EventStore } from '../../src/inbox/store.ts'

export interface TestApp {
  app: Hono
  store: EventStore
  feed: EventFeed
  /** Posts a body to an ingest route, with a key, and answers status and JSON. */
  post(path: 'events' | 'bulk-events', body: unknown, headers?: Record<string, string>): Promise<Answer>
  get(path: string): Promise<Answer>
}

export interface Answer {
  status: number
  json: unknown
}

/** The inbox's app over a store in memory. */
export function createTestApp(options: Partial<LocalInboxAppOptions> = {}): TestApp {
  const store = openSqliteStore()
  onTestFinished(() => store.close())
  const feed = new EventFeed()
  const app = createLocalInboxApp({ store, feed, ...options })
  const answer = async (response: Response): Promise<Answer> => ({
    status: response.status,
    json: await response.json(),
  })
  return {
    app,
    store,
    feed,
    post: async (path, body, headers = { 'x-replaystack-api-key': 'any' }) =>
      answer(
        await app.request(`/api/v1/ingest/${path}`, {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json', ...headers },
        }),
      ),
    get: async path => answer(await app.request(path)),
  }
}
