/** How a body is recorded: by what its headers say, and never by more than its first bytes. */
import { BodyCopy, settledWithin } from './copy.ts'
import { type BodyKind, bodyKind } from './kind.ts'

/** Answers the payload for the event, once the work is over. */
export type BodyRecord = () => Promise<unknown>

type Direction = 'request' | 'response'

/** How long a request body may still come after the answer has gone: its copy is a few turns behind the handler's. */
const REQUEST_GRACE_MS = 50

/** How long a response of known length may take to leave. */
const RESPONSE_GRACE_MS = 10_000

const notCaptured = (reason: string, details: object = {}): BodyRecord => {
  const marker = { captured: false, reason, ...details }
  return async () => marker
}

const none: BodyRecord = async () => undefined

/** `content-length`, where it is one. */
function lengthOf(headers: Headers): number | undefined {
  const text = headers.get('content-length')
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The fields of a form; a name that repeats becomes a list. */
function formFields(text: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const known = fields[name]
    if (Array.isArray(known)) known.push(value)
    else fields[name] = known === undefined ? value : [known, value]
  }
  return fields
}

/** Structured where it can be, so that masking sees its fields. */
function payloadOf(text: string, kind: BodyKind): unknown {
  if (kind === 'form') return formFields(text)
  if (kind !== 'json' || text === '') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Records the body of a request that is about to be handled, or of a response that is about to leave. Starts at once
 * and is never awaited before either. The message itself is left as it is: only a clone is read.
 */
export function recordBody(message: Request | Response, direction: Direction, maxBytes: number): BodyRecord {
  const { body, headers } = message
  if (body === null) return none
  if (message.bodyUsed || body.locked) return notCaptured(`The ${direction} body was read before it could be copied`)
  const contentType = headers.get('content-type')
  const kind = bodyKind(contentType)
  const length = lengthOf(headers)
  if (kind === 'stream') return notCaptured(streaming(direction))
  const details = { ...(contentType && { contentType }), ...(length !== undefined && { sizeBytes: length }) }
  const encoding = headers.get('content-encoding')
  if (encoding && encoding !== 'identity') return notCaptured(`Encoded ${direction} body not captured`, details)
  if (kind === 'binary' || kind === 'multipart') {
    const name = kind === 'binary' ? 'Binary' : 'Multipart'
    return notCaptured(`${name} ${direction} body not captured`, details)
  }
  if (length !== undefined && length > maxBytes) return async () => oversized('', length, maxBytes)
  const clone = message.clone().body
  return clone ? copied(new BodyCopy(clone, maxBytes), kind, direction, length, maxBytes) : none
}

const streaming = (direction: Direction): string => `Streaming ${direction} body not captured`

const oversized = (preview: string, originalSizeBytes: number, maxSizeBytes: number): unknown => ({
  __truncated: true,
  originalSizeBytes,
  maxSizeBytes,
  preview,
})

function copied(copy: BodyCopy, kind: BodyKind, direction: Direction, length: number | undefined, maxBytes: number) {
  return async (): Promise<unknown> => {
    if (direction === 'request') await settledWithin(copy.done, REQUEST_GRACE_MS)
    else if (length !== undefined) await settledWithin(copy.done, RESPONSE_GRACE_MS)
    else {
      // A body that was made whole is there within a turn or two of the event loop; one that is not is a stream.
      await settledWithin(copy.done, 0)
      await settledWithin(copy.done, 0)
    }
    if (copy.complete) return payloadOf(copy.text, kind)
    copy.cancel()
    if (copy.sizeBytes > maxBytes) return oversized(copy.text.slice(0, 2000), length ?? copy.sizeBytes, maxBytes)
    if (direction === 'response' && length === undefined) return { captured: false, reason: streaming(direction) }
    return { captured: false, reason: `The ${direction} body did not arrive whole`, sizeBytes: copy.sizeBytes }
  }
}
