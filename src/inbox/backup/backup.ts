/**
 * The lines of a backup: NDJSON. An event takes two, the first about it, the second its own text, so that the text comes back as
 * it was. Issues come last: they also count what was pruned.
 */
import { entriesOf, readAll } from '../../safe-read.ts'
import { assertEvent, MAX_IDEMPOTENCY_KEY_LENGTH } from '../ingest.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { ISSUE_STATES, type IssueState } from '../issues/issue.ts'
import { REPLAY_OUTCOMES, type ReplayRecord } from '../replay/replay-record.ts'
import type { KeptSources, ResolvedFrame } from '../source-maps.ts'
import type { NewEvent } from '../store.ts'

/** An event with all that is kept of it. */
export interface BackedUpEvent extends NewEvent {
  id: string
  receivedAt: number
  pinned?: boolean | undefined
  note?: string | undefined
  replayOf?: string | undefined
  /** Its replays, newest first. */
  replays?: readonly ReplayRecord[] | undefined
}

/** How often an issue has one name of a service, environment or version. */
export interface IssueName {
  name: string
  value: string
  count: number
  /** Milliseconds since the epoch. */
  firstSeen: number
}

/** An issue with its books. Times are milliseconds since the epoch. */
export interface BackedUpIssue {
  issueId: string
  title: string
  errorName?: string | undefined
  errorMessage?: string | undefined
  culprit: string
  route?: string | undefined
  state: IssueState
  count: number
  firstSeen: number
  lastSeen: number
  regressedAt?: number | undefined
  regressedIn?: string | undefined
  /** Failures by the hour since the epoch. */
  hours: readonly { hour: number; count: number }[]
  names: readonly IssueName[]
}

/** One page of a backup: whole lines, the last with its end. */
export interface BackupPage {
  lines: string
  /** The cursor of the next page; absent when this is the last. */
  next?: string | undefined
}

/** What a restore is given. */
export interface Restoration {
  events: BackedUpEvent[]
  issues: BackedUpIssue[]
}

/** What became of it. */
export interface RestoreResult {
  /** Events that were kept, and events that were there already. */
  restored: number
  known: number
  /** Issues whose books were taken over. */
  issues: number
}

/** A line that cannot be restored. */
export interface RejectedLine {
  /** 1 for the first of the text. */
  line: number
  message: string
}

const EVENT = 'event'
const ISSUE = 'issue'

export function writeEventLines({
  json,
  event: _,
  ...about
}: Omit<BackedUpEvent, 'event'> & { event?: unknown }): string {
  // Only between its parts can JSON have a line's end.
  return `${JSON.stringify({ kind: EVENT, ...about })}\n${json.replace(/[\r\n]/g, ' ')}\n`
}

export function writeIssueLine(issue: BackedUpIssue): string {
  return `${JSON.stringify({ kind: ISSUE, ...issue })}\n`
}

/** Whether a line is the first of an event's two. */
export function beginsEvent(line: string): boolean {
  return line.startsWith(`{"kind":"${EVENT}"`)
}

/** Reads the lines of a backup, or a part of them. What is wrong keeps nothing else out. */
export function readBackupLines(text: string): Restoration & { rejected: RejectedLine[] } {
  const lines = text.split('\n')
  const found: Restoration & { rejected: RejectedLine[] } = { events: [], issues: [], rejected: [] }
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const place = index + 1
    try {
      if (line.trim() === '') continue
      const about = parseObject(line)
      if (about['kind'] === EVENT) found.events.push(readEvent(about, lines[++index]))
      else if (about['kind'] === ISSUE) found.issues.push(readIssue(about))
      else throw new InvalidInputError('it is no line of a backup')
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      found.rejected.push({ line: place, message: error.message })
    }
  }
  return found
}

type Fields = Readonly<Record<string, unknown>>

