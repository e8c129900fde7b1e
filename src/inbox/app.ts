import { Hono } from 'hono'
import { EventFeed } from './event-feed.ts'
import { formatEventTable } from './format.ts'
import { createIngestRoutes } from './ingest-routes.ts'
import { InvalidInputError } from './invalid-input.ts'
import { loopbackOnly } from './loopback.ts'
import { createReadRoutes } from './read-routes.ts'
import type { EventStore } from './store.ts'
import { createStreamRoute } from './stream-route.ts'

export interface InboxAppOptions {
  store: EventStore
  /** Told of each event that is accepted. @default a feed of the app's own */
  feed?: EventFeed | undefined
  /** The only API key that ingest takes. @default any key */
  key?: string | undefined
  /** Milliseconds between the stream's heartbeats. @default 15000 */
  heartbeatMs?: number | undefined
  /** Told of what went wrong inside; the client only sees a 500. */
  onError?: ((error: Error) => void) | undefined
}

const START_PAGE_EVENTS = 20

const ADDRESSES = `GET    /api/v1/events?status=&type=&service=&q=&limit=&before=
GET    /api/v1/events/:id
DELETE /api/v1/events
GET    /api/v1/stream
POST   /api/v1/ingest/events
POST   /api/v1/ingest/bulk-events`

/**
 * ReplayStack's API over a store: ingest, read and live stream, for loopback only.
 *
 * @example
 * const app = createInboxApp({ store: openSqliteStore() })
 * await app.request('/api/v1/events')
 */
export function createInboxApp({
  store,
  feed = new EventFeed(),
  key,
  heartbeatMs = 15_000,
  onError,
}: InboxAppOptions): Hono {
  const app = new Hono()
  app.use(loopbackOnly, async (context, next) => {
    await next()
    // Event content is what strangers sent: a browser is never to guess markup in it.
    context.header('x-content-type-options', 'nosniff')
  })
  app.get('/', context => {
    const { events } = store.list({ limit: START_PAGE_EVENTS })
    return context.text(`ReplayStack inbox\n\n${formatEventTable(events)}\n\n${ADDRESSES}\n`)
  })
  app.route('/api/v1/ingest', createIngestRoutes({ store, feed, key }))
  app.route('/api/v1/events', createReadRoutes(store))
  app.get('/api/v1/stream', createStreamRoute({ store, feed, heartbeatMs }))
  app.notFound(context => context.json({ success: false, message: 'Not found' }, 404))
  app.onError((error, context) => {
    if (error instanceof InvalidInputError) {
      return context.json({ success: false, message: error.message }, error.status)
    }
    onError?.(error)
    return context.json({ success: false, message: 'Internal error' }, 500)
  })
  return app
}
