/** What a body's headers say is to be done about it, and what stands for it in the event. */
import { BodyText, type WholeSize } from '../mask/json.ts'
import type { SeenBody } from './copy.ts'

/** The kind of a body by its content type, which decides how it is recorded. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'stream' | 'binary' | 'unknown'

const KINDS: readonly (readonly [pattern: RegExp, kind: BodyKind])[] = [
  [
    /^(text\/event-stream|application\/([\w.+-]*ndjson|jsonl|stream\+json|json-seq)|multipart\/x-mixed-replace)$/,
    'stream',
  ],
  [/^(application|text)\/([\w.+-]*\+)?json$|^application\/csp-report$/, 'json'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^multipart\//, 'multipart'],
  [/^text\/|^application\/([\w.+-]*\+)?(xml|graphql|javascript|yaml|toml|sql)$|^image\/svg\+xml$/, 'text'],
]

/** The kind of a body with this `content-type`. Without one it is `unknown`, and its bytes decide. */
export function bodyKind(contentType: string): BodyKind {
  const [first = ''] = contentType.split(';', 1)
  const type = first.trim().toLowerCase()
  if (type === '') return 'unknown'
  for (const [pattern, kind] of KINDS) if (pattern.test(type)) return kind
  return 'binary'
}

/** Which way a body goes. */
export type Direction = 'request' | 'response'

/** What of a body's headers is read. */
export interface BodyHeaders {
  get(name: string): string | null | undefined
}

/** What is to be done about a body, by its headers alone. */
export interface BodyPlan {
  readonly kind: BodyKind
  readonly direction: Direction
  readonly contentType: string
  /** `content-length`, where it is a number of bytes. */
  readonly length: number | undefined
  /** What stands for a body that is not captured. */
  readonly marker?: object
}

/** The marker of a stream: its end is not waited for. */
export const streaming = ({ direction }: Pick<BodyPlan, 'direction'>): object => ({
  captured: false,
  reason: `Streaming ${direction} body not captured`,
})

const binaryReason = (direction: Direction): string => `Binary ${direction} body not captured`

/** What no text has: a body with one of these is binary. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL_CHARACTERS = /[\0-\x08\x0e-\x1a\x1c-\x1f]/

export function planBody(headers: BodyHeaders, direction: Direction): BodyPlan {
  const contentType = headers.get('content-type') ?? ''
  const digits = headers.get('content-length') ?? ''
  const length = /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
  const plan = { kind: bodyKind(contentType), direction, contentType, length }
  const encoding = headers.get('content-encoding')
  if (plan.kind === 'stream') return { ...plan, marker: streaming(plan) }
  if (encoding && encoding !== 'identity')
    return { ...plan, marker: unread(plan, `Encoded ${direction} body not captured`) }
  return plan.kind === 'binary' ? { ...plan, marker: unread(plan, binaryReason(direction)) } : plan
}

/** The marker of a body that was not read, with what its headers say. */
export function unread({ contentType, length }: BodyPlan, reason: string): object {
  const sizeBytes = length === undefined ? {} : { sizeBytes: length }
  return { captured: false, reason, ...(contentType && { contentType }), ...sizeBytes }
}

/** A body that is too large: its beginning, or the marker of one that is nothing to read. */
export function oversized(plan: BodyPlan, beginning: string, whole: WholeSize): object {
  if (plan.kind === 'multipart') {
    return unread({ ...plan, length: whole.originalSizeBytes }, `Large multipart ${plan.direction} body not captured`)
  }
  return new BodyText(beginning, false, whole)
}

/** What is known of a body that was not read to its end. */
function wholeSize({ length }: BodyPlan, { sizeBytes, complete }: SeenBody): WholeSize {
  if (length !== undefined || complete) return { originalSizeBytes: length ?? sizeBytes }
  return { originalSizeBytes: sizeBytes, sizeIsMinimum: true }
}

/** What stands for a body of which this much was seen. Structured where it can be, so that masking sees its fields. */
export async function payloadOf(seen: SeenBody, plan: BodyPlan, maxBytes: number): Promise<unknown> {
  const { content, sizeBytes, complete } = seen
  const { kind, direction, length, marker } = plan
  if (marker) return length === undefined && kind === 'binary' ? { ...marker, sizeBytes } : marker
  const isWhole = complete && sizeBytes <= maxBytes
  // Of a response that failed, the beginning is what was sent.
  const isSent = direction === 'response' && seen.error !== undefined && sizeBytes > 0
  if (!isWhole && sizeBytes <= maxBytes && !isSent) {
    return { captured: false, reason: `The ${direction} body did not arrive whole`, sizeBytes }
  }
  if (isWhole && kind === 'multipart') return multipartParts(content, plan)
  const text = typeof content === 'string' ? content : decodeText(content, kind, isWhole)
  if (text === undefined) return unread({ ...plan, length: length ?? sizeBytes }, binaryReason(direction))
  if (!isWhole) return oversized(plan, text, wholeSize(plan, seen))
  if (kind === 'form') return formFields(text)
  return kind === 'json' && text !== '' ? new BodyText(text, true) : text
}

let decoder: InstanceType<typeof TextDecoder> | undefined

/** Bytes as text: one that is not UTF-8 shows as U+FFFD. `undefined` where nothing says that they are text, nor do they. */
function decodeText(bytes: Uint8Array<ArrayBuffer>, kind: BodyKind, isWhole: boolean): string | undefined {
  decoder ??= new TextDecoder()
  if (kind !== 'unknown') return decoder.decode(bytes)
  try {
    // Where it was cut, the last character may be half.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole })
    return CONTROL_CHARACTERS.test(text) ? undefined : text
  } catch {
    return undefined
  }
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

/** A multipart body by its field names and its files' sizes: what stands in them is not captured. */
async function multipartParts(content: SeenBody['content'], plan: BodyPlan): Promise<unknown> {
  const unknown = unread(plan, `Multipart ${plan.direction} body not captured`)
  try {
    const form = await new Response(content, { headers: { 'content-type': plan.contentType } }).formData()
    const fields = new Set<string>()
    const files: object[] = []
    for (const [name, value] of form) {
      if (typeof value === 'string') fields.add(name)
      else files.push({ name, fileName: value.name, contentType: value.type, sizeBytes: value.size })
    }
    // What has no boundary in it is a form without parts to Deno, and an error to the others.
    return fields.size + files.length > 0 ? { fields: [...fields], files } : unknown
  } catch {
    return unknown
  }
}
