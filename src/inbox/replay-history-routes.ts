import { Hono } from 'hono'
import type { EventFeed } from './event-feed.ts'
import { InvalidInputError } from './invalid-input.ts'
import { readJsonObject } from './limited-body.ts'
import type { JsonObject } from './replay/payload-kind.ts'
import { completeReplay, type StartedReplay, startReplay } from './replay/replay-history.ts'
import { REPLAY_OUTCOMES, type ReplayEnd } from './replay/replay-record.ts'
import { findEvent, refuseUnknown } from './replay-routes.ts'
import type { EventStore } from './store.ts'

/** Bytes of what is said of a replay. */
const MAX_BODY_BYTES = 8 * 1024

/** UTF-16 units of a target, a verdict, a trace id. */
const MAX_TEXT = 2000

/** Replays of one answer. */
const MAX_REPLAYS = 100

/** Replays that began and are not over: those of a terminal that was ended are forgotten. */
const MAX_STARTED = 1000

export interface ReplayHistoryRoutesOptions {
  store: EventStore
  feed: EventFeed
}

/**
 * The routes `/api/v1/events/:id/replays`: the history of an event's replays; and where a terminal, which sends its replays
 * itself, says that one begins and what came of it.
 */
export function createReplayHistoryRoutes({ store, feed }: ReplayHistoryRoutesOptions): Hono {
  const routes = new Hono()
  const started = new Map<string, StartedReplay>()

  routes.get('/:id/replays', context => {
    const id = context.req.param('id')
    if (!store.get(id)) return refuseUnknown(context)
    return context.json({ replays: store.replays(id, MAX_REPLAYS) })
  })

  routes.post('/:id/replays', async context => {
    const stored = findEvent(store, context)
    if (!stored) return refuseUnknown(context)
    const { target } = await readJsonObject(context.req.raw, MAX_BODY_BYTES)
    const replay = startReplay(feed, stored, requireText('target', target))
    const [oldest] = started.keys()
    if (oldest !== undefined && started.size >= MAX_STARTED) started.delete(oldest)
    started.set(replay.replayId, replay)
    return context.json({ success: true, data: replay })
  })

  routes.put('/:id/replays/:replayId', async context => {
    const stored = findEvent(store, context)
    const replay = started.get(context.req.param('replayId'))
    if (!stored || replay?.eventId !== stored.id) {
      return context.json({ success: false, message: 'No such replay has begun' }, 404)
    }
    const end = readEnd(await readJsonObject(context.req.raw, MAX_BODY_BYTES))
    started.delete(replay.replayId)
    return context.json({ success: true, data: completeReplay({ store, feed }, stored, replay, end) })
  })

  return routes
}

/** @throws InvalidInputError naming the field */
function readEnd(given: JsonObject): ReplayEnd {
  const { outcome, verdict, traceId, originalStatusCode, statusCode, durationMs } = given
  const known = REPLAY_OUTCOMES.find(name => name === outcome)
  if (!known) throw new InvalidInputError(`outcome must be one of ${REPLAY_OUTCOMES.join(', ')}`)
  return {
    outcome: known,
    verdict: readText('verdict', verdict),
    traceId: readText('traceId', traceId),
    originalStatusCode: readStatus('originalStatusCode', originalStatusCode),
    statusCode: readStatus('statusCode', statusCode),
    durationMs: readNumber('durationMs', durationMs),
  }
}

function readText(name: string, value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : requireText(name, value)
}

function requireText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT) return value
  throw new InvalidInputError(`${name} must be a string of 1 to ${MAX_TEXT} characters`)
}

function readStatus(name: string, value: unknown): number | undefined {
  const code = readNumber(name, value)
  if (code === undefined || (Number.isInteger(code) && code <= 999)) return code
  throw new InvalidInputError(`${name} must be a status code`)
}

function readNumber(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && value >= 0) return value
  throw new InvalidInputError(`${name} must be a number`)
}
