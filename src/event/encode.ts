/** From what was captured to the event's JSON text: made once, then sent, retried and queued as it is. */
import type { AuthMode, EventInput, EventStatus, EventType, Level } from '../types.ts'
import { readAuth } from './auth.ts'
import { headerText, readHeaders } from './headers.ts'
import { maskTextWithin, maskValue } from './mask.ts'
import type { MaskNames } from './mask-names.ts'
import { read } from './read.ts'
import { parseStackTrace } from './stack.ts'
import { fitsUtf8, truncateUtf8String, truncationMarker, utf8Length } from './truncate.ts'
import { MAX_REQUEST_URL_BYTES, normalizeEndpoint } from './url.ts'

/** What every event of a client is encoded by. */
export interface EncodeRules {
  readonly names: MaskNames
  readonly maxPayloadSizeBytes: number
  readonly serviceName: string | undefined
  readonly environment: string | undefined
  readonly appVersion: string | undefined
  readonly commitHash: string | undefined
  /** Breadcrumbs and log lines taken from an event that brings its own. */
  readonly maxBreadcrumbs: number
  readonly maxLogs: number
}

/** What an event takes from its scope. The lists are JSON texts, masked when they were taken. */
export interface EncodeContext {
  traceId: string
  breadcrumbs: readonly string[]
  logs: readonly string[]
  /** ISO 8601: the time of breadcrumbs and log lines that are given without one. */
  now: string
}

/** UTF-8 bytes of one breadcrumb's or log line's message, and of its metadata. */
const MAX_NOTE_BYTES = 16_384

/** Stack frames of an event, and UTF-8 bytes of each text in one. */
const MAX_FRAMES = 100
const MAX_FRAME_BYTES = 8_192

const EVENT_TYPES: readonly EventType[] = ['api', 'queue', 'webhook', 'custom', 'cron']
const STATUSES: readonly EventStatus[] = ['success', 'failed', 'warning', 'pending']
const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error']
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

/** A number that the contract allows; any other is left out. */
function encodeNumber(value: unknown, min: number, max: number = Number.MAX_VALUE): string | undefined {
  const number = toNumber(value)
  return number !== undefined && number >= min && number <= max ? String(number) : undefined
}

function encodeInteger(value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): string | undefined {
  return Number.isInteger(toNumber(value)) ? encodeNumber(value, min, max) : undefined
}

/** Free text: masked by shape, then bounded. Anything but text and numbers is left out. */
function encodeText(
  value: unknown,
  rules: EncodeRules,
  maxBytes: number = rules.maxPayloadSizeBytes,
): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return JSON.stringify(truncateUtf8String(maskTextWithin(String(value), rules.names, maxBytes), maxBytes))
}

/** Any value: masked and bounded in one walk, serialised once. */
export function encodeValue(value: unknown, rules: EncodeRules, maxBytes: number): string | undefined {
  if (value === undefined) return undefined
  const masked = maskValue(value, rules.names, maxBytes)
  const json: string | undefined = JSON.stringify(masked.value)
  if (json === undefined || (!masked.partial && fitsUtf8(json, maxBytes))) return json
  return JSON.stringify(truncationMarker(json, utf8Length(json) + masked.unseen, maxBytes))
}

/** What breadcrumbs and log lines have in common. */
type Note = { message: unknown; level: unknown; category?: unknown; metadata?: unknown; timestamp?: unknown }

