/**
 * One piece of work: what its host knows of it, from its arrival to its event. Longer than most files: the life of one piece
 * of work is read as a whole.
 */
import { type BodyRecord, BrokenBody } from '../body/record.ts'
import { endOf, type StreamEnd, type WatchedStream } from '../body/watch.ts'
import { ReplayStackHandle } from '../client/client.ts'
import { keepNewest, onWorkers, type Scope } from '../client/scope.ts'
import { traced } from '../client/traced.ts'
import type { OpenWork } from '../delivery/delivery.ts'
import { errorFields } from '../event/error.ts'
import { statusOf, statusOfCode } from '../event/fields.ts'
import type { InboundTrace } from '../event/trace.ts'
import { readAll } from '../safe-read.ts'
import type { EventInput, EventType, Level, WaitUntilLike } from '../types.ts'
import type { Setup } from './setup.ts'

/** What arrived: a request, a job, a message. */
export interface Work {
  eventType: EventType
  /** A path without its query, or the job's name. */
  endpoint: string
  method?: string
  /** The request itself: by it, a second adapter on the same request finds the first. */
  subject?: object
  /** What the host's own request was before it was made this one: an adapter around this one knows the work by that. */
  within?: object | undefined
  /** Whether it has come from outside by itself: it is no part of the work whose scope it runs in. */
  isOwn?: boolean | undefined
  waitUntil?: WaitUntilLike | undefined
  /** What its host waits for before the answer leaves, where nothing runs on after it. Never rejects. */
  hold?: () => Promise<void>
  /** The trace that it arrived with, or the id of that. */
  traceId?: () => InboundTrace | string | undefined
  /** Describes what arrived. Called only for work that is recorded, before the handler runs. */
  describe?: () => Description
  /** The status of something thrown that is an answer to the host, a redirect for one; nothing for an error. */
  answerThrown?: ((thrown: unknown) => number | Ending | undefined) | undefined
}

/** What is known of work, or of its outcome. */
export interface Description {
  fields?: EventInput
  /** Reads the body when the work is over. */
  payload?: BodyRecord | undefined
  /** Reads metadata that may not be read earlier, when the work is over and its response has left. */
  lateMetadata?: (() => Promise<Record<string, unknown> | undefined>) | undefined
}

/** How work ended, as its host knows it. */
export interface Outcome<Result> extends Description {
  /** What the caller gets: the handler's own, but for a response that had to be made anew to carry its trace id. */
  result: Result
  /** Absent for work that has none. */
  statusCode?: number | undefined
  /** What the handler threw, where its framework made a response of it. */
  error?: { thrown: unknown } | undefined
  /** Whether the handler threw, and no framework made a response of it. */
  hasNoResponse?: boolean
  /** The body, where it goes on when the work is over. */
  stream?: WatchedStream | undefined
  /** Whether the host may yet forward the request: `passThroughOnException` does so with one whose handler threw. */
  isForwarded?: boolean
}

/** An ending without what the caller gets. */
export type Ending = Omit<Outcome<unknown>, 'result'>

/** Milliseconds after which work that never ended no longer holds `flush` up. */
const WORK_LEASE_MS = 60_000

/** A body that cannot be read costs its event no more than itself. */
async function payloadFrom(
  { payload }: Description,
  direction: 'request' | 'response',
  ...how: Parameters<BodyRecord>
): Promise<unknown> {
  try {
    return await payload?.(...how)
  } catch {
    return { captured: false, reason: `The ${direction} body could not be read` }
  }
}

/** By the request that they are of, and by its scope, until it ends. */
export const openRecords: WeakMap<object, WorkRecord> = new WeakMap()

/** The record of one piece of work. */
export class WorkRecord {
  readonly recorded = true
  readonly scope: Scope
  readonly handle: ReplayStackHandle
  readonly #traceId: string
  readonly #setup: Setup
  readonly #work: Work
  readonly #started: number = performance.now()
  readonly #openWork: OpenWork
  #arrived: Description = {}
  /** What adapters further in know: a route, an error that was answered. */
  readonly #inner: Ending[] = []
  /** Ends what `captureAborted` keeps the host alive for. */
  #release: (() => void) | undefined
  /** What its delivery has brought along. */
  #draining: Promise<void> | undefined

