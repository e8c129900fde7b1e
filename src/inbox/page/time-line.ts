import type { Breadcrumb, Level, LogLine, ReplayStackEvent } from '../../types.ts'

/** One thing that happened, on the event's time line. */
export interface Moment {
  kind: 'start' | 'breadcrumb' | 'log' | 'error' | 'end'
  /** Milliseconds since the event began. */
  offset: number
  level: Level
  category?: string | undefined
  message: string
  metadata?: unknown
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
const RANKS: Readonly<Record<Moment['kind'], number>> = { start: 0, breadcrumb: 1, log: 1, error: 2, end: 3 }

/**
 * The request, its breadcrumbs and log lines, its error and its answer in the order of their times. The breadcrumbs that
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
  ]
  const last = shown.reduce((latest, { offset }) => Math.max(latest, offset), 0)
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
  return {
    moments: moments.slice(0, MAX_MOMENTS),
    length: Math.max(end, last) - first,
    omitted: Math.max(0, moments.length - MAX_MOMENTS),
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
  return eventType === 'api' || eventType === 'webhook' ? `Answered ${statusCode}` : `Finished with ${statusCode}`
}
