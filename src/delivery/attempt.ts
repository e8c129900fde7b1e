/** One POST of one or several events, and what its answer means. */
import type { CaptureResponse, Transport } from '../types.ts'
import type { Clock } from './clock.ts'
import { ReplayStackError, toReplayStackError } from './error.ts'
import type { QueuedEvent } from './queue.ts'
import { retryAfterMs, verdictOf } from './retry.ts'
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

function readResponse(text: string): CaptureResponse {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null && 'success' in answer) return answer as CaptureResponse
  } catch {
    // A 2xx with no JSON counts as success.
  }
  return { success: true }
}

/** The API's own words for a refusal, as far as they fit a line. */
function reasonOf(text: string): string {
  try {
    const answer: unknown = JSON.parse(text)
    const message: unknown = Reflect.get(Object(answer), 'message')
    return typeof message === 'string' ? `: ${message.slice(0, 200)}` : ''
  } catch {
    return ''
  }
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
    const answer = await post(transport, alone ? ingestUrl : bulkUrl, { body, headers }, timeoutMs, clock)
    const { status } = answer
    const verdict = verdictOf(status)
    if (verdict === 'delivered') return { verdict, response: readResponse(answer.text) }
    // An API that quotes the key it refuses must not make an error of ours show it.
    const key = settings.headers[KEY_HEADER]
    const reason = reasonOf(answer.text)
    const said = status + (key ? reason.replaceAll(key, '[MASKED]') : reason)
    if (verdict === 'rejected') {
      const message = `ReplayStack refused an event: ${said}.`
      return { verdict, error: new ReplayStackError('rejected', message, { status }) }
    }
    const message = `ReplayStack could not take an event: ${said}.`
    const error = new ReplayStackError(status === 429 ? 'rate_limited' : 'server', message, { status })
    return { verdict, error, retryAfter: retryAfterMs(answer.retryAfter, clock.now()) }
  } catch (thrown) {
    return { verdict: 'failed', error: toReplayStackError(thrown, 'send an event') }
  }
}
