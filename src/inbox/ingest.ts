import type { Breadcrumb, LogLine, ReplayStackEvent, StackFrame } from '../types.ts'
import { completeEvent } from './complete-event.ts'
import { AUTH_MODES, EVENT_STATUSES, EVENT_TYPES, LEVELS } from './event-values.ts'
import { InvalidInputError } from './invalid-input.ts'
import type { NewEvent } from './store.ts'

/** Events in one bulk body. */
export const MAX_BULK_EVENTS = 100

/** Characters of an idempotency key. */
export const MAX_IDEMPOTENCY_KEY_LENGTH = 255

/** Throws an {@link InvalidInputError} that begins with `path`, or leaves the value alone. */
type Rule = (value: unknown, path: string) => void

interface Field {
  rule: Rule
  required?: true
  /** `null` is a value of it; anywhere else, it is as if the field were absent. */
  nullable?: true
  /** The shape of its entries, where it is a list. */
  entries?: Readonly<Record<string, Field>>
}

/** A rule for each key that the wire's type knows. Keys it does not know are kept unseen. */
type Shape<Type> = { readonly [Key in keyof Type]-?: Field }

const text = rule(value => typeof value === 'string', 'must be a string')
const nonEmptyText = rule(value => typeof value === 'string' && value !== '', 'must be a non-empty string')
const jsonObject = rule(isJsonObject, 'must be a JSON object')
const anyJson: Rule = () => {}
const timestamp = rule(
  value => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  'must be an ISO 8601 time',
)
const duration = rule(
  value => Number.isFinite(value) && Number(value) >= 0,
  'must be a number of milliseconds, 0 or more',
)
const position = rule(value => Number.isSafeInteger(value) && Number(value) >= 0, 'must be an integer, 0 or more')
const statusCode = rule(
  value => Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 999,
  'must be an integer from 100 to 999',
)
const idempotencyKey = rule(
  value => typeof value === 'string' && value !== '' && value.length <= MAX_IDEMPOTENCY_KEY_LENGTH,
  `must be a string of 1 to ${MAX_IDEMPOTENCY_KEY_LENGTH} characters`,
)

const STACK_FRAME: Shape<StackFrame> = {
  functionName: { rule: text },
  fileName: { rule: text },
  lineNumber: { rule: position },
  columnNumber: { rule: position },
  // Other SDKs' frames may come without the line as it was written.
  raw: { rule: text },
}

const BREADCRUMB: Shape<Breadcrumb> = {
  message: { rule: text, required: true },
  category: { rule: text },
  level: { rule: oneOf(LEVELS), required: true },
  metadata: { rule: anyJson },
  timestamp: { rule: timestamp, required: true },
}

const LOG_LINE: Shape<LogLine> = {
  level: { rule: oneOf(LEVELS), required: true },
  message: { rule: text, required: true },
  metadata: { rule: anyJson },
  timestamp: { rule: timestamp, required: true },
}

/** An event that is kept, field by field. */
const EVENT: Shape<ReplayStackEvent> = {
  traceId: { rule: nonEmptyText, required: true },
  eventType: { rule: oneOf(EVENT_TYPES), required: true },
  method: { rule: text },
  endpoint: { rule: text },
  requestUrl: { rule: text },
  authMode: { rule: oneOf(AUTH_MODES) },
  authScheme: { rule: text },
  requestHeaders: { rule: jsonObject },
  requestPayload: { rule: anyJson, nullable: true },
  responseHeaders: { rule: jsonObject },
  responsePayload: { rule: anyJson, nullable: true },
  status: { rule: oneOf(EVENT_STATUSES), required: true },
  statusCode: { rule: statusCode },
  executionTimeMs: { rule: duration },
  errorName: { rule: text },
  errorMessage: { rule: text },
  stackTrace: { rule: text },
  stackFrames: listOf(STACK_FRAME),
  breadcrumbs: listOf(BREADCRUMB),
  serviceName: { rule: text },
  environment: { rule: text },
  appVersion: { rule: text },
  commitHash: { rule: text },
  sourceIp: { rule: text },
  userAgent: { rule: text },
  logs: listOf(LOG_LINE),
  metadata: { rule: jsonObject },
}

/** The names of an event's fields on the wire. */
export const EVENT_FIELDS: ReadonlySet<string> = new Set(Object.keys(EVENT))

/**
 * Holds a parsed value against what every event is that the SDK sends and the inbox keeps.
 *
 * @param at what the value is called in messages, when it is not the whole body: `events[3]`
 * @throws InvalidInputError naming the first field that is wrong, and what it may be
 */
export function assertEvent(value: unknown, at = ''): asserts value is ReplayStackEvent {
  assertShape(value, EVENT, at)
}

