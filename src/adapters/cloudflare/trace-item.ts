/** What a tail Worker is told of one run of another Worker, as an event's fields. */
import type { EventInput, EventType, LogLine } from '../../types.ts'
import { type Members, membersOf } from './invocation.ts'

/** The members of Cloudflare's `TraceItem` that are read. */
export interface TraceItem {
  /** `null` where the platform does not say what ran. */
  event: object | null
  /** Milliseconds since 1970. */
  eventTimestamp: number | null
  outcome: string
  scriptName: string | null
  entrypoint: string
  scriptVersion: { id?: string; tag?: string }
  durableObjectId: string
  exceptions: readonly TraceException[]
  logs: readonly TraceLog[]
  /** Milliseconds. */
  cpuTime: number
  wallTime: number
}

interface TraceException {
  name: string
  message: string
  stack?: string
}

interface TraceLog {
  level: string
  /** What `console.error` was given. */
  message: unknown
  /** Milliseconds since 1970. */
  timestamp: number
}

/** The members of all kinds of events that are read; each kind has a few of them. */
interface TraceEvent {
  request: { url: string; method: string; headers: Record<string, string> }
  response: { status: number }
  cron: string
  /** A number of a cron run, a `Date` of an alarm. */
  scheduledTime: number | Date
  queue: string
  batchSize: number
  rpcMethod: string
  mailFrom: string
  rcptTo: string
  getWebSocketEvent: { webSocketEventType: string }
}

/** What ran. */
export interface TracedWork {
  eventType: EventType
  endpoint: string
  method?: string
  fields: EventInput
}

/** What ran, by what the item's event tells of it; where it tells nothing, it is `tail`. */
export function tracedWork({ event, entrypoint }: Members<TraceItem>, captureHeaders: boolean): TracedWork {
  const { request, cron, scheduledTime, queue, batchSize, rpcMethod, mailFrom, rcptTo, getWebSocketEvent } =
    membersOf<TraceEvent>(event)
  if (request) {
    const { url, method, headers } = request
    const fields = {
      requestUrl: url,
      sourceIp: headers['cf-connecting-ip'],
      traceId: headers['x-trace-id'],
      ...(captureHeaders && { requestHeaders: headers }),
    }
    return { eventType: 'api', endpoint: pathOf(url), method, fields }
  }
  if (cron !== undefined) return { eventType: 'cron', endpoint: cron, fields: { metadata: { scheduledTime } } }
  if (queue !== undefined) return { eventType: 'queue', endpoint: queue, fields: { metadata: { batchSize } } }
  if (rpcMethod !== undefined) return { eventType: 'custom', endpoint: methodOf(entrypoint, rpcMethod), fields: {} }
  if (mailFrom !== undefined) {
    return { eventType: 'custom', endpoint: 'email', fields: { metadata: { from: mailFrom, to: rcptTo } } }
  }
  if (getWebSocketEvent) {
    const kind = getWebSocketEvent.webSocketEventType
    const name = `webSocket${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
    return { eventType: 'custom', endpoint: methodOf(entrypoint, name), fields: {} }
  }
  if (scheduledTime !== undefined)
    return { eventType: 'cron', endpoint: 'alarm', fields: { metadata: { scheduledTime } } }
  return { eventType: 'custom', endpoint: 'tail', fields: {} }
}

const methodOf = (entrypoint: string | undefined, method: string): string =>
  entrypoint ? `${entrypoint}.${method}` : method

/** The path of a URL that the platform wrote. */
const pathOf = (url: string): string => /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] || '/'

/** The status that the Worker answered by, where it came to that. */
export function answeredStatus({ event }: Members<TraceItem>): number | undefined {
  return membersOf<TraceEvent>(event).response?.status
}

/** What the Worker threw, logged and cost, and which Worker it was. */
export function tracedOutcome(item: Members<TraceItem>, captureLogs: boolean): EventInput {
  const { outcome = 'unknown', scriptName, scriptVersion, entrypoint, durableObjectId, cpuTime, wallTime } = item
  const [first, ...others] = item.exceptions ?? []
  const logs = captureLogs ? (item.logs ?? []).filter(({ level }) => level === 'error').map(logLine) : []
  return {
    serviceName: scriptName ?? undefined,
    appVersion: scriptVersion?.tag || undefined,
    commitHash: scriptVersion?.id || undefined,
    executionTimeMs: wallTime,
    errorName: first?.name ?? outcome,
    errorMessage: first?.message ?? `The Worker ended with the outcome ${outcome}.`,
    // The platform leaves its first line out.
    stackTrace: first?.stack && `${first.name}: ${first.message}\n${first.stack}`,
    ...(logs.length > 0 && { logs }),
    metadata: {
      outcome,
      cpuTime,
      entrypoint,
      durableObjectId,
      ...(item.eventTimestamp && { startedAt: new Date(item.eventTimestamp).toISOString() }),
      ...(others.length > 0 && { exceptions: others.map(({ name, message, stack }) => ({ name, message, stack })) }),
    },
  }
}

function logLine({ message, timestamp }: TraceLog): LogLine {
  const parts = Array.isArray(message) ? message : [message]
  const text = parts.map(part => (typeof part === 'string' ? part : (JSON.stringify(part) ?? String(part)))).join(' ')
  return { level: 'error', message: text, timestamp: new Date(timestamp).toISOString() }
}
