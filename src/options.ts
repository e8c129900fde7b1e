/**
 * Options over environment over defaults: one table, read once. A wrong option throws; a wrong variable falls back to
 * the default and is reported, because whoever deploys is not always who wrote the code.
 */
import { ReplayStackError } from './delivery/error.ts'
import { fetchTransport } from './delivery/transport.ts'
import { maskValue } from './event/mask.ts'
import { compileMaskNames } from './event/mask-names.ts'
import type { AdapterOptions, CaptureDecision, ClientOptions, Environment, Level } from './types.ts'

/** How an option is read: from code, and from a variable's text. `undefined` means that it is not valid. */
interface Kind<T> {
  allowed: string
  option(value: unknown): T | undefined
  variable(text: string): T | undefined
}

/** Log levels, lowest first. */
export const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error']
/** The hosts' own names for the deployed commit: Cloudflare, Vercel, Netlify. */
const HOST_COMMIT_VARIABLES = ['CF_VERSION_METADATA.id', 'VERCEL_GIT_COMMIT_SHA', 'COMMIT_REF']

const FALSE = ['0', 'false', 'no', 'off', '']
const TRUE = ['1', 'true', 'yes', 'on']

const text: Kind<string> = {
  allowed: 'a string that is not empty',
  option: value => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined),
  variable: value => value.trim() || undefined,
}

/** What an HTTP header can carry: an error of the transport's would show the key otherwise. */
const key: Kind<string> = {
  allowed: 'a string of visible ASCII characters',
  option: value => (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value.trim()) ? value.trim() : undefined),
  variable: value => key.option(value),
}

const url: Kind<string> = {
  allowed: 'an absolute http or https URL',
  option: value => (typeof value === 'string' && /^https?:\/\/[^\s/]/i.test(value.trim()) ? value.trim() : undefined),
  variable: value => url.option(value),
}

const flag: Kind<boolean> = {
  allowed: 'true or false',
  option: value => (typeof value === 'boolean' ? value : undefined),
  variable: value => {
    const word = value.trim().toLowerCase()
    return FALSE.includes(word) ? false : TRUE.includes(word) ? true : undefined
  },
}

const numeric = (allowed: string, valid: (value: number) => boolean): Kind<number> => ({
  allowed,
  option: value => (typeof value === 'number' && valid(value) ? value : undefined),
  variable: value => (value.trim() !== '' && valid(Number(value)) ? Number(value) : undefined),
})

