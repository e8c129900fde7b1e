/**
 * Options over environment over defaults: one table, read once. A wrong option throws; a wrong variable falls back to
 * the default and is reported, because whoever deploys is not always who wrote the code. Long, because of the table.
 */
import { maskKey } from '../delivery/key.ts'
import { fetchTransport } from '../delivery/transport.ts'
import { LEVELS } from '../event/notes.ts'
import { maskRules, writeValue } from '../mask/json.ts'
import { isFunction, read } from '../safe-read.ts'
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
import type { Recorder } from './recorder.ts'

/** What an option may be. */
export interface Kind<T> {
  /** Ends the sentence "it must be". */
  readonly allowed: string
  /** `undefined` means that it is not valid. */
  readonly read: (value: unknown) => T | undefined
  /** What a variable's text means. Without it, no variable is read. */
  readonly parse?: (text: string) => unknown
}

/** A text that matches. Empty, it is as if it were not given: `process.env.KEY ?? ''` is a value that is missing. */
const matching = (allowed: string, pattern: RegExp): Kind<string> => ({
  allowed,
  read: value => (typeof value === 'string' && pattern.test(value.trim()) ? value.trim() : undefined),
  parse: String,
})
const text = matching('a string that is not empty', /\S/)
/** What an HTTP header can carry: an error of the transport's would show the key otherwise. */
const key = matching('a string of visible ASCII characters', /^[\x21-\x7e]+$/)
export const address: Kind<string> = matching('an absolute http or https URL', /^https?:\/\/[^\s/]\S*$/i)
/** Without a password: `fetch` refuses one, in an error that shows it. */
const url: Kind<string> = {
  ...address,
  read(value) {
    const given = address.read(value)
    if (given === undefined) return undefined
    const { username, password } = new URL(given)
    return username || password ? undefined : given
  },
}

/** A flag that no variable sets. */
export const inCode: Kind<boolean> = {
  allowed: 'true or false',
  read: value => (typeof value === 'boolean' ? value : undefined),
}
const flag: Kind<boolean> = {
  ...inCode,
  parse: text => (/^\s*(0|false|no|off)\s*$/i.test(text) ? false : /^\s*(1|true|yes|on)\s*$/i.test(text) || undefined),
}
const bodies: Kind<boolean | 'failed'> = {
  allowed: "true, false or 'failed'",
  read: value => (value === 'failed' ? value : inCode.read(value)),
}

const numeric = (allowed: string, isValid: (value: number) => boolean): Kind<number> => ({
  allowed,
  read: value => (typeof value === 'number' && isValid(value) ? value : undefined),
  parse: text => (text.trim() ? Number(text) : undefined),
})
/** A whole number within bounds. */
export const integer = (min: number, max: number = Number.POSITIVE_INFINITY): Kind<number> =>
  numeric(
    `a whole number, ${max < Number.POSITIVE_INFINITY ? `from ${min} to ${max}` : `${min} or more`}`,
    value => Number.isSafeInteger(value) && value >= min && value <= max,
  )
const count = integer(0)
const rate = numeric('a number from 0 to 1', value => value >= 0 && value <= 1)

const level: Kind<Level> = {
  allowed: LEVELS.join(', '),
  read: value => LEVELS.find(one => one === value),
  parse: text => text.trim().toLowerCase(),
}

/** A timer that is set for longer fires at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

/** More names or paths than anyone has written: a list may have no end. */
const MAX_NAMES = 100_000

const listOf = <T>(allowed: string, isOne: (value: T) => unknown): Kind<readonly T[]> => ({
  allowed,
  read(value) {
    const list: T[] | undefined = Array.isArray(value) && value.length <= MAX_NAMES ? [...value] : undefined
    return list?.every(isOne) ? list : undefined
  },
})
const names = listOf<string>('a list of strings that are not empty', text.read)
const masks = listOf<Mask>(
  'a list of masks, as those of @replaystack/edge/masks',
  ({ find, fields = [] }) => isFunction(find) && names.read(fields),
)

