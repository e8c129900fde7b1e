/** The examples for Workers, each in workerd as `wrangler dev` runs it, and built for Cloudflare as it stands. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ReplayStackClient } from '../../src/index.ts'
import { eventually } from '../support/eventually.ts'
import { failedOrder, installExample, order } from '../support/example-project.ts'
import { copyRoot, runWrangler, startWorkerIn } from '../support/example-worker.ts'
import { openIngest } from './open-inbox.ts'
import { COMPLAINTS } from './start-miniflare.ts'

const TIMEOUT = { timeout: 180_000 }
const CRON = '/cdn-cgi/handler/scheduled?cron=0+3+*+*+*'

const send = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

test('examples/worker: a request, its batch of the queue, a cron run', TIMEOUT, async () => {
  const ingest = await openIngest()
  const { url, example } = await startWorkerIn(await installExample('worker'), ingest)

  expect((await send(url, { sku: 'teapot', quantity: 2 })).status).toBe(202)
  expect((await fetch(url + CRON)).status).toBe(200)

  const events = await ingest.arrived(3)
  expect(events).toHaveLength(3)
  expect(events.find(({ eventType }) => eventType === 'api')).toMatchObject({ endpoint: '/', statusCode: 202 })
  expect(events.find(({ eventType }) => eventType === 'cron')).toMatchObject({ endpoint: '0 3 * * *' })
  expect(events.find(({ eventType }) => eventType === 'queue')).toMatchObject({
    endpoint: 'orders',
    status: 'success',
    serviceName: 'warehouse',
    traceId: events.find(({ eventType }) => eventType === 'api')?.traceId,
    requestPayload: { messages: [{ body: { sku: 'teapot', quantity: 2 } }] },
    metadata: { messages: [{ attempts: 1, outcome: 'implicit' }] },
  })
  expect(example.output().match(COMPLAINTS)).toBeNull()
})

test('examples/durable-object: a request, and the method that it calls in a room', TIMEOUT, async () => {
  const ingest = await openIngest()
  const { url, example } = await startWorkerIn(await installExample('durable-object'), ingest)

  const answer = await fetch(`${url}/kitchen`)

  expect(await answer.json()).toEqual({ members: 0, messages: 0 })
  const events = await ingest.arrived(2)
  expect(events.map(({ eventType, endpoint, status }) => [eventType, endpoint, status]).sort()).toEqual([
    ['api', '/kitchen', 'success'],
    ['custom', 'ChatRoom.describe', 'success'],
  ])
  expect(example.output().match(COMPLAINTS)).toBeNull()
})

test('examples/pages: an order, one that throws, and a page that no function takes', TIMEOUT, async () => {
  const ingest = await openIngest()
  const { url } = await startWorkerIn(await installExample('pages'), ingest, {}, ['pages', 'dev'])

  const taken = await send(`${url}/orders`, { ...order, quantity: 2 })
  expect([taken.status, await taken.json()]).toEqual([201, expect.objectContaining({ sku: order.sku })])
  expect((await send(`${url}/orders`, order)).status).toBe(500)
  expect((await send(`${url}/orders/7`, order)).status).toBe(405)
  expect(await (await fetch(url)).text()).toContain('<h1>Shop</h1>')

  const events = await ingest.arrived(3)
  expect(events).toHaveLength(3)
  expect(events.find(({ statusCode }) => statusCode === 201)).toMatchObject({
    status: 'success',
    serviceName: 'shop',
    endpoint: '/orders',
    traceId: taken.headers.get('x-trace-id'),
    responsePayload: { sku: order.sku },
  })
  expect(events.find(({ statusCode }) => statusCode === 500)).toMatchObject(failedOrder)
  expect(events.find(({ statusCode }) => statusCode === 405)).toMatchObject({
    status: 'warning',
    endpoint: '/orders/7',
  })
})

test('examples/workflow: a request, and the run that it begins', TIMEOUT, async () => {
  const ingest = await openIngest()
  const { url, example } = await startWorkerIn(await installExample('workflow'), ingest)

  const answer = await send(url, { sku: 'teapot', quantity: 2 })

  const { id } = (await answer.json()) as { id: string }
  const events = await ingest.arrived(2)
  expect(events.find(({ eventType }) => eventType === 'api')).toMatchObject({ statusCode: 202, traceId: id })
  expect(events.find(({ eventType }) => eventType === 'custom')).toMatchObject({
    endpoint: 'OrderCheckout.run',
    status: 'success',
    traceId: id,
    requestPayload: { sku: 'teapot', quantity: 2 },
    responsePayload: { shipped: 2, charge: 'charge-teapot' },
    metadata: {
      instanceId: id,
      steps: [
        { name: 'charge', attempts: [{ error: 'Error: The gateway is busy' }, {}] },
        { kind: 'sleep', until: '1 second' },
        { name: 'ship', attempts: [{}] },
      ],
    },
  })
  // The platform itself writes what an attempt throws.
  const complaints = example.output().match(COMPLAINTS) ?? []
  expect(complaints.filter(line => !line.includes('The gateway is busy'))).toEqual([])
})

test('examples/hono-worker: a card that is declined, and a cron run', TIMEOUT, async () => {
  const ingest = await openIngest()
  const { url, example } = await startWorkerIn(await installExample('hono-worker', 'hono'), ingest)

  const body = { sku: 'samovar', quantity: 1, cardNumber: '4000000000000002' }
  expect((await send(`${url}/orders`, body)).status).toBe(500)
  await ingest.arrived(1)
  expect((await fetch(url + CRON)).status).toBe(200)

  const [failed, cron] = await ingest.arrived(2)
  expect(failed).toMatchObject({
    ...failedOrder,
    errorName: 'TypeError',
    errorMessage: expect.stringContaining("reading 'url'"),
    requestPayload: { ...body, cardNumber: '[MASKED]' },
    metadata: { route: '/orders' },
  })
  expect(cron).toMatchObject({ eventType: 'cron', endpoint: '0 3 * * *', status: 'success' })
  expect(example.output().match(COMPLAINTS)).toBeNull()
})

test('examples/itty-worker: an order that throws', TIMEOUT, async () => {
  const ingest = await openIngest()
  const { url, example } = await startWorkerIn(await installExample('itty-worker', 'itty-router'), ingest)

  const answer = await send(`${url}/orders`, order)

  expect([answer.status, await answer.json()]).toEqual([500, { status: 500, error: failedOrder.errorMessage }])
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([{ ...failedOrder, metadata: { route: '/orders' } }])
  const payment = { message: 'Charging card', metadata: { ...order, cardNumber: '[MASKED]' } }
  expect(events[0]?.breadcrumbs).toContainEqual(expect.objectContaining(payment))
  expect(example.output().match(COMPLAINTS)).toBeNull()
})

test(
  'the root, which is examples/shop: an order in D1, its parcel, the stock at night, and a release',
  TIMEOUT,
  async () => {
    const ingest = await openIngest()
    const { url, example, folder } = await startWorkerIn(await copyRoot(), ingest)

    const body = { sku: 'samovar', quantity: 2, cardNumber: '4000000000004242', taxNumber: 'DE-999-1' }
    const answer = await send(`${url}/orders`, body)
    expect(await answer.json()).toMatchObject({ sku: 'samovar', quantity: 2 })
    await ingest.arrived(1)
    expect((await send(`${url}/orders`, body)).status).toBe(409)
    expect((await fetch(url + CRON)).status).toBe(200)

    const events = await ingest.arrived(4)
    expect(events).toHaveLength(4)
    const [first, second] = events
    expect(first).toMatchObject({
      endpoint: '/orders',
      statusCode: 201,
      commitHash: expect.stringMatching(/^[\da-f-]{36}$/),
      requestPayload: { ...body, cardNumber: '[MASKED]', taxNumber: '[MASKED]' },
      metadata: { route: '/orders' },
    })
    expect(second).toMatchObject({ endpoint: '/orders', status: 'warning', statusCode: 409 })
    expect(events.find(({ eventType }) => eventType === 'queue')).toMatchObject({
      endpoint: 'shop-parcels',
      status: 'success',
      breadcrumbs: expect.arrayContaining([expect.objectContaining({ message: 'Shipped 2 × samovar' })]),
    })
    expect(events.find(({ eventType }) => eventType === 'cron')?.breadcrumbs).toContainEqual(
      expect.objectContaining({ message: 'Stock counted', metadata: { scarce: ['samovar'] } }),
    )
    expect(JSON.stringify(events)).not.toMatch(/4000000000004242|DE-999-1/)
    const rows = await runWrangler(folder, 'd1', 'execute', 'shop', '--local', '--command', 'SELECT state FROM orders')
    expect(rows).toContain('shipped')
    expect(example.output().match(COMPLAINTS)).toBeNull()
  },
)

test.each([
  ['worker', []],
  ['durable-object', []],
  ['workflow', []],
  ['hono-worker', ['hono']],
  ['itty-worker', ['itty-router']],
] as const)(
  'examples/%s is built by wrangler for Cloudflare without a warning',
  TIMEOUT,
  async (name, dependencies) => {
    const folder = await installExample(name, ...dependencies)
    expect(await runWrangler(folder, 'deploy', '--dry-run', '--outdir', 'built')).not.toMatch(/warning|\berror\b/i)
    expect(await readFile(join(folder, 'built/index.js'), 'utf8')).toContain('ReplayStack apiKey is required.')
  },
)

test(
  'examples/team-inbox: takes an event in and shows it, and is built for Cloudflare without a warning',
  TIMEOUT,
  async () => {
    const folder = await installExample('team-inbox')
    expect(await runWrangler(folder, 'deploy', '--dry-run', '--outdir', 'built')).not.toMatch(/warning|\berror\b/i)
    const token = 'an-admin-token-of-a-test-0123456789'
    const { url, example } = await startWorkerIn(folder, { url: '' }, { ADMIN_TOKEN: token })
    const headers = { authorization: `Bearer ${token}` }
    const made = await fetch(`${url}/api/v1/admin/projects`, { method: 'POST', headers, body: '{"project":"shop"}' })
    const { data } = (await made.json()) as { data: { key: string } }
    const client = new ReplayStackClient({ apiKey: data.key, endpoint: url })
    client.captureException(new RangeError('No such order'), { traceId: 'from-the-sdk' })
    expect(await client.flush()).toBe(true)
    await eventually(async () => {
      const page = await fetch(`${url}/projects/shop/issues`, { headers: { ...headers, accept: 'text/html' } })
      expect(await page.text()).toContain('No such order')
    })
    expect(example.output().match(COMPLAINTS)).toBeNull()
  },
)

test('the root is built by wrangler for Cloudflare without a warning', TIMEOUT, async () => {
  const folder = await copyRoot()
  expect(await runWrangler(folder, 'deploy', '--dry-run', '--outdir', 'built')).not.toMatch(/warning|\berror\b/i)
  expect(await readFile(join(folder, 'built/index.js'), 'utf8')).toContain('ReplayStack apiKey is required.')
})
