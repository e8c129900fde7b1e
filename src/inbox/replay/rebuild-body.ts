import { utf8Length } from '../../mask/truncate.ts'
import type { JsonValue } from '../../types.ts'
import { fillJson } from './fill-json.ts'
import { type Needs, ReplayRefusal, toText } from './needs.ts'
import {
  contentKind,
  isJsonObject,
  isMultipartRecord,
  type JsonObject,
  readTruncated,
  readUncaptured,
} from './payload-kind.ts'

/** What is known of a request's body. */
export interface CapturedBody {
  method: string
  payload: JsonValue | undefined
  /** Whether the headers were captured, so that one that is absent was not sent. */
  headersKnown: boolean
  contentType: string | undefined
  /** `content-length`, where it was captured. */
  sizeBytes: number | undefined
  /** Whether a body was announced without its length. */
  chunked: boolean
}

/**
 * The text of a request's body as it was sent, as far as that can be known.
 *
 * @param notes gets a sentence for each way in which it may differ
 * @returns `undefined` for a request without a body
 * @throws ReplayRefusal
 */
export function rebuildBody(captured: CapturedBody, needs: Needs, notes: string[]): string | undefined {
  const { payload, contentType, sizeBytes, chunked } = captured
  const kind = contentKind(contentType)
  if (!hasBody(captured)) {
    if (payload === undefined && (chunked || (sizeBytes ?? 0) > 0)) {
      throw new ReplayRefusal('The request had a body that was not captured, so it cannot be replayed.')
    }
    return undefined
  }
  refuseMarkers(payload, kind)
  const before = needs.asked
  const body = writeBody(captured, kind, needs, notes)
  refuseLostBytes(body, captured)
  if (needs.asked > before) return body
  if (sizeBytes !== undefined && sizeBytes !== utf8Length(body)) {
    notes.push(
      `The body is written anew, in ${utf8Length(body)} bytes instead of ${sizeBytes}: its spacing may differ from what was sent.`,
    )
  }
  return body
}

/** `null` and `{}` are also how other SDKs record that there was none. */
function hasBody({ method, payload, headersKnown, contentType, sizeBytes, chunked }: CapturedBody): boolean {
  if (payload === undefined) return false
  if (payload === null && (contentKind(contentType) !== 'json' || sizeBytes === 0)) return false
  const announced = sizeBytes !== undefined || chunked || contentType !== undefined
  return announced || !headersKnown || !/^(GET|HEAD)$/i.test(method)
}

function refuseMarkers(payload: JsonValue | undefined, kind: string): void {
  if (readTruncated(payload)) {
    throw new ReplayRefusal('The request body was too large to be captured whole, so it cannot be replayed.')
  }
  const marker = readUncaptured(payload)
  if (marker) throw new ReplayRefusal(`${marker.reason.replace(/\.$/, '')}, so it cannot be replayed.`)
  if (kind === 'multipart' || isMultipartRecord(payload)) {
    throw new ReplayRefusal('The contents of a multipart body are not captured, so it cannot be replayed.')
  }
}

function writeBody(
  { payload = null, contentType, headersKnown, sizeBytes }: CapturedBody,
  kind: string,
  needs: Needs,
  notes: string[],
): string {
  if (typeof payload === 'string') {
    // JSON that could not be parsed is captured as its text, and so is JSON that is one string: the length tells.
    const quoted =
      kind === 'json' && sizeBytes === utf8Length(JSON.stringify(payload)) && sizeBytes !== utf8Length(payload)
    return quoted ? JSON.stringify(fillJson(payload, 'body', needs)) : needs.fillText(payload, 'body', 'body')
  }
  if (kind === 'form' && isJsonObject(payload)) return writeForm(payload, needs)
  if (kind === 'other' && (headersKnown || contentType !== undefined)) {
    notes.push('The body was captured as a value and is sent as JSON: its text was not kept.')
  }
  if (holdsRoundedNumber(payload)) {
    notes.push('The body holds a number with more digits than JavaScript keeps: it is sent rounded.')
  }
  return JSON.stringify(fillJson(payload, 'body', needs))
}

/** RFC 1866: a name stands once for each of its values. */
function writeForm(fields: JsonObject, needs: Needs): string {
  const filled = fillJson(fields, 'body', needs)
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(filled ?? {})) {
    const values: readonly JsonValue[] = Array.isArray(value) ? value : [value]
    for (const entry of values) {
      if (typeof entry === 'object' && entry !== null) {
        throw new ReplayRefusal('The form was captured as nested values, so it cannot be replayed.')
      }
      form.append(name, toText(entry))
    }
  }
  return form.toString()
}

/** Bytes that are no UTF-8 were lost when the body was captured as text. */
function refuseLostBytes(body: string, { contentType, sizeBytes }: CapturedBody): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
  const foreign = !['utf-8', 'utf8', 'us-ascii'].includes(charset) && /[^\t\n\r\x20-\x7e]/.test(body)
  const lossy = /\ufffd|%EF%BF%BD/.test(body) && sizeBytes !== utf8Length(body)
  if (foreign || lossy) throw new ReplayRefusal('The body is not UTF-8 text, so it was not captured byte for byte.')
}

function holdsRoundedNumber(value: JsonValue): boolean {
  const waiting: JsonValue[] = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'number' && Number.isInteger(next) && !Number.isSafeInteger(next)) return true
    if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) waiting.push(member)
  }
  return false
}
