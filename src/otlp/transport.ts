/**
 * A transport that writes each event to a collector of OpenTelemetry's, beside its delivery to ReplayStack or in place of it.
 * On Workers it serves many requests: between calls it keeps plain data alone.
 */
import { hostEnvironment } from '../client/options.ts'
import { Breaker } from '../delivery/breaker.ts'
import { ReplayStackError } from '../delivery/error.ts'
import { backoffMs, retryAfterMs, verdictOf } from '../delivery/retry.ts'
import { systemClock } from '../delivery/transport.ts'
import type { Environment, ReplayStackEvent, Transport, TransportRequest, TransportResponse } from '../types.ts'
import { type Exported, exportOnce, writeExport } from './collector.ts'
import { type OtlpOptions, type OtlpSettings, readOtlpOptions } from './options.ts'

/** The part of an attempt's time that the collector may take, so that ReplayStack's response is still in time. */
const SHARE_OF_TIME = 0.8

/** Events remembered that the collector has and ReplayStack has not. */
const MAX_REMEMBERED = 1_000

/** Statuses by which a client refuses to go on, for reasons that it would name wrongly: they are the collector's. */
const SENDER_REFUSALS: readonly number[] = [401, 403, 404, 405]

interface Sent {
  /** As ReplayStack knows the event, on every attempt. */
  key: string
  event: ReplayStackEvent
}

/** The masked events of one request. */
function eventsOf({ body, headers }: TransportRequest): Sent[] {
  const keys = (headers['idempotency-key'] ?? '').split(', ')
  const parsed: ReplayStackEvent | { events: ReplayStackEvent[] } = JSON.parse(body)
  const events = 'events' in parsed ? parsed.events : [parsed]
  return events.map((event, at) => ({ key: keys[at] ?? '', event }))
}

/** Exports to one collector, again where that may help and time is left. */
class Collector {
  readonly #settings: OtlpSettings
  readonly #breaker = new Breaker()
  #hasTaken = false
  #warned = false

  constructor(settings: OtlpSettings) {
    this.#settings = settings
  }

  /**
   * Never rejects.
   * @param mayRepeat whether it is this that tries again, and not the client
   */
  async export(events: readonly ReplayStackEvent[], request: TransportRequest, mayRepeat: boolean): Promise<Exported> {
    const { now, sleep, timer } = systemClock
    const started = now()
    const pause = this.#breaker.refuses(started)
    if (pause) return this.#notTried(events.length, pause)
    const timeoutMs = Math.min(this.#settings.timeoutMs, request.timeoutMs * SHARE_OF_TIME)
    const underWay = this.#breaker.begins(started, started + timeoutMs, started + timeoutMs)
    const controller = new AbortController()
    const { signal } = controller
    const stop = timer(timeoutMs, () => controller.abort())
    try {
      const body = writeExport(events, this.#settings, started)
      for (let attempt = 0; ; attempt++) {
        const exported = await exportOnce(body, this.#settings, { signal, timeoutMs })
        const { status, retryAfter } = exported
        const verdict = status === 0 ? 'failed' : verdictOf(status)
        this.#hasTaken ||= verdict === 'delivered'
        if (verdict !== 'failed') {
          this.#breaker.succeeded()
          return exported
        }
        const asked = retryAfterMs(retryAfter, now())
        const wait = asked ?? backoffMs(attempt, Math.random())
        if (!mayRepeat || signal.aborted || now() - started + wait >= timeoutMs) {
          this.#breaker.failed(now(), asked)
          return exported
        }
        await sleep(wait)
      }
    } finally {
      stop()
      this.#breaker.ended(underWay)
    }
  }

  #notTried(count: number, why: string): Exported {
    const { origin } = new URL(this.#settings.url)
    const message = `The OTLP collector at ${origin} was not tried for ${count} of the events: ${why}.`
    return { status: 0, retryAfter: null, rejected: 0, error: new ReplayStackError('network', message) }
  }

  report(error: ReplayStackError): void {
    const { onError } = this.#settings
    try {
      if (onError) Promise.resolve(onError(error)).catch(() => {})
      else if (!this.#warned && !this.#hasTaken) console.warn(error.message)
      this.#warned = true
    } catch {
      // A hook that throws is contained, and so is a console of the application's own.
    }
  }
}

/** The collector's response, as the client reads ReplayStack's. */
function responseOf({ status, retryAfter, rejected, error }: Exported, count: number): TransportResponse {
  const isTaken = verdictOf(status) === 'delivered'
  const isRefused = rejected >= count || SENDER_REFUSALS.includes(status)
  return {
    status: isRefused ? 422 : status,
    headers: { get: name => (name.toLowerCase() === 'retry-after' ? retryAfter : null) },
    text: async () => JSON.stringify(error ? { success: isTaken, message: error.message } : { success: true }),
  }
}

/**
 * A transport that writes each event, masked as it is, to an OpenTelemetry collector as a log record (OTLP/HTTP, JSON), and
 * sends it to ReplayStack as before; with `only`, to the collector alone. An event is written there once, however often
 * ReplayStack has to be tried. A collector that fails keeps nothing from ReplayStack: what it was not given is reported to
 * `onError`, and lost to it. With a transport, `batchMaxEvents` is 1 by default: set it for batches.
 * @param environment what OpenTelemetry's variables are read from: a Worker's `env`. Default: `process.env` where there is one
 * @throws {TypeError} naming an option that is wrong, what is allowed and what it got
 * @example
 * const transport = otlpTransport({ url: 'https://collector.example.com/v1/logs' })
 * app.use(replaystack({ transport, batchMaxEvents: 20 }))
 */
export function otlpTransport(options: OtlpOptions = {}, environment: Environment = hostEnvironment()): Transport {
  const settings = readOtlpOptions(options, environment)
  const collector = new Collector(settings)
  /** Events that the collector has, and that ReplayStack will be sent again. */
  const remembered = new Set<string>()

  async function exportBeside(sent: readonly Sent[], request: TransportRequest): Promise<void> {
    const fresh = sent.filter(({ key }) => !remembered.has(key))
    if (fresh.length === 0) return
    const { status, error } = await collector.export(
      fresh.map(({ event }) => event),
      request,
      true,
    )
    if (error) collector.report(error)
    if (status === 0 || verdictOf(status) === 'failed') return
    for (const { key } of fresh) remembered.add(key)
    for (const key of [...remembered].slice(0, -MAX_REMEMBERED)) remembered.delete(key)
  }

  const transport: Transport & Pick<OtlpSettings, 'transport'> = {
    // A queue's consumer looks whether events would come back to its queue.
    transport: settings.transport,
    async post(url, request) {
      const sent = eventsOf(request)
      if (settings.only) {
        const exported = await collector.export(
          sent.map(({ event }) => event),
          request,
          false,
        )
        const { status, rejected, error } = exported
        if (status === 0 && error) throw error
        // Which of them it is, a collector does not say: the client counts them as delivered.
        if (error && rejected > 0 && rejected < sent.length) collector.report(error)
        return responseOf(exported, sent.length)
      }
      // Both are waited for: on Workers and Lambda nothing runs on after the delivery.
      const [delivered] = await Promise.allSettled([settings.transport.post(url, request), exportBeside(sent, request)])
      if (delivered.status === 'rejected') throw delivered.reason
      const { status } = delivered.value
      const isDone = sent.length === 1 ? verdictOf(status) !== 'failed' : verdictOf(status) === 'delivered'
      if (isDone) for (const { key } of sent) remembered.delete(key)
      return delivered.value
    },
  }
  return transport
}
