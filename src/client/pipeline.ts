/**
 * What a client and its handles share: the gate, then the event, then its delivery. Longer than most files: the way of one event
 * is read as a whole.
 */
import { KEY_HEADER } from '../delivery/attempt.ts'
import { Delivery, type DeliverySettings, type Departure, type Sending } from '../delivery/delivery.ts'
import { oneLine, ReplayStackError, toReplayStackError } from '../delivery/error.ts'
import { keyInJson, maskKey, maskKeyInJson, withoutKey } from '../delivery/key.ts'
import { systemClock } from '../delivery/transport.ts'
import { errorLog, getErrorDetails } from '../event/error.ts'
import {
  completeEvent,
  type EventContext,
  type EventRules,
  statusOf,
  writeEvent,
  writeObjects,
} from '../event/fields.ts'
import { hasText, LEVELS, readNote, writeNote } from '../event/notes.ts'
import { createTraceId, validTraceId } from '../event/trace.ts'
import { normalizeEndpoint, shouldIgnorePath } from '../event/url.ts'
import { SDK_NAME, SDK_VERSION } from '../event/version.ts'
import { bodyLength } from '../mask/json.ts'
import { compileMaskNames } from '../mask/names.ts'
import { maskText } from '../mask/text.ts'
import { read, readAll } from '../safe-read.ts'
import type { CaptureResponse, ClientOptions, Environment, EventInput, ReplayStackEvent } from '../types.ts'
import { resolveOptions, type Settings } from './options.ts'
import type { Scope } from './scope.ts'

/** Why an event is not captured, in the words of the debug line. */
export type SkipReason =
  | 'the client is closed'
  | 'enabled is false'
  | 'the path is in ignoredPaths'
  | 'sampled out'
  | 'captureSuccess is false'
  | 'beforeSend returned null'
  | 'shouldCapture returned false'

const NO_TIMER = 'ReplayStack flushIntervalMs is not used here: only @replaystack/edge/node has a timer.'

const MAKING = 'make an event of what it was given'

/** Fields that may hold objects of the application's. */
const BODIES = ['requestPayload', 'responsePayload'] as const
const WITH_OBJECTS = [...BODIES, 'metadata'] as const

/** What an event takes from its scope, and what of it was written before. */
interface Notes extends Pick<Scope, 'breadcrumbs' | 'logs' | 'metadata'>, Pick<EventContext, 'written'> {}

/** Characters of bodies that are masked at once: a batch of larger ones would take one request more time than it may have. */
const SMALL_BODY_CHARACTERS = 16_384

function hasSmallBodies({ requestPayload, responsePayload }: EventInput): boolean {
  return bodyLength(requestPayload) + bodyLength(responsePayload) <= SMALL_BODY_CHARACTERS
}

/** An event's own, else its scope's, else a new one. */
function traceIdOf(event: EventInput | undefined, scope: Pick<Scope, 'traceId'>): string {
  return validTraceId(read(event, 'traceId')) ?? scope.traceId ?? createTraceId()
}

export class Pipeline {
  readonly settings: Settings
  readonly rules: EventRules
  readonly deliverySettings: DeliverySettings
  readonly delivery: Delivery
  readonly #keyInJson: string
  /** Whether a delivery that failed has been warned of. */
  #warned = false
  /** Where breadcrumbs go outside any scope. */
  readonly ownScope: Scope = {
    traceId: undefined,
    breadcrumbs: [],
    logs: [],
    metadata: undefined,
    waitUntil: undefined,
  }

  /**
   * @param host.hasTimer whether the host flushes it every `flushIntervalMs`
   * @param host.reported messages about options and variables that were reported before; new ones are added
   */
  constructor(
    options: ClientOptions,
    environment: Environment,
    host: { hasTimer?: boolean; reported?: Set<string> } = {},
  ) {
    const { hasTimer, reported } = host
    const { settings, problems } = resolveOptions(options, environment)
    this.settings = settings
    this.#keyInJson = keyInJson(settings.apiKey)
    if (settings.flushIntervalMs > 0 && settings.enabled && !hasTimer) problems.push(NO_TIMER)
    const maskFields = [...settings.maskFields, ...(settings.remoteMaskingRules.fields ?? [])]
    this.rules = { ...settings, names: compileMaskNames(maskFields, settings.masks), known: new Map() }
    this.deliverySettings = {
      ...settings,
      headers: {
        'content-type': 'application/json',
        'x-tracereplay-api-key': settings.apiKey,
        [KEY_HEADER]: settings.apiKey,
        'x-replaystack-sdk': SDK_NAME,
        'x-replaystack-sdk-version': SDK_VERSION,
      },
      onError: error => this.#undelivered(error),
      onDrop: ({ traceId }, reason, dropped) =>
        this.contain(() => settings.onQueueDrop?.({ reason, traceId, dropped })),
      log: settings.debug ? (decision, { traceId }, why) => this.log(decision, traceId, why) : undefined,
    }
    this.delivery = new Delivery(this.deliverySettings, systemClock)
    for (const problem of problems) {
      if (!reported?.has(problem)) this.warn(problem)
      reported?.add(problem)
    }
  }

