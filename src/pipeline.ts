/** What a client and its handles share: the gate, then the event, then its delivery. */
import { KEY_HEADER } from './delivery/attempt.ts'
import { type Clock, systemClock } from './delivery/clock.ts'
import { Delivery, type DeliverySettings } from './delivery/delivery.ts'
import { ReplayStackError, toReplayStackError } from './delivery/error.ts'
import { completeEvent, type EncodeRules, encodeEvent, statusOf } from './event/encode.ts'
import { compileMaskNames } from './event/mask-names.ts'
import { read } from './event/read.ts'
import { createTraceId, validTraceId } from './event/trace.ts'
import { normalizeEndpoint, shouldIgnorePath } from './event/url.ts'
import { resolveOptions, type Settings } from './options.ts'
import type { Scope } from './scope.ts'
import type { CaptureResponse, ClientOptions, Environment, EventInput, ReplayStackEvent } from './types.ts'
import { SDK_NAME, SDK_VERSION } from './version.ts'

/** Why an event is not captured, in the words of the debug line. */
export type SkipReason =
  | 'the client is closed'
  | 'enabled is false'
  | 'the path is in ignoredPaths'
  | 'sampled out'
  | 'captureSuccess is false'
  | 'beforeSend answered null'
  | 'shouldCapture answered false'

export class Pipeline {
  readonly settings: Settings
  readonly rules: EncodeRules
  readonly deliverySettings: DeliverySettings
  readonly delivery: Delivery
  /** Where breadcrumbs go outside any scope. */
  readonly ownScope: Scope = { traceId: undefined, breadcrumbs: [], logs: [], waitUntil: undefined }

  constructor(options: ClientOptions, environment: Environment, clock: Clock = systemClock) {
    const { settings, problems } = resolveOptions(options, environment)
    this.settings = settings
    this.rules = { ...settings, names: compileMaskNames(settings.maskFields) }
    this.deliverySettings = {
      ...settings,
      headers: {
        'content-type': 'application/json',
        'x-tracereplay-api-key': settings.apiKey,
        [KEY_HEADER]: settings.apiKey,
        'x-replaystack-sdk': SDK_NAME,
        'x-replaystack-sdk-version': SDK_VERSION,
      },
      onError: error => this.report(error),
      onDrop: ({ traceId }, reason, dropped) =>
        this.contain(() => settings.onQueueDrop?.({ reason, traceId, dropped })),
      log: (decision, { traceId }, why) => this.log(decision, traceId, why),
    }
    this.delivery = new Delivery(this.deliverySettings, clock)
    for (const problem of problems) this.warn(problem)
  }

  /**
   * Captures an event. Settles when its delivery is decided; kept alive by its scope's host meanwhile.
   * @param admitted the gate's first questions were asked when the work began
   */
  capture(event: EventInput, scope: Scope, admitted = false): Promise<CaptureResponse | null> {
    const traceId = validTraceId(read(event, 'traceId')) ?? scope.traceId ?? createTraceId()
    let body: string | undefined
    try {
      const skip = (admitted ? undefined : this.admits(read(event, 'endpoint'))) ?? this.wants(event)
      if (skip) return this.skip(skip, traceId)
      body = this.#encode(event, scope, traceId)
      if (body === undefined) return this.skip('beforeSend answered null', traceId)
    } catch (thrown) {
      const error = toReplayStackError(thrown, 'make an event of what it was given')
      this.delivery.abandon(traceId)
      this.report(error)
      return this.settings.raiseOnError ? Promise.reject(error) : Promise.resolve(null)
    }
    const { own, all } = this.delivery.deliver(body, traceId)
    this.contain(() => scope.waitUntil?.(all))
    return this.settings.raiseOnError ? own : own.catch(() => null)
  }

  /** The gate's questions that can be asked before the work begins: why not, or nothing. */
  admits(endpoint: unknown): SkipReason | undefined {
    const { enabled, ignoredPaths, sampleRate } = this.settings
    if (this.delivery.closed) return 'the client is closed'
    if (!enabled) return 'enabled is false'
    const path = ignoredPaths.length > 0 && typeof endpoint === 'string' ? normalizeEndpoint(endpoint) : ''
    if (path && shouldIgnorePath(path, ignoredPaths)) return 'the path is in ignoredPaths'
    return sampleRate < 1 && Math.random() >= sampleRate ? 'sampled out' : undefined
  }

  /** The gate's question that only the outcome answers. */
  wants(event: EventInput): SkipReason | undefined {
    if (this.delivery.closed) return 'the client is closed'
    return !this.settings.captureSuccess && statusOf(event) === 'success' ? 'captureSuccess is false' : undefined
  }

  /** Says that an event is not captured, and why. */
  skip(reason: SkipReason, traceId: string | undefined): Promise<null> {
    this.log('skipped', traceId, reason)
    return Promise.resolve(null)
  }

  /** Hands an internal error to `onError`; without one it shows in debug output alone. */
  report(error: ReplayStackError): void {
    if (this.settings.onError) this.contain(() => this.settings.onError?.(error))
    this.log('error', '', `${error.code}: ${error.message}`)
  }

  /** {@link report} for what a developer has to see: without `onError` it goes to the console. */
  warn(error: ReplayStackError): void {
    if (this.settings.onError) this.report(error)
    else console.warn(error.message)
  }

  log(decision: string, traceId: string | undefined, why = ''): void {
    if (!this.settings.debug) return
    const line = ['[replaystack]', decision, traceId, why && `(${why})`].filter(Boolean).join(' ')
    console.log(line.replaceAll(this.settings.apiKey, '[MASKED]'))
  }

  /** Runs work of the SDK's own beside the application's: what it throws is reported, not thrown. */
  attempt(doing: string, run: () => void): void {
    try {
      run()
    } catch (thrown) {
      this.report(toReplayStackError(thrown, doing))
    }
  }

  /** Runs a hook of the application's: what it throws stays here. */
  contain(run: () => void): void {
    try {
      run()
    } catch (thrown) {
      this.log('error', '', `a hook threw: ${thrown instanceof Error ? thrown.message : typeof thrown}`)
    }
  }

  /** The wire text, made once. `undefined` where `beforeSend` wants no event. */
  #encode(event: EventInput, { breadcrumbs, logs }: Scope, traceId: string): string | undefined {
    const now = new Date().toISOString()
    const body = encodeEvent(completeEvent(event, this.rules), { traceId, breadcrumbs, logs, now }, this.rules)
    const { beforeSend } = this.settings
    if (!beforeSend) return body
    const masked: ReplayStackEvent = JSON.parse(body)
    const changed = beforeSend(masked)
    if (changed === null) return undefined
    if (typeof changed !== 'object' || 'then' in changed) {
      throw new ReplayStackError('configuration', 'ReplayStack beforeSend must answer the event, or null to drop it.')
    }
    const context = { traceId: validTraceId(changed.traceId) ?? traceId, breadcrumbs: [], logs: [], now }
    return encodeEvent(changed as EventInput, context, this.rules)
  }
}