function readEvent(about: Fields, json: string | undefined): BackedUpEvent {
  if (json === undefined) throw new InvalidInputError('the event after it is missing')
  const event: unknown = parseObject(json)
  assertEvent(event)
  const { id, idempotencyKey, pinned, note, replayOf, sources, replays } = about
  if (!isText(id, 100)) throw new InvalidInputError('id must be a string of 1 to 100 characters')
  if (idempotencyKey !== undefined && !isText(idempotencyKey, MAX_IDEMPOTENCY_KEY_LENGTH)) {
    throw new InvalidInputError('idempotencyKey must be a string')
  }
  return {
    id,
    event,
    json,
    receivedAt: readCount(about, 'receivedAt'),
    idempotencyKey,
    pinned: pinned === true,
    note: readText(note),
    replayOf: readText(replayOf),
    sources: sources === undefined ? undefined : checkSources(sources),
    replays: listOf(replays).map(replay => readReplay(replay, id)),
  }
}

/** @throws InvalidInputError for what no inbox keeps: pages show it as it is */
function checkSources(value: unknown): KeptSources {
  return Object.fromEntries(entriesOf(value).map(([place, frame]) => [place, checkFrame({ ...readAll(frame) })]))
}

function checkFrame(fields: Fields): ResolvedFrame {
  const { fileName, functionName, own, context } = fields
  if (typeof fileName !== 'string') throw new InvalidInputError('sources must each have a fileName')
  return {
    fileName,
    ...(typeof functionName === 'string' && { functionName }),
    lineNumber: readCount(fields, 'lineNumber'),
    columnNumber: readCount(fields, 'columnNumber'),
    own: own === true,
    ...(Array.isArray(context) && {
      context: listOf(context).map(line => ({ line: readCount(line, 'line'), text: String(line['text']) })),
    }),
  }
}

function readReplay(fields: Fields, eventId: string): ReplayRecord {
  const { replayId, startedAt, target, outcome, verdict, traceId } = fields
  if (!isText(replayId, 100) || typeof startedAt !== 'string' || Number.isNaN(Date.parse(startedAt))) {
    throw new InvalidInputError('replays must each have a replayId and a time in startedAt')
  }
  return {
    replayId,
    eventId,
    startedAt,
    target: readText(target),
    outcome: REPLAY_OUTCOMES.find(known => known === outcome),
    verdict: readText(verdict),
    originalStatusCode: readNumber(fields, 'originalStatusCode'),
    statusCode: readNumber(fields, 'statusCode'),
    durationMs: readNumber(fields, 'durationMs'),
    traceId: readText(traceId),
  }
}

function readIssue(fields: Fields): BackedUpIssue {
  const { issueId, title, errorName, errorMessage, culprit, route, state, regressedIn, hours, names } = fields
  const known = ISSUE_STATES.find(one => one === state)
  if (!isText(issueId, 100) || typeof title !== 'string' || typeof culprit !== 'string' || !known) {
    throw new InvalidInputError(
      `an issue must have issueId, title, culprit, and one state of ${ISSUE_STATES.join(', ')}`,
    )
  }
  return {
    issueId,
    title,
    errorName: readText(errorName),
    errorMessage: readText(errorMessage),
    culprit,
    route: readText(route),
    state: known,
    count: readCount(fields, 'count'),
    firstSeen: readCount(fields, 'firstSeen'),
    lastSeen: readCount(fields, 'lastSeen'),
    regressedAt: readNumber(fields, 'regressedAt'),
    regressedIn: readText(regressedIn),
    hours: listOf(hours).map(hour => ({ hour: readCount(hour, 'hour'), count: readCount(hour, 'count') })),
    names: listOf(names).map(name => ({
      name: String(name['name']),
      value: String(name['value']),
      count: readCount(name, 'count'),
      firstSeen: readCount(name, 'firstSeen'),
    })),
  }
}

function parseObject(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Not even JSON.
  }
  throw new InvalidInputError('it must be a JSON object')
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(entry => ({ ...readAll(entry) })) : []
}

function isText(value: unknown, maximum: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maximum
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function readNumber(fields: Fields, name: string): number | undefined {
  const value = fields[name]
  return typeof value === 'number' ? value : undefined
}

function readCount(fields: Fields, name: string): number {
  const value = fields[name]
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value)
  throw new InvalidInputError(`${name} must be an integer, 0 or more`)
}
