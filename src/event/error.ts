import { cutText, shortenText } from '../mask/truncate.ts'
import { callMember, entriesOf, read, readAll } from '../safe-read.ts'
import type { EventInput, LogInput, StackFrame } from '../types.ts'
import { formatStackFrameLocation, parseStackTrace, pickPrimaryStackFrame } from './stack.ts'

const MAX_NAME_LENGTH = 200
const MAX_MESSAGE_LENGTH = 10_000
const MAX_STACK_LENGTH = 20_000
const MAX_CAUSES = 10
/** Entries of one level of a thrown object, and the length of a key or value in it. */
const MAX_ENTRIES = 20
const MAX_ENTRY_LENGTH = 500
/** Levels of an error's own fields that are kept. */
const MAX_FIELD_DEPTH = 4

/** What an event says of an error elsewhere: its text, its stack, and the errors behind it. */
const KNOWN_FIELDS = ['name', 'message', 'stack', 'cause', 'replayStack']

/** What an event says of one error. Texts are not masked; their limits are in UTF-16 units and split no code point. */
export interface ErrorSummary {
  /** Its `name`, else a text `code`, else `Error` if it has a stack; absent where it has none of these. At most 200. */
  errorName?: string
  /** At most 10,000. */
  errorMessage: string
  /** At most 20,000. */
  stackTrace?: string
  /** Read from the whole stack. At most 100 frames. */
  stackFrames?: StackFrame[]
  /** What else it has of its own and shows (`code`, `status`, Prisma's `meta`), as far as that is plain data. Not masked. */
  fields?: Record<string, unknown>
}

/** An error behind the one that was thrown. */
export interface ErrorCause extends ErrorSummary {
  /** Where it hangs on what was thrown: `cause`, `cause.cause`, `errors[0]`, `errors[0].cause`. */
  path: string
}

/** What an event says of what was thrown, and of the errors behind it. */
export interface ErrorDetails extends ErrorSummary {
  /** Read from the whole stack; none where there is no stack. At most 100 frames. */
  stackFrames: StackFrame[]
  /** `cause` chains and members of `errors`, nearest first, each object once. At most 10. */
  causes?: ErrorCause[]
  /** How many more causes and members there are. */
  causesOmitted?: number
}

/**
 * What is known of anything that was thrown. Never throws, and runs nothing of the value's own but what reading a
 * property runs. What is no error and has no `message` is described by a short JSON text.
 */
export function getErrorDetails(error: unknown): ErrorDetails {
  const found = [{ path: '', value: error }]
  let causesOmitted = 0
  function add(path: string, value: unknown): void {
    if (isObject(value) && found.some(known => known.value === value)) return
    if (found.length > MAX_CAUSES) causesOmitted++
    else found.push({ path, value })
  }
  // The list grows while it is walked, which is what makes the walk breadth first.
  for (const { path, value } of found) {
    const prefix = path && `${path}.`
    const cause = read(value, 'cause')
    if (cause !== undefined && cause !== null) add(`${prefix}cause`, cause)
    const members = read(value, 'errors')
    const length = typeof members === 'object' ? read(members, 'length') : 0
    if (typeof length !== 'number' || !Number.isSafeInteger(length)) continue
    for (let index = 0; index < length && index < MAX_CAUSES; index++) {
      add(`${prefix}errors[${index}]`, read(members, index))
    }
    causesOmitted += Math.max(0, length - MAX_CAUSES)
  }
  const [, ...behind] = found
  const summary = summarize(error)
  return {
    ...summary,
    stackFrames: summary.stackFrames ?? [],
    ...(behind.length > 0 && { causes: behind.map(({ path, value }) => ({ path, ...summarize(value) })) }),
    ...(causesOmitted > 0 && { causesOmitted }),
  }
}

function summarize(error: unknown): ErrorSummary {
  const [stack, name, code, message] = ['stack', 'name', 'code', 'message'].map(key => read(error, key))
  const stackTrace = isText(stack) && shortenText(stack, MAX_STACK_LENGTH)
  const stackFrames = parseStackTrace(stack, { name, message })
  const errorName = [name, code].find(isText) ?? (stackTrace && 'Error')
  const fields = stackTrace || isText(message) ? ownFields(error) : {}
  return {
    ...(errorName && { errorName: shortenText(errorName, MAX_NAME_LENGTH) }),
    errorMessage: shortenText(describe(message ?? (stackTrace ? '' : error)), MAX_MESSAGE_LENGTH),
    ...(stackTrace && { stackTrace }),
    ...(stackFrames.length > 0 && { stackFrames }),
    ...(Object.keys(fields).length > 0 && { fields }),
  }
}

