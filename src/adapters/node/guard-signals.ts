/** Signals that end the process: a flush, then the same signal again, so that whoever waits for the process sees it. */
import { constants } from 'node:os'
import process from 'node:process'
import { isMainThread } from 'node:worker_threads'
import { callMember, read } from '../../safe-read.ts'
import type { Guard } from './guard.ts'

/** What a shell makes of the signal. */
function exitCode(signal: string): number {
  return 128 + (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0)
}

/** Deno needs `--allow-run` to send a signal, and would ask for it in the terminal. */
function maySignal(): boolean {
  const permissions = read(globalThis, 'Deno', 'permissions')
  return !permissions || read(callMember(permissions, 'querySync', { name: 'run' }), 'state') === 'granted'
}

function sendAgain(signal: string): void {
  if (maySignal()) process.kill(process.pid, signal)
  else process.exit(exitCode(signal))
}

/** For a process that is on its way out already: Deno sends a signal to itself too late for that. */
function sendAtExit(signal: string): void {
  if (process.versions['deno']) process.exitCode = exitCode(signal)
  else process.kill(process.pid, signal)
}

/**
 * Guards against each of the signals, unless the application listens to it. Worker threads get none.
 * @param flush settles when the flush is over, or has taken its time; never rejects
 */
export function guardSignals(guard: Guard, signals: Iterable<string>, flush: () => Promise<void>): void {
  if (!isMainThread) return
  for (const signal of new Set(signals)) {
    const end = (): void => sendAgain(signal)
    guard.listen(signal, othersDecide => {
      if (othersDecide) flush()
      else if (guard.leaving) guard.end([signal], end)
      else guard.leave({ events: [signal], end, exit: () => sendAtExit(signal) }, flush())
    })
  }
}
