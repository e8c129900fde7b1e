/** The examples, each started as its host starts it, with this package as it was built, and hit by one request. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { root } from './package/bundle-entry.ts'
import {
  failedOrder,
  freePort,
  installExample,
  keyAndInbox,
  order,
  post,
  type RunningExample,
  runExample,
} from './support/example-project.ts'
import { INSTALL_TIMEOUT_MS, installOnce } from './support/install-once.ts'
import { hosts, installHosts } from './support/legs/hosts.ts'
import { until } from './support/node-server.ts'
import { type OpenIngest, openIngest } from './workerd/open-inbox.ts'

beforeAll(installHosts, INSTALL_TIMEOUT_MS)

const run = promisify(execFile)
const SERVER = join(root, 'test/support/example-server.ts')
const binaryOf = (name: string): string => hosts.find(host => host.name === name)?.binary ?? name
/** The address that `example-server.ts` has written. */
const addressOf = (example: RunningExample): Promise<string> =>
  vi.waitUntil(() => /^http:\S+/m.exec(example.output())?.[0], { timeout: 100_000 })

const payment = expect.objectContaining({ message: 'Charging card', metadata: { ...order, cardNumber: '[MASKED]' } })

test.each(['deno', 'bun'])('examples/%s, by its own start script', async name => {
  const ingest = await openIngest()
  const folder = await installExample(name)
  const { scripts }: { scripts: { start: string } } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const [command = '', ...args] = scripts.start.split(' ')
  expect(command).toBe(name)
  const binary = binaryOf(name === 'deno' ? 'Deno' : 'Bun')
  const port = await freePort()
  const example = runExample(folder, [binary, ...args], { ...keyAndInbox(ingest), PORT: String(port) })

  const answer = await post(`http://127.0.0.1:${port}/orders`, order, example)

  expect(answer.status).toBe(500)
  await answer.text()
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([{ ...failedOrder, sourceIp: expect.stringContaining('127.0.0.1') }])
  expect(events[0]?.breadcrumbs).toContainEqual(payment)
  expect(events[0]?.stackTrace).toContain('main.ts')
  expect(JSON.stringify(events)).not.toContain(order.cardNumber)
})

test.each([
  ['express', ['express']],
  ['fastify', ['fastify']],
] as const)('examples/%s, by its own start script', async (name, dependencies) => {
  const ingest = await openIngest()
  const folder = await installExample(name, ...dependencies)
  const port = await freePort()
  const example = runExample(folder, ['npm', 'start'], { ...keyAndInbox(ingest), PORT: String(port) })
  expect((await post(`http://127.0.0.1:${port}/orders`, order, example)).status).toBe(500)
  await expectFailedOrder(ingest)
})

test('examples/nest, as its start script compiles it', { timeout: 60_000 }, async () => {
  const ingest = await openIngest()
  const nest = ['common', 'core', 'platform-express'].map(name => `@nestjs/${name}`)
  const folder = await installExample('nest', ...nest, 'reflect-metadata', 'rxjs', '@types/node', 'typescript')
  const port = await freePort()
  const tsc = join(folder, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [tsc], { cwd: folder })
  const example = runExample(folder, [process.execPath, 'dist/main.js'], {
    ...keyAndInbox(ingest),
    PORT: String(port),
  })
  expect((await post(`http://127.0.0.1:${port}/orders`, order, example)).status).toBe(500)
  await expectFailedOrder(ingest)
})

async function expectFailedOrder(ingest: OpenIngest): Promise<void> {
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([{ ...failedOrder, metadata: { route: '/orders' } }])
  expect(events[0]?.breadcrumbs).toContainEqual(payment)
  expect(JSON.stringify(events)).not.toContain(order.cardNumber)
}

test('examples/node-worker, a job and a cron run', async () => {
  const ingest = await openIngest()
  const folder = await installExample('node-worker')
  const job = JSON.stringify({ to: 'ada', subject: 'Welcome', password: 'hunter2' })
  const worker = runExample(folder, ['sh', '-c', `echo '${job}' | npm start`], keyAndInbox(ingest))
  await worker.ended
  expect(worker.output()).toContain('Not sent: RangeError: ada is no address')
  await runExample(folder, ['npm', 'run', 'report'], { ...keyAndInbox(ingest), ORDERS: '12' }).ended

  expect(await ingest.arrived(2)).toMatchObject([
    {
      eventType: 'queue',
      endpoint: 'send-email',
      status: 'failed',
      errorName: 'RangeError',
      requestPayload: { to: 'ada', subject: 'Welcome', password: '[MASKED]' },
    },
    { eventType: 'cron', endpoint: 'daily-report-job', status: 'success', responsePayload: { orders: 12 } },
  ])
})

