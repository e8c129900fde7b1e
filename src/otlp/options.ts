/** What a collector is reached by: options, then OpenTelemetry's own variables, then its defaults. */
import {
  address,
  hook,
  inCode,
  integer,
  type Kind,
  MAX_TIMER_MS,
  type Rules,
  readOptions,
  transport,
} from '../client/options.ts'
import { fetchTransport } from '../delivery/transport.ts'
import type { Environment, ReplayStackError, Transport } from '../types.ts'

/** Options of `otlpTransport`. Each is taken from here, else from OpenTelemetry's variable, else from its default. */
export interface OtlpOptions {
  /**
   * Where the collector takes logs, whole. Env: `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT`, to which
   * `/v1/logs` is added. @default 'http://localhost:4318/v1/logs'
   */
  url?: string | undefined
  /**
   * Sent with each request: a key of the collector's, for one. Env: `OTEL_EXPORTER_OTLP_LOGS_HEADERS`,
   * `OTEL_EXPORTER_OTLP_HEADERS`, as `name=value,name=value`. @default {}
   */
  headers?: Readonly<Record<string, string>> | undefined
  /**
   * Attributes of the resource besides those that an event has: `service.name`, `service.version`,
   * `deployment.environment.name`, `vcs.ref.head.revision`. Env: `OTEL_RESOURCE_ATTRIBUTES`, and `OTEL_SERVICE_NAME` for events
   * without a `serviceName`. @default {}
   */
  resource?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Milliseconds that the collector has in all, and never more than four fifths of the client's `timeoutMs`. @default 2000 */
  timeoutMs?: number | undefined
  /**
   * `true`: events go to the collector alone, and none to ReplayStack. What the collector responds is then what the client
   * retries and counts by. @default false
   */
  only?: boolean | undefined
  /** What sends events to ReplayStack: `queueTransport(env.EVENTS)`, for one. @default `fetch` */
  transport?: Transport | undefined
  /**
   * Called with each failure of the collector, for which no event is kept back from ReplayStack. What it throws is contained.
   * Without it, the first one goes to the console as long as nothing has arrived. With `only`, failures go to the client's own.
   */
  onError?: ((error: ReplayStackError) => void) | undefined
}

/** Where a collector on this machine is. */
const DEFAULT_URL = 'http://localhost:4318/v1/logs'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What `fetch` takes: its error about another would show the value. */
const headers: Kind<Readonly<Record<string, string>>> = {
  allowed: 'an object of header names and values',
  read(value) {
    const isHeader = ([name, text]: [string, unknown]): boolean =>
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof text === 'string' && /^[\x20-\x7e]*$/.test(text)
    return isRecord(value) && Object.entries(value).every(isHeader)
      ? { ...(value as Record<string, string>) }
      : undefined
  },
}

const resource: Kind<Readonly<Record<string, string | number | boolean>>> = {
  allowed: 'an object of texts, numbers and booleans',
  read(value) {
    const isAttribute = (one: unknown): boolean => ['string', 'boolean'].includes(typeof one) || Number.isFinite(one)
    return isRecord(value) && Object.values(value).every(isAttribute)
      ? { ...(value as Record<string, string | number | boolean>) }
      : undefined
  },
}

const RULES: Rules<OtlpOptions> = {
  url: [address],
  headers: [headers],
  resource: [resource],
  timeoutMs: [integer(1, MAX_TIMER_MS), 2_000],
  only: [inCode, false],
  transport: [transport, fetchTransport],
  onError: [hook],
}

/** All options in force. */
export interface OtlpSettings {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly resource: Readonly<Record<string, string | number | boolean>>
  readonly timeoutMs: number
  readonly only: boolean
  readonly transport: Transport
  readonly onError: OtlpOptions['onError']
}

function variable(environment: Environment, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined
    if (typeof value === 'string' && value.trim()) return value.trim()
  }
  return undefined
}

/** `name=value,name=value`, percent-encoded: as W3C Baggage, by which OpenTelemetry's specification writes its lists. */
function parseList(text: string | undefined): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const member of text?.split(',') ?? []) {
    const [name = '', ...value] = member.split('=')
    try {
      if (name.trim()) pairs[name.trim()] = decodeURIComponent(value.join('=').trim())
    } catch {
      // Half an escape: the member is not used.
    }
  }
  return pairs
}

/** The collector's URL as its variables say it. */
function urlFrom(environment: Environment): string | undefined {
  const base = variable(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT')?.replace(/\/+$/, '')
  return address.read(variable(environment, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT') ?? (base && `${base}/v1/logs`))
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
export function readOtlpOptions(options: OtlpOptions, environment: Environment): OtlpSettings {
  // Each rule has the type of its option.
  const given = readOptions(RULES, options) as Partial<OtlpSettings> &
    Omit<OtlpSettings, 'url' | 'headers' | 'resource'>
  const listed = variable(environment, 'OTEL_EXPORTER_OTLP_LOGS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS')
  const serviceName = variable(environment, 'OTEL_SERVICE_NAME')
  return {
    ...given,
    url: given.url ?? urlFrom(environment) ?? DEFAULT_URL,
    headers: given.headers ?? headers.read(parseList(listed)) ?? {},
    resource: {
      'service.name': 'unknown_service',
      ...parseList(variable(environment, 'OTEL_RESOURCE_ATTRIBUTES')),
      ...(serviceName && { 'service.name': serviceName }),
      ...given.resource,
    },
  }
}
