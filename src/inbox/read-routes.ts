import { type Context, Hono } from 'hono'
import { readEventFilter, readQuery } from './event-filter.ts'
import { InvalidInputError } from './invalid-input.ts'
import { readJsonObject } from './limited-body.ts'
import type { JsonObject } from './replay/payload-kind.ts'
import type { EventChange, EventStore, EventSummary } from './store.ts'

/** Bytes of what is changed about an event. */
const MAX_BODY_BYTES = 64 * 1024
/** UTF-16 units of a note. */
const MAX_NOTE_LENGTH = 10_000

/** The routes that list, show, change and remove events. */
export function createReadRoutes(store: EventStore): Hono {
  const routes = new Hono()

  routes.get('/', context => {
    const { events, next } = store.list(readEventFilter(context.req.query()))
    return context.json({ events: events.map(withEventId), next: next === null ? null : String(next) })
  })

  routes.get('/count', context => {
    const { limit: _, before: __, ...conditions } = readEventFilter(context.req.query())
    return context.json({ count: store.countMany(conditions) })
  })

  routes.get('/:id', context => {
    const stored = store.get(context.req.param('id'))
    if (!stored) return refuseUnknown(context)
    const { json, summary, sources } = stored
    const { id, receivedAt, sizeBytes, pinned, note, issueId, replayOf } = summary
    const about = JSON.stringify({ id, eventId: id, receivedAt, sizeBytes, pinned, note, issueId, replayOf, sources })
    // The event's text goes out as it is kept: parsing it would round its large numbers.
    return context.body(`${about.slice(0, -1)},"event":${json}}`, 200, { 'content-type': 'application/json' })
  })

  routes.patch('/:id', async context => {
    const change = readChange(await readJsonObject(context.req.raw, MAX_BODY_BYTES))
    const summary = store.update(context.req.param('id'), change)
    if (!summary) return refuseUnknown(context)
    return context.json({ success: true, data: withEventId(summary) })
  })

  routes.delete('/:id', context => {
    if (!store.delete(context.req.param('id'))) return refuseUnknown(context)
    return context.json({ success: true, message: 'Event deleted', data: { deleted: 1 } })
  })

  routes.delete('/', context => {
    const query = context.req.query('query')
    // An empty query is a mistake in a script more often than a wish to lose everything.
    if (query?.trim() === '') throw new InvalidInputError('query must not be empty; without it, every event is deleted')
    const deleted = query === undefined ? store.clear() : store.deleteMany({ query: readQuery(query) })
    return context.json({ success: true, message: 'Events deleted', data: { deleted } })
  })

  return routes
}

/** Beside `id`, the name that the ingest API has for it. */
function withEventId(summary: EventSummary): EventSummary & { eventId: string } {
  return { ...summary, eventId: summary.id }
}

function refuseUnknown(context: Context): Response {
  return context.json({ success: false, message: 'Event not found' }, 404)
}

/** @throws InvalidInputError naming the field, and what it may be */
function readChange({ pinned, note }: JsonObject): EventChange {
  if (pinned === undefined && note === undefined) throw new InvalidInputError('body must have pinned or note')
  if (pinned !== undefined && typeof pinned !== 'boolean') throw new InvalidInputError('pinned must be true or false')
  if (note !== undefined && note !== null && typeof note !== 'string') {
    throw new InvalidInputError('note must be a string, or null to remove it')
  }
  if (note && note.length > MAX_NOTE_LENGTH) {
    throw new InvalidInputError(`note must be at most ${MAX_NOTE_LENGTH} characters`)
  }
  return { pinned, note: note === null ? '' : note }
}