  /** Captures an event, if the gate lets it pass. Settles when its delivery is decided; kept alive by its scope's host. */
  capture(event: EventInput, scope: Scope, isThrown = false): Promise<CaptureResponse | null> {
    const skip = this.admits(read(event, 'endpoint')) ?? this.wants(event)
    if (skip) return this.skip(skip, scope, event)
    const { own, all } = this.send(event, scope, { isThrown })
    this.keepAlive(scope, all)
    return this.settings.raiseOnError ? own : own.catch(() => null)
  }

  /**
   * Makes an event that passed the gate, and sends it. Never throws: what fails, `own` rejects with.
   * @param how.isThrown whether it records something thrown, which its log is to say
   * @param how.departure when it leaves. Default: now
   */
  send(event: EventInput, scope: Scope, how: { isThrown?: boolean; departure?: Departure } = {}): Sending {
    let traceId = ''
    let own: Promise<null>
    try {
      traceId = traceIdOf(event, scope)
      const { departure, isThrown } = how
      if (departure === 'together' && this.makesLate && !isThrown && hasSmallBodies(event)) {
        return this.delivery.deliver(this.#maker(event, scope, traceId), traceId, departure)
      }
      const body = this.#encode(event, scope, traceId, isThrown)
      if (body !== undefined) return this.delivery.deliver(body, traceId, departure)
      own = this.skip('beforeSend returned null', { traceId })
    } catch (thrown) {
      own = Promise.reject(this.abandon(thrown, MAKING, traceId))
    }
    return { own, all: Promise.resolve() }
  }

  /**
   * Whether the text of an event that waits for others is made when they leave: all at once, in half of the time. What
   * `beforeSend` reads may be the request's own, so that it is called there.
   */
  get makesLate(): boolean {
    return this.delivery.gathers && !this.settings.beforeSend
  }

  /** What makes an event's text later, of what it and its scope have now. */
  #maker(given: EventInput, scope: Scope, traceId: string): () => string | undefined {
    const { metadata } = scope
    const notes = { breadcrumbs: [...scope.breadcrumbs], logs: [...scope.logs], metadata: undefined }
    const event = metadata ? { ...given, metadata: { ...metadata, ...readAll(given.metadata) } } : given
    const names = metadata ? WITH_OBJECTS : BODIES
    const written = writeObjects(event, names, { traceId, ...notes }, this.rules)
    return () => this.attempt(MAKING, () => this.#encode(event, { ...notes, written }, traceId))
  }

  /** The gate, as far as it can be passed before the work begins: why the event is skipped, or nothing. */
  admits(endpoint: unknown): SkipReason | undefined {
    const { enabled, ignoredPaths, alwaysCaptureFailures, sampleRate } = this.settings
    if (this.delivery.closed) return 'the client is closed'
    if (!enabled) return 'enabled is false'
    if (typeof endpoint === 'string' && shouldIgnorePath(normalizeEndpoint(endpoint), ignoredPaths))
      return 'the path is in ignoredPaths'
    return alwaysCaptureFailures || sampleRate === 1 ? undefined : this.#sample()
  }

  /** The rest of the gate, which depends on the outcome. */
  wants(event: EventInput): SkipReason | undefined {
    if (this.delivery.closed) return 'the client is closed'
    const { alwaysCaptureFailures, captureSuccess } = this.settings
    const status = statusOf(event)
    const skip = alwaysCaptureFailures && status !== 'failed' ? this.#sample() : undefined
    return skip ?? (!captureSuccess && status === 'success' ? 'captureSuccess is false' : undefined)
  }

  #sample(): SkipReason | undefined {
    const { sampleRate } = this.settings
    return Math.random() >= sampleRate ? 'sampled out' : undefined
  }

  /** Says that an event is not captured, and why. Its trace id is read only where it is shown. */
  async skip(reason: SkipReason, scope: Pick<Scope, 'traceId'>, event?: EventInput): Promise<null> {
    if (this.settings.debug) this.log('skipped', traceIdOf(event, scope), reason)
    return null
  }

  /**
   * Hands an internal error to `onError`. Without one it shows in debug output alone.
   * @param isUrgent whether a developer has to see it: then it goes to the console
   */
  report(error: ReplayStackError, isUrgent = false): void {
    const { apiKey, debug, onError } = this.settings
    if (error.cause !== undefined) error.cause = withoutKey(error.cause, apiKey)
    if (onError) this.contain(() => onError(error))
    else if (isUrgent && !debug) this.contain(() => console.warn(maskText(error.message, this.rules.names)))
    this.log('error', '', `${error.code}: ${error.message}`)
  }