const remoteRules: Kind<RemoteMaskingRules> = {
  allowed: `{ fields: ${names.allowed} }`,
  read(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const fields = names.read(ownValue(value, 'fields') ?? [])
    return fields && { fields }
  },
}

export const hook: Kind<never> = {
  allowed: 'a function',
  // What it takes and returns is the application's to get right: its compiler has checked it.
  read: value => (isFunction(value) ? (value as never) : undefined),
}

/** What is known by one of its methods. */
const having = <T>(method: string, allowed: string): Kind<T> => ({
  allowed,
  read: value => (isFunction(read(value, method)) ? (value as T) : undefined),
})
const recorder = having<Recorder>('open', 'what tapeRecorder() of @replaystack/edge/tape returns')
export const transport: Kind<Transport> = having('post', 'an object with a post method')

/** An option: its kind, its default, and the variables that it is taken from after its own. */
type Rule<T> = readonly [kind: Kind<T>, fallback?: T | undefined, ...variables: string[]]
/** A table of options, each under its name. */
export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule<NonNullable<Options[Name]>> }

/** Its own variable is its name: `timeoutMs` is `REPLAYSTACK_TIMEOUT_MS`. The last variables are the hosts' own. */
export const CLIENT_RULES: Rules<ClientOptions> = {
  apiKey: [key],
  endpoint: [url, 'https://api.replaystack.co'],
  ingestUrl: [url],
  serviceName: [text],
  environment: [text, 'development', 'ENVIRONMENT', 'APP_ENV', 'NODE_ENV'],
  appVersion: [text, undefined, 'APP_VERSION', 'CF_VERSION_METADATA.tag'],
  commitHash: [text, undefined, 'COMMIT_HASH', 'CF_VERSION_METADATA.id', 'VERCEL_GIT_COMMIT_SHA', 'COMMIT_REF'],
  enabled: [flag, true],
  timeoutMs: [integer(1, MAX_TIMER_MS), 2500],
  retries: [count, 1],
  sampleRate: [rate, 1],
  alwaysCaptureFailures: [flag, false],
  captureSuccess: [flag, true],
  maxPayloadSizeBytes: [integer(1), 524_288],
  maskFields: [names, []],
  masks: [masks, []],
  remoteMaskingRules: [remoteRules, {}],
  ignoredPaths: [names, []],
  maxBreadcrumbs: [count, 50],
  captureLogs: [flag, true],
  logLevel: [level, 'error'],
  maxLogs: [count, 50],
  offlineQueueMax: [count, 100],
  flushIntervalMs: [count, 0],
  // {@link BATCH_MAX_EVENTS}, or 1 where the transport is the application's own.
  batchMaxEvents: [integer(1, 100)],
  batchFlushIntervalMs: [integer(0, MAX_TIMER_MS), 5],
  asyncSend: [inCode, true],
  raiseOnError: [inCode, false],
  onError: [hook],
  onQueueDrop: [hook],
  beforeSend: [hook],
  transport: [transport, fetchTransport],
  debug: [flag, false],
}

/** The default of `batchMaxEvents` where events go by `fetch`. */
const BATCH_MAX_EVENTS = 20

/** What an adapter reads by itself. */
const ADAPTER_RULES: Rules<Omit<AdapterOptions<never>, keyof ClientOptions | 'client'>> &
  Pick<typeof CLIENT_RULES, 'ignoredPaths'> = {
  captureRequestBody: [bodies, true],
  captureResponseBody: [bodies, true],
  captureHeaders: [inCode, true],
  recordCalls: [recorder],
  captureAborted: [inCode, false],
  automaticBreadcrumbs: [inCode, true],
  automaticFrameworkBreadcrumbs: [inCode],
  ignoredPaths: [names, []],
  getTraceId: [hook],
  shouldCapture: [hook],
  eventEndpoint: [text],
}

/** The paths that no adapter records. */
const IGNORED_PATHS = ['/health', '/metrics', '/favicon.ico']

