/** What ends a process is recorded, and what it still holds is flushed, before it ends as it would have. */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { pipelineOf, type ReplayStackClient } from '../../client/client.ts'
import { Hold } from '../../observe/keep-alive.ts'
import type { Setup } from '../../observe/setup.ts'
import { Guard } from './guard.ts'
import { guardErrors, type Origin } from './guard-errors.ts'
import { type ProcessGuardOptions, resolveGuardOptions } from './guard-options.ts'
import { guardSignals } from './guard-signals.ts'

export type { ProcessGuardOptions } from './guard-options.ts'

type Pipeline = Setup['pipeline']

/** How often it is looked whether all has left. */
const POLL_MS = 5

/** What each client has recorded in this turn of the event loop: an error may come by several ways, to several guards. */
const recorded: WeakMap<Pipeline, Set<unknown>> = new WeakMap()

function isNew(pipeline: Pipeline, error: unknown): boolean {
  const known = recorded.get(pipeline)
  if (known?.has(error)) return false
  if (known) known.add(error)
  else {
    recorded.set(pipeline, new Set([error]))
    setImmediate(() => recorded.delete(pipeline)).unref()
  }
  return true
}

/** How to take off the guards of each client that has some. */
const installed: WeakMap<Pipeline, () => void> = new WeakMap()

/** How many of each client's events were told to be lost. */
const told: WeakMap<Pipeline, number> = new WeakMap()

/** @throws {TypeError} */
function pipelineOfClient(client: ReplayStackClient): Pipeline {
  try {
    return pipelineOf(client)
  } catch (cause) {
    throw new TypeError('ReplayStack process guards need a client of this package.', { cause })
  }
}

/** Tells `onError`, once, how much has not arrived: the process is about to end. */
function tellLosses(pipeline: Pipeline): void {
  const { pending } = pipeline.delivery.stats()
  if (pending <= (told.get(pipeline) ?? 0)) return
  told.set(pipeline, pending)
  pipeline.attempt(
    `tell whether ${pending} ${pending === 1 ? 'event' : 'events'} arrived before the process ended`,
    () => {
      throw new Error('The process ended.')
    },
  )
}

/**
 * Records what ends the process, and flushes before it does: for `flushTimeoutMs` at most, then it ends as it would have
 * without them, by the same exit code or signal and with the same trace on stderr. Where the application listens to
 * `uncaughtException`, `unhandledRejection` or a signal itself, it decides, and the guards only record.
 *
 * After `process.exit()` nothing can be sent: what waits then is dropped as `closed`, with a call of `onQueueDrop`, and
 * `onError` is called for what is on its way.
 * Guards installed again on the same client replace the ones before.
 * @returns takes every hook off
 * @throws {TypeError} naming an option that is wrong, and what it got
 * @example
 * const client = createReplayStackClient()
 * installReplayStackProcessGuards(client)
 */
export function installReplayStackProcessGuards(
  client: ReplayStackClient,
  options: ProcessGuardOptions = {},
): () => void {
  const pipeline = pipelineOfClient(client)
  const settings = resolveGuardOptions(options)
  if (!pipeline.settings.enabled) return () => {}
  // Set up again, by a test or a hot reload: the newest options count.
  installed.get(pipeline)?.()
  const guard = new Guard(() => tellLosses(pipeline))
  const removals: (() => void)[] = [() => guard.remove()]
  const flush = (): Promise<void> => {
    const hold = new Hold()
    hold.waitUntil(client.flush(settings.flushTimeoutMs).catch(() => {}))
    return hold.settled(settings.flushTimeoutMs)
  }
  // A flush waits for work that goes on, too. After an error, that may be the work that will never end.
  const flushCaptured = (): Promise<void> => {
    let over = false
    const flushed = flush().then(() => {
      over = true
    })
    const emptied = async (): Promise<void> => {
      while (!over && pipeline.delivery.stats().pending > 0) await sleep(POLL_MS)
    }
    return Promise.race([flushed, emptied()])
  }
  const record = (error: unknown, origin: Origin): void => {
    if (!isNew(pipeline, error)) return
    const context = { endpoint: `/runtime/${origin}`, eventType: 'custom', metadata: { origin } } as const
    client.captureException(error, context).catch(() => {})
  }
  if (settings.uncaughtException || settings.unhandledRejection) {
    removals.push(guardErrors(guard, { record, flush: flushCaptured, wants: origin => settings[origin] }))
  }
  if (settings.flushOnShutdown) {
    guardSignals(guard, settings.shutdownSignals, flush)
    let flushed = false
    const beforeExit = (): void => {
      if (flushed || pipeline.delivery.stats().pending === 0) return
      flushed = true
      flush()
    }
    process.on('beforeExit', beforeExit)
    removals.push(() => process.off('beforeExit', beforeExit))
  }
  const exit = (): void => {
    pipeline.delivery.close()
    tellLosses(pipeline)
  }
  process.on('exit', exit)
  removals.push(() => process.off('exit', exit))
  const removeAll = (): void => {
    for (const remove of removals) remove()
  }
  installed.set(pipeline, removeAll)
  return removeAll
}
