/** A Next.js API route, built and served by Next.js itself: `next build`, then `next start`. */
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { definitions } from '../../build/entries.ts'
import { INSTALL_TIMEOUT_MS, installOnce } from '../support/install-once.ts'
import { send } from '../support/node-server.ts'
import { openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const at = (path: string): string => new URL(path, import.meta.url).pathname
const home = at('../frameworks/next/')
const next = join(home, 'node_modules/next/dist/bin/next')

/** Installs Next.js from npm, unless it is there. */
beforeAll(() => installOnce(home, () => existsSync(next)), INSTALL_TIMEOUT_MS)

/** The application, built in a folder of its own that is gone when the test is over. */
async function buildApplication(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-next-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  await cp(join(home, 'application'), folder, { recursive: true })
  await symlink(join(home, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await build({
    entryPoints: [at('../../src/adapters/node/handler.ts')],
    outfile: join(folder, 'recorder.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    define: definitions,
    logLevel: 'error',
  })
  // Turbopack reads nothing through a link that leaves the folder.
  await run(process.execPath, [next, 'build', '--webpack'], { cwd: folder, env: { ...process.env, ...quiet } })
  return folder
}

const quiet = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }

/** Serves it until the test is over. */
async function start(folder: string, endpoint: string): Promise<number> {
  const env = { ...process.env, ...quiet, REPLAYSTACK_API_KEY: 'rs_live_next', REPLAYSTACK_ENDPOINT: endpoint }
  const server = spawn(process.execPath, [next, 'start', '-p', '0', '-H', '127.0.0.1'], { cwd: folder, env })
  const exited = new Promise(resolve => server.once('exit', resolve))
  onTestFinished(async () => {
    server.kill()
    await exited
  })
  return new Promise((resolve, reject) => {
    let printed = ''
    server.once('exit', () => reject(new Error(`next start ended.\n${printed}`)))
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', data => {
        printed += data
        const port = /127\.0\.0\.1:(\d+)[\s\S]*Ready/.exec(printed)?.[1]
        if (port) resolve(Number(port))
      })
    }
  })
}

it('is recorded, with the body that Next.js has parsed and the error that it answers', async () => {
  const ingest = await openIngest()
  const port = await start(await buildApplication(), ingest.url)
  const created = await send(port, '/api/orders/7', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"item":"book","pin":1}',
  })
  expect([created.status, JSON.parse(created.text)]).toEqual([201, { item: 'book', pin: 1, id: '7' }])
  await ingest.arrived(1)
  const failed = await send(port, '/api/orders/fails')
  expect([failed.status, failed.text]).toEqual([500, 'Internal Server Error'])
  const [first, second] = await ingest.arrived(2)
  expect(first).toMatchObject({
    traceId: created.headers['x-trace-id'],
    method: 'POST',
    endpoint: '/api/orders/7',
    requestUrl: `http://127.0.0.1:${port}/api/orders/7`,
    requestPayload: { item: 'book', pin: '[MASKED]' },
    responsePayload: { item: 'book', pin: '[MASKED]', id: '7' },
    statusCode: 201,
    environment: 'production',
  })
  expect(first?.breadcrumbs?.map(one => one.message)).toContain('in the route')
  expect(second).toMatchObject({
    traceId: failed.headers['x-trace-id'],
    statusCode: 500,
    status: 'failed',
    errorName: 'RangeError',
  })
}, 180_000)
