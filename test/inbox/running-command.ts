import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface RunningCommand {
  process: ChildProcessWithoutNullStreams
  /** All that it wrote so far. */
  stdout(): string
  stderr(): string
  /** Waits until it has written something that matches, and answers the match. Fails when it ends before. */
  waitFor(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>
  /** Waits for its end. */
  exit(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Runs a built command as a child process; a test that finishes takes it along. */
export function runCommand(
  file: string,
  args: readonly string[],
  nodeArgs: readonly string[] = [],
  cwd: string = process.cwd(),
  variables: Readonly<Record<string, string>> = {},
): RunningCommand {
  const env = { ...process.env, NO_COLOR: '', ...variables }
  const child = spawn(process.execPath, [...nodeArgs, file, ...args], { cwd, env })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text
    })
  }
  const closed: Promise<[number | null, NodeJS.Signals | null]> = new Promise(resolve => {
    child.once('close', (code, signal) => resolve([code, signal]))
  })
  const isClosed = closed.then(() => 'closed' as const)
  return {
    process: child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    async waitFor(name, pattern) {
      for (;;) {
        const match = pattern.exec(written[name])
        if (match) return match
        const more = await Promise.race([once(child[name], 'data'), isClosed])
        if (more === 'closed' && !pattern.test(written[name])) {
          throw new Error(`It ended without ${pattern}:\n${written.stdout}\n${written.stderr}`)
        }
      }
    },
    async exit() {
      const [code, signal] = await closed
      return { code, signal }
    },
  }
}
