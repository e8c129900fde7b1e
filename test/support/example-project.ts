import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { root } from '../package/bundle-entry.ts'

/** A copy of an example in a folder of its own, in which what is published of this package is installed. */
export async function installExample(name: string, ...dependencies: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-example-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const filter = (source: string) => !source.endsWith('node_modules')
  await cp(join(root, 'examples', name), folder, { recursive: true, filter })
  const installed = join(folder, 'node_modules/@replaystack/edge')
  await mkdir(installed, { recursive: true })
  for (const one of ['package.json', 'dist']) await cp(join(root, one), join(installed, one), { recursive: true })
  for (const one of dependencies) {
    const link = join(folder, 'node_modules', one)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(root, 'node_modules', one), link)
  }
  return folder
}

/** A process that runs until the test is over. */
export interface RunningExample {
  /** What it has written. */
  output(): string
  /** Settles when it has ended, however that came. */
  readonly ended: Promise<unknown>
}

export function runExample(folder: string, command: readonly string[], env: Record<string, string>): RunningExample {
  const [binary = '', ...args] = command
  const child = spawn(binary, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // It leads a group, so that what it has started ends with it: a workerd outlives its wrangler.
    detached: true,
  })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    endGroup(child.pid)
    await ended
  })
  let written = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      written += more
    })
  }
  return { output: () => written, ended }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it had ended.
  }
}

/** Sends JSON, once an example listens. */
export async function post(url: string, body: object, example: RunningExample, method = 'POST'): Promise<Response> {
  let ended = false
  example.ended.then(() => {
    ended = true
  })
  return vi.waitUntil(
    async () => {
      if (ended) throw new Error(`The example has ended:\n${example.output()}`)
      const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      return fetch(url, init).catch(() => undefined)
    },
    { timeout: 100_000 },
  )
}

/** The variables that the READMEs have a reader set, for an ingest of a test's own. */
export const keyAndInbox = ({ url }: { url: string }): Record<string, string> => ({
  REPLAYSTACK_API_KEY: 'rs_live_example',
  REPLAYSTACK_ENDPOINT: url,
})

/** What the READMEs send: an order that fails, with a secret in it. */
export const order: { sku: string; quantity: number; cardNumber: string } = {
  sku: 'teapot',
  quantity: 0,
  cardNumber: '4000000000004242',
}

/** The event of {@link order}. */
export const failedOrder: Partial<ReplayStackEvent> = {
  eventType: 'api',
  method: 'POST',
  endpoint: '/orders',
  status: 'failed',
  statusCode: 500,
  errorName: 'RangeError',
  errorMessage: 'Nobody orders 0 × teapot',
  requestPayload: { sku: 'teapot', quantity: 0, cardNumber: '[MASKED]' },
}

/** The breadcrumb of {@link order}. */
export const payment: unknown = expect.objectContaining({
  message: 'Charging card',
  metadata: { ...order, cardNumber: '[MASKED]' },
})

/** Serves a function of an example's, and writes its address. */
export const EXAMPLE_SERVER: string = join(root, 'test/support/example-server.ts')

/** The address that {@link EXAMPLE_SERVER} has written. */
export const addressOf = (example: RunningExample): Promise<string> =>
  vi.waitUntil(() => /^http:\S+/m.exec(example.output())?.[0], { timeout: 100_000 })

/** A port that nobody listens on, below those that systems give to sockets that name none: no other test's gets it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').catch(() => false)
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
