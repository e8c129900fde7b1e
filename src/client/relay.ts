/**
 * Events on their way through a queue of the host's: one Worker captures them, another ships them. What goes through the
 * queue is plain JSON without any key; an event that is too large for a message arrives with its largest parts truncated.
 */

import { type Outcome, postEvents, type Receiver, sendTogether } from '../delivery/attempt.ts'
import type { ReplayStackError } from '../delivery/error.ts'
import { Queue, QueuedEvent } from '../delivery/queue.ts'
import { refusesSender } from '../delivery/retry.ts'
import { systemClock } from '../delivery/transport.ts'
import { truncateUtf8String, truncationMarker, utf8Length } from '../mask/truncate.ts'
import { read } from '../safe-read.ts'
import type { ClientOptions, Environment, TransportRequest } from '../types.ts'
import { hostEnvironment } from './options.ts'
import { Pipeline } from './pipeline.ts'

/** What was said of options and variables: each batch brings the same. */
const reportedBefore = new Set<string>()

/** One event as a queue's message. */
export interface RelayedEvent {
  /** What distinguishes it from the application's messages, and the version of their form. */
  replaystack: 1
  /** The same on every attempt, whoever makes it. */
  idempotencyKey: string
  /** The event's JSON text, masked. */
  body: string
}

/** What became of a relayed event. `failed` may be tried again: the key or endpoint too may be put right meanwhile. */
export interface RelayOutcome {
  verdict: 'delivered' | 'rejected' | 'failed'
  /** Milliseconds the ingest API asked to be left alone. */
  retryAfter?: number | undefined
}

/** Fields that are never left out: by them an event is found. */
const ESSENTIAL: readonly string[] = ['traceId', 'eventType', 'status', 'statusCode', 'executionTimeMs']

/** UTF-8 bytes of each text of an event that is too large. */
const SHORT_TEXT_BYTES = 500

/** Fields that may hold anything: a marker stands for each that is too large, as `maxPayloadSizeBytes` has it. */
const MARKED: readonly string[] = ['requestPayload', 'responsePayload', 'requestHeaders', 'responseHeaders', 'metadata']

/** What stands for a part of an event that is too large: lists have no shorter form that a reader would understand. */
function shorten(name: string, value: unknown, maxBytes: number): unknown {
  if (!MARKED.includes(name)) return typeof value === 'string' ? truncateUtf8String(value, SHORT_TEXT_BYTES) : undefined
  const json = JSON.stringify(value)
  return truncationMarker(json, { originalSizeBytes: utf8Length(json) }, maxBytes)
}

/** The bytes of a message as a queue counts them. */
const messageBytes = (message: RelayedEvent): number => utf8Length(JSON.stringify(message))

/** What stands for the calls that a queue's message has no room for. */
const CUT_TAPE = 'The message of a queue had no room for the rest'

/**
 * Leaves the last calls of an event's tape out, as few as it takes.
 * @param fits whether the event, as it is then, is small enough
 */
function cutTape(event: Record<string, unknown>, fits: () => boolean): boolean {
  const tape = read(event, 'metadata', 'tape')
  const calls = read(tape, 'calls')
  const why = read(tape, 'why')
  if (!Array.isArray(calls)) return false
  let [kept, tooMany] = [0, calls.length]
  const keep = (count: number): boolean => {
    const cut = { ...Object(tape), complete: false, why: [...(Array.isArray(why) ? why : []), CUT_TAPE] }
    event['metadata'] = { ...Object(event['metadata']), tape: { ...cut, calls: calls.slice(0, count) } }
    return fits()
  }
  while (tooMany - kept > 1) {
    const count = Math.floor((kept + tooMany) / 2)
    if (keep(count)) kept = count
    else tooMany = count
  }
  return keep(kept)
}

/**
 * An event as a message of at most `maxBytes`. Where it is larger, its tape is cut first; then its parts are shortened, the
 * largest first.
 */
