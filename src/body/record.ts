/** How the body of a `Request` or `Response` is recorded: from a copy, and never more than its first bytes. */
import { utf8Length } from '../mask/truncate.ts'
import { read } from '../safe-read.ts'
import { readCopy, STREAM_TIME_MS } from './copy.ts'
import { copyableOf, knownLength, type Outgoing } from './outgoing.ts'
import { type BodyPlan, oversized, payloadOf, planBody, streaming, unread } from './payload.ts'
import { type StreamEnd, WHOLE_TIME_MS } from './watch.ts'

/**
 * Reads what stands for a body in the event. Called when the work is over, and before a response leaves: on workerd,
 * an unread request's body cannot be read after that.
 * @param isForwarded whether the host may yet forward the request: reading the copy of a body that was not read would
 * leave `passThroughOnException` an empty one
 * @param end of a response's body that was watched; absent where it has not come in time
 */
export type BodyRecord = (isForwarded?: boolean, end?: StreamEnd) => unknown

/** Milliseconds that a request body may still take when its handler is done. */
const REQUEST_TIME_MS = 50

/**
 * Milliseconds that a response of known length may take. It comes as fast as it is made, however slow its client is; but
 * while its copy is read, its source does not hear that the client has left.
 */
const RESPONSE_TIME_MS = 1000

/**
 * Records the body of a request that is about to be handled: nothing is read before the handler is done.
 * @param readText reads a body that the application has read, where its framework keeps it
 * @returns nothing for a request without a body
 */
export function recordRequestBody(
  request: Request,
  maxBytes: number,
  readText?: () => Promise<string>,
): BodyRecord | undefined {
  const { method, headers } = request
  if (method === 'GET' || method === 'HEAD') return undefined
  const plan = planBody(headers, 'request')
  const { length, marker } = plan
  // With a length, `body` is not read: some hosts make the whole request for whoever reads it.
  if (length === undefined ? request.body === null : length === 0) return undefined
  if (marker) return () => marker
  if (length !== undefined && length > maxBytes) return () => oversized(plan, '', { originalSizeBytes: length })
  // Where its client leaves, workerd ends a copied upload as if it were whole: without a length it cannot be known.
  if (headers.has('transfer-encoding')) {
    return () => (readText && request.bodyUsed ? readAgain(readText, plan, maxBytes) : streaming(plan))
  }
  const { copy, reason } = copyOf(request, plan)
  if (!copy) return () => reason && unread(plan, reason)
  return async isForwarded => {
    // On workerd this costs half as much as to read the copy. Other kinds may be kept in another form than they came in.
    const mayBeKept = readText && request.bodyUsed && length !== undefined && plan.kind === 'json'
    const content = mayBeKept ? await readText().catch(() => undefined) : undefined
    // Of another length is one whose client has left, and one that is no UTF-8.
    if (content !== undefined && utf8Length(content) === length) {
      copy.cancel().catch(() => {})
      return payloadOf({ content, sizeBytes: length, complete: true }, plan, maxBytes)
    }
    if (!isForwarded || request.bodyUsed) {
      return payloadOf(await readCopy(copy, { maxBytes, length, timeMs: REQUEST_TIME_MS }), plan, maxBytes)
    }
    copy.cancel().catch(() => {})
    return unread(plan, 'Unread request body not captured')
  }
}

/** What stands for a chunked body that the application has read. */
async function readAgain(readText: () => Promise<string>, plan: BodyPlan, maxBytes: number): Promise<unknown> {
  let text: string
  try {
    text = await readText()
  } catch {
    return streaming(plan)
  }
  const { body } = new Response(text)
  return body && payloadOf(await readCopy(body, { maxBytes, length: undefined }), plan, maxBytes)
}

/**
 * Reads what stands for the body of a response that is about to leave; begins at once.
 * @param made the stream that the application made it of
 */
export async function recordResponseBody(
  outgoing: Outgoing,
  made: ReadableStream | undefined,
  maxBytes: number,
): Promise<unknown> {
  const plan = planBody(outgoing.headers, 'response')
  const { length, marker } = plan
  if (marker) return marker
  if (length !== undefined && length > maxBytes) return oversized(plan, '', { originalSizeBytes: length })
  const source = copyableOf(outgoing, made, length !== undefined)
  if (source === 'stream') return streaming(plan)
  if (source === 'unknown') return unread(plan, 'The response body cannot be copied')
  const { copy, reason } = copyOf(source, plan)
  if (!copy) return reason && unread(plan, reason)
  const known = length ?? knownLength(copy)
  const timeMs = length === undefined ? known && STREAM_TIME_MS : RESPONSE_TIME_MS
  const seen = await readCopy(copy, { maxBytes, length: known, timeMs })
  if (seen.error) return new BrokenBody(await payloadOf(seen, plan, maxBytes), seen.error.thrown)
  if (length === undefined && !seen.complete && seen.sizeBytes <= maxBytes) return streaming(plan)
  return payloadOf(seen, plan, maxBytes)
}

/** What stands for a response body whose source failed. */
export class BrokenBody {
  readonly payload: unknown
  readonly thrown: unknown

  constructor(payload: unknown, thrown: unknown) {
    this.payload = payload
    this.thrown = thrown
  }
}

/**
 * What stands for a streamed response body in the event.
 * @param end absent where it has not come to its end in time
 */
export function streamPayload(headers: Headers, end: StreamEnd | undefined, maxBytes: number): unknown {
  const plan = planBody(headers, 'response')
  const { marker, ...known } = plan
  if (marker && !(plan.kind === 'stream' && end?.error)) return marker
  if (!end) return streaming(plan)
  const { seen, error, durationMs } = end
  const isWhole = seen.complete && durationMs <= WHOLE_TIME_MS
  if (!error && !isWhole && seen.sizeBytes <= maxBytes) return streaming(plan)
  return payloadOf({ ...seen, ...(error && { error }) }, known, maxBytes)
}

/** A copy of a message's body; or why there is none, where it has one. */
interface BodyCopy {
  copy?: ReadableStream<Uint8Array> | null
  reason?: string
}

/**
 * Copies a body. The message's own `body` is not read: Bun and Deno then send a response that was made of a text as a stream,
 * with other headers.
 */
function copyOf(message: Request | Response, { direction }: BodyPlan): BodyCopy {
  const inUse = { reason: `The ${direction} body was read before it could be copied` }
  const notCopied = { reason: `The ${direction} body cannot be copied` }
  if (message.bodyUsed) return inUse
  let clone: Request | Response
  try {
    clone = message.clone()
  } catch {
    return read(message, 'body', 'locked') === true ? inUse : notCopied
  }
  // Of some libraries, a clone is the message itself, or has its stream: who reads that takes the body away.
  const isNative = message instanceof (direction === 'request' ? Request : Response)
  const isShared = clone === message || (!isNative && clone.body !== null && clone.body === message.body)
  return isShared ? notCopied : { copy: clone.body }
}
