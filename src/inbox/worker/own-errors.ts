/**
 * What goes wrong in the inbox itself: logged, and recorded by our own client as an event of a project of the same inbox.
 * It cannot go on by itself: what goes wrong with that project's own events is logged alone.
 */
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import { ReplayStackClient } from '../../client/client.ts'
import { SDK_VERSION } from '../../event/version.ts'
import type { EventInput, Transport } from '../../types.ts'
import { readEventBody } from '../ingest.ts'
import { addHeads, sendQueued } from './event-sender.ts'
import { insertEvents } from './insertion.ts'
import type { QueueBatch, TeamInboxEnv } from './platform.ts'
import { readMessage, writeMessage } from './queued-event.ts'
import { PROJECT_PATTERN } from './secrets.ts'

/** How many an isolate records in a minute: an outage makes as many errors as there are requests. */
const MAX_RECORDED = 10
const PERIOD_MS = 60_000

/** What an isolate has done since when. Plain data: any request may use it. */
const period = { since: 0, recorded: 0, skipped: 0 }

/** Nothing in it is kept from one request to another but counts: it has no queue of its own. */
const clients = new WeakMap<TeamInboxEnv, ReplayStackClient>()

export interface ErrorContext extends Pick<EventInput, 'eventType' | 'method'> {
  /** A route's pattern, or what else was called: no address, for it may name a person. */
  endpoint: string
  /** What is wrong now: `The usage of shop is unknown`. */
  meaning?: string | undefined
  /** The project that it is about. */
  project?: string | undefined
}

/** Logs an error of the inbox's own, and records it where a project is named for that. Never rejects. */
export async function reportError(
  error: unknown,
  env: TeamInboxEnv,
  { endpoint, eventType = 'custom', method, meaning, project }: ErrorContext,
): Promise<void> {
  console.error(...(meaning === undefined ? [] : [`${meaning}:`]), error)
  const { ERRORS_PROJECT: ownProject = '' } = env
  if (ownProject === '' || project === ownProject) return
  if (!PROJECT_PATTERN.test(ownProject))
    return console.error('ERRORS_PROJECT is not the name of a project:', ownProject)
  const skipped = beginRecording()
  if (skipped === undefined) return
  const metadata = {
    ...(meaning !== undefined && { meaning }),
    ...(project !== undefined && { project }),
    ...(skipped > 0 && { skipped }),
  }
  const event: EventInput = { eventType, endpoint, metadata, ...(method !== undefined && { method }) }
  await clientOf(env, ownProject).captureException(error, event)
}

/** What a request asked for. */
export function requestOf(context: Context): ErrorContext {
  return { eventType: 'api', method: context.req.method, endpoint: routePath(context) }
}

/** The project of a batch whose messages are all of one. */
export function projectOf({ messages }: QueueBatch): string | undefined {
  const projects = new Set(messages.map(({ body }) => readMessage(body)?.head.project))
  return projects.size === 1 ? [...projects][0] : undefined
}

/** @returns how many were not recorded since the last one that was, or `undefined` where it was enough for now */
function beginRecording(): number | undefined {
  const now = Date.now()
  if (Math.abs(now - period.since) >= PERIOD_MS) Object.assign(period, { since: now, recorded: 0 })
  if (period.recorded >= MAX_RECORDED) {
    period.skipped++
    return undefined
  }
  const { skipped } = period
  period.recorded++
  period.skipped = 0
  return skipped
}

function clientOf(env: TeamInboxEnv, ownProject: string): ReplayStackClient {
  const known = clients.get(env)
  if (known) return known
  const client = new ReplayStackClient(
    {
      apiKey: 'none',
      transport: handOver(ownProject, env),
      serviceName: 'replaystack-inbox',
      environment: 'production',
      appVersion: SDK_VERSION,
      retries: 0,
      offlineQueueMax: 0,
      onError: error => console.error('An error of the inbox is not recorded:', error, error.cause),
    },
    {},
  )
  clients.set(env, client)
  return client
}

/** To the queue, as any event goes; where that is what does not work, into the project's object at once. */
function handOver(ownProject: string, env: TeamInboxEnv): Transport {
  return {
    async post(_url, { body, headers }) {
      const queued = await addHeads(ownProject, [readEventBody(body, headers['idempotency-key'])])
      try {
        await sendQueued(queued, env)
      } catch {
        const insertions = queued.map(one => ({ message: writeMessage(one) }))
        const failed = await insertEvents(ownProject, insertions, env)
        if (failed.size > 0) throw new Error(`The project ${ownProject} cannot store it`)
      }
      return { status: 202, headers: new Headers(), text: async () => '' }
    },
  }
}
