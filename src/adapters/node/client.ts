/** The client of a process that lives long: it flushes by itself. */
import { pipelineOf, ReplayStackClient } from '../../client/client.ts'
import { MissingKeyError } from '../../client/options.ts'
import { reportSetup } from '../../observe/setup.ts'
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
 *
 * Without a key the application starts all the same: one warning says so (to `onError` where there is one, else on the
 * console), and the client records nothing. `new ReplayStackClient()` throws instead.
 * @param environment default: `process.env`
 * @throws {TypeError} naming an option that is wrong, what is allowed and what it got
 * @example
 * const client = createReplayStackClient({ serviceName: 'orders', flushIntervalMs: 5_000 })
 * installReplayStackProcessGuards(client)
 */
export function createReplayStackClient(options: ClientOptions = {}, environment?: Environment): ReplayStackClient {
  try {
    return new PeriodicClient(options, environment)
  } catch (thrown) {
    if (!(thrown instanceof MissingKeyError)) throw thrown
    reportSetup(thrown, options, 'Nothing is recorded.')
    return new PeriodicClient({ ...options, apiKey: 'none', enabled: false }, environment)
  }
}
