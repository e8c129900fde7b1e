/** From what was captured to the event's JSON text: made once, then sent, retried and queued as it is. */

import { BodyText, type MaskRules, withinLimit, writeBody, writeText, writeValue } from '../mask/json.ts'
import { hidesValue } from '../mask/names.ts'
import { MASKED, maskText } from '../mask/text.ts'
import { read } from '../safe-read.ts'
import type { AuthMode, EventInput, EventStatus, EventType } from '../types.ts'
import { readAuth } from './auth.ts'
import { HeaderList, readHeaders } from './headers.ts'
import { joinMembers, type KeptNote, oneOf, writeMap, writeNotes } from './notes.ts'
import { parseStackTrace } from './stack.ts'
import { MAX_REQUEST_URL_BYTES, normalizeEndpoint } from './url.ts'

/** Fields that an event has from its client, where it has none of its own. */
const CLIENT_FIELDS = ['serviceName', 'environment', 'appVersion', 'commitHash'] as const
type ClientField = (typeof CLIENT_FIELDS)[number]

/** What every event of a client is encoded by. */
export interface EventRules extends MaskRules, Readonly<Record<ClientField, string | undefined>> {
  /** Breadcrumbs and log lines taken from an event that brings its own. */
  readonly maxBreadcrumbs: number
  readonly maxLogs: number
}

/** JSON texts of an event's fields, masked. */
export type WrittenFields = Readonly<Partial<Record<keyof EventInput, string | undefined>>>

/** What an event takes from its scope. JSON texts are masked. */
export interface EventContext {
  traceId: string
  breadcrumbs: readonly KeptNote[]
  logs: readonly string[]
  /** Fields that were written before the rest. */
  written?: WrittenFields | undefined
}

/** Stack frames of an event, and UTF-8 bytes of each text in one. */
const MAX_FRAMES = 100
const MAX_FRAME_BYTES = 8_192

const EVENT_TYPES: readonly EventType[] = ['api', 'queue', 'webhook', 'custom', 'cron']
const STATUSES: readonly EventStatus[] = ['success', 'failed', 'warning', 'pending']
const AUTH_MODES: readonly AuthMode[] = ['bearer', 'basic', 'api_key', 'cookie', 'other', 'none']

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
function writeInteger(value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): string | undefined {
  const number = toNumber(value)
  return number !== undefined && Number.isInteger(number) && number >= min && number <= max ? String(number) : undefined
}

/** Headers, name by name: nearly all have come before. */
function writeHeaders(value: unknown, rules: EventRules): string | undefined {
  if (!(value instanceof HeaderList)) return writeMap(value, rules)
  let length = 0
  for (const [name, one] of value) length += name.length + (typeof one === 'string' ? one.length : 0)
  // Of what is too large no more is looked at than is shown.
  if (length > rules.maxPayloadSizeBytes) return writeMap(Object.fromEntries(value), rules)
  let members = ''
  for (const [name, one] of value) {
    const isHidden = hidesValue(rules.names.hides(name), one)
    const json = isHidden ? `"${MASKED}"` : typeof one === 'string' ? writeText(one, rules) : writeValue(one, rules)
    members += json === undefined ? '' : `,${writeText(name, rules)}:${json}`
  }
  return withinLimit(`{${members.slice(1)}}`, rules)
}

function writeFrames(value: readonly unknown[], rules: EventRules): string | undefined {
  const texts = Array.from({ length: Math.min(value.length, MAX_FRAMES) }, (_, index) => {
    const frame = read(value, index)
    const text = (name: string): string | undefined => writeText(read(frame, name), rules, MAX_FRAME_BYTES)
    return joinMembers({
      functionName: text('functionName'),
      fileName: text('fileName'),
      lineNumber: writeInteger(read(frame, 'lineNumber'), 1),
      columnNumber: writeInteger(read(frame, 'columnNumber'), 1),
      raw: text('raw') ?? '""',
    })
  })
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}