test('examples/lambda, built and tried on this machine', async () => {
  const ingest = await openIngest()
  const folder = await installExample('lambda')
  // As its build script, but for the archive.
  const { scripts }: { scripts: { build: string } } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const [, ...args] = (scripts.build.split(' && ')[0] ?? '').split(' ')
  await run(join(root, 'node_modules/.bin/esbuild'), args, { cwd: folder })
  const example = runExample(folder, ['npm', 'run', 'try'], keyAndInbox(ingest))
  await example.ended
  expect(example.output()).toContain('The function failed: Nobody orders 0 × teapot.')
  expect(await ingest.arrived(1)).toMatchObject([{ ...failedOrder, sourceIp: '127.0.0.1' }])
})

/** Redis cannot be had from npm: this stands for BullMQ, and gives the worker a job as BullMQ would. */
const BULLMQ = `export class Worker {
  constructor(queueName, processor) {
    const job = { id: '7', name: 'send-email', queueName, data: { to: 'ada', subject: 'Welcome' }, attemptsMade: 1 }
    processor(job).catch(error => this.failed(job, error))
  }
  on(name, listener) { this[name] = listener }
  async close() {}
}`

test('examples/bullmq, a job that fails', async () => {
  const ingest = await openIngest()
  const folder = await installExample('bullmq')
  const bullmq = join(folder, 'node_modules/bullmq')
  await mkdir(bullmq)
  await writeFile(join(bullmq, 'package.json'), '{ "type": "module", "exports": "./index.js" }')
  await writeFile(join(bullmq, 'index.js'), BULLMQ)
  const example = runExample(folder, ['npm', 'start'], keyAndInbox(ingest))
  expect(await ingest.arrived(1)).toMatchObject([
    {
      eventType: 'queue',
      endpoint: 'send-email',
      status: 'failed',
      errorMessage: 'ada is no address',
      requestPayload: { to: 'ada', subject: 'Welcome' },
      metadata: { id: '7', queueName: 'emails', attempt: 2 },
    },
  ])
  await until(() => example.output().includes('Job 7 failed: ada is no address'))
})

test('examples/vercel, its function', async () => {
  const ingest = await openIngest()
  const folder = await installExample('vercel')
  const example = runExample(folder, [process.execPath, SERVER, join(folder, 'api/hello.ts')], keyAndInbox(ingest))

  const guest = { email: 'ada@example.com', password: 'hunter2' }
  const answer = await post(`${await addressOf(example)}/api/hello`, guest, example)

  expect([answer.status, await answer.text()]).toEqual([500, 'the function failed'])
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([
    {
      method: 'POST',
      endpoint: '/api/hello',
      status: 'failed',
      statusCode: 500,
      errorName: 'TypeError',
      errorMessage: 'A guest has a name',
      requestPayload: { email: 'ada@example.com', password: '[MASKED]' },
    },
  ])
  expect(JSON.stringify(events)).not.toContain('hunter2')
})

/** Next.js, as its other tests have installed it. */
const nextHome = join(root, 'test/frameworks/next/')
const nextCommand = join(nextHome, 'node_modules/next/dist/bin/next')

