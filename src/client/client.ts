/**
 * The public face of the pipeline. Nothing here throws into the application once it is constructed. Longer than most files:
 * every method says what its user has to know.
 */

import { toReplayStackError } from '../delivery/error.ts'
import { errorFields, errorLog, getErrorDetails } from '../event/error.ts'
import { readEvent } from '../event/fields.ts'
import { breadcrumbFields, hasText, writeNote, writeNotes } from '../event/notes.ts'
import { readAll } from '../safe-read.ts'
import type {
  Breadcrumb,
  BreadcrumbDetails,
  BreadcrumbMetadata,
  CaptureResponse,
  ClientOptions,
  ClientStats,
  Environment,
  EventInput,
  LogInput,
  LogLine,
} from '../types.ts'
import { bareCalls, type Calls, playback } from './bare-calls.ts'
import { hostEnvironment } from './options.ts'
import { Pipeline } from './pipeline.ts'
import type { FindCalls } from './recorder.ts'
import { currentCalls, currentScope, keepNewest, type Scope } from './scope.ts'
import { traced } from './traced.ts'

/** Milliseconds after which a promise that never settles no longer holds `flush` up. */
const WORK_LEASE_MS = 60_000

/** Milliseconds that `flush` and `close` take at most, by default. */
const FLUSH_TIMEOUT_MS = 5_000

/** A client's pipeline, for the adapters: not part of the public face. */
export let pipelineOf: (handle: ReplayStackHandle) => Pipeline
/** Whether {@link pipelineOf} can be asked of a value: a client of this copy of the package. */
export let isClient: (value: unknown) => value is ReplayStackClient

/**
 * Captures for one scope. Adapters provide one (`c.var.replaystack`) that needs no `AsyncLocalStorage`; the client
 * itself is one for whichever scope it is called in.
 */
export class ReplayStackHandle {
  readonly #pipeline: Pipeline
  readonly #scope: Scope | undefined

  static {
    pipelineOf = handle => handle.#pipeline
    isClient = (value): value is ReplayStackClient => Object(value) === value && #pipeline in Object(value)
  }

  /** @internal */
  constructor(pipeline: Pipeline, scope?: Scope) {
    this.#pipeline = pipeline
    this.#scope = scope
  }

  /** The scope's trace id; `undefined` outside any scope. */
  get traceId(): string | undefined {
    return this.#current().traceId
  }

  /**
   * Captures an event. Need not be awaited: inside a request the host is asked to wait for it.
   * @returns the API's response; `null` where the event was skipped, queued or could not be delivered
   * @throws {ReplayStackError} the last transport error, with `raiseOnError`; else nothing
   */
  captureEvent(event: EventInput): Promise<CaptureResponse | null> {
    return this.#pipeline.capture(event, this.#current())
  }

  /**
   * Captures anything thrown, its `cause` chain and `AggregateError` members in `metadata.causes`.
   * @param context overrides the defaults: `eventType` `custom`, `status` `failed`, `statusCode` 500
   * @throws {ReplayStackError} the last transport error, with `raiseOnError`; else nothing
   */
  captureException(error: unknown, context: EventInput = {}): Promise<CaptureResponse | null> {
    const given = readEvent(context)
    const described = this.#pipeline.attempt('describe what was thrown', () => errorFields(error, given.metadata))
    const event: EventInput = { status: 'failed', statusCode: 500, ...described, ...given }
    if (described) event.metadata = described.metadata
    return this.#pipeline.capture(event, this.#current(), true)
  }

