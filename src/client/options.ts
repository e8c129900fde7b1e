/**
 * Options over environment over defaults: one table, read once. A wrong option throws; a wrong variable falls back to
 * the default and is reported, because whoever deploys is not always who wrote the code. Long, because of the table.
 */
import { ReplayStackError } from '../delivery/error.ts'
import { maskKey } from '../delivery/key.ts'
import { fetchTransport } from '../delivery/transport.ts'
import { LEVELS } from '../event/notes.ts'
import { maskRules, writeValue } from '../mask/json.ts'
import { read } from '../safe-read.ts'
import type {
  AdapterOptions,
  CaptureDecision,
  ClientOptions,
  Environment,
  Level,
  Mask,
  RemoteMaskingRules,
  Transport,
} from '../types.ts'

/** What an option may be. */
interface Kind<T> {
  allowed: string
  /** An empty text is as if it were not given. */
  emptyIsAbsent?: true
  /** `undefined` means that it is not valid. */
  read(value: unknown): T | undefined
  /** What a variable's text means; without it, the text itself. `null`: no variable is read. */
  parse?: ((text: string) => unknown) | null
}

const FALSE = ['0', 'false', 'no', 'off']
const TRUE = ['1', 'true', 'yes', 'on']

const matching = (allowed: string, pattern: RegExp): Kind<string> => ({
  allowed,
  read: value => (typeof value === 'string' && pattern.test(value.trim()) ? value.trim() : undefined),
})
const text: Kind<string> = { ...matching('a string that is not empty', /\S/), emptyIsAbsent: true }
/** What an HTTP header can carry: an error of the transport's would show the key otherwise. */
const key: Kind<string> = {
  ...matching('a string of visible ASCII characters', /^[\x21-\x7e]+$/),
  emptyIsAbsent: true,
}
/** Without a password: `fetch` refuses one, in an error that shows it. */
const url: Kind<string> = {
  allowed: 'an absolute http or https URL',
  emptyIsAbsent: true,
  read(value) {
    try {
      const given = typeof value === 'string' ? value.trim() : ''
      const { username, password } = new URL(given)
      return /^https?:\/\/[^\s/]\S*$/i.test(given) && !username && !password ? given : undefined
    } catch {
      return undefined
    }
  },
}

const inCode: Kind<boolean> = {
  allowed: 'true or false',
  read: value => (typeof value === 'boolean' ? value : undefined),
  parse: null,
}
const bodies: Kind<boolean | 'failed'> = {
  allowed: "true, false or 'failed'",
  read: value => (value === 'failed' ? value : inCode.read(value)),
  parse: null,
}
const flag: Kind<boolean> = {
  ...inCode,
  parse(text) {
    const word = text.trim().toLowerCase()
    return FALSE.includes(word) ? false : TRUE.includes(word) || undefined
  },
}

