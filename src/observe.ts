/**
 * The one lifecycle. A host tells in data what arrived and how it ended; here a scope is opened, the handler runs in
 * it, one event is built and its delivery handed to the host. What the handler returns or throws passes unchanged.
 * Longer than most files: an observation, its beginning and its end are one idea, and none is used without the others.
 */
import { ReplayStackHandle } from './client.ts'
import { toReplayStackError } from './delivery/error.ts'
import { errorFields } from './event/error.ts'
import { createTraceId, validTraceId } from './event/trace.ts'
import { shouldIgnorePath } from './event/url.ts'
import type { Observer } from './observer.ts'
import { createScope, runInScope, type Scope } from './scope.ts'
import type { EventInput, EventType, WaitUntilLike } from './types.ts'

/** What arrived: a request, a job, a message. */
export interface Work {
  eventType: EventType
  /** A path without its query, or the job's name. */
  endpoint: string
  method?: string
  /** The request itself: by it, a second adapter on the same request finds the first. */
  subject?: object
  waitUntil?: WaitUntilLike | undefined
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

/** Work that is being observed, from its arrival to its event. */
class Observation {
  readonly #started: number = performance.now()
  #arrived: Description = {}
  readonly #release: () => void
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
    this.#release = observer.pipeline.delivery.expect(WORK_LEASE_MS)
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
    const reporting = this.#report({ ...ending, error }, executionTimeMs)
    const { pipeline } = this.#observer
    pipeline.contain(() => this.scope.waitUntil?.(reporting))
    return reporting
  }

  #breadcrumb(what: string, level: 'info' | 'error' = 'info'): void {
    if (!this.#observer.automaticBreadcrumbs) return
    const { method, endpoint, eventType } = this.#work
    const name = method ? `${method} ${endpoint}` : endpoint
    this.handle.addBreadcrumb(`${name} ${what}`, { category: eventType === 'api' ? 'request' : eventType, level })
  }

  async #report(ending: Ending, executionTimeMs: number): Promise<void> {
    const { pipeline, shouldCapture } = this.#observer
    const { method = '', endpoint: path } = this.#work
    try {
      const event = this.#event(ending, executionTimeMs)
      const unwanted = shouldCapture?.({ method, path, statusCode: ending.statusCode ?? 0, executionTimeMs }) === false
      const skip = unwanted ? 'shouldCapture answered false' : pipeline.wants(event)
      if (skip) return await pipeline.skip(skip, this.scope.traceId).then(() => {})
      const [requestPayload, responsePayload] = await Promise.all([this.#arrived.payload?.(), ending.payload?.()])
      const payloads = {
        requestPayload: requestPayload ?? event.requestPayload,
        responsePayload: responsePayload ?? event.responsePayload,
      }
      // What fails from here on, delivery reports itself.
      await pipeline.capture({ ...event, ...payloads }, this.scope, true).catch(() => {})
    } catch (thrown) {
      pipeline.report(toReplayStackError(thrown, 'record what it observed'))
    } finally {
      this.#release()
    }
  }

  #event(ending: Ending, executionTimeMs: number): EventInput {
    const { eventType, method, endpoint } = this.#work
    const told = [this.#arrived, ...this.#inner, ending].map(description => description.fields ?? {})
    const gathered: Record<string, unknown> = Object.assign({}, ...told.map(fields => fields.metadata))
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

/** By the request they stand for; without an observation where it was decided that there is none to be. */
const begun: WeakMap<object, { scope: Scope; handle: ReplayStackHandle; observation?: Observation }> = new WeakMap()

/** `getTraceId`, else what the work arrived with, else a new one. */
function traceIdOf({ getTraceId, pipeline }: Observer, work: Work): string {
  let traceId: string | undefined
  pipeline.contain(() => {
    traceId = validTraceId(work.subject && getTraceId?.(work.subject))
  })
  return traceId ?? work.traceId?.() ?? createTraceId()
}

/** Runs `run` and looks at its end, now or when its promise settles; what it throws is rethrown, the same object. */
function settle<Result>(
  run: () => Result | Promise<Result>,
  returned: (result: Result) => Result | Promise<Result>,
  threw: (thrown: unknown) => Promise<void> | undefined,
): Result | Promise<Result> {
  const rethrow = (thrown: unknown): Promise<never> => {
    const waiting = threw(thrown)
    if (!waiting) throw thrown
    return waiting.then(() => {
      throw thrown
    })
  }
  let result: Result | Promise<Result>
  try {
    result = run()
  } catch (thrown) {
    return rethrow(thrown)
  }
  return result instanceof Promise ? result.then(returned, rethrow) : returned(result)
}

/**
 * Begins to observe work, for a host that cannot hand its handler over as a function: {@link observe} does both.
 * Another adapter on the same request joins the first: it has the same scope, and what it tells goes into that event.
 */
export function begin(observer: Observer, work: Work): Beginning {
  const { pipeline, ignoredPaths, captureAborted } = observer
  const outer = work.subject && begun.get(work.subject)
  if (outer) {
    const { scope, handle, observation } = outer
    return { scope, handle, recorded: observation !== undefined, end: ending => observation?.learn(ending) }
  }
  const scope = createScope({ traceId: traceIdOf(observer, work), waitUntil: work.waitUntil })
  const handle = new ReplayStackHandle(pipeline, scope)
  const ignored = shouldIgnorePath(work.endpoint, ignoredPaths)
  const skip = ignored ? 'the path is in ignoredPaths' : pipeline.admits(work.endpoint)
  if (skip) {
    pipeline.skip(skip, scope.traceId)
    // A client that captures nothing decides for itself alone; what was ignored or sampled out stays so further in.
    if (work.subject && pipeline.settings.enabled) begun.set(work.subject, { scope, handle })
    return { scope, handle, recorded: false, end: () => undefined }
  }
  const observation = new Observation(observer, work, scope, handle)
  if (work.subject) begun.set(work.subject, { scope, handle, observation })
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
      if (work.subject) begun.delete(work.subject)
      const reporting = observation.end(ending)
      ended()
      return reporting
    },
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
  const { asyncSend } = pipeline.settings
  const { scope, handle, recorded, end } = begin(observer, work)
  if (!recorded) return runInScope(scope, () => run(handle))
  return settle(
    () => runInScope(scope, () => run(handle)),
    returned => {
      let outcome: Outcome<Result> = { result: returned }
      pipeline.attempt('read the outcome', () => {
        outcome = conclude(returned, scope.traceId ?? '')
      })
      const { result, ...ending } = outcome
      const delivered = end(ending)
      return asyncSend || !delivered ? result : delivered.then(() => result)
    },
    thrown => {
      let answered: number | undefined
      pipeline.attempt('read what was thrown', () => {
        answered = work.answerThrown?.(thrown)
      })
      const delivered = end(answered === undefined ? { statusCode: 500, error: { thrown } } : { statusCode: answered })
      return asyncSend ? undefined : delivered
    },
  )
}
