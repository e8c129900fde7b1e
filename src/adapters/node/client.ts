/** The client of a process that lives long: it flushes by itself. */
import { pipelineOf, ReplayStackClient } from '../../client/client.ts'
import type { ClientOptions, Environment } from '../../types.ts'
import { flushPeriodically } from './flusher.ts'

class PeriodicClient extends ReplayStackClient {
  readonly #stop: () => void

  constructor(options?: ClientOptions, environment?: Environment) {
    super(options, environment)
    this.#stop = flushPeriodically(pipelineOf(this))
  }

  override close(timeoutMs?: number): Promise<boolean> {
    this.#stop()
    return super.close(timeoutMs)
  }
}

/**
 * A client that also flushes every `flushIntervalMs`, 0 (the default) being never: what an outage of the API left waiting
 * goes out without another capture. The timer never keeps a process alive, and ends with `close`.
 * @param environment default: `process.env`
 * @throws {Error} `ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.`
 * @throws {TypeError} naming an option that is wrong, what is allowed and what it got
 * @example
 * const client = createReplayStackClient({ serviceName: 'orders', flushIntervalMs: 5_000 })
 * installReplayStackProcessGuards(client)
 */
export function createReplayStackClient(options?: ClientOptions, environment?: Environment): ReplayStackClient {
  return new PeriodicClient(options, environment)
}
