/** Events that leave together: their POST, what its response means for each, and what is sent again by itself. */
import { read } from '../safe-read.ts'
import type { CaptureResponse, Transport } from '../types.ts'
import { ReplayStackError, toReplayStackError } from './error.ts'
import { parseWithoutKey } from './key.ts'
import type { QueuedEvent } from './queue.ts'
import { isPlanLimit, lacksBulk, PLAN_LIMIT_PAUSE_MS, refusesSender, retryAfterMs, verdictOf } from './retry.ts'
import { type Clock, post } from './transport.ts'

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

/** The API's own words, as far as they fit a line, without the full stop. */
function wordsOf(response: unknown): string {
  const message = read(response, 'message')
  return typeof message === 'string' ? message.slice(0, 200).replace(/[.\s]+$/, '') : ''
}

/** What an event's POST was answered with. A 2xx with no JSON counts as success. */
function singleOutcome(response: unknown): Outcome {
  const isAnswer = typeof response === 'object' && response !== null && 'success' in response
  return { verdict: 'delivered', response: isAnswer ? (response as CaptureResponse) : { success: true } }
}

/** What a batch's POST was answered with, by event: one that rejects none took all. */
function bulkOutcomes(response: unknown, status: number): (index: number) => Outcome {
  const listOf = (name: string): unknown[] => {
    const list = read(response, 'data', name)
    return Array.isArray(list) ? list : []
  }
  const [eventIds, refusals] = [listOf('eventIds'), listOf('rejected')]
  const message = read(response, 'message')
  return index => {
    const refusal = refusals.find(one => read(one, 'index') === index)
    if (refusal !== undefined) return { verdict: 'rejected', error: refused(wordsOf(refusal), status) }
    const eventId = eventIds[index]
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

/** @param words why, as far as that is known */
const refused = (words: string | number, status: number, cure = ''): ReplayStackError =>
  new ReplayStackError('rejected', `ReplayStack refused an event${words && `: ${words}`}.${cure}`, { status })

/** What whoever reads of it can do about a refusal that every event gets. */
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
  const isBatch = events.length > 1
  const url = isBatch ? settings.bulkUrl : settings.ingestUrl
  const bodies: string[] = []
  const keys: string[] = []
  for (const { body, idempotencyKey } of events) {
    bodies.push(body)
    keys.push(idempotencyKey)
  }
  const body = isBatch ? `{"events":[${bodies.join()}]}` : bodies.join()
  const headers = { ...settings.headers, 'idempotency-key': keys.join(', ') }
  try {
    const { status, text, retryAfter } = await post(settings.transport, url, { body, headers }, timeoutMs, clock)
    const verdict = isBatch && lacksBulk(status) ? 'rejected' : verdictOf(status)
    const response = parseWithoutKey(text, settings.headers[KEY_HEADER] ?? '')
    if (verdict === 'delivered') {
      return { verdict: 'taken', of: isBatch ? bulkOutcomes(response, status) : () => singleOutcome(response) }
    }
    const words = wordsOf(response)
    const said = words ? `${status}: ${words}` : status
    if (isPlanLimit(status, words)) {
      const message = `ReplayStack takes no more events: ${said}. It is asked again every ten minutes.`
      const error = new ReplayStackError('plan_limit', message, { status })
      return { verdict: 'failed', error, retryAfter: PLAN_LIMIT_PAUSE_MS }
    }
    if (verdict === 'rejected') return { verdict, error: refused(said, status, cureOf(status, words, url)) }
    const code = status === 429 ? 'rate_limited' : 'server'
    const error = new ReplayStackError(code, `ReplayStack could not take an event: ${said}.`, { status })
    return { verdict, error, retryAfter: retryAfterMs(retryAfter, clock.now()) }
  } catch (thrown) {
    return { verdict: 'failed', error: toReplayStackError(thrown, 'send an event') }
  }
}

/** What is known of the receiver: plain data, for it serves every request. */
export interface Receiver {
  /** Events of one POST: the setting, until it says that it takes no batches. */
  batchMax: number
}

/** UTF-16 units of one batch's texts: three bytes each at most, 1 MB with what stands around them. */
const MAX_BATCH_LENGTH = 333_000

/** Events as POSTs of 1 MB at most; one that may be larger is a POST by itself. */
function batchesOf(events: readonly QueuedEvent[]): QueuedEvent[][] {
  const batches: QueuedEvent[][] = []
  let left = 0
  for (const event of events) {
    left -= event.body.length
    const batch = left < 0 ? undefined : batches.at(-1)
    if (batch) batch.push(event)
    else {
      batches.push([event])
      left = MAX_BATCH_LENGTH - event.body.length
    }
  }
  return batches
}

/**
 * Sends events together, 1 MB a POST at most. Where a batch as a whole is refused, or the receiver takes none, each goes by
 * itself: a wrong event keeps no other out. The first failure then is that of all the rest, and so is a refusal that is meant
 * for whoever sends.
 * @param attempt one POST
 * @param conclude is called with the outcome of each event, in their order
 */
export async function sendTogether(
  events: readonly QueuedEvent[],
  receiver: Receiver,
  attempt: (events: readonly QueuedEvent[]) => Promise<PostOutcome>,
  conclude: (event: QueuedEvent, outcome: Outcome) => void,
): Promise<void> {
  /** What all the rest fails by. */
  let ending: Rejected | Failed | undefined
  for (const batch of batchesOf(events)) {
    let whole: PostOutcome | undefined = ending
    if (!whole && (batch.length === 1 || receiver.batchMax > 1)) {
      whole = await attempt(batch)
      const status = whole.verdict === 'rejected' && batch.length > 1 ? whole.error.status : undefined
      if (lacksBulk(status)) receiver.batchMax = 1
      if (status !== undefined && (lacksBulk(status) || !refusesSender(status))) whole = undefined
    }
    for (const [index, event] of batch.entries()) {
      const outcome: PostOutcome = ending ?? whole ?? (await attempt([event]))
      if (outcome.verdict === 'taken') conclude(event, outcome.of(whole ? index : 0))
      else {
        conclude(event, outcome)
        if (outcome.verdict === 'failed' || refusesSender(outcome.error.status)) ending = outcome
      }
    }
  }
}
