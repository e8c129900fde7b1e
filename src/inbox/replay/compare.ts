import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { compareJson, type Difference, MAX_DIFFERENCES, shorten } from './compare-json.ts'
import { compareText } from './compare-text.ts'
import { matchesMasked } from './masked-text.ts'
import { contentKind, readTruncated, readUncaptured, type UncapturedPayload } from './payload-kind.ts'
import { findHeader, readHeaderPairs } from './request-headers.ts'
import type { ReplayedAnswer } from './send.ts'
import { type Compared, type ComparedBody, describeVerdict, isAnythingCompared } from './verdict.ts'

export type { Difference } from './compare-json.ts'

/** What two answers have in common. */
export interface Comparison {
  /** Whether what was compared of status and body is the same; `false` where nothing could be compared. */
  same: boolean
  compared: Compared
  /** The outcome as a sentence, which claims no more than was compared. */
  verdict: string
  /** Headers that differ are told too, and alone leave the answers the same. */
  differences: Difference[]
  /** What could not be compared, a sentence each. */
  notes: string[]
}

/** Headers that differ from one answer to the next, or from one host to the next. */
const VARYING: readonly RegExp[] = [
  /^(date|age|expires|last-modified|etag|vary|via|server|x-powered-by|alt-svc|nel|report-to|server-timing|set-cookie)$/,
  /^(connection|keep-alive|transfer-encoding|content-length|content-encoding|accept-ranges|strict-transport-security)$/,
  /^(x-trace-id|traceparent|tracestate|x-request-id|request-id|x-correlation-id|x-runtime|x-response-time)$/,
  /^(cf-|x-amz|x-vercel-|x-nf-|fly-|x-served-by|x-cache|x-timer|x-envoy-|(x-)?ratelimit|retry-after)/,
]

/** Compares an event's captured answer with that of its replay. */
export function compareAnswers(event: ReplayStackEvent, replayed: ReplayedAnswer): Comparison {
  const notes: string[] = []
  const status = compareStatus(event, replayed, notes)
  const body = compareBody(event, replayed, notes)
  const told = [...status, ...compareHeaders(event, replayed), ...body.differences]
  if (told.length > MAX_DIFFERENCES) notes.push(`There are more differences; the first ${MAX_DIFFERENCES} are told.`)
  const compared: Compared = { status: event.statusCode !== undefined, body: body.compared }
  const isEqual = status.length + body.differences.length === 0
  return {
    same: isEqual && isAnythingCompared(compared),
    compared,
    verdict: describeVerdict(compared, isEqual),
    differences: told.slice(0, MAX_DIFFERENCES),
    notes,
  }
}

function compareStatus({ statusCode }: ReplayStackEvent, replayed: ReplayedAnswer, notes: string[]): Difference[] {
  if (statusCode === undefined) {
    notes.push('The captured answer has no status code to compare.')
    return []
  }
  return statusCode === replayed.statusCode ? [] : [change('status', String(statusCode), String(replayed.statusCode))]
}

function compareHeaders({ responseHeaders }: ReplayStackEvent, replayed: ReplayedAnswer): Difference[] {
  const captured = readHeaderPairs(responseHeaders)
  if (!captured) return []
  const before = new Map<string, string>()
  for (const [name, value] of captured) before.set(name, before.has(name) ? `${before.get(name)}, ${value}` : value)
  const after = new Map(Object.entries(replayed.headers))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(name => {
    const [original, now] = [before.get(name), after.get(name)]
    if (VARYING.some(pattern => pattern.test(name)) || isSameHeader(name, original, now)) return []
    const kind = original === undefined ? 'added' : now === undefined ? 'removed' : 'changed'
    return [{ path: `header ${name}`, kind, original: shorten(original ?? ''), replayed: shorten(now ?? '') }]
  })
}

function isSameHeader(name: string, original: string | undefined, replayed: string | undefined): boolean {
  if (original === undefined || replayed === undefined) return original === replayed
  if (matchesMasked(original, replayed)) return true
  // RFC 9110 §8.3.1: types and charsets are compared without case, and space around `;` means nothing.
  return name === 'content-type' && normalizeType(original) === normalizeType(replayed)
}

