/** From what was captured to the event's JSON text: made once, then sent, retried and queued as it is. */

import { type MaskRules, writeBody, writeText, writeValue } from '../mask/json.ts'
import { hidesValue } from '../mask/names.ts'
import { MASKED, maskText } from '../mask/text.ts'
import { fitsUtf8 } from '../mask/truncate.ts'
import { read } from '../safe-read.ts'
import type { AuthMode, EventInput, EventStatus, EventType, Level } from '../types.ts'
import { readAuth } from './auth.ts'
import { HeaderList, readHeaders } from './headers.ts'
import { parseStackTrace } from './stack.ts'
import { MAX_REQUEST_URL_BYTES, normalizeEndpoint } from './url.ts'

/** What every event of a client is encoded by. */
export interface EncodeRules extends MaskRules {
  readonly serviceName: string | undefined
  readonly environment: string | undefined
  readonly appVersion: string | undefined
  readonly commitHash: string | undefined
  /** Breadcrumbs and log lines taken from an event that brings its own. */
  readonly maxBreadcrumbs: number
  readonly maxLogs: number
}

/** What an event takes from its scope. JSON texts are masked. */
export interface EncodeContext {
  traceId: string
  breadcrumbs: readonly KeptNote[]
  logs: readonly string[]
  /** ISO 8601: the time of breadcrumbs and log lines that are given without one. */
  now: () => string
}

/** UTF-8 bytes of one breadcrumb's or log line's message, and of its metadata. */
const MAX_NOTE_BYTES = 16_384

/** Stack frames of an event, and UTF-8 bytes of each text in one. */
const MAX_FRAMES = 100
const MAX_FRAME_BYTES = 8_192

const EVENT_TYPES: readonly EventType[] = ['api', 'queue', 'webhook', 'custom', 'cron']
const STATUSES: readonly EventStatus[] = ['success', 'failed', 'warning', 'pending']
/** Log levels, lowest first. */
export const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error']
const AUTH_MODES: readonly AuthMode[] = ['bearer', 'basic', 'api_key', 'cookie', 'other', 'none']

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined => known.find(one => one === value)

/** ≥ 500 `failed`, ≥ 400 `warning`, else `success`. */
export function statusOfCode(statusCode: number | undefined): EventStatus {
  if (statusCode === undefined || !(statusCode >= 400)) return 'success'
  return statusCode >= 500 ? 'failed' : 'warning'
}

/** The status an event goes out with. */
export function statusOf(event: EventInput): EventStatus {
  return oneOf(STATUSES, read(event, 'status')) ?? statusOfCode(toNumber(read(event, 'statusCode')))
}

/** A number, also one that was handed over as text. */
function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** A whole number that the contract allows; any other is left out. */
function encodeInteger(value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): string | undefined {
  const number = toNumber(value)
  return number !== undefined && Number.isInteger(number) && number >= min && number <= max ? String(number) : undefined
}

/** What breadcrumbs and log lines have in common. */
type Note = { message: unknown; level: unknown; category?: unknown; metadata?: unknown; timestamp?: unknown }
const NOTE_FIELDS: readonly string[] = ['message', 'level', 'category', 'metadata', 'timestamp']

