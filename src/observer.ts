/** An adapter's options, made ready at its first request: on Workers the key is in the handler's `env`. */
import { pipelineOf } from './client.ts'
import { ReplayStackError, toReplayStackError } from './delivery/error.ts'
import { type AdapterSettings, hostEnvironment, resolveAdapterOptions, resolveOptions } from './options.ts'
import { Pipeline } from './pipeline.ts'
import { onWorkers, prepareScopes } from './scope.ts'
import type { AdapterConfiguration, AdapterOptions, Environment } from './types.ts'

/** What `observe` works by. */
export interface Observer extends AdapterSettings {
  readonly pipeline: Pipeline
}

/** A pipeline that captures nothing: where there is no key, requests pass through untouched. */
function silentPipeline(): Pipeline {
  return new Pipeline({ apiKey: 'none', enabled: false }, {})
}

function createObserver(options: AdapterOptions<never>, environment: Environment): Observer {
  const settings = resolveAdapterOptions(options)
  const client = Object.hasOwn(options, 'client') ? options.client : undefined
  return { ...settings, pipeline: client ? pipelineOf(client) : new Pipeline(options, environment) }
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
 * The observer of an adapter, made at the first request and kept: `env` does not change while an isolate lives.
 * Without a key it reports that once and captures nothing.
 * @throws {TypeError} at once, naming an option that is wrong
 */
export function lazyObserver<Request>(configuration: AdapterConfiguration<Request> = {}): (env?: unknown) => Observer {
  if (typeof configuration !== 'function') checkOptions(configuration)
  prepareScopes()
  let observer: Observer | undefined
  return env => {
    observer ??= makeObserver(configuration, env)
    return observer
  }
}

function checkOptions(options: AdapterOptions<never>): void {
  resolveAdapterOptions(options)
  const apiKey = (Object.hasOwn(options, 'apiKey') && options.apiKey) || 'given-later'
  resolveOptions({ ...options, apiKey }, {})
}

/** Whether it says itself what is wrong with the options. */
function isKnown(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof TypeError || (thrown instanceof Error && thrown.message.includes('apiKey'))
  } catch {
    return false
  }
}

/** In a Worker a variable is none of the shell's. */
const howToSetKey = (): string =>
  ` Set REPLAYSTACK_API_KEY${onWorkers() ? ' (.dev.vars, or npx wrangler secret put)' : ''}.`

function makeObserver<Request>(configuration: AdapterConfiguration<Request>, env: unknown): Observer {
  let options: AdapterOptions<never> = {}
  try {
    options = typeof configuration === 'function' ? configuration((env ?? hostEnvironment()) as never) : configuration
    return createObserver(options, environmentOf(env))
  } catch (thrown) {
    const cure = isKnown(thrown) && thrown.message.endsWith('apiKey is required.') ? howToSetKey() : ''
    const error = isKnown(thrown)
      ? new ReplayStackError('configuration', `${thrown.message}${cure} No request is recorded.`, { cause: thrown })
      : toReplayStackError(thrown, 'be set up')
    try {
      const onError = Object.hasOwn(Object(options), 'onError') ? options.onError : undefined
      if (onError) onError(error)
      else console.warn(error.message)
    } catch {
      // A hook that throws is contained.
    }
    return { ...resolveAdapterOptions({}), pipeline: silentPipeline() }
  }
}
