/**
 * The one lifecycle. A host tells in data what arrived and how it ended; here a scope is opened, the handler runs in
 * it, one event is built and its delivery handed to the host. What the handler returns or throws passes unchanged.
 * Longer than most files: an observation, its beginning and its end are one idea, and none is used without the others.
 */
import { JsonText } from './body/json-text.ts'
import { ReplayStackHandle } from './client.ts'
import type { Expectation } from './delivery/delivery.ts'
import { toReplayStackError } from './delivery/error.ts'
import type { EncodeRules } from './event/encode.ts'
import { readJson } from './event/encode-value.ts'
import { errorFields, readAll } from './event/error.ts'
import { createTraceId, validTraceId } from './event/trace.ts'
import { shouldIgnorePath } from './event/url.ts'
import type { Observer } from './observer.ts'
import { createScope, currentScope, keepNewest, runInScope, type Scope } from './scope.ts'
import { settle } from './settle.ts'
import type { EventInput, EventType, WaitUntilLike } from './types.ts'
import { isThenable } from './wrap.ts'

/** What arrived: a request, a job, a message. */
export interface Work {
  eventType: EventType
  /** A path without its query, or the job's name. */
  endpoint: string
  method?: string
  /** The request itself: by it, a second adapter on the same request finds the first. */
  subject?: object
  /** What the host handed over in place of the request: an adapter around this one knows the work by that. */
  within?: unknown
  waitUntil?: WaitUntilLike | undefined
  /** What its host waits for before the answer leaves, where nothing runs on after it. Never rejects. */
  hold?: () => Promise<void>
  /** The trace id it arrived with. */
  traceId?: () => string | undefined
  /** What else there is to tell. Asked only of work that is captured, and before the handler runs. */
  describe?: () => Description
  /** The status of something thrown that is an answer to the host, a redirect for one; nothing for an error. */
  answerThrown?: (thrown: unknown) => number | undefined
}

/** What there is to tell of work, or of its outcome. */
export interface Description {
  fields?: EventInput
  /** Answers the body when the work is over. */
  payload?: (() => Promise<unknown>) | undefined
}

/** How work ended, as its host knows it. */
export interface Outcome<Result> extends Description {
  /** What the caller gets: the handler's own, but for a response that had to be made anew to carry its trace id. */
  result: Result
  /** Absent for work that has none. */
  statusCode?: number | undefined
  /** What the handler threw and its framework answered. */
  error?: { thrown: unknown } | undefined
}

/** An ending without what the caller gets. */
export type Ending = Omit<Outcome<unknown>, 'result'>

/** Work that has begun. */
export interface Beginning {
  readonly scope: Scope
  readonly handle: ReplayStackHandle
  /** Whether its outcome is wanted. */
  readonly recorded: boolean
  /** Tells the end of it, once. What is answered is there for whoever must wait for delivery, and never rejects. */
  end(ending: Ending): Promise<void> | undefined
}

/** Milliseconds after which work that never ended no longer holds `flush` up. */
const WORK_LEASE_MS = 60_000

/** A body that cannot be read costs its event no more than itself. */
async function payloadFrom(read: Description['payload'], direction: 'request' | 'response'): Promise<unknown> {
  try {
    return await read?.()
  } catch {
    return { captured: false, reason: `The ${direction} body could not be read` }
  }
}

/** What shows a body in the event: of JSON that was not parsed yet, its text where that will do. */
function shownOf(payload: unknown, rules: EncodeRules): unknown {
  const json = JsonText.of(payload)
  return json === undefined ? payload : readJson(json, rules)
}

/** How work ends that is not recorded. */
const endOfNothing = (): undefined => undefined

/** Work that is being observed, from its arrival to its event. */
class Observation {
  readonly #started: number = performance.now()
  #arrived: Description = {}
  readonly #expectation: Expectation
  /** What its delivery has brought along. */
  #draining: Promise<void> | undefined
  /** What adapters further in have told: a route, an error that was answered. */
  readonly #inner: Ending[] = []
  readonly #observer: Observer
  readonly #work: Work
  readonly scope: Scope
  readonly handle: ReplayStackHandle

  constructor(observer: Observer, work: Work, scope: Scope, handle: ReplayStackHandle) {
    this.#observer = observer
    this.#work = work
    this.scope = scope
    this.handle = handle
    this.#expectation = observer.pipeline.delivery.expect(WORK_LEASE_MS)
    observer.pipeline.attempt('describe what arrived', () => {
      this.#arrived = work.describe?.() ?? {}
    })
    this.#breadcrumb('started')
  }

  /** An adapter further in is done: what it knows goes into the one event. */
  learn(ending: Ending): undefined {
    this.#inner.push(ending)
  }

