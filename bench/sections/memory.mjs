/** Section 8: the heap after 10,000 requests that could not be delivered, and over 200,000 that could. On Node. */
import { createServer } from 'node:net'
import { ReplayStackClient } from '@replaystack/edge'
import { replaystack } from '@replaystack/edge/hono'
import { Hono } from 'hono'
import { addShop } from '../apps/shop.mjs'
import { order } from '../harness/order.mjs'
import { show, table } from '../harness/statistics.mjs'

const DOWN = 10_000
const SOAK = 200_000

const body = JSON.stringify(order)
const headers = { 'content-type': 'application/json' }

const tick = () => new Promise(resolve => setImmediate(resolve))

/** Megabytes that are really held. */
async function heap() {
  for (let n = 0; n < 4; n++) {
    await tick()
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed / 2 ** 20
}

function createApp(client) {
  const app = new Hono()
  if (client) app.use(replaystack({ client }))
  addShop(app)
  return app
}

/** A port on which nobody listens. */
async function closedPort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

async function ask(app, times) {
  for (let n = 0; n < times; n++) {
    const response = await app.request('/orders', { method: 'POST', headers, body })
    await response.text()
    if (response.status !== 201) throw new Error(`The application answered ${response.status}.`)
    if (n % 50 === 49) await tick()
  }
}

/** Waits until every request is captured, and what can be done about it is done. */
async function settled(client, requests) {
  const deadline = performance.now() + 60_000
  while (client.stats().captured < requests) {
    if (performance.now() > deadline) throw new Error(`${client.stats().captured} of ${requests} were captured.`)
    await tick()
  }
  await client.flush(10_000)
}

/** @returns megabytes that the heap grew by, and what the queue holds */
async function measureDown() {
  let wire = 0
  const transport = {
    post(url, { body: text, headers: sent, signal }) {
      wire = text.length
      return fetch(url, { method: 'POST', body: text, headers: sent, signal })
    },
  }
  const endpoint = `http://127.0.0.1:${await closedPort()}`
  const client = new ReplayStackClient({ apiKey: 'bench', endpoint, transport }, {})
  const app = createApp(client)
  // Fills the queue once, so that what every heap needs is there.
  await ask(app, 500)
  await settled(client, 500)
  const before = await heap()
  const pendingBefore = client.stats().pending
  await ask(app, DOWN)
  await settled(client, DOWN + 500)
  const growth = (await heap()) - before
  const { captured, sent, pending, dropped } = client.stats()
  return {
    growth,
    captured,
    sent,
    pending,
    pendingBefore,
    dropped: dropped.max_queue_size ?? 0,
    bound: (pending * wire) / 2 ** 20,
  }
}

/** @returns megabytes after each twentieth of the soak */
async function measureSoak(recorded) {
  const answer = { status: 200, headers: new Headers(), text: async () => '{"success":true}' }
  const transport = { post: async () => answer }
  const client = recorded ? new ReplayStackClient({ apiKey: 'bench', transport }, {}) : undefined
  const app = createApp(client)
  await ask(app, SOAK / 20)
  const heaps = []
  for (let n = 0; n < 20; n++) {
    await ask(app, SOAK / 20)
    heaps.push(await heap())
  }
  return { heaps, stats: client?.stats() }
}

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length

export async function measure({ quick }) {
  const down = await measureDown()
  const first = table(
    ['ingest down', 'captured', 'sent', 'queued', 'dropped, counted', 'text in the queue, MB', 'heap grew by, MB'],
    [
      [
        `${DOWN} requests`,
        down.captured,
        down.sent,
        `${down.pendingBefore} → ${down.pending}`,
        down.dropped,
        show(down.bound, 2),
        show(down.growth, 2),
      ],
    ],
  )
  const note =
    'The queue was full before the heap was first looked at: what it grew by after is nothing that the queue holds.'
  if (quick) return { markdown: `${first}\n\n${note}\n\nThe soak is left to the full run.` }
  const rows = []
  for (const recorded of [false, true]) {
    const { heaps, stats } = await measureSoak(recorded)
    const [early, late] = [mean(heaps.slice(0, 5)), mean(heaps.slice(-5))]
    const counted = stats ? `${stats.captured} / ${stats.sent}` : '–'
    rows.push([recorded ? 'ReplayStack' : 'bare', counted, show(early, 2), show(late, 2), show(late - early, 2)])
  }
  const soak = table(
    [`${SOAK} requests`, 'captured / sent', 'first quarter, MB', 'last quarter, MB', 'grew by, MB'],
    rows,
  )
  return { markdown: `${first}\n\n${note}\n\n${soak}` }
}
