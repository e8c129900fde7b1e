/**
 * Cron runs and e-mails of a Worker, as requests to `wrangler dev`, which calls that handler in workerd.
 * @see https://developers.cloudflare.com/workers/configuration/cron-triggers/#test-cron-triggers-locally
 */
import { MASKED } from '../../mask/text.ts'
import { read } from '../../safe-read.ts'
import type { ReplayStackEvent } from '../../types.ts'
import { type GivenValues, Needs, ReplayRefusal, toText } from './needs.ts'
import { parseJson } from './payload-kind.ts'
import { planReplay, type ReplayPlan, type ReplayRequest } from './plan.ts'
import type { ReplayedAnswer } from './replayed-answer.ts'

/** Where wrangler 4.100 and newer call a handler, and where older ones do. */
export const HANDLER_PATHS = ['/cdn-cgi/local/', '/cdn-cgi/handler/'] as const

/** What of a Worker is called without a request. */
type Handler = 'scheduled' | 'email'

/** Plans the replay of any event: of a request, or of what a handler of a Worker is called with. */
export function planEvent(event: ReplayStackEvent, given: GivenValues = {}): ReplayPlan {
  const { eventType, endpoint = '', metadata } = event
  const isLambda = read(metadata, 'functionName') !== undefined
  if (event.method || isLambda) return planReplay(event, given)
  const needs = new Needs(given.values ?? {})
  try {
    const request = writeRequest(event, needs)
    if (request) return finishPlan(request, needs)
  } catch (error) {
    if (!(error instanceof ReplayRefusal)) throw error
    return { refusal: error.message, needs: [], notes: [] }
  }
  if (eventType !== 'queue' || typeof read(metadata, 'batchSize') !== 'number') return planReplay(event, given)
  const refusal = `wrangler dev has no address by which a batch is handed to the queue handler of ${endpoint}: keep it as a test, which calls that handler (replaystack test ID).`
  return { refusal, needs: [], notes: [] }
}

/** Which handler an event's replay calls; `undefined` for a request. */
export function handlerOf(event: ReplayStackEvent): Handler | undefined {
  const { eventType, endpoint, method, metadata } = event
  if (method || read(metadata, 'functionName') !== undefined) return undefined
  if (eventType === 'cron' && typeof read(metadata, 'scheduledTime') === 'string') return 'scheduled'
  return eventType === 'custom' && endpoint === 'email' && typeof read(metadata, 'rawSize') === 'number'
    ? 'email'
    : undefined
}

function writeRequest(event: ReplayStackEvent, needs: Needs): ReplayRequest | undefined {
  const handler = handlerOf(event)
  if (handler === 'scheduled') {
    const time = Date.parse(String(read(event.metadata, 'scheduledTime')))
    const query = new URLSearchParams({ cron: event.endpoint ?? '', time: String(time), format: 'json' })
    return { method: 'GET', path: `${HANDLER_PATHS[0]}scheduled?${query}`, headers: [] }
  }
  if (handler !== 'email') return undefined
  const [from, to] = (['from', 'to'] as const).map(name => {
    // In a mail, a line break would begin another header.
    const address = String(read(event.metadata, name) ?? MASKED).replace(/\s+/g, ' ')
    if (!address.includes(MASKED)) return address
    return toText(needs.ask(name, 'body', 'The address was masked when the event was captured.') ?? MASKED)
  })
  const text = toText(needs.ask('body', 'body', 'The text of a mail is not captured: give one to send.') ?? MASKED)
  const query = new URLSearchParams({ from: from ?? '', to: to ?? '', format: 'json' })
  const body = /^message-id:/im.test(text) ? text : writeMail(from ?? '', to ?? '', text)
  return {
    method: 'POST',
    path: `${HANDLER_PATHS[0]}email?${query}`,
    headers: [['content-type', 'message/rfc822']],
    body,
  }
}

function finishPlan(request: ReplayRequest, needs: Needs): ReplayPlan {
  const [unknown] = needs.unknown
  if (unknown !== undefined) throw new ReplayRefusal(`The event needs no value named ${unknown}.`)
  const notes = ['wrangler dev calls the handler, in workerd. Its outcome is compared, and nothing of what it did.']
  return { needs: needs.missing, notes, request }
}

/** RFC 5322, as short as wrangler takes it. */
function writeMail(from: string, to: string, text: string): string {
  const headers = [
    `From: ${from}`,
    `To: ${to}`,
    'Subject: Replay',
    `Message-ID: <${crypto.randomUUID()}@replay.invalid>`,
  ]
  return [...headers, 'Content-Type: text/plain; charset=utf-8', '', text].join('\r\n')
}

/** What wrangler responds with of a handler, as far as it is compared; `undefined` for a server that is not wrangler. */
export function readOutcome(answer: ReplayedAnswer): ReplayedAnswer | undefined {
  // Older ones know no other format than this word.
  const outcome: unknown = read(parseJson(answer.body), 'outcome') ?? answer.body.trim()
  if (typeof outcome !== 'string' || !/^(?:ok|exception|[a-z]+[A-Z]\w*)$/.test(outcome)) return undefined
  return describeOutcome(answer, outcome)
}

function describeOutcome(answer: ReplayedAnswer, outcome: string): ReplayedAnswer {
  const body = JSON.stringify({ outcome })
  const headers = { 'content-type': 'application/json' }
  return { ...answer, statusCode: outcome === 'ok' ? 200 : 500, headers, body, sizeBytes: body.length, isText: true }
}

/** The event as wrangler would have responded to it. */
export function asHandled(event: ReplayStackEvent): ReplayStackEvent {
  const isFailed = event.status === 'failed'
  return {
    ...event,
    statusCode: isFailed ? 500 : 200,
    responseHeaders: { 'content-type': 'application/json' },
    responsePayload: { outcome: isFailed ? 'exception' : 'ok' },
  }
}
