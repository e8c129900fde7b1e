/** A request that heard from everything outside and failed in the real runtime, sent again to a Worker that is cut off from all of it. */
import { createServer } from 'node:http'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import { type BuiltCommand, buildCommand } from '../inbox/build-command.ts'
import { runCommand } from '../inbox/running-command.ts'
import { root } from '../package/bundle-entry.ts'
import { listen, until } from '../support/node-server.ts'
import { moduleOf, startMiniflare } from './start-miniflare.ts'

/** Its error says a value of each that it heard from. What is kept from the first request on plays its part too. */
const SHOP = `import { Hono } from 'hono'
import { replaystack } from './src/adapters/hono.ts'
import { tapeRecorder } from './src/tape/index.ts'

let kept
const app = new Hono()
app.use(replaystack({ recordCalls: tapeRecorder() }))
app.onError((error, c) => c.json({ error: error.message }, 500))
app.post('/orders/:id', async c => {
  const { env } = c
  const handle = c.var.replaystack
  const pay = (cents, id) =>
    kept.fetch(kept.bank + '/charges', { method: 'POST', body: JSON.stringify({ cents, id }) })
  kept ??= {
    fetch: handle.fetch,
    bank: env.BANK_URL,
    find: env.DB.prepare('SELECT * FROM orders WHERE id = ?'),
    kv: handle.bindings(env).KV,
  }
  const order = await kept.find.bind(Number(c.req.param('id'))).first()
  const id = handle.uuid()
  const time = handle.now()
  const [tax, terms, price, stock] = await Promise.all([
    kept.kv.get('tax', 'json'),
    env.FILES.get('terms.txt').then(file => file.text()),
    env.PRICES.fetch('https://prices/' + order.sku).then(response => response.json()),
    handle.call('stock', { sku: order.sku }, async () => Number(await (await fetch(kept.bank + '/stock')).text())),
  ])
  const cents = Math.round(price.cents * (1 + tax.rate))
  await env.DB.batch([env.DB.prepare('UPDATE orders SET tried = ?').bind(time)])
  const charge = await (await pay(cents, id)).json()
  await kept.kv.put('last', charge.state)
  const { quantity } = await c.req.json()
  if (charge.state !== 'paid') FAIL
  return c.json({ receipt: charge.receipt }, 201)
})
app.get('/orders', c => c.text('all of them'))
export default app
`
const BROKEN = SHOP.replace(
  'FAIL',
  "throw new RangeError([order.customer, cents, terms, stock, id, time, quantity, charge.state].join(' '))",
)
const REPAIRED = SHOP.replace('FAIL', 'return c.json({ state: charge.state }, 402)')
const ASKS_MORE = BROKEN.replace("kept.kv.put('last'", "kept.kv.put('latest'")
const PRICES = `export default { fetch: request => Response.json({ sku: new URL(request.url).pathname.slice(1), cents: 1999 }) }`

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(() => command.remove())

async function startShop(code: string, inbox: RunningInbox, variables: Record<string, string>) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    conditions: ['workerd'],
    define: { __SDK_VERSION__: '"test"' },
    external: ['cloudflare:*', 'node:*'],
    write: false,
  })
  const { miniflare } = await startMiniflare([
    {
      name: 'shop',
      ...moduleOf(outputFiles[0]?.text ?? ''),
      compatibilityFlags: ['nodejs_compat'],
      bindings: { REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: inbox.url, ...variables },
      kvNamespaces: ['KV'],
      d1Databases: ['DB'],
      r2Buckets: ['FILES'],
      serviceBindings: { PRICES: 'prices' },
    },
    { name: 'prices', ...moduleOf(PRICES) },
  ])
  const stores: Stores = Object(await miniflare.getBindings('shop'))
  const url = String(await miniflare.ready).replace(/\/$/, '')
  return { url, ...stores }
}

interface Stores {
  KV: {
    put(key: string, value: string): Promise<void>
    get(key: string): Promise<string | null>
    delete(key: string): Promise<void>
  }
  FILES: { put(key: string, value: string): Promise<unknown>; delete(key: string): Promise<void> }
  DB: { exec(sql: string): Promise<unknown> }
}

