/** A request that heard from everything outside, failed in the real runtime, and was kept as a test that runs with none of it. */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import type { RunningInbox } from '../../src/inbox/local/server.ts'
import { keepEvents, type ToKeep } from '../inbox/keep-event.ts'
import { listen, until } from '../support/node-server.ts'
import { moduleOf, startMiniflare } from './start-miniflare.ts'

const keep = keepEvents()

/** Its error says a value of each that it heard from: no other world leads to that text. */
const SHOP = `import { withReplayStack } from '@replaystack/edge/cloudflare'
import { tapeRecorder } from '@replaystack/edge/tape'

export default withReplayStack(
  {
    async fetch(request: Request, env: any, _ctx: any, handle: any) {
      const id = Number(new URL(request.url).pathname.slice('/orders/'.length))
      const order = await env.DB.prepare('SELECT * FROM orders WHERE id = ?').bind(id).first()
      const [tax, terms, price] = await Promise.all([
        env.KV.get('tax', 'json'),
        env.FILES.get('terms.txt').then((file: any) => file.text()),
        env.PRICES.fetch('https://prices/' + order.sku).then((response: Response) => response.json()),
      ])
      const body = JSON.stringify({ total: Math.round(price.cents * (1 + tax.rate)) })
      const answer = await handle.fetch(env.BANK_URL + '/charges', { method: 'POST', body })
      const charge = await answer.json()
      if (charge.state !== 'paid') {
        const owed = \`\${order.customer} owes \${body} with \${tax.rate} of \${price.cents} in \${terms}\`
        throw new RangeError(\`\${owed}, and the bank says \${answer.status} \${charge.state}\`)
      }
      return Response.json({ receipt: charge.receipt }, { status: 201 })
    },
  } as any,
  { recordCalls: tapeRecorder({ variables: ['BANK_URL'] }) } as any,
) as any
`

const PRICES = `export default {
  fetch: request => Response.json({ sku: new URL(request.url).pathname.slice(1), cents: 1999 }),
}`

/** Runs the shop in workerd beside a bank that declines, until its event has arrived; then none of them is there any more. */
async function failInWorkerd(folder: string, { url, store }: RunningInbox): Promise<void> {
  const bank = await listen(
    createServer((_request, response) => {
      response.writeHead(402, { 'content-type': 'application/json' }).end('{"state":"declined"}')
    }),
  )
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'app.ts')],
    bundle: true,
    format: 'esm',
    conditions: ['workerd'],
    write: false,
  })
  const { miniflare } = await startMiniflare([
    {
      name: 'shop',
      ...moduleOf(outputFiles[0]?.text ?? ''),
      bindings: { REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: url, BANK_URL: bank.url },
      kvNamespaces: ['KV'],
      d1Databases: ['DB'],
      r2Buckets: ['FILES'],
      serviceBindings: { PRICES: 'prices' },
    },
    { name: 'prices', ...moduleOf(PRICES) },
  ])
  const { KV, DB, FILES }: Stores = Object(await miniflare.getBindings('shop'))
  await KV.put('tax', '{"rate":0.19}')
  await FILES.put('terms.txt', 'thirty days')
  await DB.exec('CREATE TABLE orders (id INTEGER, customer TEXT, sku TEXT)')
  await DB.exec("INSERT INTO orders VALUES (42, 'Maria', 'lamp')")
  const response = await miniflare.dispatchFetch('https://shop.example/orders/42')
  expect({ status: response.status, text: await response.text() }).toMatchObject({
    status: 500,
    text: expect.stringContaining(FAILURE),
  })
  await until(async () => store.list({ status: 'failed' }).events.length === 1)
  await miniflare.dispose()
  bank.server.closeAllConnections()
  await new Promise(resolve => bank.server.close(resolve))
}

interface Stores {
  KV: { put(key: string, value: string): Promise<void> }
  FILES: { put(key: string, value: string): Promise<unknown> }
  DB: { exec(sql: string): Promise<unknown> }
}

const FAILURE = 'RangeError: Maria owes {"total":2379} with 0.19 of 1999 in thirty days, and the bank says 402 declined'

const TO_KEEP: ToKeep = {
  app: SHOP,
  record: failInWorkerd,
  repair: ['const owed =', 'return Response.json({ state: charge.state }, { status: 402 })\n        const owed ='],
  failure: FAILURE,
}

test('a request that read D1, KV, R2, a service binding and an outside API fails again, and is repaired, without any of them', async () => {
  const { tape, code, run } = await keep(TO_KEEP)
  expect(tape).toMatchObject({ version: 1, complete: true })
  expect(tape.calls.map(({ kind, target, method }) => `${kind} ${target} ${method}`).sort()).toEqual([
    'd1 DB first',
    expect.stringMatching(/^fetch http:\/\/127\.0\.0\.1:\d+ POST$/),
    'kv KV get',
    'r2 FILES get',
    'service PRICES GET',
    'var BANK_URL get',
  ])
  expect(code).toContain('requestApp(app, request, replayBindings(tape))')
  expect((await run({})).code).toBe(0)
})

/** With bindings that would need an account, and a bank that is another one than the tape's. */
const CONFIGURATION = `{
  "name": "shop",
  "main": "app.ts",
  "compatibility_date": "2026-08-04",
  "vars": { "BANK_URL": "https://bank.invalid" },
  "kv_namespaces": [{ "binding": "KV", "id": "0123456789abcdef0123456789abcdef" }],
  "ai": { "binding": "AI" },
  "services": [{ "binding": "PRICES", "service": "prices" }]
}`

test('the same in the real runtime, by the harness of wrangler', async () => {
  const { stdout, code } = await keep({
    ...TO_KEEP,
    args: ['--harness'],
    packages: ['wrangler'],
    files: { 'wrangler.jsonc': CONFIGURATION },
  })
  expect(stdout).toMatch(/^Written: .*kept\.test\.ts, .*kept\.worker\.ts and .*kept\.tape\.json\n/)
  expect(code).toContain("createTestHarness(harnessOptions(config, './kept.worker.ts'))")
})