function normalizeType(type: string): string {
  return type.toLowerCase().replace(/[\s"]+/g, '')
}

interface BodyComparison {
  compared: ComparedBody
  differences: Difference[]
}

const NOT_COMPARED: BodyComparison = { compared: 'none', differences: [] }

function compareBody(event: ReplayStackEvent, replayed: ReplayedAnswer, notes: string[]): BodyComparison {
  const payload = event.responsePayload
  const uncaptured = readUncaptured(payload)
  if (uncaptured) return compareSize(uncaptured, replayed, notes)
  if (replayed.cut === 'size') notes.push(`The replay's body was read to its first ${replayed.sizeBytes} bytes.`)
  if (replayed.cut === 'time' || replayed.cut === 'unwanted') {
    notes.push("The replay's body was not read to its end: it was not compared.")
    return NOT_COMPARED
  }
  const truncated = readTruncated(payload)
  if (truncated) return comparePrefix(truncated.preview, replayed, notes)
  if (payload === undefined && !isKnownEmpty(event)) {
    notes.push('The captured answer has no body: it was not compared.')
    return NOT_COMPARED
  }
  const original = payload === undefined ? '' : payload
  const differences = replayed.isText
    ? compareKnownBody(original, replayed, event)
    : [change('body', showBody(original), `${replayed.sizeBytes} bytes that are no text`)]
  return { compared: 'whole', differences }
}

/** Of a body that was not captured, no more than its size may be known. */
function compareSize({ reason, sizeBytes }: UncapturedPayload, replayed: ReplayedAnswer, notes: string[]) {
  notes.push(`${reason}: it was not compared.`)
  if (replayed.cut) notes.push("The replay's body was not read to its end.")
  if (sizeBytes === undefined || replayed.cut) return NOT_COMPARED
  const differences =
    sizeBytes === replayed.sizeBytes ? [] : [change('body size', `${sizeBytes} bytes`, `${replayed.sizeBytes} bytes`)]
  return { compared: 'size' as const, differences }
}

function compareKnownBody(
  original: JsonValue,
  { body, headers }: ReplayedAnswer,
  event: ReplayStackEvent,
): Difference[] {
  if (typeof original === 'string') {
    const captured = findHeader(readHeaderPairs(event.responseHeaders), 'content-type')
    const parsed = contentKind(captured ?? headers['content-type']) === 'json' ? parseJson(body) : undefined
    // JSON that is one string is captured as that string.
    if (typeof parsed === 'string' && matchesMasked(original, parsed)) return []
    return compareText(original, body)
  }
  // Also how other SDKs record that there was none.
  if (original === null && body === '') return []
  const json = parseJson(body)
  const parsed = json === undefined ? parseForm(body, headers) : json
  if (parsed !== undefined) return compareJson(original, parsed)
  return [change('body', showBody(original), body)]
}

/** Of a body that was too large, only the beginning is known: as text, or as the text of its JSON. */
function comparePrefix(preview: string, replayed: ReplayedAnswer, notes: string[]): BodyComparison {
  // The cut may stand inside a mask.
  const prefix = preview.replace(/\[(M(A(S(K(ED?)?)?)?)?)?$/, '')
  if (prefix === '') {
    notes.push('The captured answer was too large to be captured: its body was not compared.')
    return NOT_COMPARED
  }
  notes.push(
    `The captured answer was too large to be captured whole: its first ${prefix.length} characters were compared.`,
  )
  const parsed = parseJson(replayed.body)
  const texts = [replayed.body, ...(parsed === undefined ? [] : [stringify(parsed)]), stringify(replayed.body)]
  const isSame = texts.some(text => matchesMasked(`${prefix}[MASKED]`, text))
  return { compared: 'part', differences: isSame ? [] : [change('body', preview, replayed.body)] }
}

/** Whether an answer without a captured body is one that had none. */
function isKnownEmpty({ method, statusCode, responseHeaders }: ReplayStackEvent): boolean {
  const headers = readHeaderPairs(responseHeaders)
  if (method?.toUpperCase() === 'HEAD' || statusCode === 204 || statusCode === 205 || statusCode === 304) return true
  if (!headers) return false
  const length = findHeader(headers, 'content-length')
  return length === undefined
    ? findHeader(headers, 'content-type') === undefined && headers.length > 0
    : Number(length) === 0
}

/** A captured body as one text, as an answer shows it. */
export function showBody(payload: JsonValue | undefined): string {
  if (payload === undefined) return ''
  const truncated = readTruncated(payload)
  if (truncated) return `${truncated.preview}…`
  const uncaptured = readUncaptured(payload)
  if (uncaptured) return `(${uncaptured.reason})`
  return typeof payload === 'string' ? payload : stringify(payload)
}

function change(path: string, original: string, replayed: string): Difference {
  return { path, kind: 'changed', original: shorten(original), replayed: shorten(replayed) }
}

function parseForm(text: string, headers: Readonly<Record<string, string>>): JsonValue | undefined {
  if (contentKind(headers['content-type']) !== 'form') return undefined
  const form = new URLSearchParams(text)
  return Object.fromEntries(
    [...new Set(form.keys())].map(name => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function stringify(value: JsonValue): string {
  try {
    return JSON.stringify(value)
  } catch {
    return '(nested too deeply to be shown)'
  }
}