  constructor(setup: Setup, work: Work, scope: Scope) {
    this.scope = scope
    // Made now: the request is as it arrived.
    this.#traceId = scope.traceId ?? ''
    this.handle = new ReplayStackHandle(setup.pipeline, scope)
    this.#setup = setup
    this.#work = work
    this.#openWork = setup.pipeline.delivery.beginWork(WORK_LEASE_MS)
    scope.recorder = setup.recordCalls
    scope.calls = setup.calls ?? setup.recordCalls?.open(setup.pipeline.rules, args => traced(scope, args))
    this.#arrived = (work.describe && setup.pipeline.attempt('describe what arrived', work.describe)) ?? {}
    // On Workers a request whose client has left runs on only while something is waited for.
    if (setup.captureAborted) {
      const released = new Promise<void>(resolve => {
        this.#release = resolve
      })
      setup.pipeline.keepAlive(scope, released)
    }
    const { method, endpoint } = work
    this.#addBreadcrumb('started', 'info', { ...(method && { method }), endpoint })
    if (work.subject) openRecords.set(work.subject, this)
    if (work.eventType === 'api') openRecords.set(this.scope, this)
  }

  /** An adapter further in is done: what it knows goes into the one event. */
  learn(ending: Ending): undefined {
    this.#inner.push(ending)
  }