/**
 * Reads the body of `/api/v1/ingest/events`: one event, whose text is kept as it is unless something had to be filled in
 * or left out.
 *
 * @throws InvalidInputError
 */
export function readEventBody(body: string, key?: string): NewEvent {
  const { event, changed } = readEvent(parseJson(body))
  const json = changed ? stringifyJson(event, 'body') : body
  return { event, json, idempotencyKey: readIdempotencyKey(key, 'idempotency-key') }
}

/** A bulk body's events, each judged by itself: the wrong ones keep no other out. */
export interface BulkEvents {
  accepted: NewEvent[]
  /** By their place in the body, with what is wrong. */
  rejected: { index: number; message: string }[]
}

/**
 * Reads the body of `/api/v1/ingest/bulk-events`: `{ "events": [...] }`. `keys` are the batch's idempotency keys, one
 * for each event in their order; a single one for several events is told apart by each event's place.
 *
 * @throws InvalidInputError where the body as a whole is wrong
 */
export function readBulkBody(body: string, keys?: string): BulkEvents {
  const batch = parseJson(body)
  if (!isJsonObject(batch)) throw new InvalidInputError('body must be a JSON object')
  const events = batch['events']
  if (!Array.isArray(events) || events.length < 1 || events.length > MAX_BULK_EVENTS) {
    throw new InvalidInputError(`events must be an array of 1 to ${MAX_BULK_EVENTS} events`)
  }
  const keyOf = readBulkKeys(keys, events.length)
  const bulk: BulkEvents = { accepted: [], rejected: [] }
  for (const [index, given] of events.entries()) {
    const path = `events[${index}]`
    try {
      const { event } = readEvent(given, path)
      bulk.accepted.push({ event, json: stringifyJson(event, path), idempotencyKey: keyOf(index) })
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      bulk.rejected.push({ index, message: error.message })
    }
  }
  return bulk
}

/** An event of the ingest contract, made whole in place. */
function readEvent(value: unknown, at = ''): { event: ReplayStackEvent; changed: boolean } {
  let changed = removeNulls(value, EVENT)
  if (isJsonObject(value)) changed = completeEvent(value, new Date().toISOString()) || changed
  assertEvent(value, at)
  return { event: value, changed }
}

function removeNulls(value: unknown, shape: Readonly<Record<string, Field>>): boolean {
  let changed = false
  if (!isJsonObject(value)) return changed
  for (const [name, { nullable, entries }] of Object.entries(shape)) {
    const part = value[name]
    if (part === null && !nullable) changed = delete value[name]
    else if (entries && Array.isArray(part)) for (const entry of part) changed = removeNulls(entry, entries) || changed
  }
  return changed
}

function readBulkKeys(keys: string | undefined, count: number): (index: number) => string | undefined {
  if (keys === undefined) return () => undefined
  const list = keys.split(',').map(key => readIdempotencyKey(key.trim(), 'idempotency-key'))
  if (list.length === count) return index => list[index]
  if (list.length === 1) return index => `${list[0]}#${index}`
  throw new InvalidInputError('idempotency-key must be one key, or one for each event, separated by commas')
}

function assertShape(value: unknown, shape: Readonly<Record<string, Field>>, at: string): void {
  if (!isJsonObject(value)) throw new InvalidInputError(`${at || 'body'} must be a JSON object`)
  for (const [name, field] of Object.entries(shape)) {
    const part = value[name]
    if (part !== undefined || field.required) field.rule(part, at ? `${at}.${name}` : name)
  }
}

function rule(accepts: (value: unknown) => boolean, message: string): Rule {
  return (value, path) => {
    if (!accepts(value)) throw new InvalidInputError(`${path} ${message}`)
  }
}

function oneOf(values: readonly string[]): Rule {
  return rule(value => values.some(allowed => allowed === value), `must be one of ${values.join(', ')}`)
}

function listOf(entries: Readonly<Record<string, Field>>): Field {
  return {
    entries,
    rule(value, path) {
      if (!Array.isArray(value)) throw new InvalidInputError(`${path} must be an array`)
      for (const [index, entry] of value.entries()) assertShape(entry, entries, `${path}[${index}]`)
    },
  }
}

function readIdempotencyKey(value: unknown, path: string): string | undefined {
  if (value === undefined) return undefined
  idempotencyKey(value, path)
  return String(value)
}

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new InvalidInputError('body must be valid JSON')
  }
}

function stringifyJson(value: unknown, path: string): string {
  try {
    return JSON.stringify(value)
  } catch {
    // What came from JSON has no cycle and no BigInt: only its depth can be too much.
    throw new InvalidInputError(`${path} is nested too deeply`)
  }
}
