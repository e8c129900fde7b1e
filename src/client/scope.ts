/**
 * A scope is one request's, job's or message's own: its breadcrumbs, logs, trace id and what keeps it alive. It follows
 * the code through `AsyncLocalStorage` where the runtime has one, looked up at run time: a static import would break
 * Workers without Node compatibility and every bundler for browsers.
 */
import type { KeptNote } from '../event/notes.ts'
import { type InboundTrace, validTraceId } from '../event/trace.ts'
import { hasWaitUntil, read } from '../safe-read.ts'
import type { WaitUntilLike } from '../types.ts'
import type { FindCalls, RecordedCalls, Recorder } from './recorder.ts'

/** Plain data but for `waitUntil`, which is used by the scope's own code alone. */
export interface Scope {
  readonly traceId: string | undefined
  /** The trace that its work has arrived with. */
  inbound?: InboundTrace | undefined
  /** The newest last. An application's own are JSON texts, masked when they were left. */
  breadcrumbs: KeptNote[]
  logs: string[]
  /** Fields for the metadata of its events, as they were given. */
  metadata: Record<string, unknown> | undefined
  /** Keeps the host alive until a promise has settled. */
  waitUntil: ((promise: Promise<unknown>) => void) | undefined
  /** Whether it is of a request that is not captured. */
  isSkipped?: boolean
  /** What the calls of its code are recorded by, and where they go. */
  recorder?: Recorder | undefined
  calls?: RecordedCalls | undefined
}

/** What is known of a scope when it opens. */
export interface ScopeOptions {
  /** 1 to 128 visible ASCII characters. @default the surrounding scope's */
  traceId?: string | undefined
  /** What keeps the host alive: a Worker's `ctx`. @default the surrounding scope's */
  waitUntil?: WaitUntilLike | undefined
}

interface Storage {
  run<Result, Args extends unknown[]>(scope: Scope, run: (...args: Args) => Result, ...args: Args): Result
  getStore(): Scope | undefined
}
type StorageConstructor = new () => Storage

/** One for the isolate: made by whoever opens the first scope. */
let storage: Storage | undefined
let importSettled = false

function isConstructor(value: unknown): value is StorageConstructor {
  return typeof value === 'function'
}

function findStorage(): Storage | undefined {
  const host: { AsyncLocalStorage?: unknown; process?: { getBuiltinModule?: (name: string) => object | undefined } } =
    Object(globalThis)
  let found = host.AsyncLocalStorage
  try {
    found ??= Reflect.get(host.process?.getBuiltinModule?.('node:async_hooks') ?? {}, 'AsyncLocalStorage')
  } catch {
    // A host without it.
  }
  if (isConstructor(found)) storage = new found()
  else importStorage()
  return storage
}

/** workerd with `nodejs_als` alone, or with an older compatibility date, has it by `import` only: in time for the next scope. */
function importStorage(): void {
  if (importSettled) return
  // Not a literal, and marked: a bundler must neither resolve it nor warn.
  const name = 'node:async_hooks'
  import(/* webpackIgnore: true */ /* @vite-ignore */ name).then(
    (found: { AsyncLocalStorage?: unknown }) => {
      importSettled = true
      if (isConstructor(found.AsyncLocalStorage)) storage ??= new found.AsyncLocalStorage()
    },
    () => {
      importSettled = true
    },
  )
}

/** Whether this is workerd, which also calls itself Node. */
export function onWorkers(): boolean {
  return Reflect.get(Object(globalThis.navigator), 'userAgent') === 'Cloudflare-Workers'
}

/**
 * Gets storage ready before the first request, for an adapter that is set up at module scope. There a Worker's `import` is
 * free, while its first look at `process` costs a cold start some ten milliseconds.
 */
export function prepareScopes(): void {
  if (onWorkers() && !storage) importStorage()
}

/** Whether the runtime can tell which scope code runs in. Older ones can only after their first turn. */
export const hasScopes = (): boolean => (storage ?? findStorage()) !== undefined

/** The scope this code runs in, where the runtime can tell. */
export function currentScope(): Scope | undefined {
  return storage?.getStore()
}

/** The recorded calls of that scope. */
export const currentCalls: FindCalls = () => currentScope()?.calls

/** Runs `run` in `scope`; where the runtime has no `AsyncLocalStorage`, just runs it. */
export function runInScope<Result, Args extends unknown[]>(
  scope: Scope,
  run: (...args: Args) => Result,
  ...args: Args
): Result {
  const found = storage ?? findStorage()
  return found ? found.run(scope, run, ...args) : run(...args)
}

/**
 * A new scope; what it is not given, it takes from the one around it. A class, because a getter of an object's own costs what
 * skipping a request may cost in all.
 */
export class NewScope implements Scope {
  breadcrumbs: KeptNote[] = []
  logs: string[] = []
  metadata: Scope['metadata'] = undefined
  isSkipped = false
  readonly waitUntil: Scope['waitUntil']
  recorder: Scope['recorder']
  calls: Scope['calls']
  inbound: Scope['inbound']
  #traceId: string | undefined
  #makeTraceId: ((scope: Scope) => string) | undefined

  /** @param makeTraceId called once, when the trace id is first read */
  constructor(options?: ScopeOptions, makeTraceId?: (scope: Scope) => string) {
    const around = storage?.getStore()
    const waitUntil = read(options, 'waitUntil')
    // As a method of its own object: on Workers, anything else is an "Illegal invocation".
    this.waitUntil = hasWaitUntil(waitUntil) ? promise => waitUntil.waitUntil(promise) : around?.waitUntil
    this.recorder = around?.recorder
    this.calls = around?.calls
    this.inbound = around?.inbound
    this.#makeTraceId = makeTraceId
    if (!makeTraceId) this.#traceId = validTraceId(read(options, 'traceId')) ?? around?.traceId
  }

  get traceId(): string | undefined {
    if (this.#makeTraceId) this.#traceId = this.#makeTraceId(this)
    // It holds the request, which a scope may outlive.
    this.#makeTraceId = undefined
    return this.#traceId
  }
}

/** Keeps `next`, and of all no more than the newest `max`. */
export function keepNewest<T>(kept: T[], next: T, max: number): void {
  kept.push(next)
  if (kept.length > max) kept.splice(0, kept.length - max)
}

/**
 * Runs `run` in a scope of its own and returns what it returns: breadcrumbs, logs and captures inside belong together.
 * @example
 * await runWithReplayStackContext(async () => {
 *   client.addBreadcrumb('Worker started')
 *   await work()
 * })
 */
export function runWithReplayStackContext<T>(run: () => T, options: ScopeOptions = {}): T {
  return runInScope(new NewScope(options), run)
}