  /** The work is over. Resolves when the delivery of its event is decided, and never rejects. */
  end(ending: Ending): Promise<void> {
    const { subject } = this.#work
    // A host may hand the same request to another handler when this one is done: that is work of its own.
    if (subject) openRecords.delete(subject)
    openRecords.delete(this.scope)
    const executionTimeMs = Math.max(0, Math.round(performance.now() - this.#started))
    const error = ending.error ?? this.#inner.find(inner => inner.error)?.error
    // Until its end has come, a stream is work that goes on.
    this.#openWork.ended = ending.stream === undefined
    const reporting = this.#report({ ...ending, error }, executionTimeMs)
    // Once for all: on Workers each promise that is waited for costs as much as an event's breadcrumbs.
    if (this.scope.waitUntil) {
      const all = reporting.then(() => this.#draining)
      this.#setup.pipeline.keepAlive(this.scope, all)
    }
    this.#release?.()
    return reporting
  }

  #addBreadcrumb(what: 'started' | 'finished' | 'threw', level: Level, metadata: Record<string, unknown>): void {
    const { automaticBreadcrumbs, pipeline } = this.#setup
    if (!automaticBreadcrumbs) return
    const isRequest = this.#work.eventType === 'api'
    const note =
      what === 'threw'
        ? { message: 'Unhandled exception captured', category: 'exception' }
        : { message: `${isRequest ? 'HTTP request' : 'Job'} ${what}`, category: isRequest ? 'http' : 'job' }
    const breadcrumb = { ...note, level, metadata, timestamp: new Date() }
    keepNewest(this.scope.breadcrumbs, breadcrumb, pipeline.settings.maxBreadcrumbs)
  }

  /** How it went, as breadcrumbs. */
  #addEndBreadcrumbs({ errorName, errorMessage, statusCode, executionTimeMs }: EventInput, threw: boolean): void {
    if (threw) this.#addBreadcrumb('threw', 'error', { ...(errorName && { errorName }), errorMessage })
    const status = statusOfCode(statusCode)
    const level = status === 'failed' ? 'error' : status === 'warning' ? status : 'info'
    this.#addBreadcrumb('finished', level, { ...(statusCode !== undefined && { statusCode }), executionTimeMs })
  }

  async #report(ending: Ending, executionTimeMs: number): Promise<void> {
    const { pipeline, shouldCapture, afterAnswer, captureRequestBody, captureResponseBody } = this.#setup
    const { eventType, method = '', endpoint: path, hold } = this.#work
    const { stream, isForwarded } = ending
    try {
      // Where nothing keeps a Worker alive, its timers never fire.
      const outlives = this.scope.waitUntil !== undefined || !onWorkers()
      const mayWait = !hold && pipeline.settings.asyncSend && outlives
      let requestRead: Promise<unknown> | undefined
      let end: StreamEnd | undefined
      if (stream && mayWait) {
        // When the response has left, it may be too late.
        requestRead = payloadFrom(this.#arrived, 'request', isForwarded)
        end = await endOf(stream)
        this.#openWork.ended = true
      }
      if (stream && !end) this.#watchOn(stream)
      const error = end?.error ?? ending.error
      const event = this.#event({ ...ending, error }, executionTimeMs)
      if (end?.error) event.status = 'failed'
      this.#addEndBreadcrumbs(event, error !== undefined)
      const { endpoint = path, statusCode = 0 } = event
      const decision = { method, path, endpoint, statusCode, executionTimeMs, error: error?.thrown }
      const wanted = shouldCapture?.(decision)
      if (wanted) pipeline.contain(() => wanted)
      const skip = wanted === false ? 'shouldCapture returned false' : pipeline.wants(event)
      if (skip) return void pipeline.skip(skip, this.scope)
      const status = statusOf(event)
      const keepsRequest = status !== 'success' || captureRequestBody !== 'failed'
      const keepsResponse = status !== 'success' || captureResponseBody !== 'failed'
      if (!keepsRequest) event.requestPayload = undefined
      if (!keepsResponse) event.responsePayload = undefined
      const isMadeHere = eventType === 'api' && mayWait && !end && !pipeline.makesLate
      const answered = isMadeHere ? new Promise(afterAnswer) : undefined
      // Both are begun now: what is left to read of a body goes with the response. Neither rejects.
      if (keepsRequest) requestRead ??= payloadFrom(this.#arrived, 'request', isForwarded)
      const responseRead = keepsResponse ? payloadFrom(ending, 'response', false, end) : undefined
      // Nothing is awaited that is not there: where the host has no time left, the event is counted before its answer leaves.
      if (answered) await answered
      const request = requestRead && (await requestRead)
      let response = responseRead && (await responseRead)
      let isThrown = error !== undefined && status === 'failed'
      if (response instanceof BrokenBody) {
        Object.assign(event, errorFields(response.thrown, event.metadata), { status: 'failed' })
        isThrown = true
        response = response.payload
      }
      const { lateMetadata } = this.#arrived
      const late = lateMetadata && (await lateMetadata().catch(() => undefined))
      if (late) event.metadata = { ...late, ...readAll(event.metadata) }
      if (keepsRequest && request !== undefined) event.requestPayload = request
      // What an error wants to be shown comes before what was sent.
      if (response !== undefined) event.responsePayload ??= response
      const { calls, metadata } = this.scope
      const outcome = { status: statusOf(event), executionTimeMs }
      const heard = calls && (await calls.close({ ...metadata, ...readAll(event.metadata) }, outcome))
      if (heard) event.metadata = { ...readAll(event.metadata), ...heard }
      const { own, all } = pipeline.send(event, this.scope, { departure: mayWait ? 'together' : 'now', isThrown })
      // Delivery has it now: who flushes need not wait until others have joined it.
      pipeline.delivery.endWork(this.#openWork)
      this.#draining = all
      // What fails from here on, delivery reports itself.
      await own.catch(() => {})
    } catch (thrown) {
      pipeline.abandon(thrown, 'record what it observed', this.#traceId)
    } finally {
      pipeline.delivery.endWork(this.#openWork)
    }
  }

  /** The event leaves before its stream has ended: an error that comes later is an event of its own. */
  #watchOn({ ended }: WatchedStream): void {
    const { eventType, method, endpoint } = this.#work
    ended
      .then(({ error }) => error && this.handle.captureException(error.thrown, { eventType, method, endpoint }))
      .catch(() => {
        // With `raiseOnError`: delivery has reported it.
      })
  }

  /** The event, but for its bodies. */
  #event(ending: Ending, executionTimeMs: number): EventInput {
    const { eventType, method, endpoint } = this.#work
    const event: EventInput = { eventType, method, endpoint, executionTimeMs }
    const { eventEndpoint, captureResponseBody } = this.#setup
    const gathered: Record<string, unknown> = {}
    for (const { fields } of [this.#arrived, ...this.#inner, ending]) {
      Object.assign(event, fields)
      Object.assign(gathered, fields?.metadata)
    }
    const metadata = Object.keys(gathered).length > 0 ? gathered : undefined
    if (ending.statusCode !== undefined) event.statusCode = ending.statusCode
    Object.assign(event, ending.error ? errorFields(ending.error.thrown, metadata) : { metadata })
    if (eventEndpoint) event.endpoint = eventEndpoint
    if (!event.requestHeaders) event.authMode ??= 'none'
    if (ending.hasNoResponse && captureResponseBody) event.responsePayload ??= { message: event.errorMessage }
    return event
  }
}
