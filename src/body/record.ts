/** How the body of a `Request` or `Response` is recorded: from a clone, and never more than its first bytes. */
import { BodyCopy, settledWithin } from './copy.ts'
import { type BodyPlan, oversized, payloadOf, payloadOfContent, planBody, streaming } from './payload.ts'

/** Answers the payload for the event, once the work is over. */
export type BodyRecord = () => Promise<unknown>

/** Looks in its own way at a body that may be captured; `copy` is the way that always works. */
export type BodyLook = (plan: BodyPlan, copy: () => BodyRecord) => BodyRecord

/** What a response was made of, by one who saw it made: its text, or the JSON of it that goes into the event. */
export interface MadeOf {
  text?: string | undefined
  json?: unknown
}

/** How long a request body may still come after the answer has gone: its copy is a few turns behind the handler's. */
export const REQUEST_GRACE_MS = 50

/**
 * How long a response of known length may take to come. It comes as fast as it is made, however slow its client is; but
 * while its copy is read, nobody behind it hears that the client has left.
 */
const RESPONSE_GRACE_MS = 1000

const as =
  (payload: unknown): BodyRecord =>
  async () =>
    payload

/**
 * Records the body of a request that is about to be handled. Starts at once and is never awaited before the handler. The
 * request itself is left as it is: only a clone is read.
 */
export function recordRequestBody(
  request: Request,
  maxBytes: number,
  look: BodyLook = (_, copy) => copy(),
): BodyRecord {
  const { method, headers } = request
  const plan = planBody(headers, 'request')
  const { length } = plan
  // Where the headers tell, the body is not asked for: some hosts make the whole request only for whoever does.
  const isEmpty = method === 'GET' || method === 'HEAD' || (length === undefined ? request.body === null : length === 0)
  if (isEmpty) return as(undefined)
  if (plan.marker) return as(plan.marker)
  if (length !== undefined && length > maxBytes) return as(oversized(plan, '', { originalSizeBytes: length }))
  // Where its client leaves, workerd ends a copied upload as if it were whole: without a length nobody could tell.
  const isChunked = headers.has('transfer-encoding')
  return look(plan, () => (isChunked ? as(streaming(plan)) : copyBody(request, plan, maxBytes)))
}

/**
 * Records the body of a response that is about to leave, as {@link recordRequestBody} does.
 * @param made what it was made of, where that was seen: it is there to its end, and need not be read where this tells it
 */
export function recordResponseBody(response: Response, maxBytes: number, made?: MadeOf): BodyRecord {
  const { text, json } = made ?? {}
  const { marker, ...told } = planBody(response.headers, 'response')
  const isKnown = text !== undefined || json !== undefined
  // Its own `body` is never asked for: Bun and Deno then send what was made whole as a stream, with other headers.
  const mayBeNone = !isKnown && told.length === undefined && !told.contentType
  if (mayBeNone && isNull(response)) return as(undefined)
  // Bun says of a text that it is one when it leaves, not before.
  const isText = made !== undefined && !told.contentType
  const plan: BodyPlan = isText ? { ...told, kind: 'text' } : told
  const { length } = plan
  if (!isKnown && response.bodyUsed) return as(inUse(plan))
  if (marker && !isText) return as(marker)
  if (length !== undefined && length > maxBytes) return as(oversized(plan, '', { originalSizeBytes: length }))
  if (text !== undefined) return () => payloadOfContent(text, plan, maxBytes)
  if (json && plan.kind === 'json') return as(json)
  return copyBody(response, plan, maxBytes, made !== undefined)
}

/** Whether there is no body at all; one that is in use is one. */
function isNull(response: Response): boolean {
  try {
    const { body } = response.clone()
    body?.cancel().catch(() => {})
    return body === null
  } catch {
    return false
  }
}

const inUse = ({ direction }: BodyPlan): object => ({
  captured: false,
  reason: `The ${direction} body was read before it could be copied`,
})

function copyBody(message: Request | Response, plan: BodyPlan, maxBytes: number, whole = false): BodyRecord {
  const { direction, length } = plan
  let clone: ReadableStream<Uint8Array> | null
  try {
    clone = message.clone().body
  } catch (thrown) {
    if (message.bodyUsed || message.body?.locked) return as(inUse(plan))
    throw thrown
  }
  if (!clone) return as(undefined)
  const copy = new BodyCopy(clone, maxBytes, { length, whole })
  // A response is given its time at once: nobody asks for the body of an event that is not wanted.
  const finished = direction === 'response' ? finish(copy, plan, whole) : undefined
  return async () => {
    await (finished ?? finish(copy, plan))
    const streams = direction === 'response' && length === undefined && !whole
    if (streams && !copy.complete && copy.sizeBytes <= maxBytes) return streaming(plan)
    return payloadOf(copy, plan, maxBytes)
  }
}

/** Settles when a copy has had its time. One that is not whole by then is given up: its body goes on without it. */
async function finish(copy: BodyCopy, { direction, length }: BodyPlan, whole = false): Promise<void> {
  if (whole) await copy.done
  else if (copy.complete) return
  else if (direction === 'request') await settledWithin(copy.done, REQUEST_GRACE_MS)
  else if (length !== undefined) await settledWithin(copy.done, RESPONSE_GRACE_MS)
  else {
    // A body that was made whole is there within a turn or two of the event loop; one that is not is a stream.
    await settledWithin(copy.done, 0)
    await settledWithin(copy.done, 0)
  }
  if (!copy.complete) copy.cancel()
}
