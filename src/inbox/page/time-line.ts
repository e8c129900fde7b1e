import type { Breadcrumb, Level, LogLine, ReplayStackEvent } from '../../types.ts'
import { type RecordedCall, readCalls } from './recorded-calls.ts'

/** One thing that happened, on the event's time line. */
export interface Moment {
  kind: 'start' | 'breadcrumb' | 'log' | 'call' | 'error' | 'end'
  /** Milliseconds since the event began. */
  offset: number
  /** Of a call that ended: milliseconds. */
  duration?: number | undefined
  level: Level
  category?: string | undefined
  message: string
  metadata?: unknown
  call?: RecordedCall | undefined
  /** Milliseconds before it in which nothing was recorded, where they are a good part of the event's time. */
  gap?: number | undefined
}

export interface TimeLine {
  moments: Moment[]
  /** Milliseconds from the first moment to the last. */
  length: number
  /** Moments that a page does not show. */
  omitted: number
}

const MAX_MOMENTS = 300

/** Where moments of the same millisecond stand. */
const RANKS: Readonly<Record<Moment['kind'], number>> = { start: 0, breadcrumb: 1, log: 1, call: 1, error: 2, end: 3 }

/**
 * The request, its breadcrumbs, log lines and recorded calls, its error and its response in the order of their times. The breadcrumbs that
 * the SDK adds by itself (started, threw, finished) become the ends of the line rather than moments beside them.
 */
export function buildTimeLine(event: ReplayStackEvent, receivedAt: string): TimeLine {
  const { breadcrumbs = [], logs = [] } = event
  const automatic = findAutomatic(breadcrumbs)
  const start = findStart(event, Date.parse(receivedAt), automatic.started)
  const shown = [
    ...breadcrumbs
      .filter(crumb => !Object.values(automatic).includes(crumb))
      .map(crumb => toMoment('breadcrumb', crumb, start)),
    ...logs.map(line => toMoment('log', line, start)),
    ...readCalls(event).map(describeCall),
  ]
  const last = shown.reduce((latest, moment) => Math.max(latest, endOf(moment)), 0)
  const end = event.executionTimeMs ?? last
  const threwAt = automatic.threw && Date.parse(automatic.threw.timestamp) - start
  const error = [event.errorName, event.errorMessage].filter(part => part).join(': ')
  const moments: Moment[] = [
    { kind: 'start', offset: 0, level: 'info', message: describeStart(event) },
    ...shown,
    ...(error ? [{ kind: 'error', offset: Math.max(0, threwAt ?? end), level: 'error', message: error } as const] : []),
    { kind: 'end', offset: end, level: event.status === 'failed' ? 'error' : 'info', message: describeEnd(event) },
  ]
  moments.sort((left, right) => left.offset - right.offset || RANKS[left.kind] - RANKS[right.kind])
  const first = moments[0]?.offset ?? 0
  const length = Math.max(end, last) - first
  return {
    moments: findGaps(moments.slice(0, MAX_MOMENTS), length),
    length,
    omitted: Math.max(0, moments.length - MAX_MOMENTS),
  }
}

function endOf({ offset, duration = 0 }: Moment): number {
  return offset + duration
}

/** The least part of an event's time, and the least milliseconds, that are a gap worth naming. */
const LEAST_GAP = { part: 0.15, milliseconds: 20 }

/** Says before which moments nothing was going on for long, as far as was recorded. */
function findGaps(moments: Moment[], length: number): Moment[] {
  const least = Math.max(length * LEAST_GAP.part, LEAST_GAP.milliseconds)
  let busyUntil = moments[0] ? endOf(moments[0]) : 0
  return moments.map(moment => {
    const gap = moment.offset - busyUntil
    busyUntil = Math.max(busyUntil, endOf(moment))
    return gap >= least ? { ...moment, gap } : moment
  })
}

function describeCall(call: RecordedCall): Moment {
  return {
    kind: 'call',
    offset: call.startedMs,
    duration: call.durationMs,
    level: call.error === undefined ? 'info' : 'error',
    category: call.kind,
    message: call.summary,
    call,
  }
}

type Automatic = Partial<Record<'started' | 'threw' | 'finished', Breadcrumb>>

/** The messages of the lifecycle, which every SDK of ReplayStack leaves alike. */
const AUTOMATIC = /^(?:(?:HTTP request|Job) (?<what>started|finished)|Unhandled exception captured)$/

function findAutomatic(crumbs: readonly Breadcrumb[]): Automatic {
  const automatic: Automatic = {}
  for (const crumb of crumbs) {
    const found = AUTOMATIC.exec(crumb.message)
    if (!found || !['http', 'job', 'exception'].includes(crumb.category ?? '')) continue
    const what = found.groups?.['what']
    if (what === 'started') automatic.started ??= crumb
    else automatic[what === 'finished' ? what : 'threw'] = crumb
  }
  return automatic
}

/**
 * When the event began, in milliseconds. The application's clock and the inbox's are not the same, and an event may have
 * waited in a queue: its first breadcrumb tells better than when it was received, unless that is a little before.
 */
function findStart(event: ReplayStackEvent, receivedAt: number, started: Breadcrumb | undefined): number {
  if (started) return Date.parse(started.timestamp)
  const { breadcrumbs = [], logs = [], executionTimeMs = 0 } = event
  const times = [...breadcrumbs, ...logs].map(({ timestamp }) => Date.parse(timestamp))
  const first = times.reduce((earliest, time) => Math.min(earliest, time), Number.POSITIVE_INFINITY)
  const reckoned = receivedAt - executionTimeMs
  return first > reckoned && first - reckoned <= executionTimeMs
    ? reckoned
    : Math.min(first, times.length > 0 ? first : reckoned)
}

function toMoment(kind: 'breadcrumb' | 'log', entry: Breadcrumb | LogLine, start: number): Moment {
  return {
    kind,
    offset: Date.parse(entry.timestamp) - start,
    level: entry.level,
    category: 'category' in entry ? entry.category : undefined,
    message: entry.message,
    metadata: entry.metadata,
  }
}

function describeStart({ eventType, method, endpoint = eventType }: ReplayStackEvent): string {
  return method ? `${method} ${endpoint}` : `${endpoint} started`
}

function describeEnd({ eventType, statusCode, status }: ReplayStackEvent): string {
  if (statusCode === undefined) return status === 'pending' ? 'Still pending' : 'Finished'
  return eventType === 'api' || eventType === 'webhook' ? `Responded ${statusCode}` : `Finished with ${statusCode}`
}
