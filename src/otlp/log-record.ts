/**
 * An event as a log record of OpenTelemetry's, its fields under the names of the semantic conventions.
 * @see https://opentelemetry.io/docs/specs/otel/logs/data-model/
 */
import { hexTraceId } from '../event/trace.ts'
import { read } from '../safe-read.ts'
import type { EventStatus, ReplayStackEvent } from '../types.ts'
import { type AnyValue, type KeyValue, keyValues } from './any-value.ts'

/** `opentelemetry.proto.logs.v1.LogRecord`. */
export interface LogRecord {
  /** Nanoseconds since 1970: more than a number of JavaScript's can hold. */
  timeUnixNano: string
  observedTimeUnixNano: string
  /** An enumeration's number: its name is not allowed. */
  severityNumber: number
  severityText: string
  eventName: string
  body: AnyValue
  attributes: KeyValue[]
  /** 32 hexadecimal digits, where the rest of OTLP's JSON has base64. */
  traceId?: string
  /** Of whoever called: 16 hexadecimal digits. */
  spanId?: string
  flags?: number
}

const SEVERITIES: Readonly<Record<EventStatus, readonly [number: number, text: string]>> = {
  failed: [17, 'ERROR'],
  warning: [13, 'WARN'],
  success: [9, 'INFO'],
  pending: [9, 'INFO'],
}

/** The methods that the conventions know (RFC 9110 and `PATCH`); another one is `_OTHER`. */
const METHODS: readonly string[] = [...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']]

/** Metadata that has attributes of its own, or is too large for a log: recorded calls. */
const METADATA_ELSEWHERE: readonly string[] = ['route', 'tape']

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})/

function parseUrl(text: string | undefined): URL | undefined {
  try {
    return text === undefined ? undefined : new URL(text)
  } catch {
    return undefined
  }
}

/** What is left of the metadata, where anything is. */
function otherMetadata(metadata: unknown): object | undefined {
  const entries = Object.entries(Object(metadata)).filter(([name]) => !METADATA_ELSEWHERE.includes(name))
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** The attributes of the work itself. */
function attributesOf(event: ReplayStackEvent): [key: string, value: unknown][] {
  const { method, endpoint, requestUrl, statusCode, errorName, metadata, eventType } = event
  const url = parseUrl(requestUrl)
  const isHttp = eventType === 'api' || url !== undefined
  const isKnown = method !== undefined && METHODS.includes(method)
  const failedBy = statusCode !== undefined && statusCode >= 500 ? `${statusCode}` : undefined
  return [
    ['exception.type', errorName],
    ['exception.message', event.errorMessage],
    ['exception.stacktrace', event.stackTrace],
    ['error.type', errorName ?? failedBy],
    ['http.request.method', method && (isKnown ? method : '_OTHER')],
    ['http.request.method_original', isKnown ? undefined : method],
    ['http.response.status_code', isHttp ? statusCode : undefined],
    ['http.route', read(metadata, 'route')],
    ['url.full', requestUrl],
    ['url.scheme', url?.protocol.slice(0, -1)],
    ['url.path', url?.pathname ?? (isHttp ? endpoint : undefined)],
    ['url.query', url?.search.slice(1) || undefined],
    ['server.address', url?.hostname],
    ['server.port', url?.port ? Number(url.port) : undefined],
    ['client.address', event.sourceIp],
    ['user_agent.original', event.userAgent],
    ['messaging.destination.name', eventType === 'queue' ? endpoint : undefined],
    ['replaystack.event_type', eventType],
    ['replaystack.endpoint', endpoint],
    ['replaystack.status', event.status],
    ['replaystack.duration_ms', event.executionTimeMs],
    ['replaystack.trace_id', event.traceId],
    ['replaystack.metadata', otherMetadata(metadata)],
  ]
}

/** The attributes of who has sent it, by which records are grouped. */
export function resourceOf(event: ReplayStackEvent): [key: string, value: unknown][] {
  return [
    ['service.name', event.serviceName],
    ['service.version', event.appVersion],
    ['deployment.environment.name', event.environment],
    ['vcs.ref.head.revision', event.commitHash],
  ]
}

/** `POST /orders 500: TypeError: stock is undefined` */
function summaryOf({ method, endpoint, statusCode, errorName, errorMessage }: ReplayStackEvent): string {
  const error = [errorName, errorMessage].filter(Boolean).join(': ')
  const work = [method, endpoint, statusCode].filter(part => part !== undefined).join(' ')
  return [work, error].filter(Boolean).join(': ')
}

/** Milliseconds since 1970 of the last thing that the work has left a time of. */
function endedAt({ breadcrumbs, logs }: ReplayStackEvent): number {
  const times = [...(breadcrumbs ?? []), ...(logs ?? [])].map(({ timestamp }) => Date.parse(timestamp))
  return Math.max(...times.filter(time => !Number.isNaN(time)))
}

const nanoseconds = (milliseconds: number): string => `${milliseconds}000000`

/** @param now milliseconds since 1970 */
export function logRecordOf(event: ReplayStackEvent, now: number): LogRecord {
  const [severityNumber, severityText] = SEVERITIES[event.status] ?? SEVERITIES.pending
  const traceId = hexTraceId(event.traceId)
  const [, callersTrace, spanId, flags] = TRACEPARENT.exec(String(read(event.requestHeaders, 'traceparent'))) ?? []
  const ended = endedAt(event)
  return {
    timeUnixNano: nanoseconds(Number.isFinite(ended) ? ended : now),
    observedTimeUnixNano: nanoseconds(now),
    severityNumber,
    severityText,
    eventName: 'replaystack.event',
    body: { stringValue: summaryOf(event) },
    attributes: keyValues(attributesOf(event)),
    ...(traceId && { traceId }),
    ...(traceId && traceId === callersTrace && spanId && { spanId, flags: Number.parseInt(flags ?? '0', 16) }),
  }
}
