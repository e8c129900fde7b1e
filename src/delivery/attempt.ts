/** One POST of one or several events, and what its response means for each. */
import type { CaptureResponse, Transport } from '../types.ts'
import type { Clock } from './clock.ts'
import { ReplayStackError, toReplayStackError } from './error.ts'
import { parseWithoutKey } from './key.ts'
import type { QueuedEvent } from './queue.ts'
import { isPlanLimit, lacksBulk, PLAN_LIMIT_PAUSE_MS, retryAfterMs, verdictOf } from './retry.ts'
import { post } from './transport.ts'

/** The header that carries the API key. */
export const KEY_HEADER = 'x-replaystack-api-key'

/** Where to and how. */
export interface AttemptSettings {
  /** Takes one event. */
  readonly ingestUrl: string
  /** Takes `{ "events": […] }`. */
  readonly bulkUrl: string
  /** Sent with every request, the key among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly transport: Transport
}

interface Rejected {
  verdict: 'rejected'
  error: ReplayStackError
}

interface Failed {
  verdict: 'failed'
  error: ReplayStackError
  /** Milliseconds the API asked to be left alone. */
  retryAfter?: number | undefined
}

/** What became of an event. */
export type Outcome = { verdict: 'delivered'; response: CaptureResponse } | Rejected | Failed

/** What became of a POST: where it was taken, each event has an outcome of its own, by its place. */
export type PostOutcome = { verdict: 'taken'; of: (index: number) => Outcome } | Rejected | Failed

/** A response's JSON without the key; nothing where it is none. */
function parseResponse(text: string, key: string): unknown {
  try {
    return parseWithoutKey(text, key)
  } catch {
    return undefined
  }
}

/** The API's own words, as far as they fit a line, without the full stop. */
function wordsOf(message: unknown): string {
  return typeof message === 'string' ? message.slice(0, 200).replace(/[.\s]+$/, '') : ''
}

/** A member of what may be anything. */
const member = (value: unknown, name: string): unknown => Reflect.get(Object(value), name)

/** What an event's POST was answered with. A 2xx with no JSON counts as success. */
function singleOutcome(response: unknown): Outcome {
  const isAnswer = typeof response === 'object' && response !== null && 'success' in response
  return { verdict: 'delivered', response: isAnswer ? (response as CaptureResponse) : { success: true } }
}

/** What a batch's POST was answered with, by event: one that rejects none took all. */
function bulkOutcomes(response: unknown, status: number): (index: number) => Outcome {
  const [ids, rejected, message] = [
    member(member(response, 'data'), 'eventIds'),
    member(member(response, 'data'), 'rejected'),
    member(response, 'message'),
  ]
  const refusals = new Map<unknown, string>()
  for (const one of Array.isArray(rejected) ? rejected : [])
    refusals.set(member(one, 'index'), wordsOf(member(one, 'message')))
  return index => {
    const refusal = refusals.get(index)
    if (refusal !== undefined) {
      const text = `ReplayStack refused an event${refusal && `: ${refusal}`}.`
      return { verdict: 'rejected', error: new ReplayStackError('rejected', text, { status }) }
    }
    const eventId: unknown = Array.isArray(ids) ? ids[index] : undefined
    return {
      verdict: 'delivered',
      response: {
        success: true,
        ...(typeof message === 'string' && { message }),
        ...(typeof eventId === 'string' && { data: { eventId } }),
      },
    }
  }
}

/** What the reader can do about a refusal that every event meets. */
function cureOf(status: number, words: string, url: string): string {
  // A 403 that gives its reason may be about the project or the plan.
  if (status === 401 || (status === 403 && (words === '' || /key/i.test(words)))) return ' Check REPLAYSTACK_API_KEY.'
  if (status >= 400 && status !== 404 && status !== 405) return ''
  const { origin, pathname } = new URL(url)
  return ` It was sent to ${origin}${pathname}: check REPLAYSTACK_ENDPOINT.`
}

/** Never rejects. */
export async function postEvents(
  events: readonly QueuedEvent[],
  settings: AttemptSettings,
  timeoutMs: number,
  clock: Clock,
): Promise<PostOutcome> {
  const { ingestUrl, bulkUrl, transport } = settings
  const [first] = events
  const alone = events.length === 1 && first
  const headers = { ...settings.headers, 'idempotency-key': events.map(event => event.idempotencyKey).join(', ') }
  const body = alone ? first.body : `{"events":[${events.map(event => event.body).join()}]}`
  try {
    const url = alone ? ingestUrl : bulkUrl
    const answer = await post(transport, url, { body, headers }, timeoutMs, clock)
    const { status } = answer
    const verdict = !alone && lacksBulk(status) ? 'rejected' : verdictOf(status)
    const response = parseResponse(answer.text, settings.headers[KEY_HEADER] ?? '')
    if (verdict === 'delivered') {
      return { verdict: 'taken', of: alone ? () => singleOutcome(response) : bulkOutcomes(response, status) }
    }
    const words = wordsOf(member(response, 'message'))
    const said = words ? `${status}: ${words}` : status
    if (isPlanLimit(status, words)) {
      const message = `ReplayStack takes no more events: ${said}. It is asked again every ten minutes.`
      const error = new ReplayStackError('plan_limit', message, { status })
      return { verdict: 'failed', error, retryAfter: PLAN_LIMIT_PAUSE_MS }
    }
    if (verdict === 'rejected') {
      const message = `ReplayStack refused an event: ${said}.${cureOf(status, words, url)}`
      return { verdict, error: new ReplayStackError('rejected', message, { status }) }
    }
    const message = `ReplayStack could not take an event: ${said}.`
    const error = new ReplayStackError(status === 429 ? 'rate_limited' : 'server', message, { status })
    return { verdict, error, retryAfter: retryAfterMs(answer.retryAfter, clock.now()) }
  } catch (thrown) {
    return { verdict: 'failed', error: toReplayStackError(thrown, 'send an event') }
  }
}
