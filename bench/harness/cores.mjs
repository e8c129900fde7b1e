/**
 * Where processes run: the application has a core of its own, as an isolate has in production, and all that serves the
 * load (the load generator, the ingest API, this process) shares another. Otherwise what an application collects and
 * compiles in the background would cost it nothing.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import os from 'node:os'

const APPLICATION = '0'
const REST = '1'

/** Whether there are two cores, and `taskset` (of Linux) to choose one. */
export const PINNED = os.cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0

/** The command that runs a program on the application's core. */
export const onOwnCore = (file, args) => (PINNED ? ['taskset', ['-c', APPLICATION, file, ...args]] : [file, args])

/** Moves this process, with all that it starts later, away from the application's core. */
export function leaveApplicationsCore() {
  if (PINNED) execFileSync('taskset', ['-acp', REST, String(process.pid)], { stdio: 'ignore' })
}
