import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it, onTestFinished } from 'vitest'
import { definitions } from '../../build/entries.ts'
import { openSourceMaps } from '../../src/inbox/local/open-source-maps.ts'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import type { ResolvedFrame } from '../../src/inbox/source-maps.ts'
import type { StackFrame } from '../../src/types.ts'
import { serveWorker } from '../package/serve-workerd.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** The SDK from its sources: no build is needed. */
const SDK = {
  '@replaystack/edge/cloudflare': join(repository, 'src/adapters/cloudflare/index.ts'),
  '@replaystack/edge/hono': join(repository, 'src/adapters/hono.ts'),
}

/** A copy of the Hono example, as a project of its own. */
function createProject(): string {
  const project = join(createTemporaryFolder(), 'shop')
  cpSync(join(repository, 'examples/hono-worker'), project, { recursive: true })
  symlinkSync(join(repository, 'node_modules'), join(project, 'node_modules'))
  return project
}

async function runWrangler(project: string, args: readonly string[]): Promise<void> {
  const wrangler = join(repository, 'node_modules/wrangler/bin/wrangler.js')
  const child = spawn(process.execPath, [wrangler, ...args], {
    cwd: project,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (log += chunk))
  const code = await new Promise(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(log)
}

/** Has a bundled shop fail to charge a card in workerd, and answers the stack frames of the event. */
async function failInWorkerd(bundle: string): Promise<StackFrame[]> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  const arrived = nextEvent(inbox)
  const worker = await serveWorker(readFileSync(bundle, 'utf8'), {
    compatibilityDate: '2026-08-04',
    compatibilityFlags: [],
    bindings: { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_SERVICE_NAME: 'shop', REPLAYSTACK_ENDPOINT: inbox.url },
  })
  const answer = await fetch(`${worker.url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sku: 'samovar', quantity: 1, cardNumber: '4000000000000002' }),
  })
  expect(answer.status).toBe(500)
  const event: { stackFrames: StackFrame[] } = JSON.parse(inbox.store.get(await arrived)?.json ?? 'null')
  return event.stackFrames
}

function nextEvent(inbox: RunningInbox): Promise<string> {
  return new Promise(resolve => inbox.feed.subscribe(({ id }) => resolve(id)))
}

/** The line of a file, counted from 1, that has a text. */
function lineOf(project: string, file: string, text: string): number {
  return (
    readFileSync(join(project, file), 'utf8')
      .split('\n')
      .findIndex(line => line.includes(text)) + 1
  )
}

function expectShopFrames(project: string, frames: readonly (ResolvedFrame | undefined)[]): void {
  const receipt = lineOf(project, 'src/payment.ts', 'return charge.receipt.url')
  expect(frames[0]).toMatchObject({
    functionName: 'readReceipt',
    fileName: 'src/payment.ts',
    lineNumber: receipt,
    own: true,
  })
  const lines = readFileSync(join(project, 'src/payment.ts'), 'utf8').split('\n')
  const around = [receipt - 3, receipt - 2, receipt - 1, receipt, receipt + 1, receipt + 2, receipt + 3]
  expect(frames[0]?.context).toEqual(
    around.filter(line => line <= lines.length).map(line => ({ line, text: lines[line - 1] })),
  )
  expect(frames[1]).toMatchObject({
    functionName: 'chargeCard',
    fileName: 'src/payment.ts',
    lineNumber: lineOf(project, 'src/payment.ts', 'return readReceipt(charge)'),
    own: true,
  })
  expect(frames[2]).toMatchObject({
    fileName: 'src/index.ts',
    lineNumber: lineOf(project, 'src/index.ts', 'await chargeCard('),
    own: true,
  })
  const hono = frames.filter(frame => frame?.fileName.startsWith('node_modules/hono/'))
  expect(hono.length).toBeGreaterThan(0)
  expect(hono.map(frame => frame?.own)).not.toContain(true)
}

describe('an error in workerd', { timeout: 60_000 }, () => {
  it('is shown in the sources that wrangler has bundled', async () => {
    const project = createProject()
    const aliases = Object.entries(SDK).flatMap(([name, path]) => ['--alias', `${name}:${path}`])
    const version = ['--define', `__SDK_VERSION__:${definitions['__SDK_VERSION__']}`]
    await runWrangler(project, ['deploy', '--dry-run', '--outdir', 'dist', ...aliases, ...version])
    const frames = await failInWorkerd(join(project, 'dist/index.js'))
    // What this test is about: workerd knows the bundle by the module's name alone.
    expect(frames[0]).toMatchObject({ fileName: 'worker.js' })
    const maps = openSourceMaps(join(project, 'dist'))
    expectShopFrames(
      project,
      frames.map(frame => maps.resolve(frame)),
    )
  })

  it('is shown in the sources that esbuild has minified, under their own names', async () => {
    const project = createProject()
    const outfile = join(project, 'dist/nested/worker.js')
    await build({
      absWorkingDir: project,
      entryPoints: ['src/index.ts'],
      outfile,
      bundle: true,
      minify: true,
      sourcemap: true,
      format: 'esm',
      conditions: ['workerd', 'worker', 'browser'],
      alias: SDK,
      define: definitions,
    })
    mkdirSync(join(project, 'dist/other'))
    writeFileSync(join(project, 'dist/other/index.js.map'), '{"version":3,"sources":[],"names":[],"mappings":""}')
    const frames = await failInWorkerd(outfile)
    expect(frames[0]?.functionName).toMatch(/^\w{1,3}$/)
    const maps = openSourceMaps(join(project, 'dist'))
    expectShopFrames(
      project,
      frames.map(frame => maps.resolve(frame)),
    )
  })
})