/** A bank that declines, and how often it was asked. */
async function startBank() {
  let asked = 0
  const { url, server } = await listen(
    createServer((request, response) => {
      asked++
      if (request.url === '/stock') response.end('3')
      else response.writeHead(402, { 'content-type': 'application/json' }).end('{"state":"declined"}')
    }),
  )
  return {
    url,
    asked: () => asked,
    stop: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const order = (url: string) =>
  fetch(`${url}/orders/42`, { method: 'POST', body: '{"quantity":7}', headers: { 'content-type': 'application/json' } })

async function replay(...args: string[]) {
  const running = runCommand(command.file, ['replay', ...args])
  const { code } = await running.exit()
  return { code, output: running.stdout() + running.stderr() }
}

test('a request fails again without D1, KV, R2, a service binding and an outside API, and is repaired', async () => {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  const bank = await startBank()
  const variables = { BANK_URL: bank.url, REPLAYSTACK_REPLAY: '1' }
  const shop = await startShop(BROKEN, inbox, variables)
  await shop.KV.put('tax', '{"rate":0.19}')
  await shop.FILES.put('terms.txt', 'thirty days')
  await shop.DB.exec('CREATE TABLE orders (id INTEGER, customer TEXT, sku TEXT, tried INTEGER)')
  await shop.DB.exec("INSERT INTO orders VALUES (42, 'Maria', 'lamp', 0)")
  // Clients are kept from a request that is none of a replay.
  expect((await order(shop.url)).status).toBe(500)
  const failed = () => inbox.store.list({ status: 'failed' }).events
  await until(async () => failed().length === 1)
  const id = failed()[0]?.id ?? ''
  expect(failed()[0]?.errorMessage).toMatch(/^Maria 2379 thirty days 3 [\w-]{36} \d{13} 7 declined$/)
  const asked = bank.asked()
  await bank.stop()
  await shop.KV.delete('tax')
  await shop.KV.put('last', 'untouched')
  await shop.FILES.delete('terms.txt')
  await shop.DB.exec('DROP TABLE orders')

  const again = await replay(id, '--hermetic', '--times', '2', '--to', shop.url, '--inbox', inbox.url)
  expect(again).toEqual({ code: 0, output: expect.stringContaining('From the tape alone, the answers are the same') })
  expect(again.output).not.toContain('Not on the tape')
  await until(async () => failed().length === 3)
  const stored = failed().map(({ id }) => JSON.parse(inbox.store.get(id)?.json ?? ''))
  const [original, ...replays] = [stored[2], stored[0], stored[1]]
  for (const { errorMessage, metadata } of replays) {
    expect(errorMessage).toBe(original.errorMessage)
    expect(metadata.replay).toMatchObject({ of: id, notOnTape: [], notCalled: [] })
    expect(metadata).not.toHaveProperty('tape')
  }
  expect(await shop.KV.get('last')).toBe('untouched')
  expect(bank.asked()).toBe(asked)

  // What a replay has left behind serves no other request: without the world, it fails by the world.
  const bare = await order(shop.url)
  expect(await bare.json()).toEqual({ error: expect.stringContaining('no such table: orders') })

  const other = await startShop(ASKS_MORE, inbox, variables)
  const diverged = await replay(id, '--hermetic', '--to', other.url, '--inbox', inbox.url)
  expect(diverged.code).toBe(1)
  expect(diverged.output).toContain('The code makes a call that the tape does not have.')
  expect(diverged.output.replace(/\s+/g, ' ')).toContain(
    'Not on the tape: kv KV.put("latest","declined") is not on the tape. The nearest call there: kv KV.put("last","declined")',
  )
  expect(diverged.output).toContain('On the tape, and not called:')

  const repaired = await startShop(REPAIRED, inbox, variables)
  const fixed = await replay(id, '--hermetic', '--to', repaired.url, '--inbox', inbox.url)
  expect(fixed.code).toBe(1)
  expect(fixed.output).toContain('Fixed: from the same tape it answers 402, where 500 was captured.')
})

test('nothing is sent to an application that plays no tapes back', async () => {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  const bank = await startBank()
  onTestFinished(() => bank.stop())
  const shop = await startShop(BROKEN, inbox, { BANK_URL: bank.url })
  expect((await order(shop.url)).status).toBe(500)
  const { store } = inbox
  await until(async () => store.count() === 1)
  const id = store.list().events[0]?.id ?? ''
  const refused = await replay(id, '--hermetic', '--to', shop.url, '--inbox', inbox.url)
  expect(refused).toEqual({ code: 2, output: expect.stringContaining('REPLAYSTACK_REPLAY=1') })
  expect(bank.asked()).toBe(0)
  expect(store.count()).toBe(1)
})