function relay(body: string, idempotencyKey: string, maxBytes: number): RelayedEvent {
  const message: RelayedEvent = { replaystack: 1, idempotencyKey, body }
  if (messageBytes(message) <= maxBytes) return message
  const event: Record<string, unknown> = JSON.parse(body)
  const fits = (): boolean => {
    message.body = JSON.stringify(event)
    return messageBytes(message) <= maxBytes
  }
  if (cutTape(event, fits)) return message
  const sizes = Object.entries(event).map(([name, value]) => ({ name, value, size: JSON.stringify(value).length }))
  for (const { name, value } of sizes.sort((one, other) => other.size - one.size)) {
    if (ESSENTIAL.includes(name)) continue
    event[name] = shorten(name, value, maxBytes)
    if (fits()) break
  }
  return message
}

/** The events of one POST as messages: a batch is taken apart. */
export function relayEvents({ body, headers }: TransportRequest, maxBytes: number): RelayedEvent[] {
  const keys = (headers['idempotency-key'] ?? '').split(', ')
  if (!body.startsWith('{"events":[')) return [relay(body, keys[0] ?? '', maxBytes)]
  const { events }: { events: unknown[] } = JSON.parse(body)
  return events.map((event, index) => relay(JSON.stringify(event), keys[index] ?? '', maxBytes))
}

/** Whether a queue's message is one of ours. */
export function isRelayed(message: unknown): message is RelayedEvent {
  const { replaystack, idempotencyKey, body }: Partial<Record<keyof RelayedEvent, unknown>> = Object(message)
  // It goes out as a header, in a list.
  const isKey = typeof idempotencyKey === 'string' && /^[\w.-]{1,255}$/.test(idempotencyKey)
  return replaystack === 1 && isKey && typeof body === 'string'
}

/** The trace id of an event's text, where it always stands. */
const traceIdOf = (body: string): string => /^\{"traceId":"([^"\\]*)"/.exec(body)?.[1] ?? ''

/**
 * Ships relayed events to the ingest API, in POSTs of `batchMaxEvents`. One attempt: what failed is the queue's to keep, and
 * what is left then has failed too, for the same reason.
 * @param onOutcome is called with the place of each, and with what became of it
 * @throws {Error} `ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.`
 * @throws {TypeError} naming an option that is wrong
 */
export async function shipRelayed(
  relayed: readonly RelayedEvent[],
  options: ClientOptions,
  environment: Environment | undefined,
  onOutcome: (place: number, outcome: RelayOutcome) => void,
): Promise<void> {
  const pipeline = new Pipeline(options, environment ?? hostEnvironment(), { reported: reportedBefore })
  const settings = pipeline.deliverySettings
  const receiver: Receiver = { batchMax: settings.batchMaxEvents }
  const queue = new Queue(Number.POSITIVE_INFINITY)
  queue.put(
    relayed.map(({ body, idempotencyKey }, place) => new QueuedEvent(body, traceIdOf(body), place, idempotencyKey)),
  )
  let failure: Outcome | undefined
  let reported: ReplayStackError | undefined
  let refused = 0
  const conclude = (event: QueuedEvent, outcome: Outcome): void => {
    if (outcome.verdict === 'delivered') {
      settings.log?.('sent', event)
      onOutcome(event.sequence, outcome)
      return
    }
    const { error } = outcome
    // A refused key or endpoint is no event's fault: it keeps everything in the queue, and whoever deploys has to see that.
    const isOfSender = refusesSender(error.status)
    if (error !== reported) pipeline.report(error, isOfSender)
    reported = error
    const isFailure = outcome.verdict === 'failed' || isOfSender
    if (isFailure) {
      failure = outcome
      settings.log?.('given back', event, error.message)
    } else {
      settings.log?.('dropped', event, 'rejected')
      settings.onDrop(event, 'rejected', ++refused)
    }
    onOutcome(event.sequence, isFailure ? { ...outcome, verdict: 'failed' } : outcome)
  }
  const claim = () => queue.claimWaiting(receiver.batchMax, 0, Number.POSITIVE_INFINITY)
  const post = (events: readonly QueuedEvent[]) => postEvents(events, settings, settings.timeoutMs, systemClock)
  for (let next = claim(); next; next = claim()) {
    const batch = [...next.events]
    if (failure) for (const event of batch) conclude(event, failure)
    else await sendTogether(batch, receiver, post, conclude)
  }
}