  /**
   * Adds a step to the scope's event; the newest `maxBreadcrumbs` are kept. Its metadata is masked and
   * copied now, and is at most 16,384 UTF-8 bytes. An empty message is skipped. Never throws.
   * @param details an object with `category` or `level`, or with `metadata` alone; any other plain object is the metadata
   */
  addBreadcrumb(message: string, details?: BreadcrumbDetails | BreadcrumbMetadata): void {
    const { settings, rules } = this.#pipeline
    this.#pipeline.attempt('keep a breadcrumb', () => {
      if (!hasText(message) || !settings.enabled) return
      const { level, category, metadata } = breadcrumbFields(details)
      const json = writeNote({ message, level, category, metadata }, rules)
      keepNewest(this.#current().breadcrumbs, json, settings.maxBreadcrumbs)
    })
  }

  /** The scope's breadcrumbs, masked, oldest first. */
  getBreadcrumbs(): Breadcrumb[] {
    return JSON.parse(writeNotes(undefined, this.#current().breadcrumbs, this.#pipeline.rules) ?? '[]')
  }

  /** Removes the scope's breadcrumbs. */
  clearBreadcrumbs(): void {
    this.#current().breadcrumbs = []
  }

  /**
   * Adds a log line to the scope's event, from `logLevel` up; the newest `maxLogs` are kept. Its metadata is masked and
   * copied now, and is at most 16,384 UTF-8 bytes. The console and loggers are never hooked. Never throws.
   */
  captureLog(line: LogInput): void {
    this.#pipeline.attempt('keep a log line', () => {
      const json = this.#pipeline.encodeLog(line)
      if (json !== undefined) keepNewest(this.#current().logs, json, this.#pipeline.settings.maxLogs)
    })
  }

  /**
   * Adds a log line of level `error` for anything thrown: its message, and in its metadata its name and the first frame of
   * the application's. `captureException` and failing requests add such a line by themselves. Never throws.
   * @param metadata added to the line's own
   */
  captureErrorLog(error: unknown, metadata?: Record<string, unknown>): void {
    this.#pipeline.attempt('describe what was thrown', () =>
      this.captureLog(errorLog(getErrorDetails(error), metadata)),
    )
  }

  /** The scope's log lines, masked, oldest first. */
  getLogs(): LogLine[] {
    return JSON.parse(`[${this.#current().logs.join()}]`)
  }

  /** Removes the scope's log lines. */
  clearLogs(): void {
    this.#current().logs = []
  }

  /**
   * Adds fields (a user's id, a tenant, a flag) to the `metadata` of the scope's event, and of what else is captured in the
   * scope. They are read and masked when an event is made; an event's own fields come before them. Never throws.
   */
  addMetadata(fields: Record<string, unknown>): void {
    const scope = this.#current()
    scope.metadata = { ...scope.metadata, ...readAll(fields) }
  }

  /**
   * Keeps the host alive until `promise` has settled, as its own `waitUntil` does where it has one, and captures what the
   * promise rejects with. Never throws.
   */
  waitUntil(promise: PromiseLike<unknown>): void {
    const scope = this.#current()
    const pipeline = this.#pipeline
    const work = pipeline.delivery.beginWork(WORK_LEASE_MS)
    const settled = Promise.resolve(promise)
      .catch(thrown => new ReplayStackHandle(pipeline, scope).captureException(thrown))
      .catch(() => {
        // With `raiseOnError`: delivery has reported it.
      })
      .finally(() => pipeline.delivery.endWork(work))
    pipeline.keepAlive(scope, settled)
  }

  /**
   * `fetch`, with the trace of the scope in the headers `traceparent` and `tracestate`, unless a request has such a header, or
   * `x-trace-id`; with `recordCalls` its calls are on the event's tape. Can be handed to a client library.
   */
  get fetch(): typeof fetch {
    const own = this.#current()
    return this.#recorder.fetch(this.#calls, args => traced(currentScope() ?? own, args))
  }

  // These are getters, as `fetch` is, so that they can be taken out of the handle: `const { now, uuid } = handle`.

  /** A Worker's `env`; with `recordCalls` one whose bindings' calls are on the event's tape. */
  get bindings(): <Env>(env: Env) => Env {
    return env => this.#recorder.bindings(env, this.#calls)
  }

  /**
   * Returns what `run` returns: a database driver's answer, for one. With `recordCalls` it is on the event's tape, and is found
   * again by the name and the input.
   */
  get call(): <Result>(name: string, input: unknown, run: () => Result) => Result {
    return (name, input, run) => this.#recorder.call(this.#calls, name, input, run)
  }

  /** `Date.now()`; with `recordCalls` it is on the event's tape. */
  get now(): () => number {
    return () => this.#recorder.now(this.#calls)
  }

  /** `crypto.randomUUID()`; with `recordCalls` it is on the event's tape. */
  get uuid(): () => string {
    return () => this.#recorder.uuid(this.#calls)
  }

  /** Where the runtime can tell, those of the scope that a call is made in: what is made for one request may be kept. */
  get #calls(): FindCalls {
    return currentScope() ? currentCalls : () => this.#current().calls
  }

  get #recorder(): Calls {
    return playback() ?? this.#current().recorder ?? bareCalls
  }

  #current(): Scope {
    return this.#scope ?? currentScope() ?? this.#pipeline.ownScope
  }
}