/** A variable's value; `CF_VERSION_METADATA.tag` is a member of a binding. Reading may be refused (Deno). */
function readVariable(environment: Environment | undefined, name: string): unknown {
  try {
    const [first = '', member] = name.split('.')
    const value = environment && ownValue(environment, first)
    return member ? read(value, member) : value
  } catch {
    return undefined
  }
}

/** An own property alone: what is on `Object.prototype` is nobody's option. */
export function ownValue(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined
}

/** Characters of a value in an error. */
const SHOWN_CHARACTERS = 100

/** A value as an error may show it: short, without the key and without what looks like a secret. */
export function show(value: unknown, apiKey?: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') return typeof value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  const shown = `${writeValue(value, maskRules([], SHOWN_CHARACTERS))}`
  return maskKey(shown, typeof apiKey === 'string' ? apiKey : '').slice(0, SHOWN_CHARACTERS)
}

/** `timeoutMs` → `REPLAYSTACK_TIMEOUT_MS`. */
const variableOf = (name: string): string => `REPLAYSTACK_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`

/** What is wrong with an option or a variable. Nothing of a key is shown. */
function mustBe(what: string, kind: Kind<unknown>, given: unknown, apiKey: unknown): string {
  return `ReplayStack ${what} must be ${kind.allowed}; got ${kind === key ? typeof given : show(given, apiKey)}.`
}

/**
 * Reads each option of a table: as it was given, else from its variables, else its default.
 * @param environment without one, no variables are read
 * @param problems receives the variables that could not be used
 * @throws {TypeError} naming the option, what is allowed and what it got
 */
export function readOptions(
  rules: Readonly<Record<string, Rule<unknown>>>,
  options: object,
  environment?: Environment,
  problems: string[] = [],
): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  let apiKey = ownValue(options, 'apiKey')
  for (const [name, [kind, fallback, ...others]] of Object.entries(rules)) {
    const { parse } = kind
    const given = ownValue(options, name)
    let value: unknown
    if (given !== undefined && !(given === '' && parse === String)) {
      value = readAs(kind, given)
      if (value === undefined) throw new TypeError(mustBe(`option "${name}"`, kind, given, apiKey))
    }
    for (const variable of environment && parse ? [variableOf(name), ...others] : []) {
      if (value !== undefined) break
      const text = readVariable(environment, variable)
      if (text === undefined || text === null || (typeof text === 'string' && !text.trim())) continue
      value = readAs(kind, typeof text === 'string' ? parse?.(text) : text)
      if (value === undefined) problems.push(`${mustBe(`variable ${variable}`, kind, text, apiKey)} It is not used.`)
    }
    found[name] = value ?? fallback
    if (kind === key) apiKey = found[name]
  }
  return found
}

/** What cannot be read is not what is allowed. */
function readAs<T>(kind: Kind<T>, value: unknown): T | undefined {
  try {
    return kind.read(value)
  } catch {
    return undefined
  }
}

