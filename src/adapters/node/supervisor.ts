/**
 * PM2, which runs in the program's own process: its listener reports an uncaught exception, and exits at once where nobody
 * else listens. So it is left a guard in sight, and its exit follows the flush.
 */
import type { EventEmitter } from 'node:events'
import process from 'node:process'

const host: EventEmitter = process

/** PM2's listeners, by their names: in cluster mode, where it also lets the worker go, and in fork mode. */
const CLUSTER_LISTENER = 'uncaughtListener'
const FORK_LISTENER = 'bound onUncaughtException'

/** Whether a listener is PM2's, which gives each of its processes a number. */
export function isSupervisor(event: string, listener: unknown): boolean {
  if (event !== 'uncaughtException' || typeof listener !== 'function' || !process.env['pm_id']) return false
  return [CLUSTER_LISTENER, FORK_LISTENER].includes(listener.name)
}

const supervisors = (): readonly { readonly name: string }[] =>
  host.listeners('uncaughtException').filter(listener => isSupervisor('uncaughtException', listener))

/** Whether a supervisor waits to end the process. */
export function isSupervised(): boolean {
  return supervisors().length > 0
}

/** Ends the process as the supervisor does. It has reported the error already. */
export function exitSupervised(): void {
  if (supervisors().some(({ name }) => name === CLUSTER_LISTENER)) host.emit('disconnect')
  process.exit(1)
}
