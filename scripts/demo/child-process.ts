import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Cleanup } from './cleanup.ts'

/** Characters of a child's output that are kept, the newest. */
const KEPT_CHARACTERS = 20_000

/** A process of the demo's own. */
export interface Child {
  process: ChildProcess
  /** What it wrote, to either stream. */
  output(): string
  /** Kept when it has ended and all that it wrote was read. */
  ended: Promise<void>
}

interface ChildOptions extends Pick<SpawnOptions, 'cwd' | 'env'> {
  /** Whether it can be sent messages. */
  channel?: boolean
  cleanup: Cleanup
}

/**
 * Starts a program and sees to its end. It leads a process group of its own, so that what it starts ends with it, and
 * so that Ctrl-C reaches the demo alone, which then ends it in order.
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions): Child {
  const { cwd, env, channel, cleanup } = options
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe', ...(channel ? ['ipc' as const] : [])],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr] satisfies (Readable | null)[]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_CHARACTERS)
    })
  }
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  // A program that cannot be started is closed as well.
  child.on('error', error => {
    output += `\n${error.message}`
  })
  // At once, while nobody else can have its id.
  child.once('exit', () => killGroup(child))
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  cleanup.add({
    async politely() {
      if (hasEnded()) return
      child.kill('SIGTERM')
      await ended
    },
    atOnce() {
      if (!hasEnded()) killGroup(child)
    },
  })
  return { process: child, output: () => output, ended }
}

/** The process and what it started: a workerd, for one, outlives a killed parent. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // All of it had ended.
  }
}
