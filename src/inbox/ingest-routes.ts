import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { EventFeed } from './event-feed.ts'
import { readBulkBody, readEventBody } from './ingest.ts'
import { mapSources, type SourcesOptions } from './kept-sources.ts'
import { readLimitedBody } from './limited-body.ts'
import type { EventStore, InsertedEvent, NewEvent } from './store.ts'

/** Bytes of one ingest body: 10 MB. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024

const KEY_HEADERS = ['x-tracereplay-api-key', 'x-replaystack-api-key'] as const

export interface IngestRoutesOptions extends SourcesOptions {
  store: EventStore
  feed: EventFeed
  /** @default any key */
  key?: string | undefined
}

/** ReplayStack's ingest API: the routes that SDKs post to. */
export function createIngestRoutes({ store, feed, key, ...sources }: IngestRoutesOptions): Hono {
  const routes = new Hono()
  // Now, for a later build has other lines in the same places.
  const withSources = async (given: NewEvent): Promise<NewEvent> => ({
    ...given,
    sources: await mapSources(given.event, sources),
  })
  // The key comes first: a stranger's body is not read.
  routes.use(requireKey(key))

  routes.post('/events', async context => {
    const body = await readLimitedBody(context.req.raw, MAX_BODY_BYTES)
    const inserted = store.insert(await withSources(readEventBody(body, readIdempotencyKey(context))))
    publishCreated(feed, [inserted])
    return context.json({ success: true, message: 'Event accepted', data: { eventId: inserted.summary.id } })
  })

  routes.post('/bulk-events', async context => {
    const body = await readLimitedBody(context.req.raw, MAX_BODY_BYTES)
    const { accepted, rejected } = readBulkBody(body, readIdempotencyKey(context))
    const events: NewEvent[] = []
    // One after the other: the maps of a release are then read once.
    for (const given of accepted) events.push(await withSources(given))
    const inserted = store.insertMany(events)
    publishCreated(feed, inserted)
    const eventIds: (string | null)[] = inserted.map(({ summary }) => summary.id)
    // In ascending order, so that each finds its place.
    for (const { index } of rejected) eventIds.splice(index, 0, null)
    return context.json({ success: true, message: 'Events accepted', data: { eventIds, rejected } })
  })

  return routes
}

function requireKey(key: string | undefined): MiddlewareHandler {
  return async (context, next) => {
    const given = KEY_HEADERS.map(name => context.req.header(name)).filter(value => value)
    if (given.length > 0 && (key === undefined || given.includes(key))) return next()
    return context.json({ success: false, message: 'Invalid API key' }, 401)
  }
}

function readIdempotencyKey(context: Context): string | undefined {
  return context.req.header('idempotency-key') || undefined
}

function publishCreated(feed: EventFeed, inserted: readonly InsertedEvent[]): void {
  for (const { created, summary } of inserted) if (created) feed.publish(summary)
}