/** `value` where it is a time, written anew in UTC: nothing else that its text may hold goes out. */
function isoTime(value: unknown): string | undefined {
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

/** A breadcrumb or log line as JSON text, masked when it is left: later changes to its metadata do not show. */
export function encodeNote(note: Note, rules: EncodeRules, now: string): string {
  const maxBytes = Math.min(MAX_NOTE_BYTES, rules.maxPayloadSizeBytes)
  const text = (name: string): string | undefined => encodeText(read(note, name), rules, maxBytes)
  return encodeObject([
    ['message', text('message') ?? '""'],
    ['category', text('category')],
    ['level', JSON.stringify(oneOf(LEVELS, read(note, 'level')) ?? 'info')],
    ['metadata', encodeValue(read(note, 'metadata'), rules, maxBytes)],
    ['timestamp', JSON.stringify(isoTime(read(note, 'timestamp')) ?? now)],
  ])
}

/** The newest `max` of the notes that are given, else those that were kept. */
function encodeNotes(
  given: unknown,
  kept: readonly string[],
  now: string,
  rules: EncodeRules,
  max: number,
): string | undefined {
  let texts = kept
  if (Array.isArray(given)) {
    const start = Math.max(0, given.length - max)
    texts = Array.from({ length: given.length - start }, (_, index) =>
      encodeNote(Object(read(given, start + index)), rules, now),
    )
  }
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}

function encodeObject(fields: readonly (readonly [name: string, json: string | undefined])[]): string {
  let json = ''
  for (const [name, value] of fields) if (value !== undefined) json += `${json ? ',' : '{'}"${name}":${value}`
  return json ? `${json}}` : '{}'
}

type Encode = (value: unknown, rules: EncodeRules, context: EncodeContext) => string | undefined

const text: Encode = (value, rules) => encodeText(value, rules)
const payload: Encode = (value, rules) => encodeValue(value, rules, rules.maxPayloadSizeBytes)
/** A map by name; what is none is kept as the value of one. */
const map: Encode = (value, rules) => {
  const json = encodeValue(value ?? undefined, rules, rules.maxPayloadSizeBytes)
  return json === undefined || json.startsWith('{') ? json : `{"value":${json}}`
}

const frames: Encode = (value, rules) => {
  if (!Array.isArray(value)) return undefined
  const texts = Array.from({ length: Math.min(value.length, MAX_FRAMES) }, (_, index) => {
    const frame = read(value, index)
    const text = (name: string): string | undefined => encodeText(read(frame, name), rules, MAX_FRAME_BYTES)
    return encodeObject([
      ['functionName', text('functionName')],
      ['fileName', text('fileName')],
      ['lineNumber', encodeInteger(read(frame, 'lineNumber'), 1)],
      ['columnNumber', encodeInteger(read(frame, 'columnNumber'), 1)],
      ['raw', text('raw') ?? '""'],
    ])
  })
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}

/** An event's fields, in the order they go out, and how each is written. */
const FIELDS: Readonly<Record<keyof EventInput, Encode>> = {
  traceId: (_, rules, { traceId }) => encodeText(traceId, rules),
  eventType: value => JSON.stringify(oneOf(EVENT_TYPES, value) ?? 'custom'),
  method: text,
  endpoint: text,
  requestUrl: (value, rules) => encodeText(value, rules, Math.min(MAX_REQUEST_URL_BYTES, rules.maxPayloadSizeBytes)),
  authMode: value => JSON.stringify(oneOf(AUTH_MODES, value)),
  authScheme: text,
  requestHeaders: map,
  requestPayload: payload,
  responseHeaders: map,
  responsePayload: payload,
  status: value => JSON.stringify(oneOf(STATUSES, value) ?? 'success'),
  statusCode: value => encodeInteger(value, 100, 999),
  executionTimeMs: value => encodeNumber(value, 0),
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

/** Adds what an event leaves to be told: from its headers, its stack trace, its status code and its client. */
export function completeEvent(event: EventInput, rules: EncodeRules): EventInput {
  const given: EventInput = Object.fromEntries(Object.keys(FIELDS).map(name => [name, read(event, name)]))
  const requestHeaders = given.requestHeaders && readHeaders(given.requestHeaders)
  return {
    ...given,
    requestHeaders,
    responseHeaders: given.responseHeaders && readHeaders(given.responseHeaders),
    // From the raw headers: once they are masked, the scheme is gone.
    ...(requestHeaders && !oneOf(AUTH_MODES, given.authMode) && readAuth(requestHeaders)),
    userAgent: given.userAgent ?? (requestHeaders && headerText(requestHeaders, 'user-agent')),
    status: statusOf(given),
    endpoint: typeof given.endpoint === 'string' ? normalizeEndpoint(given.endpoint) : undefined,
    stackFrames:
      given.stackFrames ?? parseStackTrace(given.stackTrace, { name: given.errorName, message: given.errorMessage }),
    serviceName: given.serviceName ?? rules.serviceName,
    environment: given.environment ?? rules.environment,
    appVersion: given.appVersion ?? rules.appVersion,
    commitHash: given.commitHash ?? rules.commitHash,
  }
}

/** A complete event as JSON text: masked, bounded, keys without a value absent. A field that cannot be read is absent. */
export function encodeEvent(event: EventInput, context: EncodeContext, rules: EncodeRules): string {
  return encodeObject(
    Object.entries(FIELDS).map(([name, encode]) => {
      try {
        return [name, encode(read(event, name), rules, context)]
      } catch {
        return [name, undefined]
      }
    }),
  )
}