/** An error's own enumerable fields. Not what it drags along: a request, a socket or a client is no plain data. */
function ownFields(error: unknown): Record<string, unknown> {
  const entries = entriesOf(error, MAX_ENTRIES).filter(
    ([name, value]) => !KNOWN_FIELDS.includes(name) && !isMembers(name, value),
  )
  const fields = entries.map(([name, value]) => [name, plainData(value, MAX_FIELD_DEPTH)])
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

/** The members of an `AggregateError` are among its causes. */
const isMembers = (name: string, value: unknown): boolean =>
  name === 'errors' && typeof read(value, 'length') === 'number'

/** A copy of what is plain data in a value; `undefined` for all else. A text stays whole, so that masking can read it. */
function plainData(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > MAX_MESSAGE_LENGTH ? undefined : value
  if (typeof value === 'bigint') return String(value)
  if (!isObject(value)) return typeof value === 'symbol' ? undefined : value
  try {
    if (depth === 0) return undefined
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
    if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map(one => plainData(one, depth - 1) ?? null)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return undefined
    return Object.fromEntries(entriesOf(value, MAX_ENTRIES).map(([name, one]) => [name, plainData(one, depth - 1)]))
  } catch {
    return undefined
  }
}

/** An object's text is either JSON to its end or none: cut JSON would hide the names that masking looks for. */
function describe(value: unknown, depth = 2): string {
  if (!isObject(value)) return String(value)
  const shown = sketch(value, depth)
  const text = typeof shown === 'string' ? shown : JSON.stringify(shown)
  return text.length > MAX_MESSAGE_LENGTH ? describe(value, depth - 1) : text
}

/** A copy that shows what a value holds, without its `toJSON`; what is large, deep or cyclic becomes its tag. */
function sketch(value: unknown, depth: number): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  if (!isObject(value)) return cutText(String(value), MAX_ENTRY_LENGTH)
  try {
    if (depth > 0 && Array.isArray(value)) {
      const length = Math.min(value.length, MAX_ENTRIES)
      return Array.from({ length }, (_, index) => sketch(read(value, index), depth - 1))
    }
    const entries = depth > 0 && !ArrayBuffer.isView(value) ? entriesOf(value, MAX_ENTRIES) : []
    if (entries.length === 0) return Object.prototype.toString.call(value)
    return Object.fromEntries(
      entries.map(([key, member]) => [cutText(key, MAX_ENTRY_LENGTH), sketch(member, depth - 1)]),
    )
  } catch {
    return '[unreadable]'
  }
}

function isObject(value: unknown): value is object {
  return Object(value) === value
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/**
 * An event's fields for what was thrown: what the error says, and the response that it asks its event to show. Its own
 * fields go to `metadata.error` and its causes to `metadata.causes`, beside what is there.
 */
export function errorFields(thrown: unknown, metadata?: Record<string, unknown>): EventInput {
  const { causes, causesOmitted, fields, ...details } = getErrorDetails(thrown)
  const behind = (causes || fields) && {
    ...readAll(metadata),
    ...(fields && !('error' in Object(metadata)) && { error: fields }),
    ...(causes && { causes }),
    ...(causesOmitted && { causesOmitted }),
  }
  return { ...details, ...getReplayStackErrorCapture(thrown), metadata: behind ?? metadata }
}

/** A log line that says what an event's error is, and where it was thrown. */
export function errorLog(
  { errorName, errorMessage, stackFrames }: Pick<EventInput, 'errorName' | 'errorMessage' | 'stackFrames'>,
  metadata?: Record<string, unknown>,
): LogInput {
  const frame = pickPrimaryStackFrame(stackFrames)
  const { functionName, fileName, lineNumber, columnNumber } = frame ?? {}
  const location = formatStackFrameLocation(frame)
  const place = { errorName, functionName, fileName, lineNumber, columnNumber, location }
  return { level: 'error', message: errorMessage || errorName || 'Error', metadata: { ...place, ...metadata } }
}

/** The response that an error asks its event to show. */
export interface ErrorCapture {
  /** The event's `responsePayload`. Any value; masked and bounded as others are. */
  responsePayload?: unknown
  /** The event's `statusCode`: a whole number from 100 to 999. */
  statusCode?: number
}

/**
 * Throws an error whose event shows a response of your own: it carries `replayStack: { responsePayload, statusCode }`,
 * which every adapter and `captureException` read from any error that they record.
 * @param responsePayload any value. Default: the message, where no response was sent
 * @param statusCode a whole number from 100 to 999, default 500
 * @throws {Error} always
 * @example
 * captureFailure('The card was declined', { error: 'card_declined', orderId }, 402)
 */
export function captureFailure(message: string, responsePayload?: unknown, statusCode = 500): never {
  const error = new Error(message)
  // Makes the first frame the caller's, where the runtime has it: https://v8.dev/docs/stack-trace-api
  callMember(Error, 'captureStackTrace', error, captureFailure)
  throw Object.assign(error, { replayStack: { responsePayload, statusCode } })
}

/** What {@link captureFailure} put on an error, or anyone else did; `undefined` where there is nothing. Never throws. */
export function getReplayStackErrorCapture(error: unknown): ErrorCapture | undefined {
  const capture = read(error, 'replayStack')
  if (typeof capture !== 'object' || capture === null) return undefined
  const [responsePayload, statusCode] = [read(capture, 'responsePayload'), read(capture, 'statusCode')]
  return {
    ...(responsePayload !== undefined && { responsePayload }),
    ...(isStatusCode(statusCode) && { statusCode }),
  }
}

/** Whether the contract allows it. */
const isStatusCode = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 999
