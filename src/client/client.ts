/** The public face of the pipeline. Nothing here throws into the application once it is constructed. */

import { toReplayStackError } from '../delivery/error.ts'
import { encodeNote, isoNow, LEVELS, noteText, readEvent } from '../event/encode.ts'
import { errorFields } from '../event/error.ts'
import { read } from '../safe-read.ts'
import type {
  Breadcrumb,
  BreadcrumbDetails,
  CaptureResponse,
  ClientOptions,
  ClientStats,
  Environment,
  EventInput,
  LogInput,
  LogLine,
} from '../types.ts'
import { hostEnvironment } from './options.ts'
import { Pipeline } from './pipeline.ts'
import { currentScope, keepNewest, type Scope } from './scope.ts'

/** Milliseconds that `flush` and `close` take at most unless they are told otherwise. */
const FLUSH_TIMEOUT_MS = 5_000

/** A client's pipeline, for the adapters: not part of the public face. */
export let pipelineOf: (handle: ReplayStackHandle) => Pipeline
/** Whether {@link pipelineOf} can be asked of a value: a client of this copy of the package. */
export let isClient: (value: unknown) => value is ReplayStackClient

/**
 * Captures for one scope. Adapters hand one out (`c.var.replaystack`) that needs no `AsyncLocalStorage`; the client
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
   * Captures an event. Need not be awaited: inside a request the host is told to wait for it.
   * @returns the API's answer; `null` where the event was skipped, queued or could not be delivered
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
    let told: EventInput = {}
    this.#pipeline.attempt('describe what was thrown', () => {
      told = errorFields(error, given.metadata)
    })
    return this.captureEvent({
      status: 'failed',
      statusCode: 500,
      ...told,
      ...given,
      ...('metadata' in told && { metadata: told.metadata }),
    })
  }

  /**
   * Leaves a step on the way to the scope's event; the newest `maxBreadcrumbs` are kept. Its metadata is masked and
   * copied now, and is at most 16,384 UTF-8 bytes. Never throws.
   */
  addBreadcrumb(message: string, details: BreadcrumbDetails = {}): void {
    const { settings, rules } = this.#pipeline
    this.#pipeline.attempt('keep a breadcrumb', () => {
      const [level, category, metadata] = [read(details, 'level'), read(details, 'category'), read(details, 'metadata')]
      const json = encodeNote({ message, level, category, metadata }, rules, isoNow())
      keepNewest(this.#current().breadcrumbs, json, settings.maxBreadcrumbs)
    })
  }

  /** The scope's breadcrumbs, masked, oldest first. */
  getBreadcrumbs(): Breadcrumb[] {
    const { rules } = this.#pipeline
    return this.#current().breadcrumbs.map((note): Breadcrumb => JSON.parse(noteText(note, rules)))
  }

  /** Forgets the scope's breadcrumbs. */
  clearBreadcrumbs(): void {
    this.#current().breadcrumbs = []
  }

  /**
   * Keeps a log line for the scope's event, from `logLevel` up; the newest `maxLogs` are kept. Its metadata is masked and
   * copied now, and is at most 16,384 UTF-8 bytes. The console and loggers are never hooked. Never throws.
   */
  captureLog(line: LogInput): void {
    const { settings, rules } = this.#pipeline
    this.#pipeline.attempt('keep a log line', () => {
      const [level = 'error', message, metadata] = ['level', 'message', 'metadata'].map(name => read(line, name))
      const levels: readonly unknown[] = LEVELS
      if (!settings.captureLogs || levels.indexOf(level) < levels.indexOf(settings.logLevel)) return
      const json = encodeNote({ level, message, metadata }, rules, isoNow())
      keepNewest(this.#current().logs, json, settings.maxLogs)
    })
  }

  /** The scope's log lines, masked, oldest first. */
  getLogs(): LogLine[] {
    return this.#current().logs.map((json): LogLine => JSON.parse(json))
  }

  /** Forgets the scope's log lines. */
  clearLogs(): void {
    this.#current().logs = []
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
    super(new Pipeline(options, environment))
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
   * Flushes, then refuses: later captures answer `null`, and what could not be sent is dropped as `closed`.
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

  /** The books: `captured = sent + pending + the sum of dropped`, at every moment. */
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
