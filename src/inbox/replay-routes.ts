import { type Context, Hono } from 'hono'
import type { ReplayStackEvent } from '../types.ts'
import { assertEvent } from './ingest.ts'
import { InvalidInputError } from './invalid-input.ts'
import { parseQuery } from './query/parse-query.ts'
import { findDefaultTarget } from './replay/default-target.ts'
import { planEvent } from './replay/handler-plan.ts'
import { findSuccess, lastSuccessQuery } from './replay/last-success.ts'
import { formatTape, writeTestFile } from './replay/test-file.ts'
import type { EventStore, EventSummary } from './store.ts'

/**
 * The routes under `/api/v1/events` that tell how an event is replayed: its plan, where it goes by default, and the event
 * as a test. What cannot be replayed is answered 409.
 */
export function createReplayRoutes(store: EventStore): Hono {
  const routes = new Hono()

  routes.get('/:id/replay', context => {
    const stored = findEvent(store, context)
    if (!stored) return refuseUnknown(context)
    return context.json({ success: true, data: planEvent(stored.event) })
  })

  // For replays that a terminal sends itself.
  routes.get('/:id/replay-target', context => {
    const stored = findEvent(store, context)
    if (!stored) return refuseUnknown(context)
    return context.json({ success: true, data: { target: findDefaultTarget(store, stored.event) ?? null } })
  })

  routes.get('/:id/test', context => {
    const stored = findEvent(store, context)
    if (!stored) return refuseUnknown(context)
    const statusCode = readStatus(context.req.query('status')) ?? findLastSuccess(store, stored.event)?.statusCode
    const file = writeTestFile(stored, { statusCode })
    if ('refusal' in file) return context.json({ success: false, message: file.refusal }, 409)
    return context.text(file.code)
  })

  // The file that the test plays back, by the name that the test has for it.
  routes.get('/:id/test/tape', context => {
    const stored = findEvent(store, context)
    if (!stored) return refuseUnknown(context)
    const file = writeTestFile(stored)
    if ('refusal' in file) return context.json({ success: false, message: file.refusal }, 409)
    return context.text(formatTape(file.tape), 200, { 'content-type': 'application/json; charset=utf-8' })
  })

  return routes
}

/** The event of a route's `:id`. */
export function findEvent(store: EventStore, context: Context) {
  const stored = store.get(context.req.param('id') ?? '')
  if (!stored) return undefined
  const event: unknown = JSON.parse(stored.json)
  assertEvent(event)
  return { id: stored.id, receivedAt: stored.receivedAt, event }
}

/** The last success of a failed event's method and path. */
export function findLastSuccess(store: EventStore, event: ReplayStackEvent): EventSummary | undefined {
  const query = lastSuccessQuery(event)
  return query === undefined ? undefined : findSuccess(store.list({ query: parseQuery(query), limit: 1 }).events, event)
}

export function refuseUnknown(context: Context): Response {
  return context.json({ success: false, message: 'Event not found' }, 404)
}

function readStatus(text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^[1-9]\d\d$/.test(text)) throw new InvalidInputError('status must be a status code')
  return Number(text)
}