describe('Next.js', () => {
  beforeAll(() => installOnce(nextHome, () => existsSync(nextCommand)), INSTALL_TIMEOUT_MS)

  // In one application, which is what may hold both: Next.js takes ten seconds to start.
  test('examples/next-api and examples/vercel/next, in next dev', { timeout: 180_000 }, async () => {
    const ingest = await openIngest()
    const folder = await installExample('next-api')
    await cp(join(root, 'examples/vercel/next/app'), join(folder, 'app'), { recursive: true })
    const installed = join(folder, 'node_modules')
    for (const one of await readdir(join(nextHome, 'node_modules'))) {
      if (!one.startsWith('.')) await symlink(join(nextHome, 'node_modules', one), join(installed, one))
    }
    // Next.js installs what its types need by itself, unless that is there; none of it runs.
    await mkdir(join(installed, '@types/react'), { recursive: true })
    await writeFile(join(installed, '@types/react/index.d.ts'), 'export {}')
    await writeFile(join(installed, '@types/react/package.json'), '{ "name": "@types/react" }')
    for (const one of ['typescript', '@types/node']) {
      await symlink(join(root, 'node_modules', one), join(installed, one))
    }
    const port = await freePort()
    // Turbopack reads nothing through a link that leaves the folder.
    const command = [process.execPath, nextCommand, 'dev', '--webpack', '-p', String(port), '-H', '127.0.0.1']
    const quiet = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'development' }
    const example = runExample(folder, command, { ...keyAndInbox(ingest), ...quiet })

    for (const [method, path] of [
      ['POST', '/api/orders/7'],
      ['PUT', '/orders/7'],
    ] as const) {
      expect((await post(`http://127.0.0.1:${port}${path}`, order, example, method)).status).toBe(500)
      await ingest.arrived(method === 'POST' ? 1 : 2)
    }

    const events = ingest.events()
    expect(events).toMatchObject([
      { ...failedOrder, endpoint: '/api/orders/7' },
      { ...failedOrder, method: 'PUT', endpoint: '/orders/7' },
    ])
    const masked = expect.objectContaining({ metadata: { ...order, cardNumber: '[MASKED]' } })
    for (const { breadcrumbs } of events) expect(breadcrumbs).toContainEqual(masked)
  })
})

test('examples/netlify, its function', async () => {
  const ingest = await openIngest()
  const folder = await installExample('netlify')
  const file = join(folder, 'netlify/functions/orders.ts')
  const example = runExample(folder, [process.execPath, SERVER, file], keyAndInbox(ingest))

  const answer = await post(`${await addressOf(example)}/orders`, order, example)

  expect([answer.status, await answer.text()]).toEqual([500, 'the function failed'])
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([{ ...failedOrder, sourceIp: '203.0.113.6' }])
  expect(events[0]?.breadcrumbs).toContainEqual(payment)
})

test('examples/netlify, its edge function, in Deno', async () => {
  const ingest = await openIngest()
  const folder = await installExample('netlify')
  const file = join(folder, 'netlify/edge-functions/greet.ts')
  const command = [binaryOf('Deno'), 'run', '--no-prompt', '--allow-all', SERVER, file]
  const example = runExample(folder, command, keyAndInbox(ingest))

  const answer = await fetch(`${await addressOf(example)}/?greet=Ada&token=query-secret`)

  expect([answer.status, await answer.json()]).toEqual([200, { message: 'Hello, Ada at 203.0.113.6' }])
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([
    { method: 'GET', endpoint: '/', status: 'success', statusCode: 200, sourceIp: '203.0.113.6' },
  ])
  expect(events[0]?.requestUrl).toMatch(/\?greet=Ada&token=\[MASKED\]$/)
})

test.each([
  ['deno', []],
  ['bun', []],
  ['itty-worker', ['itty-router']],
  ['vercel', []],
  ['netlify', []],
] as const)('examples/%s has types that fit', { timeout: 60_000 }, async (name, dependencies) => {
  const folder = await installExample(name, ...dependencies)
  // Those that are no project of TypeScript's are checked as strictly as those that are; Next.js brings its own.
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    types: [],
    module: 'ESNext',
    moduleResolution: 'Bundler',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  }
  const include = ['**/*.ts']
  await writeFile(join(folder, 'tsconfig.all.json'), JSON.stringify({ compilerOptions, include }))
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.all.json'], {
    cwd: folder,
  })
})

const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('package.json') && !file.includes('node_modules'))
  .map(file => dirname(file))

test.each(examples)('examples/%s says how it runs here and elsewhere, by scripts that it has', async name => {
  const folder = join(root, 'examples', name)
  const readme = (await readFile(join(folder, 'README.md'), 'utf8')).replace('`npm run demo`', '')
  const {
    scripts = {},
    dependencies = {},
    devDependencies = {},
  }: Record<string, Record<string, string> | undefined> = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  expect(readme).toContain('npx replaystack inbox')
  expect(readme).toMatch(/REPLAYSTACK_API_KEY=local/)
  expect(readme).toMatch(/secret|vercel env add/)
  const named = [...readme.matchAll(/(?:npm run|npm|bun|deno task) (start|(?<=run )[\w-]+)/g)].map(
    ([, script]) => script,
  )
  expect(named.length).toBeGreaterThan(0)
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  for (const range of Object.values({ ...dependencies, ...devDependencies })) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/)
})
