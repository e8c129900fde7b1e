import { type Context, type Env, Hono, type MiddlewareHandler } from 'hono'
import type { EventFeed } from './event-feed.ts'
import { readBulkBody, readEventBody } from './ingest.ts'
import { mapSources, type SourcesOptions } from './kept-sources.ts'
import { readLimitedBody } from './limited-body.ts'
import type { EventStore, NewEvent } from './store.ts'

/** Bytes of one ingest body: 10 MB. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024

const KEY_HEADERS = ['x-tracereplay-api-key', 'x-replaystack-api-key'] as const

/** What became of an event that has passed the contract: its id, or why it is not taken. */
export type Outcome = { id: string } | { refusal: string }

/** Takes events that have passed the contract: resolves to an outcome each, when what was taken cannot be lost any more. */
export type Accept<Bindings extends Env> = (
  events: readonly NewEvent[],
  context: Context<Bindings>,
) => readonly Outcome[] | Promise<readonly Outcome[]>

export interface IngestRoutesOptions<Bindings extends Env> {
  /** Lets those through whose key is one: it comes first, so that a stranger's body is not read. */
  admit: MiddlewareHandler<Bindings>
  accept: Accept<Bindings>
}

/** ReplayStack's ingest API: the routes that SDKs post to. */
export function createIngestRoutes<Bindings extends Env = Env>({
  admit,
  accept,
}: IngestRoutesOptions<Bindings>): Hono<Bindings> {
  const routes = new Hono<Bindings>()
  routes.use(admit)

  routes.post('/events', async context => {
    const body = await readLimitedBody(context.req.raw, MAX_BODY_BYTES)
    const [outcome] = await accept([readEventBody(body, readIdempotencyKey(context))], context)
    if (!outcome || 'refusal' in outcome) throw new Error('One event alone is refused by an error')
    return context.json({ success: true, message: 'Event accepted', data: { eventId: outcome.id } })
  })

  routes.post('/bulk-events', async context => {
    const body = await readLimitedBody(context.req.raw, MAX_BODY_BYTES)
    const bulk = readBulkBody(body, readIdempotencyKey(context))
    const outcomes: Outcome[] = [...(await accept(bulk.accepted, context))]
    // In ascending order, so that each finds its place.
    for (const { index, message } of bulk.rejected) outcomes.splice(index, 0, { refusal: message })
    const eventIds = outcomes.map(outcome => ('id' in outcome ? outcome.id : null))
    const rejected = outcomes.flatMap((outcome, index) =>
      'refusal' in outcome ? [{ index, message: outcome.refusal }] : [],
    )
    return context.json({ success: true, message: 'Events accepted', data: { eventIds, rejected } })
  })

  return routes
}

/** The keys that a request has, in either header. */
export function readApiKeys(context: Context): string[] {
  return KEY_HEADERS.flatMap(name => context.req.header(name) || [])
}

/** @param key the only one that is let through; without, any is */
export function requireKey(key: string | undefined): MiddlewareHandler {
  return async (context, next) => {
    const given = readApiKeys(context)
    if (given.length > 0 && (key === undefined || given.includes(key))) return next()
    return context.json({ success: false, message: 'Invalid API key' }, 401)
  }
}

function readIdempotencyKey(context: Context): string | undefined {
  return context.req.header('idempotency-key') || undefined
}

export interface KeepingOptions extends SourcesOptions {
  store: EventStore
  feed: EventFeed
}

/**
 * Keeps events, with their frames in their sources as they are now unless they come with them, publishes those that are new, and
 * resolves to their ids.
 */
export async function keepEvents(
  events: readonly NewEvent[],
  { store, feed, ...sources }: KeepingOptions,
): Promise<{ id: string }[]> {
  const mapped: NewEvent[] = []
  // One after the other: the maps of a release are then read once.
  for (const given of events) {
    mapped.push({ ...given, sources: given.sources ?? (await mapSources(given.event, sources)) })
  }
  const inserted = store.insertMany(mapped)
  for (const { created, summary } of inserted) if (created) feed.publish(summary)
  return inserted.map(({ summary: { id } }) => ({ id }))
}
