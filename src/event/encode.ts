/** From what was captured to the event's JSON text: made once, then sent, retried and queued as it is. */
import type { AuthMode, EventInput, EventStatus, EventType } from '../types.ts'
import { readAuth } from './auth.ts'
import { headerText, readHeaders } from './headers.ts'
import { maskValue } from './mask.ts'
import type { MaskNames } from './mask-names.ts'
import { maskText } from './mask-text.ts'
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
}

/** What an event takes from its scope. The lists are JSON texts, masked when they were taken. */
export interface EncodeContext {
  traceId: string
  breadcrumbs: readonly string[]
  logs: readonly string[]
}

/** UTF-8 bytes of one breadcrumb's or log line's message, and of its metadata. */
const MAX_NOTE_BYTES = 16_384

const EVENT_TYPES: readonly EventType[] = ['api', 'queue', 'webhook', 'custom', 'cron']
const STATUSES: readonly EventStatus[] = ['success', 'failed', 'warning', 'pending']
const AUTH_MODES: readonly AuthMode[] = ['bearer', 'basic', 'api_key', 'cookie', 'other', 'none']

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined => known.find(one => one === value)

/** ≥ 500 `failed`, ≥ 400 `warning`, else `success`. */
export function statusOfCode(statusCode: number | undefined): EventStatus {
  if (statusCode === undefined || !(statusCode >= 400)) return 'success'
  return statusCode >= 500 ? 'failed' : 'warning'
}

/** The status an event goes out with. */
export function statusOf(event: EventInput): EventStatus {
  return oneOf(STATUSES, event.status) ?? statusOfCode(event.statusCode)
}

/** Free text: masked by shape, then bounded. Anything but text and numbers is left out. */
function encodeText(
  value: unknown,
  rules: EncodeRules,
  maxBytes: number = rules.maxPayloadSizeBytes,
): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return JSON.stringify(truncateUtf8String(maskText(String(value), rules.names), maxBytes))
}

function encodeNumber(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** Any value: masked and bounded in one walk, serialised once. */
export function encodeValue(value: unknown, rules: EncodeRules, maxBytes: number): string | undefined {
  if (value === undefined) return undefined
  const masked = maskValue(value, rules.names, maxBytes)
  const json: string | undefined = JSON.stringify(masked.value)
  if (json === undefined || (!masked.partial && fitsUtf8(json, maxBytes))) return json
  return JSON.stringify(truncationMarker(json, utf8Length(json), maxBytes))
}

/** What breadcrumbs and log lines have in common. */
type Note = { message: unknown; level: unknown; category?: unknown; metadata?: unknown; timestamp: unknown }

/** A breadcrumb or log line as JSON text, masked when it is left: later changes to its metadata do not show. */
export function encodeNote(note: Note, rules: EncodeRules): string {
  const maxBytes = Math.min(MAX_NOTE_BYTES, rules.maxPayloadSizeBytes)
  return encodeObject([
    ['message', encodeText(note.message, rules, maxBytes) ?? '""'],
    ['category', encodeText(note.category, rules, maxBytes)],
    ['level', encodeText(note.level, rules, maxBytes) ?? '"info"'],
    ['metadata', encodeValue(note.metadata, rules, maxBytes)],
    ['timestamp', encodeText(note.timestamp, rules, maxBytes)],
  ])
}

function encodeList(given: unknown, kept: readonly string[], rules: EncodeRules): string | undefined {
  const notes: readonly unknown[] | undefined = Array.isArray(given) ? given : undefined
  const texts = notes ? notes.map(note => encodeNote(Object(note), rules)) : kept
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}

function encodeObject(fields: readonly (readonly [name: string, json: string | undefined])[]): string {
  let json = ''
  for (const [name, value] of fields) if (value !== undefined) json += `${json ? ',' : '{'}"${name}":${value}`
  return json ? `${json}}` : '{}'
}

/** Adds what an event leaves to be told: from its headers, its stack trace, its status code and its client. */
export function completeEvent(event: EventInput, rules: EncodeRules): EventInput {
  const requestHeaders = event.requestHeaders && readHeaders(event.requestHeaders)
  return {
    ...event,
    requestHeaders,
    responseHeaders: event.responseHeaders && readHeaders(event.responseHeaders),
    // From the raw headers: once they are masked, the scheme is gone.
    ...(requestHeaders && !event.authMode && readAuth(requestHeaders)),
    userAgent: event.userAgent ?? (requestHeaders && headerText(requestHeaders, 'user-agent')),
    status: statusOf(event),
    endpoint: typeof event.endpoint === 'string' ? normalizeEndpoint(event.endpoint) : undefined,
    stackFrames:
      event.stackFrames ?? parseStackTrace(event.stackTrace, { name: event.errorName, message: event.errorMessage }),
    serviceName: event.serviceName ?? rules.serviceName,
    environment: event.environment ?? rules.environment,
    appVersion: event.appVersion ?? rules.appVersion,
    commitHash: event.commitHash ?? rules.commitHash,
  }
}

/** A complete event as JSON text: masked, bounded, keys without a value absent. */
export function encodeEvent(event: EventInput, context: EncodeContext, rules: EncodeRules): string {
  const max = rules.maxPayloadSizeBytes
  const text = (value: unknown, maxBytes?: number): string | undefined => encodeText(value, rules, maxBytes)
  const value = (any: unknown): string | undefined => encodeValue(any, rules, max)
  return encodeObject([
    ['traceId', text(context.traceId)],
    ['eventType', text(oneOf(EVENT_TYPES, event.eventType) ?? 'custom')],
    ['method', text(event.method)],
    ['endpoint', text(event.endpoint)],
    ['requestUrl', text(event.requestUrl, Math.min(MAX_REQUEST_URL_BYTES, max))],
    ['authMode', text(oneOf(AUTH_MODES, event.authMode))],
    ['authScheme', text(event.authScheme)],
    ['requestHeaders', value(event.requestHeaders)],
    ['requestPayload', value(event.requestPayload)],
    ['responseHeaders', value(event.responseHeaders)],
    ['responsePayload', value(event.responsePayload)],
    ['status', text(oneOf(STATUSES, event.status) ?? 'success')],
    ['statusCode', encodeNumber(event.statusCode)],
    ['executionTimeMs', encodeNumber(event.executionTimeMs)],
    ['errorName', text(event.errorName)],
    ['errorMessage', text(event.errorMessage)],
    ['stackTrace', text(event.stackTrace)],
    ['stackFrames', event.stackFrames?.length ? value(event.stackFrames) : undefined],
    ['breadcrumbs', encodeList(event.breadcrumbs, context.breadcrumbs, rules)],
    ['serviceName', text(event.serviceName)],
    ['environment', text(event.environment)],
    ['appVersion', text(event.appVersion)],
    ['commitHash', text(event.commitHash)],
    ['sourceIp', text(event.sourceIp)],
    ['userAgent', text(event.userAgent)],
    ['logs', encodeList(event.logs, context.logs, rules)],
    ['metadata', value(event.metadata)],
  ])
}
