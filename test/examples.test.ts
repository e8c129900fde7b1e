/** The examples, each started as its host starts it, with this package as it was built, and hit by one request. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startCollector } from './otlp/collector.ts'
import { root } from './package/bundle-entry.ts'
import {
  addressOf,
  EXAMPLE_SERVER,
  failedOrder,
  freePort,
  installExample,
  keyAndInbox,
  order,
  payment,
  post,
  runExample,
} from './support/example-project.ts'
import { until } from './support/node-server.ts'
import { type OpenIngest, openIngest } from './workerd/open-inbox.ts'

const run = promisify(execFile)

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

test('examples/otlp, with a collector and without', async () => {
  const ingest = await openIngest()
  const collector = await startCollector()
  const folder = await installExample('otlp', 'express')
  const port = await freePort()
  const env = { ...keyAndInbox(ingest), PORT: String(port), OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin }
  const example = runExample(folder, ['npm', 'start'], env)
  const send = () => post(`http://127.0.0.1:${port}/orders`, order, example)
  expect((await send()).status).toBe(500)
  expect(await ingest.arrived(1)).toMatchObject([failedOrder])
  await until(() => collector.records.length > 0)
  expect(collector.records).toMatchObject([
    { severityText: 'ERROR', attributes: { 'http.route': '/orders', 'exception.type': failedOrder.errorName } },
  ])
  expect(JSON.stringify(collector.requests)).not.toContain(order.cardNumber)

  collector.always = { status: 400 }
  await send()
  await ingest.arrived(2)
  await until(() => example.output().includes(`The OTLP collector at ${collector.origin} responded 400.`))
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
  const example = runExample(
    folder,
    [process.execPath, EXAMPLE_SERVER, join(folder, 'api/hello.ts')],
    keyAndInbox(ingest),
  )

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

test('examples/netlify, its function', async () => {
  const ingest = await openIngest()
  const folder = await installExample('netlify')
  const file = join(folder, 'netlify/functions/orders.ts')
  const example = runExample(folder, [process.execPath, EXAMPLE_SERVER, file], keyAndInbox(ingest))

  const answer = await post(`${await addressOf(example)}/orders`, order, example)

  expect([answer.status, await answer.text()]).toEqual([500, 'the function failed'])
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([{ ...failedOrder, sourceIp: '203.0.113.6' }])
  expect(events[0]?.breadcrumbs).toContainEqual(payment)
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
  const files = { include: ['**/*.ts'], exclude: ['node_modules', 'next'] }
  await writeFile(join(folder, 'tsconfig.all.json'), JSON.stringify({ compilerOptions, ...files }))
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
  // The team's inbox is where the others send to.
  if (name !== 'team-inbox') {
    expect(readme).toContain('npx replaystack inbox')
    expect(readme).toMatch(/REPLAYSTACK_API_KEY=local/)
  }
  expect(readme).toMatch(/secret|vercel env add/)
  const named = [...readme.matchAll(/(?:npm run|npm|bun|deno task) (start|(?<=run )[\w-]+)/g)].map(
    ([, script]) => script,
  )
  expect(named.length).toBeGreaterThan(0)
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  for (const range of Object.values({ ...dependencies, ...devDependencies })) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/)
})