  /** The work is over. Settles when the delivery of its event is decided, and never rejects. */
  end(ending: Ending): Promise<void> {
    const executionTimeMs = Math.max(0, Math.round(performance.now() - this.#started))
    const error = ending.error ?? this.#inner.find(inner => inner.error)?.error
    if (error) this.#breadcrumb('threw', 'error')
    else this.#breadcrumb(ending.statusCode === undefined ? 'finished' : `finished with ${ending.statusCode}`)
    this.#expectation.ended = true
    const reporting = this.#report({ ...ending, error }, executionTimeMs)
    const { waitUntil } = this.scope
    // Once for all: on Workers each promise that is waited for costs as much as an event's breadcrumbs.
    if (waitUntil) this.#observer.pipeline.contain(() => waitUntil(reporting.then(() => this.#draining)))
    return reporting
  }

  /** Whether the event is made when its answer has gone: its host is told to wait for that. */
  get #answersFirst(): boolean {
    const { eventType, hold } = this.#work
    return eventType === 'api' && !hold && this.#observer.pipeline.settings.asyncSend && !!this.scope.waitUntil
  }

  #breadcrumb(what: string, level: 'info' | 'error' = 'info'): void {
    const { automaticBreadcrumbs, pipeline } = this.#observer
    if (!automaticBreadcrumbs) return
    const { method, endpoint, eventType } = this.#work
    const name = method ? `${method} ${endpoint}` : endpoint
    const category = eventType === 'api' ? 'request' : eventType
    pipeline.attempt('keep a breadcrumb', () => {
      const breadcrumb = { message: `${name} ${what}`, category, level, time: new Date() }
      keepNewest(this.scope.breadcrumbs, breadcrumb, pipeline.settings.maxBreadcrumbs)
    })
  }

  async #report(ending: Ending, executionTimeMs: number): Promise<void> {
    const { pipeline, shouldCapture } = this.#observer
    const { method = '', endpoint: path } = this.#work
    try {
      const event = this.#event(ending, executionTimeMs)
      const wanted = shouldCapture?.({ method, path, statusCode: ending.statusCode ?? 0, executionTimeMs })
      pipeline.contain(() => wanted)
      const skip = wanted === false ? 'shouldCapture answered false' : pipeline.wants(event)
      if (skip) return void pipeline.skip(skip, () => this.scope.traceId)
      // Both are begun now: what is left to read of a body goes with the answer. Neither rejects.
      const requestRead = payloadFrom(this.#arrived.payload, 'request')
      const responseRead = payloadFrom(ending.payload, 'response')
      if (this.#answersFirst) await this.#observer.answerLeft()
      const request = shownOf(await requestRead, pipeline.rules)
      const response = shownOf(await responseRead, pipeline.rules)
      if (request !== undefined) event.requestPayload = request
      if (response !== undefined) event.responsePayload = response
      const { own, all } = pipeline.send(event, this.scope)
      this.#draining = all
      // What fails from here on, delivery reports itself.
      await own.catch(() => {})
    } catch (thrown) {
      pipeline.abandon(thrown, 'record what it observed', this.scope.traceId ?? '')
    } finally {
      pipeline.delivery.met(this.#expectation)
    }
  }

  #event(ending: Ending, executionTimeMs: number): EventInput {
    const { eventType, method, endpoint } = this.#work
    const told = [this.#arrived, ...this.#inner, ending].map(description => description.fields ?? {})
    const gathered: Record<string, unknown> = Object.assign({}, ...told.map(fields => readAll(fields.metadata)))
    const metadata = Object.keys(gathered).length > 0 ? gathered : undefined
    const { statusCode } = ending
    return Object.assign(
      { eventType, method, endpoint, executionTimeMs },
      ...told,
      statusCode !== undefined && { statusCode },
      ending.error ? errorFields(ending.error.thrown, metadata) : { metadata },
    )
  }
}

/** By the request they stand for, until they end. */
const begun: WeakMap<object, { scope: Scope; handle: ReplayStackHandle; observation: Observation }> = new WeakMap()

/**
 * Requests of which it was decided that nothing is recorded. A set: these are never taken out, and a weak map with as many
 * dead entries costs each request 1 to 10 µs where this costs a quarter of one.
 */
const passed: WeakSet<object> = new WeakSet()

/**
 * Makes the work's trace id: `getTraceId`'s, else what it arrived with, else a new one. Of the work it keeps no more than
 * that: what a scope holds on to outlives its request on workerd, and to collect it took 40 µs of each.
 */
function traceIdMaker({ getTraceId, pipeline }: Observer, { subject, traceId: inbound }: Work): () => string {
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
export function begin(observer: Observer, work: Work): Beginning {
  const { pipeline } = observer
  try {
    return beginWork(observer, work)
  } catch (thrown) {
    pipeline.report(toReplayStackError(thrown, 'begin to observe'))
    const scope = createScope({ waitUntil: work.waitUntil })
    return { scope, handle: new ReplayStackHandle(pipeline, scope), recorded: false, end: endOfNothing }
  }
}

function beginWork(observer: Observer, work: Work): Beginning {
  const { pipeline, ignoredPaths, captureAborted } = observer
  // Of what is no object they answer no.
  const [subject, within] = [work.subject as object, work.within as object]
  const outer = begun.get(subject) ?? begun.get(within)
  if (outer) {
    const { scope, handle, observation } = outer
    return { scope, handle, recorded: true, end: ending => observation.learn(ending) }
  }
  const isPassed = passed.has(subject) || passed.has(within)
  const around = isPassed ? currentScope() : undefined
  const scope = around ?? createScope({ waitUntil: work.waitUntil }, traceIdMaker(observer, work))
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
  const observation = new Observation(observer, work, scope, handle)
  if (subject) begun.set(subject, { scope, handle, observation })
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
        reporting = observation.end(ending)
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
  { pipeline }: Observer,
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
  observer: Observer,
  work: Work,
  run: (handle: ReplayStackHandle) => Result | Promise<Result>,
  conclude: (result: Result, traceId: string) => Outcome<Result>,
): Result | Promise<Result> {
  const { pipeline } = observer
  const { scope, handle, recorded, end } = begin(observer, work)
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