/** Whether what is sent there can be read on its way: `http://` beyond this machine. */
function isReadableOnItsWay(url: string): boolean {
  return /^http:/i.test(url) && !/^(.*\.)?localhost\.?$|^127(\.\d+){3}$|^\[::1\]$/.test(new URL(url).hostname)
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
 * @returns the settings, and a sentence for each option or variable that is of no use
 */
export function resolveOptions(
  options: ClientOptions,
  environment: Environment,
): { settings: Settings; problems: string[] } {
  const problems: string[] = []
  const given = readOptions(CLIENT_RULES, options, environment, problems)
  if (!given['apiKey']) {
    // A key that is there and wrong is reported first.
    const wrongKey = problems.find(problem => problem.includes('_API_KEY'))
    throw new MissingKeyError(`ReplayStack apiKey is required. ${wrongKey ?? 'Set REPLAYSTACK_API_KEY.'}`)
  }
  // Each rule has the type of its option.
  const settings = given as { -readonly [Name in keyof Settings]: Settings[Name] }
  const ownUrl = given['ingestUrl'] !== undefined
  settings.endpoint = settings.endpoint.replace(/\/+$/, '')
  settings.ingestUrl ??= `${settings.endpoint}/api/v1/ingest/events`
  // A custom ingest URL has its bulk address beside it, so that batches do not go to another host. Where that cannot be
  // told, and no endpoint either, there are none.
  const hasBeside = ownUrl && settings.ingestUrl.endsWith('/events')
  const base = hasBeside ? settings.ingestUrl.slice(0, -'events'.length) : `${settings.endpoint}/api/v1/ingest/`
  settings.bulkUrl = `${base}bulk-events`
  const isAlone = ownUrl && !hasBeside && settings.endpoint === CLIENT_RULES.endpoint[1]
  if (isAlone && settings.batchMaxEvents > 1) {
    problems.push(
      'ReplayStack sends one event at a time: give an ingestUrl that ends in /events, or an endpoint for batches.',
    )
  }
  // A transport of the application's own was written for one event a call, unless it says otherwise.
  settings.batchMaxEvents ??= settings.transport === fetchTransport ? BATCH_MAX_EVENTS : 1
  if (isAlone) settings.batchMaxEvents = 1
  const open = [settings.ingestUrl, settings.bulkUrl].find(isReadableOnItsWay)
  if (open && settings.enabled) {
    problems.push(`ReplayStack sends the API key and all events unencrypted to ${open}: use https.`)
  }
  problems.push(...unknownOptions(options))
  // A page that Next.js renders ahead may touch neither a clock nor a random number, and serves no request.
  if (isNextBuild(environment)) settings.enabled = false
  return { settings: Object.freeze(settings), problems }
}

/** Whether this is `next build`, as its own variable says. */
export function isNextBuild(environment: Environment = hostEnvironment()): boolean {
  return read(environment, 'NEXT_PHASE') === 'phase-production-build'
}

/** What is to be said of options that there are not. */
function unknownOptions(options: object): string[] {
  const problems: string[] = []
  for (const name of Object.keys(options)) {
    const isKnown = name in CLIENT_RULES || name in ADAPTER_RULES || name === 'client'
    if (!isKnown) problems.push(`ReplayStack has no option ${JSON.stringify(name)}. It is not used.`)
  }
  return problems
}

/** What is to be said of options that stand beside `client`: those of a client are not read there. */
export function optionsBesideClient(options: object): string[] {
  const unread = Object.keys(options).filter(name => name in CLIENT_RULES && !(name in ADAPTER_RULES))
  const problems = unknownOptions(options)
  if (unread.length > 0) {
    const cure = unread.includes('endpoint') ? ' The option eventEndpoint names an event.' : ''
    problems.push(`ReplayStack does not read ${unread.join(', ')} beside client: give them to the client.${cure}`)
  }
  return problems
}

/** How an adapter records requests, checked. */
export interface AdapterSettings {
  readonly captureRequestBody: boolean | 'failed'
  readonly captureResponseBody: boolean | 'failed'
  readonly captureHeaders: boolean
  readonly recordCalls: Recorder | undefined
  readonly captureAborted: boolean
  readonly automaticBreadcrumbs: boolean
  /** With the paths that no adapter records. */
  readonly ignoredPaths: readonly string[]
  readonly getTraceId: ((request: object) => string | null | undefined) | undefined
  readonly shouldCapture: ((decision: CaptureDecision) => boolean) | undefined
  readonly eventEndpoint: string | undefined
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
export function resolveAdapterOptions(options: AdapterOptions<never>): AdapterSettings {
  const { automaticFrameworkBreadcrumbs: alias, ...found } = readOptions(ADAPTER_RULES, options)
  // Each rule has the type of its option.
  const settings = found as { -readonly [Name in keyof AdapterSettings]: AdapterSettings[Name] }
  settings.ignoredPaths = [...IGNORED_PATHS, ...settings.ignoredPaths]
  if (typeof alias === 'boolean') settings.automaticBreadcrumbs = alias
  return settings
}