  /** Reports options and variables that are of no use. */
  warn(problem: string): void {
    this.report(new ReplayStackError('configuration', problem), true)
  }

  /** Counts an event that failed on its way to delivery, and reports why. */
  abandon(thrown: unknown, doing: string, traceId: string): ReplayStackError {
    const error = toReplayStackError(thrown, doing)
    this.delivery.abandon(traceId)
    this.report(error)
    return error
  }

  log(decision: string, traceId: string | undefined, why = ''): void {
    if (!this.settings.debug) return
    const line = ['[replaystack]', decision, traceId, why && `(${why})`].filter(Boolean).join(' ')
    try {
      console.log(maskKey(maskText(oneLine(line), this.rules.names), this.settings.apiKey))
    } catch {
      // A console of the application's own.
    }
  }

  /** Runs work of the SDK's own beside the application's: what it throws is reported, not thrown. */
  attempt<T, Args extends unknown[]>(doing: string, run: (...args: Args) => T, ...args: Args): T | undefined {
    try {
      return run(...args)
    } catch (thrown) {
      this.contain(() => this.report(toReplayStackError(thrown, doing)))
      return undefined
    }
  }

  /** Runs a hook of the application's: what it throws stays here, also where it does so later. */
  contain(run: () => unknown): void {
    const threw = (thrown: unknown): void => {
      if (this.settings.debug) this.log('error', '', `a hook threw: ${getErrorDetails(thrown).errorMessage}`)
    }
    try {
      const result = run()
      if (result) Promise.resolve(result).catch(threw)
    } catch (thrown) {
      threw(thrown)
    }
  }

  /** Has the scope's host wait for a promise, where it can. */
  keepAlive(scope: Scope, promise: Promise<unknown>): void {
    this.contain(() => scope.waitUntil?.(promise))
  }

  /**
   * {@link report} for a delivery. As long as nothing has ever arrived, the first that a developer can cure, a refusal or an
   * endpoint where nothing is, is urgent; a plan's limit always is.
   */
  #undelivered(error: ReplayStackError): void {
    const isCurable = error.code === 'rejected' || error.code === 'network'
    const isFirst = isCurable && !this.#warned && this.delivery.stats().sent === 0
    const isUrgent = isFirst || error.code === 'plan_limit'
    this.#warned ||= isUrgent
    this.report(error, isUrgent)
  }

  /** The wire text, made once. `undefined` where `beforeSend` wants no event. */
  #encode(given: EventInput, notes: Notes, traceId: string, isThrown = false): string | undefined {
    const event = completeEvent(given, this.rules)
    const { breadcrumbs, logs, metadata, written } = notes
    if (metadata) event.metadata = { ...metadata, ...readAll(event.metadata) }
    const allLogs = isThrown ? this.attempt('log what was thrown', () => this.#logsWith(event, logs)) : undefined
    const body = this.#write(event, { traceId, breadcrumbs, logs: allLogs ?? logs, written })
    const { beforeSend } = this.settings
    if (!beforeSend) return body
    const masked: ReplayStackEvent = JSON.parse(body)
    const changed = beforeSend(masked)
    if (changed === null) return undefined
    this.contain(() => changed)
    if (typeof changed !== 'object' || 'then' in changed) {
      throw new ReplayStackError('configuration', 'ReplayStack beforeSend must return the event, or null to drop it.')
    }
    const context = { traceId: validTraceId(changed.traceId) ?? traceId, breadcrumbs: [], logs: [] }
    return this.#write(changed as EventInput, context)
  }

  /** The log lines of an event that records something thrown: with one that says what, unless it was logged before. */
  #logsWith(event: EventInput, logs: readonly string[]): readonly string[] {
    const { method, endpoint } = event
    const line = this.encodeLog(errorLog(event, { method, endpoint }))
    // Its message and level, whatever its metadata and time. Quotes within are escaped.
    const said = line?.split(/,"(?:metadata|timestamp)":/, 1)[0]
    if (line === undefined || said === undefined || logs.some(log => log.startsWith(said))) return logs
    return [...logs, line].slice(-this.settings.maxLogs)
  }

  /** A log line as JSON text, where one of its level is kept. */
  encodeLog(line: unknown): string | undefined {
    const { captureLogs, enabled, logLevel, maxLogs } = this.settings
    if (!enabled || !captureLogs || maxLogs === 0) return undefined
    const { level = 'error', message, metadata, timestamp } = readNote(line)
    const levels: readonly unknown[] = LEVELS
    if (!hasText(message) || levels.indexOf(level) < levels.indexOf(logLevel)) return undefined
    return writeNote({ level, message, metadata, timestamp }, this.rules)
  }

  #write(event: EventInput, context: EventContext): string {
    const json = writeEvent(event, context, this.rules)
    return json.includes(this.#keyInJson) ? maskKeyInJson(json, this.settings.apiKey) : json
  }
}