/** `value` where it is a time, written anew in UTC: nothing else that its text may hold goes out. */
function isoTime(value: unknown): string | undefined {
  const isText = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
  const time = isText ? Date.parse(value) : value instanceof Date ? value.getTime() : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

/** Now, in ISO 8601. */
export const isoNow = (): string => new Date().toISOString()

/** Whether a note says anything. */
export const hasText = (message: unknown): boolean =>
  message !== undefined && message !== null && !(typeof message === 'string' && message.trim() === '')

/** What can be read of a note that was given. */
export function readNote(given: unknown): Note {
  const [message, level, category, metadata, timestamp] = NOTE_FIELDS.map(name => read(given, name))
  return { message, level, category, metadata, timestamp }
}

/** A breadcrumb or log line as JSON text, masked when it is left: later changes to its metadata do not show. */
export function encodeNote(note: Note, rules: EncodeRules, now: string): string {
  const { message, level, category, metadata, timestamp } = note
  const maxBytes = Math.min(MAX_NOTE_BYTES, rules.maxPayloadSizeBytes)
  return objectOf(
    member('message', writeText(message, rules, maxBytes) ?? '""') +
      member('category', writeText(category, rules, maxBytes)) +
      member('level', `"${oneOf(LEVELS, level) ?? 'info'}"`) +
      member('metadata', asObject(writeValue(metadata ?? undefined, rules, maxBytes))) +
      member('timestamp', `"${isoTime(timestamp) ?? now}"`),
  )
}

/** What was kept of a note: its text; or of one that nobody changes, what is to be written when it is wanted. */
export type KeptNote = string | UnwrittenNote

/** A breadcrumb that is not masked yet. */
export interface UnwrittenNote {
  message: string
  category?: string | undefined
  level: Level
  metadata?: unknown
  time: Date
}

/** The JSON text of a note that was kept. */
export function noteText(kept: KeptNote, rules: EncodeRules): string {
  return typeof kept === 'string' ? kept : encodeNote({ ...kept }, rules, kept.time.toISOString())
}

/** The newest `max` of the notes that are given, else those that were kept. */
function encodeNotes(
  given: unknown,
  kept: readonly KeptNote[],
  now: () => string,
  rules: EncodeRules,
  max: number,
): string | undefined {
  let texts: string[]
  if (!Array.isArray(given)) texts = kept.slice(Math.max(0, kept.length - max)).map(note => noteText(note, rules))
  else {
    const start = Math.max(0, given.length - max)
    texts = Array.from({ length: given.length - start }, (_, index) =>
      encodeNote(readNote(read(given, start + index)), rules, now()),
    )
  }
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}

/** A member of an object, with the comma before it; nothing where it has no value. */
function member(name: string, json: string | undefined): string {
  return json === undefined ? '' : `,"${name}":${json}`
}

const objectOf = (members: string): string => `{${members.slice(1)}}`

/** JSON text of an object: what is none is kept as the value of one, for the backend may refuse any other metadata. */
const asObject = (json: string | undefined): string | undefined =>
  json === undefined || json.startsWith('{') ? json : `{"value":${json}}`

type Encode = (value: unknown, rules: EncodeRules, context: EncodeContext) => string | undefined

const text: Encode = (value, rules) => writeText(value, rules)
const payload: Encode = (value, rules) => writeBody(value, rules)
/** A map by name; what is none is kept as the value of one. */
const map: Encode = (value, rules) => {
  return asObject(writeValue(value ?? undefined, rules, rules.maxPayloadSizeBytes))
}
/** Headers, name by name: nearly all have come before. */
const headers: Encode = (value, rules, context) => {
  if (!(value instanceof HeaderList)) return map(value, rules, context)
  let members = ''
  for (const [name, one] of value.entries) {
    const isHidden = hidesValue(rules.names.hides(name), one)
    const json = isHidden ? `"${MASKED}"` : typeof one === 'string' ? writeText(one, rules) : writeValue(one, rules)
    members += json === undefined ? '' : `,${writeText(name, rules)}:${json}`
  }
  const json = `{${members.slice(1)}}`
  return fitsUtf8(json, rules.maxPayloadSizeBytes) ? json : map(Object.fromEntries(value), rules, context)
}

const frames: Encode = (value, rules) => {
  if (!Array.isArray(value)) return undefined
  const texts = Array.from({ length: Math.min(value.length, MAX_FRAMES) }, (_, index) => {
    const frame = read(value, index)
    const text = (name: string): string | undefined => writeText(read(frame, name), rules, MAX_FRAME_BYTES)
    return objectOf(
      member('functionName', text('functionName')) +
        member('fileName', text('fileName')) +
        member('lineNumber', encodeInteger(read(frame, 'lineNumber'), 1)) +
        member('columnNumber', encodeInteger(read(frame, 'columnNumber'), 1)) +
        member('raw', text('raw') ?? '""'),
    )
  })
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}

/** An event's fields, in the order they go out, and how each is written. */
const FIELDS: Readonly<Record<keyof EventInput, Encode>> = {
  // Seldom met twice.
  traceId: (_, { names }, { traceId }) => JSON.stringify(maskText(traceId, names)),
  eventType: value => JSON.stringify(oneOf(EVENT_TYPES, value) ?? 'custom'),
  method: text,
  endpoint: text,
  requestUrl: (value, rules) => writeText(value, rules, Math.min(MAX_REQUEST_URL_BYTES, rules.maxPayloadSizeBytes)),
  authMode: value => JSON.stringify(oneOf(AUTH_MODES, value)),
  authScheme: text,
  requestHeaders: headers,
  requestPayload: payload,
  responseHeaders: headers,
  responsePayload: payload,
  status: value => JSON.stringify(oneOf(STATUSES, value) ?? 'success'),
  statusCode: value => encodeInteger(value, 100, 999),
  executionTimeMs: value => encodeInteger(Math.round(toNumber(value) ?? Number.NaN), 0),
  errorName: text,
  errorMessage: text,
  stackTrace: text,
  stackFrames: frames,
  breadcrumbs: (value, rules, context) =>
    encodeNotes(value, context.breadcrumbs, context.now, rules, rules.maxBreadcrumbs),
  serviceName: text,
  environment: text,
  appVersion: text,
  commitHash: text,
  sourceIp: text,
  userAgent: text,
  logs: (value, rules, context) => encodeNotes(value, context.logs, context.now, rules, rules.maxLogs),
  metadata: map,
}

const FIELD_NAMES: readonly (keyof EventInput)[] = Object.keys(FIELDS) as (keyof EventInput)[]

/** An event's fields, each read once. A field that cannot be read is absent. */
export function readEvent(event: unknown): EventInput {
  const fields: Record<string, unknown> = {}
  for (const name of FIELD_NAMES) {
    const value = read(event, name)
    if (value !== undefined) fields[name] = value
  }
  return fields
}

/** Adds what an event leaves to be told: from its headers, its stack trace, its status code and its client. */
export function completeEvent(given: EventInput, rules: EncodeRules): EventInput {
  const event = readEvent(given)
  const { requestHeaders, responseHeaders, endpoint, stackTrace, errorName: name, errorMessage: message } = event
  if (requestHeaders) {
    const headers = readHeaders(requestHeaders)
    // From the raw headers: once they are masked, the scheme is gone.
    if (!oneOf(AUTH_MODES, event.authMode)) Object.assign(event, readAuth(headers))
    event.userAgent ??= headers.get('user-agent')
    event.requestHeaders = headers
  }
  if (responseHeaders) event.responseHeaders = readHeaders(responseHeaders)
  if (stackTrace) event.stackFrames ??= parseStackTrace(stackTrace, { name, message })
  event.status = statusOf(event)
  event.endpoint = typeof endpoint === 'string' ? normalizeEndpoint(endpoint) : undefined
  event.serviceName ??= rules.serviceName
  event.environment ??= rules.environment
  event.appVersion ??= rules.appVersion
  event.commitHash ??= rules.commitHash
  return event
}

/** A complete event as JSON text: masked, bounded, keys without a value absent. */
export function encodeEvent(event: EventInput, context: EncodeContext, rules: EncodeRules): string {
  let members = ''
  for (const name of FIELD_NAMES) {
    let value: string | undefined
    try {
      value = FIELDS[name](read(event, name), rules, context)
    } catch {
      // A value that cannot be encoded is absent.
    }
    members += member(name, value)
  }
  return objectOf(members)
}
