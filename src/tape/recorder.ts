/** What adapters record calls by. */
import type { MaskRules } from '../mask/json.ts'
import { read } from '../safe-read.ts'
import type { CallRecorder } from '../types.ts'
import { wrapBinding } from './bindings.ts'
import { recordFetch } from './http.ts'
import { kindOfBinding } from './kinds.ts'
import { OpenTape, type TapeSettings } from './open-tape.ts'
import { isPlayed } from './play-bindings.ts'
import { type FindPlayback, makePlayable } from './playable.ts'
import { findPlayback, Playback } from './playback.ts'
import { begin, type FindTape, isPromise, recordCall } from './record.ts'
import { places } from './remote.ts'
import { withEnvironment } from './with-environment.ts'
import { standsFor, wrapObject } from './wrap.ts'

/** Options of `tapeRecorder`. */
export interface TapeRecorderOptions {
  /** Names of the bindings whose calls are recorded. @default all that are known */
  bindings?: readonly string[] | undefined
  /** Names of the service bindings whose methods are called by RPC. @default none: their `fetch` alone is recorded */
  services?: readonly string[] | undefined
  /** UTF-8 bytes of a tape. @default 65536 */
  maxBytes?: number | undefined
  /** Which events keep their tape: those whose status is not `success`, or all. @default 'failed' */
  keep?: 'failed' | 'all' | undefined
  /** Milliseconds from which on the tape is kept whatever the status. @default never */
  slowMs?: number | undefined
  /** Names of the variables whose values are recorded; of others, secrets among them, only that they were read. @default none */
  variables?: readonly string[] | undefined
}

/** What a work's tape is found by: anything else that it returns is none. */
type Find = () => unknown

const MAX_BYTES = 65_536

/** Reads and checks options. */
function settingsOf(
  options: TapeRecorderOptions,
): TapeSettings & { bindings?: readonly string[]; services: readonly string[] } {
  const wrong = (name: string, allowed: string): TypeError =>
    new TypeError(
      `ReplayStack option "${name}" of tapeRecorder must be ${allowed}; got ${String(read(options, name))}.`,
    )
  const names = (name: 'bindings' | 'services' | 'variables'): readonly string[] | undefined => {
    const list = options[name]
    if (list === undefined) return undefined
    if (!Array.isArray(list) || !list.every(one => typeof one === 'string')) throw wrong(name, 'a list of names')
    return [...list]
  }
  const number = (name: 'maxBytes' | 'slowMs', least: number, fallback: number): number => {
    const value = options[name] ?? fallback
    if (typeof value !== 'number' || !(value >= least)) throw wrong(name, `a number from ${least}`)
    return value
  }
  const keep = options.keep ?? 'failed'
  if (keep !== 'failed' && keep !== 'all') throw wrong('keep', "'failed' or 'all'")
  const bindings = names('bindings')
  return {
    ...(bindings && { bindings }),
    services: names('services') ?? [],
    variables: names('variables') ?? [],
    maxBytes: number('maxBytes', 1024, MAX_BYTES),
    slowMs: number('slowMs', 0, Number.POSITIVE_INFINITY),
    keep,
  }
}

const asTape = (found: unknown): OpenTape | undefined => (found instanceof OpenTape ? found : undefined)
const asPlayback = (found: unknown): Playback | undefined => (found instanceof Playback ? found : undefined)

/** What was handed over in place of an `env`. */
const recordedEnvironments = new WeakSet<object>()

class Recorder implements CallRecorder {
  readonly tapeVersion = 1
  readonly #settings: ReturnType<typeof settingsOf>
  /** The recorded `env` of each, by how its tape is found. */
  readonly #known = new WeakMap<object, WeakMap<Find, object>>()

  /** Whether a replay may have sent any of the requests. */
  #plays = false

  constructor(options: TapeRecorderOptions) {
    this.#settings = settingsOf(options)
  }

  findReplay(...known: Parameters<typeof findPlayback>): ReturnType<typeof findPlayback> {
    const find = findPlayback(...known)
    this.#plays ||= find !== undefined
    return find
  }

