/** A Worker's bindings, played back from a tape. */
import { read } from '../safe-read.ts'
import { readArguments } from './bindings.ts'
import type { TapeKind } from './format.ts'
import { kindOfBinding } from './kinds.ts'
import { playRemote } from './play-remote.ts'
import type { Player } from './player.ts'
import type { ReviveParts } from './revive.ts'

/** Kinds of calls that are made on bindings. */
export type PlayedKind = Exclude<TapeKind, 'fetch' | 'call' | 'now' | 'uuid' | 'var'>

const PLAYED_KINDS: readonly PlayedKind[] = [
  'kv',
  'd1',
  'r2',
  'queue',
  'service',
  'rpc',
  'object',
  'ai',
  'vectorize',
  'ratelimit',
]
/** Whether a kind is a binding's. */
export const isPlayed = (kind: string): kind is PlayedKind => PLAYED_KINDS.some(one => one === kind)

const playedEnvironments = new WeakSet<object>()

/** What a handle makes of an `env`: one that is played back, with the variables that it has of its own. */
export function playOver<Env>(player: Player, env: Env): Env {
  if (typeof env !== 'object' || env === null || playedEnvironments.has(env)) return env
  const variables = Object.entries(env).filter(([, value]) => kindOfBinding(value) === 'variable')
  return playBindings(player, Object.fromEntries(variables)) as Env
}

/** An `env` with each binding and variable that is on the tape. */
export function playBindings(player: Player, given: object): object {
  const env: Record<string, unknown> = {}
  for (const call of player.tape.calls) {
    const { kind, target } = call
    const [name = target] = kind === 'var' ? [] : (/^[^.(]+/.exec(target) ?? [])
    if (Object.hasOwn(env, name)) continue
    if (kind === 'var') {
      Object.defineProperty(env, name, { get: () => player.resultOf(call, {}), enumerable: true, configurable: true })
    } else if (isPlayed(kind)) env[name] = playBinding(player, kind, name)
  }
  playedEnvironments.add(env)
  return Object.defineProperties(env, Object.getOwnPropertyDescriptors(given))
}

/** A binding, by its kind: what is asked of it and is not on the tape fails. */
export function playBinding(player: Player, kind: PlayedKind, name: string): object {
  switch (kind) {
    case 'd1':
      return playDatabase(() => player, name)
    case 'r2':
      return playBucket(player, name)
    case 'object':
      return playNamespace(player, name)
    case 'service':
    case 'rpc':
      return playRemote(player, { kind: 'rpc', target: name, isBinding: true })
    default:
      return methods(method => args => player.play(kind, name, method, args, {}))
  }
}

/** What is awaited or written as text is asked for these, and is no binding's method. */
const NO_METHODS: readonly PropertyKey[] = ['then', 'toJSON', 'toString', 'valueOf', 'constructor']

/** An object with every method: one that was not called when the tape was recorded says so when it is called. */
function methods(make: (method: string) => (args: unknown[]) => unknown, own: object = {}): object {
  const made = new Map<string, unknown>()
  return new Proxy(own, {
    get(own, key) {
      if (typeof key === 'symbol' || key in own || NO_METHODS.includes(key)) return Reflect.get(own, key)
      const method = made.get(key) ?? ((...args: unknown[]) => make(key)(readArguments(args)))
      made.set(key, method)
      return method
    },
  })
}

interface StatementInput {
  readonly sql: unknown
  readonly params: readonly unknown[]
}

const isBindable = (value: unknown): boolean =>
  value === null ||
  ['string', 'number', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every(one => Number.isInteger(one) && one >= 0 && one < 256)) ||
  value instanceof ArrayBuffer ||
  ArrayBuffer.isView(value)

class PlayedStatement {
  readonly #run: (method: string, input: object) => Promise<unknown>
  readonly input: StatementInput

  constructor(run: (method: string, input: object) => Promise<unknown>, input: StatementInput) {
    this.#run = run
    this.input = input
  }

  /** Refuses what D1 refuses: that is no call, and on no tape. */
  bind(...params: unknown[]): PlayedStatement {
    for (const one of params) {
      if (isBindable(one)) continue
      const message = `Type '${typeof one}' not supported for value '${one}'`
      throw new Error(`D1_TYPE_ERROR: ${message}`, { cause: new Error(message) })
    }
    return new PlayedStatement(this.#run, { sql: this.input.sql, params })
  }

  all(): Promise<unknown> {
    return this.#run('all', this.input)
  }

  run(): Promise<unknown> {
    return this.#run('run', this.input)
  }

  first(column?: string): Promise<unknown> {
    return this.#run('first', { ...this.input, ...(column !== undefined && { column }) })
  }

  async raw(options?: { columnNames?: boolean }): Promise<unknown> {
    const output = await this.#run('raw', this.input)
    const rows = Object(read(output, 'rows'))
    return options?.columnNames ? [read(output, 'columns') ?? [], ...rows] : rows
  }
}

/** A D1 database, and a session of one. @param player that is asked when a statement runs */
export function playDatabase(player: () => Player, name: string): object {
  const play = (method: string, input: object): Promise<unknown> => player().play('d1', name, method, input, {})
  const database: object = {
    prepare: (sql: unknown) => new PlayedStatement(play, { sql, params: [] }),
    batch: (statements: readonly PlayedStatement[]) =>
      play('batch', { statements: Array.from(statements, ({ input }) => input) }),
    exec: (sql: unknown) => play('exec', { sql }),
    withSession: () => database,
    // No tape has one: what it is means nothing to whoever plays it back.
    getBookmark: () => '',
  }
  return database
}

function playBucket(player: Player, name: string): object {
  const parts: ReviveParts = {
    upload: (key, uploadId) =>
      methods(method => args => player.play('r2', name, method, { key, uploadId, args }, {}), { key, uploadId }),
  }
  return methods(method => args => player.play('r2', name, method, args, parts), {
    resumeMultipartUpload: (...args: unknown[]) => player.playNow('r2', name, 'resumeMultipartUpload', args, parts),
  })
}

function playNamespace(player: Player, name: string): object {
  const id = (method: string) => [method, (...args: unknown[]) => player.playNow('object', name, method, args, {})]
  const stub = (given: unknown, which: unknown): unknown =>
    playRemote(player, { kind: 'object', target: `${name}(${String(which)})` }, { id: given, name: which })
  const namespace: object = {
    ...Object.fromEntries(['idFromName', 'idFromString', 'newUniqueId'].map(id)),
    get: (given: unknown) => stub(given, read(given, 'name') ?? given),
    getByName: (which: string) => stub({ name: which, toString: () => which }, which),
    jurisdiction: () => namespace,
  }
  return namespace
}
