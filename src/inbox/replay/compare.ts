import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { compareHeaderMaps, nameLeftOutHeaders } from './compare-headers.ts'
import { compareJson, type Difference, MAX_DIFFERENCES, shorten } from './compare-json.ts'
import { compareText } from './compare-text.ts'
import { type Drift, type JoinedDrift, joinDrift, NO_DRIFT } from './drift.ts'
import { matchesMasked } from './masked-text.ts'
import {
  contentKind,
  isJsonObject,
  parseJson,
  readFields,
  readTruncated,
  readUncaptured,
  type UncapturedPayload,
} from './payload-kind.ts'
import type { ReplayedAnswer } from './replayed-answer.ts'
import { findHeader, readHeaderPairs } from './request-headers.ts'
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
  /** What is left out of the verdict, for it differs between runs of one build: `body.id`, `header x-run`. */
  leftOut: string[]
  /** What could not be compared, a sentence each. */
  notes: string[]
}

export interface CompareOptions {
  /** Between the replayed answer and others of the same build. @default nothing is left out */
  drift?: Drift | undefined
  /** The same of the first answer, where that is one of several too. */
  originalDrift?: Drift | undefined
}

/** Compares an event's captured answer with that of its replay. */
export function compareAnswers(
  event: ReplayStackEvent,
  replayed: ReplayedAnswer,
  { drift: replayedDrift = NO_DRIFT, originalDrift = NO_DRIFT }: CompareOptions = {},
): Comparison {
  const drift = joinDrift(originalDrift, replayedDrift)
  const notes = [...drift.notes]
  const status = compareStatus(event, replayed, drift, notes)
  const headers = compareHeaderMaps(event.responseHeaders, replayed.headers, drift.headers)
  const body = compareBody(event, replayed, notes, drift)
  const told = [...status, ...headers, ...body.differences]
  if (told.length > MAX_DIFFERENCES) notes.push(`There are more differences; the first ${MAX_DIFFERENCES} are told.`)
  const compared: Compared = { status: event.statusCode !== undefined, body: body.compared }
  const isEqual = status.length + body.differences.length === 0
  return {
    same: isEqual && isAnythingCompared(compared),
    compared,
    verdict: describeVerdict(compared, isEqual),
    differences: told.slice(0, MAX_DIFFERENCES),
    leftOut: [...nameLeftOutHeaders(drift.headers), ...(body.leftOut ?? [])],
    notes,
  }
}

/** A status that differs between the runs is a difference: it is no id, and no time. */
function compareStatus(
  { statusCode }: ReplayStackEvent,
  replayed: ReplayedAnswer,
  { statuses }: JoinedDrift,
  notes: string[],
): Difference[] {
  if (statuses.original.length + statuses.replayed.length > 0) {
    const told = (runs: readonly number[], code = NaN) => (runs.length > 0 ? runs.join(', ') : String(code || ''))
    return [change('status', told(statuses.original, statusCode), told(statuses.replayed, replayed.statusCode))]
  }
  if (statusCode === undefined) {
    notes.push('The captured answer has no status code to compare.')
    return []
  }
  return statusCode === replayed.statusCode ? [] : [change('status', String(statusCode), String(replayed.statusCode))]
}

interface BodyComparison {
  compared: ComparedBody
  differences: Difference[]
  leftOut?: string[]
}

const NOT_COMPARED: BodyComparison = { compared: 'none', differences: [] }

function compareBody(
  event: ReplayStackEvent,
  replayed: ReplayedAnswer,
  notes: string[],
  drift: JoinedDrift,
): BodyComparison {
  const payload = event.responsePayload
  if (hasHostsResponse(event)) {
    notes.push('The handler threw: what its host responded with is in no event, and was not compared.')
    return NOT_COMPARED
  }
  const uncaptured = readUncaptured(payload)
  if (uncaptured) return compareSize(uncaptured, replayed, drift, notes)
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
  if (replayed.isText) return compareKnownBody(original, replayed, event, drift)
  const differences = [change('body', showBody(original), `${replayed.sizeBytes} bytes that are no text`)]
  return { compared: 'whole', differences }
}

/** Whether nobody in the application made a response of an error: its message then stands for the body. */
function hasHostsResponse({ responseHeaders, responsePayload, errorMessage }: ReplayStackEvent): boolean {
  if (responseHeaders !== undefined || errorMessage === undefined || !isJsonObject(responsePayload)) return false
  return Object.keys(responsePayload).length === 1 && responsePayload['message'] === errorMessage
}

/** Of a body that was not captured, no more than its size may be known. */
function compareSize(
  { reason, sizeBytes }: UncapturedPayload,
  replayed: ReplayedAnswer,
  drift: JoinedDrift,
  notes: string[],
): BodyComparison {
  notes.push(`${reason}: it was not compared.`)
  if (replayed.cut) notes.push("The replay's body was not read to its end.")
  if (sizeBytes === undefined || replayed.cut) return NOT_COMPARED
  if (drift.size) return { ...NOT_COMPARED, leftOut: ['body size'] }
  const differences =
    sizeBytes === replayed.sizeBytes ? [] : [change('body size', `${sizeBytes} bytes`, `${replayed.sizeBytes} bytes`)]
  return { compared: 'size', differences }
}

function compareKnownBody(
  original: JsonValue,
  replayed: ReplayedAnswer,
  event: ReplayStackEvent,
  drift: JoinedDrift,
): BodyComparison {
  const { body, headers } = replayed
  const fields = {
    compared: drift.paths.has('body') ? ('none' as const) : ('whole' as const),
    leftOut: [...drift.paths],
  }
  if (typeof original === 'string') {
    const captured = findHeader(readHeaderPairs(event.responseHeaders), 'content-type')
    const parsed = contentKind(captured ?? headers['content-type']) === 'json' ? parseJson(body) : undefined
    // JSON that is one string is captured as that string.
    if (typeof parsed === 'string' && (drift.paths.has('body') || matchesMasked(original, parsed))) {
      return { ...fields, differences: [] }
    }
    const differences = compareText(original, body, drift.lines)
    return { compared: 'whole', differences, leftOut: nameLines(drift.lines) }
  }
  // Also how other SDKs record that there was none.
  if (original === null && body === '') return { compared: 'whole', differences: [] }
  const value = readFields(replayed)
  if (value !== undefined) return { ...fields, differences: compareJson(original, value, drift.paths) }
  return { compared: 'whole', differences: [change('body', showBody(original), body)] }
}

function nameLines({ original, replayed }: JoinedDrift['lines']): string[] {
  const lines = [...new Set([...original.keys(), ...replayed.keys()])].sort((one, other) => one - other)
  return lines.map(line => `words in body line ${line + 1}`)
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

function stringify(value: JsonValue): string {
  try {
    return JSON.stringify(value)
  } catch {
    return '(nested too deeply to be shown)'
  }
}
