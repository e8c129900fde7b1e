import { type Context, Hono } from 'hono'
import type { EventFeed } from '../event-feed.ts'
import { asksForHtml, respondHtml } from '../html-response.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { readJsonObject } from '../limited-body.ts'
import { inboxFlag } from '../loopback.ts'
import { renderReplayResult } from '../page/page-views.tsx'
import { findDefaultTarget, rememberTarget } from '../replay/default-target.ts'
import { HermeticError } from '../replay/hermetic.ts'
import { isJsonObject, type JsonObject } from '../replay/payload-kind.ts'
import { MAX_TIMES } from '../replay/plan.ts'
import { openHistory } from '../replay/replay-history.ts'
import { tapeOf } from '../replay/test-file.ts'
import { findEvent, refuseUnknown } from '../replay-routes.ts'
import type { EventStore } from '../store.ts'
import type { AwaitedReplays } from './replay/awaited-replays.ts'
import { ReplayPlanError, type RunReplayOptions, runReplay } from './replay/run-replay.ts'
import { SendError } from './replay/send.ts'
import { checkTarget, TargetError } from './replay/target.ts'

/** Bytes of what is given for a replay. */
const MAX_BODY_BYTES = 1024 * 1024

export interface SendReplayRoutesOptions {
  store: EventStore
  feed: EventFeed
  replays: AwaitedReplays
  /** Hosts besides this machine that replays may go to. @default none */
  allowHosts?: readonly string[] | undefined
}

/**
 * The routes under `/api/v1/events` that send a replay and remember where it goes. What cannot be replayed is answered
 * 409, a target that is refused 400, one that does not answer 502.
 */
export function createSendReplayRoutes({ store, feed, replays, allowHosts }: SendReplayRoutesOptions): Hono {
  const routes = new Hono()

  routes.post('/:id/replay', async context => {
    const stored = findEvent(store, context)
    if (!stored) return refuseUnknown(context)
    const given = readReplayBody(await readJsonObject(context.req.raw, MAX_BODY_BYTES))
    const tape = given.isHermetic ? tapeOf(stored.event) : undefined
    const target = given.target ?? findDefaultTarget(store, stored.event)
    if (target === undefined) throw new InvalidInputError(describeMissingTarget(stored.id, context))
    const signal = context.req.raw.signal
    try {
      const data = await runReplay(stored.event, {
        ...given,
        target,
        eventId: stored.id,
        replays: replays.of(stored.id, tape),
        history: openHistory({ store, feed }, stored),
        allowHosts,
        signal,
      })
      rememberTarget(store, stored.event, target)
      // The page shows it; for programs it is data.
      if (asksForHtml(context)) return respondHtml(context, renderReplayResult(data))
      return context.json({ success: true, data })
    } catch (error) {
      if (error instanceof ReplayPlanError) {
        return context.json({ success: false, message: error.message, data: error.plan }, 409)
      }
      if (error instanceof TargetError) return context.json({ success: false, message: error.message }, 400)
      if (error instanceof HermeticError) return context.json({ success: false, message: error.message }, 409)
      if (error instanceof SendError) return context.json({ success: false, message: error.message }, 502)
      throw error
    }
  })

  routes.put('/:id/replay-target', async context => {
    const stored = findEvent(store, context)
    if (!stored) return refuseUnknown(context)
    const { target } = readReplayBody(await readJsonObject(context.req.raw, MAX_BODY_BYTES))
    if (target === undefined) throw new InvalidInputError('target must be the URL of a server')
    try {
      await checkTarget(target, allowHosts)
    } catch (error) {
      if (error instanceof TargetError) return context.json({ success: false, message: error.message }, 400)
      throw error
    }
    rememberTarget(store, stored.event, target)
    return context.json({ success: true, data: { target } })
  })

  return routes
}

function describeMissingTarget(id: string, context: Context): string {
  const inbox = inboxFlag(new URL(context.req.url).origin)
  const command = `npx replaystack replay ${id} --to http://127.0.0.1:8787${inbox}`
  return `target is missing, and the event was not captured on this machine; give the URL of your app, or run ${command}`
}

type Given = Pick<RunReplayOptions, 'headers' | 'values' | 'times' | 'baseline'> &
  Partial<Pick<RunReplayOptions, 'target'>> & { isHermetic: boolean }

/** @throws InvalidInputError naming the field, and what it may be */
function readReplayBody(given: JsonObject): Given {
  const { target, baseline, times = 1, headers = {}, values = {}, hermetic: isHermetic = false } = given
  if (target !== undefined && (typeof target !== 'string' || target === ''))
    throw new InvalidInputError('target must be the URL of a server')
  if (baseline !== undefined && (typeof baseline !== 'string' || baseline === ''))
    throw new InvalidInputError('baseline must be the URL of a server')
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1 || times > MAX_TIMES)
    throw new InvalidInputError(`times must be a number from 1 to ${MAX_TIMES}`)
  if (typeof isHermetic !== 'boolean') throw new InvalidInputError('hermetic must be true or false')
  if (!isJsonObject(headers)) throw new InvalidInputError('headers must be a JSON object of strings')
  if (!isJsonObject(values)) throw new InvalidInputError('values must be a JSON object')
  const entries = Object.entries(headers).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw new InvalidInputError(`headers.${name} must be a string`)
    return [name.toLowerCase(), value.trim()]
  })
  return {
    ...(target !== undefined && { target }),
    baseline,
    times,
    headers: Object.fromEntries(entries),
    values,
    isHermetic,
  }
}