const numeric = (allowed: string, valid: (value: number) => boolean): Kind<number> => ({
  allowed,
  read: value => (typeof value === 'number' && valid(value) ? value : undefined),
  parse: text => (text.trim() === '' ? undefined : Number(text)),
})
const integer = (min: number, max: number = Number.MAX_SAFE_INTEGER): Kind<number> => {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`
  return numeric(`a whole number, ${range}`, value => Number.isSafeInteger(value) && value >= min && value <= max)
}
const rate: Kind<number> = numeric('a number from 0 to 1', value => value >= 0 && value <= 1)

const level: Kind<Level> = {
  allowed: LEVELS.join(', '),
  read: value => LEVELS.find(one => one === value),
  parse: text => text.trim().toLowerCase(),
}

/** A timer that is set for longer fires at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

/** More names or paths than anyone has written: a list may have no end. */
const MAX_NAMES = 100_000

const names: Kind<readonly string[]> = {
  allowed: 'a list of strings that are not empty',
  read(value) {
    const list: string[] = Array.isArray(value) && value.length <= MAX_NAMES ? [...value] : ['']
    return list.every(one => text.read(one) !== undefined) ? list : undefined
  },
  parse: null,
}

const masks: Kind<readonly Mask[]> = {
  allowed: 'a list of masks, as personalData() of @replaystack/edge/masks returns one',
  read(value) {
    if (!Array.isArray(value) || value.length > MAX_NAMES) return undefined
    const list: Mask[] = [...value]
    const isMask = ({ find, fields = [] }: Mask): boolean =>
      typeof find === 'function' && names.read(fields) !== undefined
    return list.every(isMask) ? list : undefined
  },
  parse: null,
}

const remoteRules: Kind<RemoteMaskingRules> = {
  allowed: '{ fields: a list of strings that are not empty }',
  read(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const given = ownValue(value, 'fields') ?? []
    const fields = names.read(given)
    return fields && { fields }
  },
  parse: null,
}

const hook = <T>(): Kind<T> => ({
  allowed: 'a function',
  read: value => (typeof value === 'function' ? (value as T) : undefined),
  parse: null,
})

const transport: Kind<Transport> = {
  allowed: 'an object with a post method',
  read: value => (typeof Object(value).post === 'function' ? (value as Transport) : undefined),
  parse: null,
}

/** The default of `batchMaxEvents` where events go by `fetch`. */
const BATCH_MAX_EVENTS = 20

/** An option: its kind, its default, and the variables that it is taken from after its own. */
type Rule<T> = readonly [kind: Kind<T>, fallback?: T | undefined, ...variables: string[]]

/** Its own variable is its name: `timeoutMs` is `REPLAYSTACK_TIMEOUT_MS`. The last variables are the hosts' own. */
const RULES: { readonly [Name in keyof ClientOptions]-?: Rule<NonNullable<ClientOptions[Name]>> } = {
  apiKey: [key],
  endpoint: [url, 'https://api.replaystack.co'],
  ingestUrl: [url],
  serviceName: [text],
  environment: [text, 'development', 'ENVIRONMENT', 'APP_ENV', 'NODE_ENV'],
  appVersion: [text, undefined, 'APP_VERSION', 'CF_VERSION_METADATA.tag'],
  commitHash: [text, undefined, 'COMMIT_HASH', 'CF_VERSION_METADATA.id', 'VERCEL_GIT_COMMIT_SHA', 'COMMIT_REF'],
  enabled: [flag, true],
  timeoutMs: [integer(1, MAX_TIMER_MS), 2500],
  retries: [integer(0), 1],
  sampleRate: [rate, 1],
  alwaysCaptureFailures: [flag, false],
  captureSuccess: [flag, true],
  maxPayloadSizeBytes: [integer(1), 524_288],
  maskFields: [names, []],
  masks: [masks, []],
  remoteMaskingRules: [remoteRules, {}],
  ignoredPaths: [names, []],
  maxBreadcrumbs: [integer(0), 50],
  captureLogs: [flag, true],
  logLevel: [level, 'error'],
  maxLogs: [integer(0), 50],
  offlineQueueMax: [integer(0), 100],
  flushIntervalMs: [integer(0), 0],
  // {@link BATCH_MAX_EVENTS}, or 1 where the transport is the application's own.
  batchMaxEvents: [integer(1, 100)],
  batchFlushIntervalMs: [integer(0, MAX_TIMER_MS), 5],
  asyncSend: [inCode, true],
  raiseOnError: [inCode, false],
  onError: [hook()],
  onQueueDrop: [hook()],
  beforeSend: [hook()],
  transport: [transport, fetchTransport],
  debug: [flag, false],
}

/** `timeoutMs` → `REPLAYSTACK_TIMEOUT_MS`. */
const variableOf = (option: string): string => `REPLAYSTACK_${option.replace(/[A-Z]/g, '_$&').toUpperCase()}`

/** A variable's value; `CF_VERSION_METADATA.tag` is a member of a binding. Reading may be refused (Deno). */
function readVariable(environment: Environment, name: string): unknown {
  try {
    const [first = '', member] = name.split('.')
    const value = ownValue(environment, first)
    return member ? Reflect.get(Object(value), member) : value
  } catch {
    return undefined
  }
}

/** An own property alone: what is on `Object.prototype` is nobody's option. */
function ownValue(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined
}

/** Characters of a value in an error. */
const SHOWN_CHARACTERS = 100

/** A value as an error may show it: short, without the key and without what looks like a secret. */
function show(option: string, value: unknown, apiKey: unknown): string {
  if (option === 'apiKey' || typeof value === 'function' || typeof value === 'symbol') return typeof value
  if (typeof value === 'number') return String(value)
  const shown = `${writeValue(value, maskRules([], SHOWN_CHARACTERS))}`
  return maskKey(shown, typeof apiKey === 'string' ? apiKey : '').slice(0, SHOWN_CHARACTERS)
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
function readOption<T>(options: object, name: string, kind: Kind<T>): T | undefined {
  const given = ownValue(options, name)
  // `process.env.KEY ?? ''` is a value that is missing, not one that is wrong.
  if (given === undefined || (kind.emptyIsAbsent && given === '')) return undefined
  try {
    const value = kind.read(given)
    if (value !== undefined) return value
  } catch {
    // What cannot be read is not what is allowed.
  }
  throw new TypeError(
    `ReplayStack option "${name}" must be ${kind.allowed}; got ${show(name, given, ownValue(options, 'apiKey'))}.`,
  )
}

/** Whether what is sent there can be read on its way: `http://` beyond this machine. */
function isReadableOnItsWay(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(.*\.)?localhost\.?$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname)
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

/** There is no API key: the constructor of a client throws it, adapters report it. */
export class MissingKeyError extends Error {}

/**
 * @throws {TypeError} naming the option, what is allowed and what it got
 * @returns the settings, and the variables that could not be used
 */
export function resolveOptions(
  options: ClientOptions,
  environment: Environment,
): { settings: Settings; problems: ReplayStackError[] } {
  const problems: ReplayStackError[] = []
  /** The first variable that is valid; the others are told of. */
  const fromVariables = <T>(name: string, kind: Kind<T>, variables: readonly string[]): T | undefined => {
    for (const variable of variables) {
      const found = readVariable(environment, variable)
      if (found === undefined || found === null) continue
      const value = kind.read(typeof found === 'string' && kind.parse ? kind.parse(found) : found)
      if (value !== undefined) return value
      if (typeof found === 'string' && found.trim() === '') continue
      const message = `ReplayStack variable ${variable} must be ${kind.allowed}; got ${show(name, found, settings['apiKey'])}. It is not used.`
      problems.push(new ReplayStackError('configuration', message))
    }
    return undefined
  }
  const settings: Record<string, unknown> = {}
  for (const [name, [kind, fallback, ...variables]] of Object.entries<Rule<unknown>>(RULES)) {
    const own = kind.parse === null ? [] : [variableOf(name), ...variables]
    settings[name] = readOption(options, name, kind) ?? fromVariables(name, kind, own) ?? fallback
  }
  // A key that is there and wrong is the first thing to be told of.
  const wrongKey = problems.find(({ message }) => message.includes('_API_KEY'))
  if (!settings['apiKey']) {
    throw new MissingKeyError(`ReplayStack apiKey is required. ${wrongKey?.message ?? 'Set REPLAYSTACK_API_KEY.'}`)
  }
  const endpoint = String(settings['endpoint']).replace(/\/+$/, '')
  const ingestUrl = settings['ingestUrl'] ?? `${endpoint}/api/v1/ingest/events`
  // A custom ingest URL has its bulk address beside it, so that batches do not go to another host. Where that cannot be
  // told, and no endpoint either, there are none.
  const beside = settings['ingestUrl'] && String(ingestUrl).endsWith('/events')
  const bulkUrl = beside ? String(ingestUrl).replace(/events$/, 'bulk-events') : `${endpoint}/api/v1/ingest/bulk-events`
  const isAlone = settings['ingestUrl'] && !beside && endpoint === RULES.endpoint[1]
  if (isAlone && Number(settings['batchMaxEvents']) > 1) {
    const message =
      'ReplayStack sends one event at a time: give an ingestUrl that ends in /events, or an endpoint for batches.'
    problems.push(new ReplayStackError('configuration', message))
  }
  // A transport of the application's own was written for one event a call, unless it says otherwise.
  const isOwn = settings['transport'] !== fetchTransport
  settings['batchMaxEvents'] = isAlone ? 1 : (settings['batchMaxEvents'] ?? (isOwn ? 1 : BATCH_MAX_EVENTS))
  Object.assign(settings, { endpoint, ingestUrl, bulkUrl })
  const open = [String(ingestUrl), bulkUrl].find(isReadableOnItsWay)
  if (open && settings['enabled']) {
    const message = `ReplayStack sends the API key and every event unencrypted to ${open}: give it an https:// address.`
    problems.push(new ReplayStackError('configuration', message))
  }
  problems.push(...unknownOptions(options))
  // A page that Next.js renders ahead may touch neither a clock nor a random number, and serves no request.
  if (isNextBuild(environment)) settings['enabled'] = false
  // Each rule has the type of its option.
  return { settings: Object.freeze(settings) as Settings, problems }
}

/** Whether this is `next build`, as its own variable says. */
export function isNextBuild(environment: Environment = hostEnvironment()): boolean {
  return read(environment, 'NEXT_PHASE') === 'phase-production-build'
}

/** Whether an adapter reads an option by itself. */
const isAdapterOption = (name: string): boolean =>
  name in ADAPTER_DEFAULTS || name === 'client' || name === 'automaticFrameworkBreadcrumbs'

/** What is to be said of options that there are not. */
function unknownOptions(options: object): ReplayStackError[] {
  const problems: ReplayStackError[] = []
  for (const name of Object.keys(options)) {
    if (name in RULES || isAdapterOption(name)) continue
    problems.push(problem(`ReplayStack has no option ${JSON.stringify(name)}. It is not used.`))
  }
  return problems
}

/** What is to be said of options that stand beside `client`: those of a client are not read there. */
export function optionsBesideClient(options: object): ReplayStackError[] {
  const unread = Object.keys(options).filter(name => name in RULES && !isAdapterOption(name))
  const problems = unknownOptions(options)
  if (unread.length === 0) return problems
  const cure = unread.includes('endpoint') ? ' The option eventEndpoint names an event.' : ''
  const message = `ReplayStack does not read ${unread.join(', ')} beside client: give them to the client.${cure}`
  return [...problems, problem(message)]
}

const problem = (message: string): ReplayStackError => new ReplayStackError('configuration', message)

/** How an adapter records requests, checked. */
export interface AdapterSettings {
  readonly captureRequestBody: boolean | 'failed'
  readonly captureResponseBody: boolean | 'failed'
  readonly captureHeaders: boolean
  readonly captureAborted: boolean
  readonly automaticBreadcrumbs: boolean
  /** With the paths that no adapter records. */
  readonly ignoredPaths: readonly string[]
  readonly getTraceId: ((request: object) => string | null | undefined) | undefined
  readonly shouldCapture: ((decision: CaptureDecision) => boolean) | undefined
  readonly eventEndpoint: string | undefined
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
  eventEndpoint: undefined,
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
export function resolveAdapterOptions(options: AdapterOptions<never>): AdapterSettings {
  const read = <T>(name: keyof AdapterOptions, kind: Kind<T>): T | undefined => readOption(options, name, kind)
  const readFlag = (name: keyof AdapterSettings): boolean => read(name, inCode) ?? ADAPTER_DEFAULTS[name] === true
  return {
    captureRequestBody: read('captureRequestBody', bodies) ?? ADAPTER_DEFAULTS.captureRequestBody,
    captureResponseBody: read('captureResponseBody', bodies) ?? ADAPTER_DEFAULTS.captureResponseBody,
    captureHeaders: readFlag('captureHeaders'),
    captureAborted: readFlag('captureAborted'),
    automaticBreadcrumbs: read('automaticFrameworkBreadcrumbs', inCode) ?? readFlag('automaticBreadcrumbs'),
    ignoredPaths: [...ADAPTER_DEFAULTS.ignoredPaths, ...(read('ignoredPaths', names) ?? [])],
    getTraceId: read('getTraceId', hook<NonNullable<AdapterSettings['getTraceId']>>()),
    shouldCapture: read('shouldCapture', hook<NonNullable<AdapterSettings['shouldCapture']>>()),
    eventEndpoint: read('eventEndpoint', text),
  }
}
