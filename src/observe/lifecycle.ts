/**
 * The one lifecycle: begin, run, end. A host says in data what arrived and how it ended; here a scope is opened, the
 * handler runs in it, one event is built and its delivery handed to the host. What the handler returns or throws passes
 * unchanged.
 */
import { ReplayStackHandle } from '../client/client.ts'
import { currentScope, NewScope, onWorkers, runInScope, type Scope } from '../client/scope.ts'
import { errorFields } from '../event/error.ts'
import { createTraceId, validTraceId } from '../event/trace.ts'
import { shouldIgnorePath } from '../event/url.ts'
import { isThenable, readAll } from '../safe-read.ts'
import type { EventInput } from '../types.ts'
import type { Setup } from './setup.ts'
import { type Ending, type Outcome, openRecords, type Work, WorkRecord } from './work.ts'

/** Work that has begun. */
export interface Beginning {
  readonly scope: Scope
  readonly handle: ReplayStackHandle
  /** Whether its outcome is wanted. */
  readonly recorded: boolean
  /** Ends it, once. What it returns never rejects, and is for whoever must wait for delivery. */
  end(ending: Ending): Promise<void> | undefined
}

/**
 * Requests that are not recorded. A set: these are never taken out, and a weak map with as many dead entries costs each
 * request 1 to 10 µs where this costs a quarter of one.
 */
const passed: WeakSet<object> = new WeakSet()

/**
 * Begins work, for a host that cannot hand its handler over as a function: {@link observe} does both. Another adapter on
 * the same request joins the first: it has the same scope, and what it knows goes into the same event.
 */
export function begin(setup: Setup, work: Work): Beginning {
  const scope = new NewScope({ waitUntil: work.waitUntil }, scope => traceIdOf(setup, work, scope))
  return setup.pipeline.attempt('begin to observe', admit, setup, work, scope) ?? unrecorded(setup, scope)
}

/** Begins work that is recorded, here or by an adapter further out; nothing where it is to be passed through. */
function admit(setup: Setup, work: Work, scope: Scope): Beginning | undefined {
  const { pipeline } = setup
  const { subject, within, eventType, endpoint } = work
  // A request that was made anew on its way, `new Request(request)`, is known by the scope that it is handled in.
  const around = eventType === 'api' && !work.isOwn ? currentScope() : undefined
  const outer =
    (subject && openRecords.get(subject)) ?? (within && openRecords.get(within)) ?? (around && openRecords.get(around))
  if (outer) return { scope: outer.scope, handle: outer.handle, recorded: true, end: ending => outer.learn(ending) }
  const isPassed = around?.isSkipped || (subject && passed.has(subject)) || (within && passed.has(within))
  if (isPassed) return unrecorded(setup, currentScope() ?? scope)
  const isIgnored = shouldIgnorePath(endpoint, setup.ignoredPaths)
  const skip = isIgnored ? 'the path is in ignoredPaths' : pipeline.admits(endpoint)
  if (!skip) return new WorkRecord(setup, work, scope)
  pipeline.skip(skip, scope)
  // A client that captures nothing decides for itself alone; what was ignored or sampled out stays so further in.
  if (!pipeline.settings.enabled) return undefined
  if (subject) passed.add(subject)
  scope.isSkipped = eventType === 'api'
  return undefined
}

/** Waits for what the calls of a request are played back from, and resolves to its setup; nothing where none are. */
export function awaitReplay(setup: Setup, request: object | undefined): Promise<Setup> | undefined {
  const { findReplay } = setup
  // What runs within a replay is part of it.
  const found = findReplay && request && !currentScope()?.calls ? findReplay(request) : undefined
  return found?.then(calls => ({ ...setup, calls, findReplay: undefined }))
}

/** Work that is passed through: no event comes of it. */
function unrecorded({ pipeline, recordCalls, calls }: Setup, scope: Scope): Beginning {
  // What is made for it, a client of a database, may be kept for requests that are recorded.
  scope.recorder ??= recordCalls
  scope.calls ??= calls
  return { scope, handle: new ReplayStackHandle(pipeline, scope), recorded: false, end: () => undefined }
}

/**
 * Captures a failure whose host stops at once: nothing can be sent from there, so the event waits in the client for the
 * next one.
 */
export function captureAtOnce({ pipeline }: Setup, { eventType, endpoint, describe }: Work, thrown: unknown): void {
  pipeline.attempt('capture a failure', () => {
    const fields = describe?.().fields
    const error = errorFields(thrown, { ...readAll(fields?.metadata) })
    const event: EventInput = { ...fields, eventType, endpoint, status: 'failed', statusCode: 500, ...error }
    const skip = pipeline.admits(endpoint) ?? pipeline.wants(event)
    const scope = currentScope() ?? new NewScope()
    if (skip) return void pipeline.skip(skip, scope)
    const { own } = pipeline.send(event, scope, { departure: 'next', isThrown: true })
    own.catch(() => {})
  })
}

