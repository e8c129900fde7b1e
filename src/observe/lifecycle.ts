/**
 * The one lifecycle. A host tells in data what arrived and how it ended; here a scope is opened, the handler runs in
 * it, one event is built and its delivery handed to the host. What the handler returns or throws passes unchanged.
 */
import { ReplayStackHandle } from '../client/client.ts'
import { createScope, currentScope, runInScope, type Scope } from '../client/scope.ts'
import { toReplayStackError } from '../delivery/error.ts'
import { createTraceId, validTraceId } from '../event/trace.ts'
import { shouldIgnorePath } from '../event/url.ts'
import { isThenable } from '../safe-read.ts'
import { settle } from './settle.ts'
import type { Setup } from './setup.ts'
import { type Ending, type Outcome, type Work, WorkRecord } from './work.ts'

export type { Description, Ending, Outcome, Work } from './work.ts'

/** Work that has begun. */
export interface Beginning {
  readonly scope: Scope
  readonly handle: ReplayStackHandle
  /** Whether its outcome is wanted. */
  readonly recorded: boolean
  /** Tells the end of it, once. What is answered is there for whoever must wait for delivery, and never rejects. */
  end(ending: Ending): Promise<void> | undefined
}

/** How work ends that is not recorded. */
const endOfNothing = (): undefined => undefined

/** By the request they stand for, until they end. */
const begun: WeakMap<object, { scope: Scope; handle: ReplayStackHandle; record: WorkRecord }> = new WeakMap()

/**
 * Requests of which it was decided that nothing is recorded. A set: these are never taken out, and a weak map with as many
 * dead entries costs each request 1 to 10 µs where this costs a quarter of one.
 */
const passed: WeakSet<object> = new WeakSet()

/**
 * Makes the work's trace id: `getTraceId`'s, else what it arrived with, else a new one. Of the work it keeps no more than
 * that: what a scope holds on to outlives its request on workerd, and to collect it took 40 µs of each.
 */
function traceIdMaker({ getTraceId, pipeline }: Setup, { subject, traceId: inbound }: Work): () => string {
  return () => {
    let traceId: string | undefined
    pipeline.contain(() => {
      const given: unknown = subject && getTraceId?.(subject)
      traceId = validTraceId(given)
      return given
    })
    return traceId ?? inbound?.() ?? createTraceId()
  }
}

/**
 * Begins to observe work, for a host that cannot hand its handler over as a function: {@link observe} does both.
 * Another adapter on the same request joins the first: it has the same scope, and what it tells goes into that event.
 */
export function begin(setup: Setup, work: Work): Beginning {
  const { pipeline } = setup
  try {
    return beginWork(setup, work)
  } catch (thrown) {
    pipeline.report(toReplayStackError(thrown, 'begin to observe'))
    const scope = createScope({ waitUntil: work.waitUntil })
    return { scope, handle: new ReplayStackHandle(pipeline, scope), recorded: false, end: endOfNothing }
  }
}

function beginWork(setup: Setup, work: Work): Beginning {
  const { pipeline, ignoredPaths, captureAborted } = setup
  // Of what is no object they answer no.
  const [subject, within] = [work.subject as object, work.within as object]
  const outer = begun.get(subject) ?? begun.get(within)
  if (outer) {
    const { scope, handle, record } = outer
    return { scope, handle, recorded: true, end: ending => record.learn(ending) }
  }
  const isPassed = passed.has(subject) || passed.has(within)
  const around = isPassed ? currentScope() : undefined
  const scope = around ?? createScope({ waitUntil: work.waitUntil }, traceIdMaker(setup, work))
  const handle = new ReplayStackHandle(pipeline, scope)
  const ignored = shouldIgnorePath(work.endpoint, ignoredPaths)
  const skip = isPassed || (ignored ? 'the path is in ignoredPaths' : pipeline.admits(work.endpoint))
  if (skip) {
    if (skip !== true) pipeline.skip(skip, () => scope.traceId)
    // A client that captures nothing decides for itself alone; what was ignored or sampled out stays so further in.
    if (subject && pipeline.settings.enabled) passed.add(subject)
    return { scope, handle, recorded: false, end: endOfNothing }
  }
  // Asked now: the request is as it arrived.
  void scope.traceId
  const record = new WorkRecord(setup, work, scope, handle)
  if (subject) begun.set(subject, { scope, handle, record })
  let ended = (): void => {}
  if (captureAborted) {
    // On Workers a request whose client has left runs on only while something is waited for.
    const over = new Promise<void>(resolve => {
      ended = resolve
    })
    pipeline.contain(() => scope.waitUntil?.(over))
  }
  return {
    scope,
    handle,
    recorded: true,
    end(ending) {
      // A host may hand the same request to another handler when this one is done: that is work of its own.
      begun.delete(subject)
      let reporting: Promise<void> | undefined
      pipeline.attempt('end what it observed', () => {
        reporting = record.end(ending)
      })
      ended()
      return reporting
    },
  }
}

/**
 * A handler whose host awaits what it answers: a promise of any realm or library is one, and where delivery is waited for,
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

/**
 * Runs `run` as observed work.
 * @param conclude reads the outcome from what `run` returned; asked only where the work is captured
 * @returns what `run` returns; what it throws is recorded and rethrown, the same object
 */
export function observe<Result>(
  setup: Setup,
  work: Work,
  run: (handle: ReplayStackHandle) => Result | Promise<Result>,
  conclude: (result: Result, traceId: string) => Outcome<Result>,
): Result | Promise<Result> {
  const { pipeline } = setup
  const { scope, handle, recorded, end } = begin(setup, work)
  if (!recorded && !work.hold) {
    // Where nothing is ever captured, nobody asks for the scope.
    return pipeline.settings.enabled ? runInScope(scope, () => run(handle)) : run(handle)
  }
  /** What is waited for before the caller goes on: one that has its result at once is not made to wait for it. */
  const waitFor = (delivered: Promise<void> | undefined, atOnce: boolean): Promise<void> | undefined =>
    work.hold ? work.hold() : pipeline.settings.asyncSend || atOnce ? undefined : delivered
  return settle(
    () => runInScope(scope, () => run(handle)),
    (returned, atOnce) => {
      let outcome: Outcome<Result> = { result: returned }
      if (recorded) {
        pipeline.attempt('read the outcome', () => {
          outcome = conclude(returned, scope.traceId ?? '')
        })
      }
      const { result, ...ending } = outcome
      const waiting = waitFor(end(ending), atOnce)
      return waiting ? waiting.then(() => result) : result
    },
    (thrown, atOnce) => {
      let answered: number | undefined
      pipeline.attempt('read what was thrown', () => {
        answered = work.answerThrown?.(thrown)
      })
      const ending = answered === undefined ? { statusCode: 500, error: { thrown } } : { statusCode: answered }
      return waitFor(end(ending), atOnce)
    },
  )
}