/**
 * Records events and ships them to ReplayStack. One for the whole application.
 * @example
 * const client = new ReplayStackClient({ serviceName: 'reports' }) // the key is REPLAYSTACK_API_KEY
 * await client.captureEvent({ endpoint: 'daily-report-job', status: 'success' })
 * await client.flush()
 */
export class ReplayStackClient extends ReplayStackHandle {
  /**
   * @param environment a Worker's `env`. Default: `process.env` where there is one
   * @throws {Error} `ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.`
   * @throws {TypeError} naming an option that is wrong, what is allowed and what it got
   */
  constructor(options: ClientOptions = {}, environment: Environment = hostEnvironment()) {
    // A client of another class, as `…/node` has one, has a timer of its own.
    super(new Pipeline(options, environment, { hasTimer: new.target !== ReplayStackClient }))
  }

  /**
   * Waits for what is in flight and sends what waits, the oldest first. Outside any scope it waits for the events of work
   * that goes on too; inside, it would wait for itself.
   * @param timeoutMs milliseconds at most, default 5000
   * @returns whether all of it has arrived
   * @throws {ReplayStackError} the last transport error, with `raiseOnError`; else nothing
   */
  async flush(timeoutMs: number = FLUSH_TIMEOUT_MS): Promise<boolean> {
    const { delivery, settings } = pipelineOf(this)
    // What else it may reject with is a host's whose timers are broken.
    const { empty, error } = await delivery
      // What runs in a scope would wait for itself.
      .flush(timeoutMs, currentScope() === undefined)
      .catch(thrown => ({ empty: false, error: toReplayStackError(thrown, 'flush') }))
    if (error && settings.raiseOnError) throw error
    return empty && error === undefined
  }

  /**
   * Flushes, then refuses: later captures resolve to `null`, and what could not be sent is dropped as `closed`.
   * @param timeoutMs milliseconds at most, default 5000
   * @returns whether all of it has arrived
   * @throws {ReplayStackError} the last transport error, with `raiseOnError`; else nothing
   */
  async close(timeoutMs: number = FLUSH_TIMEOUT_MS): Promise<boolean> {
    try {
      return await this.flush(timeoutMs)
    } finally {
      pipelineOf(this).delivery.close()
    }
  }

  /** Counts of events: `captured = sent + pending + the sum of dropped`, at every moment. */
  stats(): ClientStats {
    return pipelineOf(this).delivery.stats()
  }
}

/**
 * {@link ReplayStackClient} as a function. On Node servers, the one of `…/node` also flushes periodically.
 * @param environment a Worker's `env`. Default: `process.env` where there is one
 * @throws {Error} `ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.`
 * @throws {TypeError} naming an option that is wrong, what is allowed and what it got
 */
export function createReplayStackClient(options?: ClientOptions, environment?: Environment): ReplayStackClient {
  return new ReplayStackClient(options, environment)
}
