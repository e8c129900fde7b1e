import { Hono } from 'hono'
import { validTraceId } from '../../event/trace.ts'
import { assertEvent } from '../ingest.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { readJsonObject } from '../limited-body.ts'
import type { JsonObject } from '../replay/payload-kind.ts'
import { tapeOf } from '../replay/test-file.ts'
import type { EventStore } from '../store.ts'
import type { AwaitedReplays } from './replay/awaited-replays.ts'

/** Bytes of two ids in JSON. */
const MAX_BODY_BYTES = 1024

export interface AwaitedRoutesOptions {
  store: EventStore
  replays: AwaitedReplays
}

/**
 * The routes under `/api/v1/replays`: whoever sends a replay opens it here and asks what became of it, and the application that
 * it is sent to takes its tape, once.
 */
export function createAwaitedRoutes({ store, replays }: AwaitedRoutesOptions): Hono {
  const routes = new Hono()

  routes.post('/', async context => {
    const { eventId, traceId, isHermetic } = readReplay(await readJsonObject(context.req.raw, MAX_BODY_BYTES))
    const stored = store.get(eventId)
    if (!stored) return context.json({ success: false, message: 'Event not found' }, 404)
    const event: unknown = JSON.parse(stored.json)
    assertEvent(event)
    const tape = isHermetic ? tapeOf(event) : undefined
    return context.json({ success: true, data: { id: replays.open({ eventId: stored.id, traceId, tape }) } })
  })

  routes.get('/:id/tape', context => {
    const tape = replays.takeTape(context.req.param('id'))
    if (tape) return context.json({ success: true, data: { tape } })
    return context.json({ success: false, message: 'Nobody waits for this replay, or its tape is taken' }, 404)
  })

  routes.get('/:id', async context => {
    const outcome = await replays.outcome(context.req.param('id'), context.req.query('wait') === '1')
    if (outcome) return context.json({ success: true, data: outcome })
    return context.json({ success: false, message: 'Nobody waits for this replay' }, 404)
  })

  return routes
}

/** @throws InvalidInputError naming the field */
function readReplay(given: JsonObject): { eventId: string; traceId: string; isHermetic: boolean } {
  const { eventId, traceId, hermetic: isHermetic = false } = given
  if (typeof eventId !== 'string') throw new InvalidInputError('eventId must be the id of an event')
  if (typeof traceId !== 'string' || !validTraceId(traceId)) throw new InvalidInputError('traceId must be a trace id')
  if (typeof isHermetic !== 'boolean') throw new InvalidInputError('hermetic must be true or false')
  return { eventId, traceId, isHermetic }
}