  open(rules: MaskRules, addTrace?: OpenTape['addTrace']): OpenTape {
    return new OpenTape(rules, this.#settings, value => places.get(value), addTrace)
  }

  fetch(find: Find, addTrace: OpenTape['addTrace']): typeof fetch {
    const send = (args: readonly unknown[]) => fetch(...(args as Parameters<typeof fetch>))
    return (...args: Parameters<typeof fetch>): Promise<Response> => {
      const found = find()
      const playback = asPlayback(found)
      if (playback) return playback.calls.fetch(...args)
      const tape = asTape(found)
      if (!tape) return send(addTrace(args))
      return recordFetch(() => tape, { kind: 'fetch' }, args, send) as Promise<Response>
    }
  }

  bindings<Env>(env: Env, find: Find): Env {
    // An adapter may have handed over one that is recorded already: its calls are not to be noted twice.
    if (typeof env !== 'object' || env === null || recordedEnvironments.has(env) || !this.#isEnvironment(env))
      return env
    const known = this.#known.get(env) ?? new WeakMap<Find, object>()
    this.#known.set(env, known)
    const made = known.get(find) ?? this.#wrapEnvironment(env, find)
    known.set(find, made)
    recordedEnvironments.add(made)
    return made as Env & object
  }

  call<Result>(find: Find, name: string, input: unknown, run: () => Result): Result {
    const playback = asPlayback(find())
    if (playback) return playback.calls.call(name, input) as Result
    const noted = begin(
      () => asTape(find()),
      ({ rules }) => ({
        kind: 'call',
        target: String(name),
        method: 'call',
        input,
        isHidden: rules.names.hides(String(name)) !== false,
      }),
    )
    const noteKind = (): Result => {
      const result = run()
      if (noted) noted.isPromised = isPromise(result)
      return result
    }
    return recordCall(noted, noteKind) as Result
  }

  now(find: Find): number {
    const playback = asPlayback(find())
    if (playback) return playback.calls.now()
    const noted = begin(
      () => asTape(find()),
      () => ({ kind: 'now', target: 'clock', method: 'now', input: [] }),
    )
    return recordCall(noted, () => Date.now()) as number
  }

  uuid(find: Find): string {
    const playback = asPlayback(find())
    if (playback) return playback.calls.uuid()
    const noted = begin(
      () => asTape(find()),
      () => ({ kind: 'uuid', target: 'random', method: 'uuid', input: [] }),
    )
    return recordCall(noted, () => crypto.randomUUID()) as string
  }

  within<Result>(env: unknown, run: () => Result): Result {
    return withEnvironment(env, run)
  }

  /** Whether there is a binding among its members: a server that a host hands over as `env` is none. */
  #isEnvironment(env: object): boolean {
    const prototype: unknown = Object.getPrototypeOf(env)
    if (prototype !== Object.prototype && prototype !== null) return false
    return Object.values(Object.getOwnPropertyDescriptors(env)).some(
      ({ value }) => typeof value === 'string' || !['variable', 'unknown'].includes(kindOfBinding(value)),
    )
  }

  #wrapEnvironment<Env extends object>(env: Env, findCalls: Find): Env {
    const { bindings, services } = this.#settings
    const find: FindTape = () => asTape(findCalls())
    const findPlayback: FindPlayback | undefined = this.#plays ? () => asPlayback(findCalls()) : undefined
    const made = new Map<PropertyKey, { original: unknown; value: unknown }>()
    // A frozen one could not have its members replaced.
    const wrapper = new Proxy(Object.isFrozen(env) ? { ...env } : env, {
      get: (env, key) => {
        const original: unknown = Reflect.get(env, key)
        if (typeof key === 'string' && original === undefined) return findPlayback?.()?.member(key)
        if (typeof key !== 'string' || !Object.hasOwn(env, key)) return original
        const isLeftOut = bindings !== undefined && !bindings.includes(key)
        if (isLeftOut && !findPlayback) return original
        const known = made.get(key)
        if (known && known.original === original) return known.value
        const isRemote = services.includes(key)
        const kind = isRemote ? 'service' : kindOfBinding(original)
        if (kind === 'variable' || typeof original !== 'object' || original === null) {
          if (!isLeftOut) find()?.variable(key, original)
          return original
        }
        const recorded = isLeftOut ? wrapObject(original, {}) : wrapBinding(original, key, kind, find, isRemote)
        const value =
          findPlayback && isPlayed(kind)
            ? makePlayable(original, recorded, { name: key, kind }, findPlayback)
            : recorded
        // What only says that it cannot be recorded has to say so again.
        if (value !== original) made.set(key, { original, value })
        return value
      },
    })
    standsFor(wrapper, env)
    return wrapper
  }
}

/**
 * Records the calls that a handler makes to the outside, for a replay without the world: give it to an adapter as
 * `recordCalls`. The calls go onto the tape of the request's event, masked as everything is.
 * @throws {TypeError} naming an option that is wrong
 * @example
 * app.use(replaystack({ recordCalls: tapeRecorder() }))
 */
export function tapeRecorder(options: TapeRecorderOptions = {}): CallRecorder {
  return new Recorder(options)
}