/** An event's fields, in the order they go out. */
const FIELD_NAMES = [
  'traceId',
  'eventType',
  'method',
  'endpoint',
  'requestUrl',
  'authMode',
  'authScheme',
  'requestHeaders',
  'requestPayload',
  'responseHeaders',
  'responsePayload',
  'status',
  'statusCode',
  'executionTimeMs',
  'errorName',
  'errorMessage',
  'stackTrace',
  'stackFrames',
  'breadcrumbs',
  'serviceName',
  'environment',
  'appVersion',
  'commitHash',
  'sourceIp',
  'userAgent',
  'logs',
  'metadata',
] as const satisfies readonly (keyof EventInput)[]

/** One field's JSON: a text, unless it is named here. */
function writeField(
  name: keyof EventInput,
  value: unknown,
  rules: EventRules,
  { traceId, breadcrumbs, logs }: EventContext,
): string | undefined {
  switch (name) {
    case 'traceId':
      // Each event has its own: not worth remembering.
      return JSON.stringify(maskText(traceId, rules.names))
    case 'eventType':
      return JSON.stringify(oneOf(EVENT_TYPES, value) ?? 'custom')
    case 'authMode':
      return JSON.stringify(oneOf(AUTH_MODES, value))
    case 'status':
      return JSON.stringify(oneOf(STATUSES, value) ?? 'success')
    case 'statusCode':
      return writeInteger(value, 100, 999)
    case 'executionTimeMs':
      return writeInteger(Math.round(toNumber(value) ?? Number.NaN), 0)
    case 'requestUrl':
      return writeText(value, rules, Math.min(MAX_REQUEST_URL_BYTES, rules.maxPayloadSizeBytes))
    case 'requestHeaders':
    case 'responseHeaders':
      return writeHeaders(value, rules)
    case 'requestPayload':
    case 'responsePayload':
      return writeBody(value, rules)
    case 'metadata':
      return writeMap(value, rules)
    case 'stackFrames':
      return Array.isArray(value) ? writeFrames(value, rules) : undefined
    case 'breadcrumbs':
      return writeNotes(value, breadcrumbs, rules, rules.maxBreadcrumbs)
    case 'logs':
      return writeNotes(value, logs, rules, rules.maxLogs)
    default:
      return writeText(value, rules)
  }
}

/** An event's fields, each read once. A field that cannot be read is absent. */
export function readEvent(event: unknown): EventInput {
  const fields: Record<string, unknown> = {}
  for (const name of FIELD_NAMES) {
    const value = read(event, name)
    if (value !== undefined) fields[name] = value
  }
  return fields
}

/** Adds what an event does not say itself: from its headers, its stack trace, its status code and its client. */
export function completeEvent(given: EventInput, rules: EventRules): EventInput {
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
  event.endpoint = normalizeEndpoint(endpoint)
  for (const name of CLIENT_FIELDS) event[name] ??= rules[name]
  return event
}

/** Some fields of an event as JSON texts, masked; one that cannot be written is absent. */
function writeFields(
  event: EventInput,
  names: readonly (keyof EventInput)[],
  context: EventContext,
  rules: EventRules,
): WrittenFields {
  const members: Partial<Record<keyof EventInput, string | undefined>> = {}
  for (const name of names) {
    try {
      members[name] = context.written?.[name] ?? writeField(name, read(event, name), rules, context)
    } catch {
      // A value that cannot be encoded.
    }
  }
  return members
}

/** Those of the fields that are objects of the application's, which may change them. Bodies as they came are none. */
export function writeObjects(
  event: EventInput,
  names: readonly (keyof EventInput)[],
  context: EventContext,
  rules: EventRules,
): WrittenFields {
  const objects = names.filter(name => typeof event[name] === 'object' && !BodyText.is(event[name]))
  return writeFields(event, objects, context, rules)
}

/** A complete event as JSON text: masked, bounded, keys without a value absent. */
export function writeEvent(event: EventInput, context: EventContext, rules: EventRules): string {
  return joinMembers(writeFields(event, FIELD_NAMES, context, rules))
}
