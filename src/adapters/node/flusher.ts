/** The periodic flush of a process that lives long. It never keeps the process alive. */
import { clearTimeout, setTimeout } from 'node:timers'
import { MAX_TIMER_MS } from '../../client/options.ts'
import { lazySetup, type Setup } from '../../observe/setup.ts'
import type { AdapterConfiguration } from '../../types.ts'

type Pipeline = Setup['pipeline']

/**
 * How to stop the flusher of each client that has, or had, one: a client has one timer, however many adapters it serves,
 * and none again once it was stopped.
 */
const flushers: WeakMap<Pipeline, () => void> = new WeakMap()

/**
 * Flushes what waits, `flushIntervalMs` after the flush before, until the client is closed; 0 is never. What is sent keeps
 * the process, as anything that is sent does, for `flushIntervalMs` at most; then it has that long to end in.
 * @returns stops it
 */
export function flushPeriodically(pipeline: Pipeline): () => void {
  const { settings, delivery } = pipeline
  const { flushIntervalMs, enabled } = settings
  const running = flushers.get(pipeline)
  if (running) return running
  if (flushIntervalMs === 0 || !enabled || delivery.closed) return () => {}
  let timer: NodeJS.Timeout
  let stopped = false
  const wait = (): void => {
    if (stopped || delivery.closed) return
    timer = setTimeout(tick, Math.min(flushIntervalMs, MAX_TIMER_MS)).unref()
  }
  const tick = (): void => {
    // A flush waits for work that is still going on, too: not worth it where nothing is left over.
    if (delivery.closed || delivery.stats().pending === 0) wait()
    else delivery.flush(flushIntervalMs, false).finally(wait)
  }
  const stop = (): void => {
    stopped = true
    clearTimeout(timer)
  }
  flushers.set(pipeline, stop)
  wait()
  return stop
}

/** An adapter's setup on a host that lives long: its own client flushes periodically, as one that it is given does. */
export function nodeSetup<Request>(configuration?: AdapterConfiguration<Request>): (env?: unknown) => Setup {
  const setupFor = lazySetup(configuration, true)
  return env => {
    const setup = setupFor(env)
    flushPeriodically(setup.pipeline)
    return setup
  }
}