/**
 * Adds an error that a framework has made a response of to the event of its request, which else has its status alone. A
 * request that is not recorded, or whose event has been made, is left as it is. Never throws.
 * @param request the one that the recorded handler was called with. Default: the one that the caller runs for, where the runtime
 * has `AsyncLocalStorage`
 * @example
 * export const handleError = ({ error, event }) => recordError(error, event.request) // SvelteKit's src/hooks.server.ts
 */
export function recordError(thrown: unknown, request: object | undefined = currentScope()): void {
  const scope = currentScope()
  // A bridge's request, made of one that an adapter further out records, is no record of its own.
  const record = (request && openRecords.get(request)) ?? (scope && openRecords.get(scope))
  record?.learn({ error: { thrown } })
}

/** A handle for what is no work of a request: it looks at none, and has no trace id. */
export function inertHandle({ pipeline }: Setup): ReplayStackHandle {
  return new ReplayStackHandle(pipeline, new NewScope())
}

/** The trace id of `getTraceId`, else what the work arrived with, else a new one. */
function traceIdOf({ getTraceId, pipeline }: Setup, { subject, traceId }: Work, scope: Scope): string {
  let given: unknown
  if (getTraceId && subject) {
    pipeline.contain(() => {
      given = getTraceId(subject)
      return given
    })
  }
  const arrived = traceId?.()
  const inbound = typeof arrived === 'string' ? { id: arrived } : arrived
  scope.inbound = inbound
  return validTraceId(given) ?? inbound?.id ?? createTraceId()
}

/**
 * Runs `run` as observed work.
 * @param conclude reads the outcome from what `run` returned; called only where the work is recorded
 * @returns what `run` returns; what it throws is recorded and rethrown, the same object
 */
export function observe<Result>(
  setup: Setup,
  work: Work,
  run: (handle: ReplayStackHandle) => Result | Promise<Result>,
  conclude: (result: Result, traceId: string) => Outcome<Result>,
): Result | Promise<Result> {
  const { pipeline } = setup
  const { asyncSend, enabled } = pipeline.settings
  const replay = awaitReplay(setup, work.subject)
  if (replay) return replay.then(setup => observe(setup, work, run, conclude))
  const beginning = begin(setup, work)
  const { scope, handle, recorded } = beginning
  // Where nothing is ever captured, no scope is needed.
  if (!recorded && !work.hold) return enabled ? runInScope(scope, run, handle) : run(handle)

  let isSync = true
  /** Ends the work. Returns what its caller has to wait for; a caller that gets its result at once waits for nothing. */
  const end = (ending: Ending): Promise<void> | undefined => {
    const delivered = beginning.end(ending)
    if (work.hold) return work.hold()
    return asyncSend || isSync ? undefined : delivered
  }
  const returned = (value: Result): Result | Promise<Result> => {
    const read = recorded ? pipeline.attempt('read the outcome', conclude, value, scope.traceId ?? '') : undefined
    const outcome: Outcome<Result> = read ?? { result: value }
    const { result } = outcome
    const waiting = end(outcome)
    return waiting ? waiting.then(() => result) : result
  }
  const threw = (thrown: unknown): Promise<never> => {
    const answered = pipeline.attempt('read what was thrown', () => work.answerThrown?.(thrown))
    const answer = typeof answered === 'number' ? { statusCode: answered } : answered
    const outcome = answer ?? { statusCode: 500, error: { thrown }, hasNoResponse: true }
    const waiting = end({ ...outcome, isForwarded: onWorkers() })
    if (!waiting) throw thrown
    return waiting.then(() => {
      throw thrown
    })
  }

  let result: Result | Promise<Result>
  try {
    result = runInScope(scope, run, handle)
  } catch (thrown) {
    return threw(thrown)
  }
  if (!isPromise(result)) return returned(result)
  isSync = false
  return result.then(returned, threw)
}

/** A Proxy may throw here: its caller finds out by itself. */
function isPromise<Result>(value: Result | Promise<Result>): value is Promise<Result> {
  try {
    return value instanceof Promise
  } catch {
    return false
  }
}

/**
 * A handler whose host awaits what it returns: a promise of any realm or library is one, and where delivery is waited for,
 * everything is.
 */
export function awaited<Argument>(
  { pipeline }: Setup,
  run: (argument: Argument) => unknown,
): (argument: Argument) => unknown {
  if (!pipeline.settings.asyncSend) return async argument => run(argument)
  return argument => {
    const result = run(argument)
    return isThenable(result) ? Promise.resolve(result) : result
  }
}
