/** An adapter's options, made ready at its first request: on Workers the key is in the handler's `env`. */
import { playback } from '../client/bare-calls.ts'
import { isClient, pipelineOf } from '../client/client.ts'
import {
  type AdapterSettings,
  CLIENT_RULES,
  hostEnvironment,
  MissingKeyError,
  optionsBesideClient,
  ownValue,
  type Rules,
  readOptions,
  resolveAdapterOptions,
} from '../client/options.ts'
import { Pipeline } from '../client/pipeline.ts'
import type { FindReplay, RecordedCalls } from '../client/recorder.ts'
import { hasScopes, onWorkers, prepareScopes } from '../client/scope.ts'
import { ReplayStackError, toReplayStackError } from '../delivery/error.ts'
import { isFunction } from '../safe-read.ts'
import type { AdapterConfiguration, AdapterOptions, Environment } from '../types.ts'

/** What `observe` works by. */
export interface Setup extends AdapterSettings {
  readonly pipeline: Pipeline
  /** Absent unless the application plays tapes back. */
  readonly findReplay?: FindReplay | undefined
  /** What the calls of the one request that this is the setup of are played back from. */
  readonly calls?: RecordedCalls | undefined
  /**
   * Calls back when a response that is ready has left: a host sends nothing while any promise waits for its turn, so what
   * is made before that delays it. Of all that workerd has to wait with, a timer alone lets it go.
   */
  readonly afterAnswer: (callback: (value?: unknown) => void) => void
}

/** The variables of a host: its handler's `env` over those of the process. */
function environmentOf(env: unknown): Environment {
  // What a Worker's process has comes from there.
  if (onWorkers() && typeof env === 'object' && env !== null) return env as Environment
  try {
    return { ...hostEnvironment(), ...(typeof env === 'object' ? env : {}) }
  } catch {
    // Deno refuses to list them without its permission.
    return hostEnvironment()
  }
}

/**
 * The setup of an adapter, made at the first request and kept: `env` does not change while an isolate lives.
 * Without a key it reports that once and captures nothing.
 * @param hasTimer whether the host flushes every `flushIntervalMs`
 * @throws {TypeError} at once, naming an option that is wrong
 */
export function lazySetup<Request>(
  configuration: AdapterConfiguration<Request> = {},
  hasTimer = false,
): (env?: unknown) => Setup {
  const checked = typeof configuration === 'function' ? undefined : checkOptions(configuration)
  prepareScopes()
  // The host's timer as it is now: a test's fake one would hold every event back.
  const { setTimeout } = globalThis
  const afterAnswer: Setup['afterAnswer'] = callback => void setTimeout(callback)
  let setup: Setup | undefined
  return env => {
    setup ??= { ...makeSetup(configuration, checked, env, hasTimer), afterAnswer }
    return setup
  }
}

/**
 * Takes the options that are one adapter's alone out of its configuration, and checks them.
 * @returns the configuration without them, and their values, which are there once a configuration that is a function was called
 * @throws {TypeError} naming an option that is wrong: here, or when that function is called
 */
export function takeOptions<Options extends object, Own>(
  configuration: Options | ((env: never) => Options),
  rules: Rules<Own>,
): [rest: typeof configuration, own: Partial<Own>] {
  const own: Partial<Own> = {}
  const take = (given: Options): Options => {
    // Each rule has the type of its option.
    Object.assign(own, readOptions(rules, given))
    return Object.fromEntries(Object.entries(given).filter(([name]) => !Object.hasOwn(rules, name))) as Options
  }
  return [typeof configuration === 'function' ? env => take(configuration(env)) : take(configuration), own]
}

/** @returns the adapter's own options */
function checkOptions(options: AdapterOptions<never>): AdapterSettings {
  const settings = resolveAdapterOptions(options)
  const client = ownValue(options, 'client')
  if (client === undefined) readOptions(CLIENT_RULES, options)
  else if (!isClient(client)) {
    throw new TypeError(`ReplayStack option "client" must be a ReplayStackClient; got ${typeof client}.`)
  }
  return settings
}

/** Whether it says itself what is wrong with the options. */
function isKnown(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof TypeError || thrown instanceof MissingKeyError
  } catch {
    return false
  }
}

/** In a Worker a variable is none of the shell's. */
const withPlace = (message: string): string =>
  onWorkers()
    ? message.replace(
        / Set REPLAYSTACK_API_KEY\.$/,
        ' Set REPLAYSTACK_API_KEY (.dev.vars, or npx wrangler secret put).',
      )
    : message

/**
 * Reports, to `onError` or else to the console, why nothing is recorded.
 * @param consequence a sentence: what does not happen now
 */
export function reportSetup(thrown: unknown, options: { onError?: unknown }, consequence: string): void {
  try {
    const error = isKnown(thrown)
      ? new ReplayStackError('configuration', `${withPlace(thrown.message)} ${consequence}`, { cause: thrown })
      : toReplayStackError(thrown, 'be set up')
    const onError = ownValue(Object(options), 'onError')
    if (isFunction(onError)) onError(error)
    else console.warn(error.message)
  } catch {
    // A hook that throws is contained, and so is a patched global.
  }
}

function makeSetup<Request>(
  configuration: AdapterConfiguration<Request>,
  checked: AdapterSettings | undefined,
  env: unknown,
  hasTimer: boolean,
): Omit<Setup, 'afterAnswer'> {
  let options: AdapterOptions<never> = {}
  if (playback()) return inertSetup()
  try {
    options = typeof configuration === 'function' ? configuration((env ?? hostEnvironment()) as never) : configuration
    const settings = checked ?? resolveAdapterOptions(options)
    const client = ownValue(options, 'client')
    const hasOwn = !isClient(client)
    const pipeline = hasOwn ? new Pipeline(options, environmentOf(env), { hasTimer }) : pipelineOf(client)
    if (!hasOwn) for (const problem of optionsBesideClient(options)) pipeline.warn(problem)
    const findReplay = settings.recordCalls?.findReplay?.(environmentOf(env), pipeline.settings, hasScopes)
    return { ...settings, pipeline, findReplay }
  } catch (thrown) {
    reportSetup(thrown, options, 'No request is recorded.')
    return inertSetup()
  }
}

/** It captures nothing: requests pass through untouched. */
const inertSetup = (): Omit<Setup, 'afterAnswer'> => ({
  ...resolveAdapterOptions({}),
  pipeline: new Pipeline({ apiKey: 'none', enabled: false }, {}),
})
