/** One POST of one or several events, and what its answer means. */
import type { CaptureResponse, Transport } from '../types.ts'
import type { Clock } from './clock.ts'
import { ReplayStackError, toReplayStackError } from './error.ts'
import { maskKey, parseWithoutKey } from './key.ts'
import type { QueuedEvent } from './queue.ts'
import { refusesSender, retryAfterMs, verdictOf } from './retry.ts'
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

/** What became of an attempt. */
export type AttemptOutcome =
  | { verdict: 'delivered'; response: CaptureResponse }
  | { verdict: 'rejected'; error: ReplayStackError }
  /** `retryAfter`: milliseconds the API asked to be left alone. */
  | { verdict: 'failed'; error: ReplayStackError; retryAfter?: number | undefined }

function readResponse(text: string, key: string): CaptureResponse {
  try {
    const answer: unknown = parseWithoutKey(text, key)
    if (typeof answer === 'object' && answer !== null && 'success' in answer) return answer as CaptureResponse
  } catch {
    // A 2xx with no JSON counts as success.
  }
  return { success: true }
}

/** The API's own words for a refusal, as far as they fit a line. One that quotes the key must not make us show it. */
function reasonOf(text: string, key: string): string {
  try {
    const answer: unknown = JSON.parse(text)
    const message: unknown = Reflect.get(Object(answer), 'message')
    return typeof message === 'string' ? `: ${maskKey(message, key).slice(0, 200)}` : ''
  } catch {
    return ''
  }
}

/** What the reader can do about a refusal that every event meets. */
function cureOf(status: number, url: string): string {
  if (status === 401 || status === 403) return ' Check REPLAYSTACK_API_KEY.'
  if (status >= 400 && !refusesSender(status)) return ''
  const { origin, pathname } = new URL(url)
  return ` It was sent to ${origin}${pathname}: check REPLAYSTACK_ENDPOINT.`
}

/** Never rejects. */
export async function attemptDelivery(
  events: readonly QueuedEvent[],
  settings: AttemptSettings,
  timeoutMs: number,
  clock: Clock,
): Promise<AttemptOutcome> {
  const { ingestUrl, bulkUrl, transport } = settings
  const [first] = events
  const alone = events.length === 1 && first
  const headers = { ...settings.headers, 'idempotency-key': events.map(event => event.idempotencyKey).join(', ') }
  const body = alone ? first.body : `{"events":[${events.map(event => event.body).join()}]}`
  try {
    const url = alone ? ingestUrl : bulkUrl
    const answer = await post(transport, url, { body, headers }, timeoutMs, clock)
    const { status } = answer
    const verdict = verdictOf(status)
    const key = settings.headers[KEY_HEADER] ?? ''
    if (verdict === 'delivered') return { verdict, response: readResponse(answer.text, key) }
    const said = status + reasonOf(answer.text, key)
    if (verdict === 'rejected') {
      const message = `ReplayStack refused an event: ${said}.${cureOf(status, url)}`
      return { verdict, error: new ReplayStackError('rejected', message, { status }) }
    }
    const message = `ReplayStack could not take an event: ${said}.`
    const error = new ReplayStackError(status === 429 ? 'rate_limited' : 'server', message, { status })
    return { verdict, error, retryAfter: retryAfterMs(answer.retryAfter, clock.now()) }
  } catch (thrown) {
    return { verdict: 'failed', error: toReplayStackError(thrown, 'send an event') }
  }
}
