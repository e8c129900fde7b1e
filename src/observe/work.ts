/** One record: what its host tells of its work, from its arrival to its event. */
import type { ReplayStackHandle } from '../client/client.ts'
import { keepNewest, type Scope } from '../client/scope.ts'
import type { Expectation } from '../delivery/delivery.ts'
import { errorFields, readAll } from '../event/error.ts'
import type { EventInput, EventType, WaitUntilLike } from '../types.ts'
import type { Setup } from './setup.ts'

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

/** Work that is being observed, from its arrival to its event. */
export class WorkRecord {
  readonly #started: number = performance.now()
  #arrived: Description = {}
  readonly #expectation: Expectation
  /** What its delivery has brought along. */
  #draining: Promise<void> | undefined
  /** What adapters further in have told: a route, an error that was answered. */
  readonly #inner: Ending[] = []
  readonly #setup: Setup
  readonly #work: Work
  readonly scope: Scope
  readonly handle: ReplayStackHandle

  constructor(setup: Setup, work: Work, scope: Scope, handle: ReplayStackHandle) {
    this.#setup = setup
    this.#work = work
    this.scope = scope
    this.handle = handle
    this.#expectation = setup.pipeline.delivery.expect(WORK_LEASE_MS)
    setup.pipeline.attempt('describe what arrived', () => {
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
    if (waitUntil) this.#setup.pipeline.contain(() => waitUntil(reporting.then(() => this.#draining)))
    return reporting
  }

  /** Whether the event is made when its answer has gone: its host is told to wait for that. */
  get #answersFirst(): boolean {
    const { eventType, hold } = this.#work
    return eventType === 'api' && !hold && this.#setup.pipeline.settings.asyncSend && !!this.scope.waitUntil
  }

  #breadcrumb(what: string, level: 'info' | 'error' = 'info'): void {
    const { automaticBreadcrumbs, pipeline } = this.#setup
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
    const { pipeline, shouldCapture } = this.#setup
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
      if (this.#answersFirst) await this.#setup.answerLeft()
      const request = await requestRead
      const response = await responseRead
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
