/** Two events side by side: what differs in what came in, what was called, what went wrong and what went out. */
import { diffArrays } from 'diff'
import { MASKED } from '../../mask/text.ts'
import { read } from '../../safe-read.ts'
import { isTape } from '../../tape/player.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { showBody } from './compare.ts'
import { compareHeaderMaps } from './compare-headers.ts'
import { type Difference, describeChange, MAX_DIFFERENCES, readJsonChanges, shorten, showJson } from './compare-json.ts'
import { compareText } from './compare-text.ts'
import { isLikelyNoise } from './likely-noise.ts'
import { matchesMasked } from './masked-text.ts'
import { readTruncated, readUncaptured } from './payload-kind.ts'
import type { KeptEvent } from './test-file.ts'

/** What is compared, in the order in which it happens. */
export type ComparedPart = 'build' | 'request' | 'calls' | 'error' | 'response'

/** What is compared, in the order in which it happens, and what it is called. */
export const PARTS: readonly (readonly [part: ComparedPart, title: string])[] = [
  ['build', 'Build'],
  ['request', 'Request'],
  ['calls', 'Calls'],
  ['error', 'Error'],
  ['response', 'Response'],
]

/** One of the two events. */
export interface ComparedEvent
  extends Pick<
    ReplayStackEvent,
    'eventType' | 'method' | 'endpoint' | 'status' | 'statusCode' | 'executionTimeMs' | 'traceId'
  > {
  id: string
  /** ISO 8601, UTC. */
  receivedAt: string
}

/** What two events have in common. */
export interface EventComparison {
  /** Whether nothing differs, as far as both were captured. */
  same: boolean
  first: ComparedEvent
  second: ComparedEvent
  /** Of each part, what differs; in a {@link Difference}, `original` is the first event's and `replayed` the second's. */
  parts: Record<ComparedPart, Difference[]>
  /** Differences that are ids and times by their looks: `response body.id`. */
  noise: string[]
  /** What could not be compared, a sentence each. */
  notes: string[]
}

/** Compares two events, as far as they were captured. A mask, in either, equals anything. */
export function compareEvents(first: KeptEvent, second: KeptEvent): EventComparison {
  const [one, other] = [first.event, second.event]
  const notes = new Set<string>()
  const parts: EventComparison['parts'] = {
    build: compareFields(one, other, ['serviceName', 'environment', 'appVersion', 'commitHash']),
    request: [
      ...compareFields(one, other, ['eventType', 'method']),
      ...compareTexts('url', readPath(one), readPath(other)),
      ...compareFields(one, other, ['authMode']),
      ...compareHeaders(one.requestHeaders, other.requestHeaders),
      ...comparePayloads('request', one.requestPayload, other.requestPayload, notes),
    ],
    calls: compareCalls(one, other, notes),
    error: [
      ...compareFields(one, other, ['errorName', 'errorMessage']),
      ...compareTexts('first frame', readFrame(one), readFrame(other)),
    ],
    response: [
      ...compareFields(one, other, ['status', 'statusCode']),
      ...compareHeaders(one.responseHeaders, other.responseHeaders),
      ...comparePayloads('response', one.responsePayload, other.responsePayload, notes),
    ],
  }
  for (const [part, differences] of Object.entries(parts)) {
    if (differences.length <= MAX_DIFFERENCES) continue
    notes.add(`There are more differences in the ${part}; the first ${MAX_DIFFERENCES} are shown.`)
    differences.length = MAX_DIFFERENCES
  }
  return {
    same: Object.values(parts).every(differences => differences.length === 0),
    first: describeEvent(first),
    second: describeEvent(second),
    parts,
    noise: Object.entries(parts).flatMap(([part, differences]) =>
      differences.filter(isLikelyNoise).map(({ path }) => `${part} ${path}`),
    ),
    notes: [...notes],
  }
}

function describeEvent({ id, receivedAt, event }: KeptEvent): ComparedEvent {
  const { traceId, eventType, method, endpoint, status, statusCode, executionTimeMs } = event
  return {
    id,
    receivedAt,
    traceId,
    eventType,
    status,
    ...(method !== undefined && { method }),
    ...(endpoint !== undefined && { endpoint }),
    ...(statusCode !== undefined && { statusCode }),
    ...(executionTimeMs !== undefined && { executionTimeMs }),
  }
}

type NamedField =
  | 'serviceName'
  | 'environment'
  | 'appVersion'
  | 'commitHash'
  | 'eventType'
  | 'method'
  | 'authMode'
  | 'errorName'
  | 'errorMessage'
  | 'status'
  | 'statusCode'

function compareFields(one: ReplayStackEvent, other: ReplayStackEvent, names: readonly NamedField[]): Difference[] {
  return names.flatMap(name => compareTexts(name, one[name]?.toString(), other[name]?.toString()))
}