const integer = (min: number, max: number = Number.MAX_SAFE_INTEGER): Kind<number> => {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`
  return numeric(`a whole number, ${range}`, value => Number.isSafeInteger(value) && value >= min && value <= max)
}

const rate: Kind<number> = numeric('a number from 0 to 1', value => value >= 0 && value <= 1)

const level: Kind<Level> = {
  allowed: LEVELS.join(', '),
  option: value => LEVELS.find(one => one === value),
  variable: value => level.option(value.trim().toLowerCase()),
}

const names: Kind<readonly string[]> = {
  allowed: 'a list of strings that are not empty',
  option: value =>
    Array.isArray(value) && value.every(one => text.option(one) !== undefined) ? [...value] : undefined,
  variable: () => undefined,
}

const hook = <T>(): Kind<T> => ({
  allowed: 'a function',
  option: value => (typeof value === 'function' ? (value as T) : undefined),
  variable: () => undefined,
})

const transport: Kind<NonNullable<ClientOptions['transport']>> = {
  allowed: 'an object with a post method',
  option: value => (typeof Object(value).post === 'function' ? (value as ClientOptions['transport']) : undefined),
  variable: () => undefined,
}

/** A variable's value; `CF_VERSION_METADATA.tag` is a member of a binding. Reading may be refused (Deno). */
function readVariable(environment: Environment, name: string): unknown {
  try {
    const [first = '', member] = name.split('.')
    const value = environment[first]
    return member ? Reflect.get(Object(value), member) : value
  } catch {
    return undefined
  }
}

/** A value as an error may show it: short, and without what looks like a secret. */
function show(option: string, value: unknown): string {
  if (option === 'apiKey' || typeof value === 'function' || typeof value === 'symbol') return typeof value
  if (typeof value === 'number') return String(value)
  return `${JSON.stringify(maskValue(value, compileMaskNames()).value)}`.slice(0, 100)
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
function readOption<T>(options: object, name: string, kind: Kind<T>): T | undefined {
  const given: unknown = Reflect.get(options, name)
  // `process.env.KEY ?? ''` is a key that is missing, not one that is wrong.
  if (given === undefined || (name === 'apiKey' && given === '')) return undefined
  const value = kind.option(given)
  if (value !== undefined) return value
  throw new TypeError(`ReplayStack option "${name}" must be ${kind.allowed}; got ${show(name, given)}.`)
}

/** Environment variables of a host that has them, read anew at each call; a Worker hands its own over as `env`. */
export function hostEnvironment(): Environment {
  const host: { process?: { env?: Environment } } = Object(globalThis)
  return host.process?.env ?? {}
}

/** All options in force, checked and frozen. */
export type Settings = Readonly<
  { bulkUrl: string } & {
    [Name in keyof ClientOptions]-?: NonNullable<ClientOptions[Name]> | (Name extends OptionalName ? undefined : never)
  }
>

/** The options that have no default. */
type OptionalName = 'serviceName' | 'appVersion' | 'commitHash' | 'onError' | 'onQueueDrop' | 'beforeSend'

/**
 * @throws {TypeError} naming the option, what is allowed and what it got
 * @returns the settings, and the variables that could not be used
 */
export function resolveOptions(
  options: ClientOptions,
  environment: Environment,
): { settings: Settings; problems: ReplayStackError[] } {
  const problems: ReplayStackError[] = []
  const read = <T>(name: keyof ClientOptions, kind: Kind<T>, ...variables: string[]): T | undefined => {
    const given = readOption(options, name, kind)
    if (given !== undefined) return given
    for (const variable of variables) {
      const found = readVariable(environment, variable)
      if (found === undefined || found === null) continue
      const value = typeof found === 'string' ? kind.variable(found) : kind.option(found)
      if (value !== undefined) return value
      if (typeof found === 'string' && found.trim() === '') continue
      const message = `ReplayStack variable ${variable} must be ${kind.allowed}; got ${show(name, found)}. It is not used.`
      problems.push(new ReplayStackError('configuration', message))
    }
    return undefined
  }

  const apiKey = read('apiKey', key, 'REPLAYSTACK_API_KEY')
  if (!apiKey) throw new Error('ReplayStack apiKey is required.')
  const endpoint = (read('endpoint', url, 'REPLAYSTACK_ENDPOINT') ?? 'https://api.replaystack.co').replace(/\/+$/, '')
  const ingestUrl = read('ingestUrl', url, 'REPLAYSTACK_INGEST_URL')
  const settings = {
    apiKey,
    endpoint,
    ingestUrl: ingestUrl ?? `${endpoint}/api/v1/ingest/events`,
    // A custom ingest URL has its bulk address beside it, so that batches do not go to another host.
    bulkUrl: ingestUrl?.endsWith('/events')
      ? ingestUrl.replace(/events$/, 'bulk-events')
      : `${endpoint}/api/v1/ingest/bulk-events`,
    serviceName: read('serviceName', text, 'REPLAYSTACK_SERVICE_NAME'),
    environment: read('environment', text, 'REPLAYSTACK_ENVIRONMENT', 'NODE_ENV') ?? 'development',
    appVersion: read('appVersion', text, 'REPLAYSTACK_APP_VERSION', 'APP_VERSION', 'CF_VERSION_METADATA.tag'),
    commitHash: read('commitHash', text, 'REPLAYSTACK_COMMIT_HASH', 'COMMIT_HASH', ...HOST_COMMIT_VARIABLES),
    enabled: read('enabled', flag, 'REPLAYSTACK_ENABLED') ?? true,
    timeoutMs: read('timeoutMs', integer(1), 'REPLAYSTACK_TIMEOUT_MS') ?? 2500,
    retries: read('retries', integer(0), 'REPLAYSTACK_RETRIES') ?? 1,
    sampleRate: read('sampleRate', rate, 'REPLAYSTACK_SAMPLE_RATE') ?? 1,
    captureSuccess: read('captureSuccess', flag, 'REPLAYSTACK_CAPTURE_SUCCESS') ?? true,
    maxPayloadSizeBytes: read('maxPayloadSizeBytes', integer(1), 'REPLAYSTACK_MAX_PAYLOAD_SIZE_BYTES') ?? 524_288,
    maskFields: read('maskFields', names) ?? [],
    ignoredPaths: read('ignoredPaths', names) ?? [],
    maxBreadcrumbs: read('maxBreadcrumbs', integer(0), 'REPLAYSTACK_MAX_BREADCRUMBS') ?? 50,
    captureLogs: read('captureLogs', flag, 'REPLAYSTACK_CAPTURE_LOGS') ?? true,
    logLevel: read('logLevel', level, 'REPLAYSTACK_LOG_LEVEL') ?? 'error',
    maxLogs: read('maxLogs', integer(0), 'REPLAYSTACK_MAX_LOGS') ?? 50,
    offlineQueueMax: read('offlineQueueMax', integer(0), 'REPLAYSTACK_OFFLINE_QUEUE_MAX') ?? 100,
    flushIntervalMs: read('flushIntervalMs', integer(0), 'REPLAYSTACK_FLUSH_INTERVAL_MS') ?? 0,
    batchMaxEvents: read('batchMaxEvents', integer(1, 100), 'REPLAYSTACK_BATCH_MAX_EVENTS') ?? 1,
    asyncSend: read('asyncSend', flag) ?? true,
    raiseOnError: read('raiseOnError', flag) ?? false,
    onError: read('onError', hook<NonNullable<ClientOptions['onError']>>()),
    onQueueDrop: read('onQueueDrop', hook<NonNullable<ClientOptions['onQueueDrop']>>()),
    beforeSend: read('beforeSend', hook<NonNullable<ClientOptions['beforeSend']>>()),
    transport: read('transport', transport) ?? fetchTransport,
    debug: read('debug', flag, 'REPLAYSTACK_DEBUG') ?? false,
  }
  for (const name of Object.keys(options)) {
    if (name in settings || name in ADAPTER_DEFAULTS || name === 'client') continue
    problems.push(new ReplayStackError('configuration', `ReplayStack has no option "${name}". It is not used.`))
  }
  return { settings: Object.freeze(settings), problems }
}

/** How an adapter records requests, checked. */
export interface AdapterSettings {
  readonly captureRequestBody: boolean
  readonly captureResponseBody: boolean
  readonly captureHeaders: boolean
  readonly captureAborted: boolean
  readonly automaticBreadcrumbs: boolean
  /** With the paths that no adapter records. */
  readonly ignoredPaths: readonly string[]
  readonly getTraceId: ((request: object) => string | null | undefined) | undefined
  readonly shouldCapture: ((decision: CaptureDecision) => boolean) | undefined
}

/** The settings of an adapter that is told nothing. */
const ADAPTER_DEFAULTS: AdapterSettings = {
  captureRequestBody: true,
  captureResponseBody: true,
  captureHeaders: true,
  captureAborted: false,
  automaticBreadcrumbs: true,
  ignoredPaths: ['/health', '/metrics', '/favicon.ico'],
  getTraceId: undefined,
  shouldCapture: undefined,
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
export function resolveAdapterOptions(options: AdapterOptions<never>): AdapterSettings {
  const read = <T>(name: keyof AdapterOptions, kind: Kind<T>): T | undefined => readOption(options, name, kind)
  const readFlag = (name: keyof AdapterSettings): boolean => read(name, flag) ?? ADAPTER_DEFAULTS[name] === true
  return {
    captureRequestBody: readFlag('captureRequestBody'),
    captureResponseBody: readFlag('captureResponseBody'),
    captureHeaders: readFlag('captureHeaders'),
    captureAborted: readFlag('captureAborted'),
    automaticBreadcrumbs: readFlag('automaticBreadcrumbs'),
    ignoredPaths: [...ADAPTER_DEFAULTS.ignoredPaths, ...(read('ignoredPaths', names) ?? [])],
    getTraceId: read('getTraceId', hook<NonNullable<AdapterSettings['getTraceId']>>()),
    shouldCapture: read('shouldCapture', hook<NonNullable<AdapterSettings['shouldCapture']>>()),
  }
}
