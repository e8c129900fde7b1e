/** The hosts on which faults are met, each in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { bundleEntry } from '../package/bundle-entry.ts'
import { serveWorker } from '../package/serve-workerd.ts'
import { COMPLAINTS } from '../workerd/start-miniflare.ts'
import type { Books } from './fixtures/books.ts'

export interface RunningHost {
  url: string
  pid: number
  books(): Promise<Books>
  /** Settles when they are so. @returns them */
  untilBooks(look: (books: Books) => boolean): Promise<Books>
  /** Collects its garbage, where it has the flag for it. */
  collect(): Promise<Books>
  /** Stops its clock, but not its timers: a machine that is busy takes no longer, as it sees it. */
  stopClock(): Promise<Books>
  /** Puts its clock forward, and answers its books. */
  ahead(ms: number): Promise<Books>
  /** Ends it as a machine that loses its power would. */
  kill(): Promise<void>
  /** Ends it once it has nothing left to do. @returns what it should not have written, or ended by */
  stop(): Promise<string[]>
}

export interface StartOptions {
  /** A certificate, in PEM. */
  trusts?: string
  /** Where the test does not run alone, its own. */
  onFinished?: typeof onTestFinished
  /** @default none: the engine's own */
  engineFlags?: readonly string[]
}

export interface Host {
  name: 'workerd' | 'Node'
  /** Starts the test application until the test is over. */
  start(settings: Readonly<Record<string, string>>, options?: StartOptions): Promise<RunningHost>
}

function talk(url: string): Pick<RunningHost, 'books' | 'untilBooks' | 'collect' | 'stopClock' | 'ahead'> {
  const ask = async (path: string): Promise<Books> => JSON.parse(await (await fetch(`${url}/control/${path}`)).text())
  return {
    books: () => ask('books'),
    async untilBooks(look) {
      let books = await ask('books')
      for (; !look(books); books = await ask('books')) await new Promise(resolve => setTimeout(resolve, 20))
      return books
    },
    collect: () => ask('collect'),
    stopClock: () => ask('stop'),
    ahead: ms => ask(`ahead?ms=${ms}`),
  }
}

/** Each application, bundled once. */
const bundles = new Map<string, Promise<string>>()

function bundle(name: 'worker' | 'server'): Promise<string> {
  const options = name === 'server' ? { platform: 'node' as const, target: 'node20' } : {}
  const code =
    bundles.get(name) ?? bundleEntry(`test/faults/fixtures/${name}.ts`, options).then(bundled => bundled.code)
  bundles.set(name, code)
  return code
}

export const workerd: Host = {
  name: 'workerd',
  async start(bindings, { trusts, onFinished, engineFlags = [] } = {}) {
    const settings = {
      compatibilityDate: '2026-08-04',
      compatibilityFlags: [],
      bindings,
      engineFlags,
      ...(trusts && { trusts }),
    }
    const { url, pid, stop } = await serveWorker(await bundle('worker'), settings, onFinished)
    return {
      url,
      pid,
      ...talk(url),
      async kill() {
        process.kill(pid, 'SIGKILL')
        await stop()
      },
      stop: async () => (await stop()).match(COMPLAINTS) ?? [],
    }
  },
}

export const node: Host = {
  name: 'Node',
  async start(settings, { trusts = '', onFinished = onTestFinished, engineFlags = [] } = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'replaystack-faults-'))
    onFinished(() => rm(folder, { recursive: true, force: true }))
    const files = { server: join(folder, 'server.mjs'), trusted: join(folder, 'trusted.pem') }
    await Promise.all([writeFile(files.server, await bundle('server')), writeFile(files.trusted, trusts)])
    const child = spawn(process.execPath, [...engineFlags, files.server], {
      env: { PATH: process.env['PATH'], ...settings, ...(trusts && { NODE_EXTRA_CA_CERTS: files.trusted }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const closed = once(child, 'close')
    const end = async (signal: NodeJS.Signals): Promise<unknown[]> => {
      child.kill(signal)
      return closed
    }
    onFinished(async () => {
      await end('SIGKILL')
    })
    let written = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      written += text
    })
    const lines = createInterface(child.stdout)
    const [url] = await Promise.race([once(lines, 'line'), closed.then(() => [undefined])])
    if (typeof url !== 'string') throw new Error(`The server did not start:\n${written}`)
    return {
      url,
      pid: child.pid ?? 0,
      ...talk(url),
      async kill() {
        await end('SIGKILL')
      },
      async stop() {
        // An unhandled rejection would have ended it before, by a code and with a trace.
        const [code, signal] = await end('SIGTERM')
        const ended = signal === 'SIGTERM' ? [] : [`It ended by ${code ?? signal}.`]
        return written ? [...ended, written] : ended
      },
    }
  },
}

export const hosts: readonly Host[] = [workerd, node]