function compareTexts(path: string, original: string | undefined, replayed: string | undefined): Difference[] {
  if (original === replayed) return []
  if (original !== undefined && replayed !== undefined && isSameBehindMasks(original, replayed)) return []
  const kind = original === undefined ? 'added' : replayed === undefined ? 'removed' : 'changed'
  return [{ path, kind, original: shorten(original ?? ''), replayed: shorten(replayed ?? '') }]
}

function isSameBehindMasks(one: string, other: string): boolean {
  return matchesMasked(one, other) || matchesMasked(other, one)
}

/** Path and query; two builds on two ports are asked for the same. */
function readPath({ requestUrl = '', endpoint }: ReplayStackEvent): string | undefined {
  const [, path] = /^https?:\/\/[^/?#]*([^#]*)/i.exec(requestUrl) ?? []
  return path === undefined ? endpoint : path || '/'
}

function readFrame({ stackFrames: [frame] = [] }: ReplayStackEvent): string | undefined {
  if (!frame) return undefined
  const { functionName, fileName, lineNumber, raw } = frame
  return fileName === undefined ? raw : `${functionName ?? '(anonymous)'} (${fileName}:${lineNumber ?? '?'})`
}

function compareHeaders(one: JsonValue | undefined, other: JsonValue | undefined): Difference[] {
  return compareHeaderMaps(one, other).filter(
    ({ kind, original, replayed }) => kind !== 'changed' || !matchesMasked(replayed, original),
  )
}

function comparePayloads(
  part: 'request' | 'response',
  one: JsonValue | undefined,
  other: JsonValue | undefined,
  notes: Set<string>,
): Difference[] {
  for (const payload of [one, other]) {
    const uncaptured = readUncaptured(payload)
    if (uncaptured) notes.add(`A ${part} body was not captured: ${uncaptured.reason}.`)
    if (readTruncated(payload)) notes.add(`A ${part} body was too large: only its beginning was compared.`)
  }
  if (one === undefined || other === undefined || isMarker(one) || isMarker(other)) {
    const [before, after] = [one, other].map(payload => (payload === undefined ? undefined : showBody(payload)))
    return compareTexts('body', before, after)
  }
  if (typeof one === 'string' && typeof other === 'string') {
    return matchesMasked(other, one) ? [] : compareText(one, other)
  }
  const differences: Difference[] = []
  for (const change of readJsonChanges(one, other)) {
    if (isMaskedInSecond(change.original, change.replayed)) continue
    differences.push(describeChange(change))
    if (differences.length > MAX_DIFFERENCES) break
  }
  return differences
}

function isMarker(payload: JsonValue): boolean {
  return readTruncated(payload) !== undefined || readUncaptured(payload) !== undefined
}

function isMaskedInSecond(original: JsonValue | undefined, replayed: JsonValue | undefined): boolean {
  if (typeof replayed !== 'string' || original === undefined) return false
  return replayed === MASKED || (typeof original === 'string' && matchesMasked(replayed, original))
}

/** Calls that may come or go before they are no longer matched up: the work grows with their square. */
const MAX_CALL_EDITS = 200

function compareCalls(one: ReplayStackEvent, other: ReplayStackEvent, notes: Set<string>): Difference[] {
  const [before, after] = [listCalls(one), listCalls(other)]
  if (!before || !after) {
    if (before || after) notes.add('The calls of one event were not recorded: they were not compared.')
    return []
  }
  const changes = diffArrays(before, after, { maxEditLength: MAX_CALL_EDITS })
  if (!changes) return compareTexts('calls', `${before.length} calls`, `${after.length} other calls`)
  const differences: Difference[] = []
  let call = 1
  for (const [index, change] of changes.entries()) {
    const next = changes[index + 1]
    const text = change.value.join('\n')
    if (change.removed)
      differences.push(...compareTexts(`call ${call}`, text, next?.added ? next.value.join('\n') : undefined))
    else if (change.added && !changes[index - 1]?.removed)
      differences.push(...compareTexts(`call ${call}`, undefined, text))
    if (!change.added) call += change.count
  }
  return differences
}

/** Each call as a line: what was asked of whom, and what came back; `undefined` where none were recorded. */
function listCalls({ metadata }: ReplayStackEvent): string[] | undefined {
  const tape: unknown = read(metadata, 'tape')
  if (!isTape(tape)) return undefined
  return tape.calls.map(({ kind, target, method, input, output, error }) => {
    const outcome =
      error === undefined ? (output === undefined ? '' : ` → ${showJson(output)}`) : ` ✗ ${showJson(error)}`
    return `${kind} ${target}.${method} ${showJson(input)}${outcome}`
  })
}
