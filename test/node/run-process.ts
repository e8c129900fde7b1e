/** Programs in processes of their own, on every host, with the package as they import it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'
import { definitions } from '../../build/entries.ts'
import { type Host, hosts } from '../support/legs/hosts.ts'
import { type RunIngest, startRunIngest } from './run-ingest.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The hosts, by names that tell one Node from another. */
export const titledHosts: readonly (Host & { title: string })[] = hosts.map(host => {
  const [, version] = /node-(\w+)/.exec(host.binary) ?? []
  return { ...host, title: version ? `${host.name} ${version}` : host.name }
})

/** A folder with the programs of `fixtures/` and what they import: the package's process side, twice. */
async function bundleFixtures(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-process-'))
  await cp(at('fixtures'), folder, { recursive: true })
  const modules = ['client', 'guards', 'job']
  for (const copy of ['replaystack.mjs', 'replaystack-copy.mjs']) {
    await build({
      stdin: {
        contents: modules.map(name => `export * from './${name}.ts'`).join('\n'),
        resolveDir: at('../../src/adapters/node'),
        loader: 'ts',
      },
      outfile: join(folder, copy),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      define: definitions,
      logLevel: 'error',
    })
  }
  return folder
}

/** What the tests of a block run: the programs, and the ingest that they deliver to. Read it inside a test. */
export interface Programs {
  readonly folder: string
  readonly ingest: RunIngest
}

/** Has the programs and an ingest ready for the tests of this block, and gone after them. */
export function usePrograms(): Programs {
  let ready: Programs | undefined
  const programs = (): Programs => {
    if (!ready) throw new Error('The programs are there in tests alone.')
    return ready
  }
  beforeAll(async () => {
    ready = { folder: await bundleFixtures(), ingest: await startRunIngest() }
  })
  afterAll(async () => {
    await ready?.ingest.close()
    if (ready) await rm(ready.folder, { recursive: true, force: true })
  })
  return {
    get folder() {
      return programs().folder
    },
    get ingest() {
      return programs().ingest
    },
  }
}

/** How a process ended, and what it said. */
export interface Run {
  code: number | null
  signal: string | null
  stdout: string[]
  stderr: string
}

export interface ProcessOptions {
  /** For the host itself, before the program. */
  flags?: readonly string[] | undefined
  environment?: Record<string, string>
  /** What happens to it from outside. `said` settles when it has printed a line so many times. */
  during?: ((child: ChildProcess, said: (line: string, times: number) => Promise<void>) => Promise<void>) | undefined
}

/** What Deno is to allow besides. */
const PERMISSIONS = ['--allow-net', '--allow-read', '--allow-run']

/** Runs a program to its end. */
export async function runProcess(
  { name, binary, args }: Host,
  program: string,
  { flags = [], environment, during }: ProcessOptions = {},
): Promise<Run> {
  const child = spawn(binary, [...args, ...(name === 'Deno' ? PERMISSIONS : []), ...flags, program], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // One that would not end by itself ends by what no other ends by.
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  const lines = (): string[] => stdout.split('\n').slice(0, -1)
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const said = (line: string, times: number): Promise<void> =>
    new Promise(resolve => {
      const look = (): void => {
        if (lines().filter(one => one === line).length < times) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  const closed = once(child, 'close')
  // A process that ends before its time is the test's to see: nothing is waited for then.
  await Promise.race([during?.(child, said), closed])
  const [code, signal] = await closed
  return { code, signal, stdout: lines(), stderr }
}

/** Runs tasks, so many at a time. */
export async function runSome<Task, Result>(
  tasks: readonly Task[],
  atOnce: number,
  run: (task: Task) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const rest = [...tasks.entries()]
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next; next = rest.shift()) results[next[0]] = await run(next[1])
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
