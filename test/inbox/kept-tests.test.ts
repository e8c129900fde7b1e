/**
 * Events kept as tests in projects of strangers: recorded there with a world around them, and run there by vitest without one,
 * red while the application is broken and green once it is repaired. Long, for each host has an application here.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { keepEvents } from './keep-event.ts'

const keep = keepEvents()

const HONO = `
import { Hono } from 'hono'
import { replaystack } from '@replaystack/edge/hono'
import { tapeRecorder } from '@replaystack/edge/tape'

const app = new Hono<{ Bindings: any; Variables: any }>()
app.use(replaystack({ recordCalls: tapeRecorder() }))
app.post('/orders/:id', async c => {
  if (c.req.header('authorization') !== 'Bearer the-real-token') return c.json({ error: 'Who are you?' }, 401)
  const { rate } = await c.env.KV.get('tax', 'json')
  const order = await c.env.DB.prepare('SELECT * FROM orders WHERE id = ?').bind(Number(c.req.param('id'))).first()
  const { fetch } = c.var.replaystack
  const answer = await fetch('https://pay.example/charges', { method: 'POST', body: JSON.stringify({ total: order.total * (1 + rate) }) })
  const charge = await answer.json()
  const receipt = charge.receipt.url
  return c.json({ receipt, at: c.var.replaystack.uuid() }, 201)
})
app.onError((_error, c) => c.json({ error: 'Something went wrong' }, 500))
export default app
`

test('a request to Hono that failed by what a gateway answered', async () => {
  const { stdout, code, tape, run } = await keep({
    app: HONO,
    record: `import app from './app.ts'
import { env, gateway, sent } from './world.mjs'
gateway({ id: 'declined' })
const headers = { authorization: 'Bearer the-real-token', 'content-type': 'application/json' }
const response = await app.request('/orders/42', { method: 'POST', headers, body: '{"note":"now"}' }, env)
if (response.status !== 500) throw new Error(await response.text())
await sent()
`,
    repair: ['charge.receipt.url', 'charge.receipt?.url ?? null'],
    env: { AUTHORIZATION: 'Bearer the-real-token' },
    failure: '{"error":"Something went wrong"}: expected 500 to be less than 500',
    packages: ['hono'],
  })
  expect(stdout).toContain('It needs what was masked: set AUTHORIZATION\n')
  expect(stdout).toContain('What the code was given is masked in: d1 DB.first: card_number\n')
  expect(code).toContain("import app from './app.js'\n")
  expect(code).not.toMatch(/process\.|the-real-token|4111/)
  expect(tape.calls.map(({ kind }) => kind)).toEqual(['kv', 'd1', 'fetch'])
  const without = await run({})
  expect(without.output).toContain('Set the environment variable AUTHORIZATION: its value is secret')
})

const recordWorker = (call: string): string => `import worker from './app.ts'
import { env, sent } from './world.mjs'
const pending = []
const ctx = { waitUntil: promise => void pending.push(promise), passThroughOnException() {} }
let failed = false
try { ${call} } catch { failed = true }
if (!failed) throw new Error('It did not fail.')
await Promise.all(pending)
await sent()
`

const WORKER = `
import { withReplayStack } from '@replaystack/edge/cloudflare'
import { tapeRecorder } from '@replaystack/edge/tape'

export default withReplayStack(
  {
    async fetch(_request: any, env: any) {
      const order = await env.DB.prepare('SELECT * FROM orders').first()
      if (order.total > 1000) throw new RangeError('The total is too large')
      return new Response('fine')
    },
    async scheduled(controller: any, env: any, ctx: any) {
      const { rate } = await env.KV.get('tax', 'json')
      if (rate < 1) throw new RangeError(\`No rate for \${controller.cron}\`)
    },
    async queue(batch: any, env: any) {
      for (const { body, timestamp } of batch.messages) {
        const order = await env.DB.prepare('SELECT * FROM orders WHERE id = ?').bind(body.id).first()
        if (!(timestamp instanceof Date) || order.total !== body.total) throw new RangeError('Another total')
      }
    },
    async email(message: any, env: any) {
      await env.QUEUE.send({ from: message.from })
      if (message.to !== 'orders@shop.example') throw new RangeError('Nobody has this address')
    },
  } as any,
  { recordCalls: tapeRecorder() } as any,
) as any
`

test.each([
  [
    'a request to a Worker',
    "await worker.fetch(new Request('https://shop.example/orders?page=2'), env, ctx)",
    ['order.total > 1000', 'order.total > 2000'] as const,
    'RangeError: The total is too large',
    'requestApp(app, request, replayBindings(tape))',
  ],
  [
    'a cron run',
    "await worker.scheduled({ cron: '0 3 * * *', scheduledTime: 1796000000000 }, env, ctx)",
    ['rate < 1', 'rate < 0'] as const,
    'RangeError: No rate for 0 3 * * *',
    "runScheduled(worker, '0 3 * * *', '2026-11-30T00:53:20.000Z', replayBindings(tape))",
  ],
  [
    'a batch of a queue',
    "await worker.queue({ queue: 'orders', messages: [{ id: 'm', timestamp: new Date(), attempts: 1, body: { id: 42, total: 1 } }] }, env, ctx)",
    ['order.total !== body.total', 'order.total < body.total'] as const,
    'RangeError: Another total',
    "runQueue(worker, 'orders', [",
  ],
  [
    'a mail',
    "await worker.email({ from: 'a@b.example', to: 'info@shop.example', rawSize: 5 }, env, ctx)",
    ["message.to !== 'orders@shop.example'", "!message.to.endsWith('@shop.example')"] as const,
    'RangeError: Nobody has this address',
    "runEmail(worker, 'a@b.example', 'info@shop.example', replayBindings(tape))",
  ],
])('%s', async (_what, call, repair, failure, written) => {
  const { code } = await keep({ app: WORKER, record: recordWorker(call), repair, failure })
  expect(code).toContain(written)
})

test('a request to Express, whose database answers through handle.call', async () => {
  const { code } = await keep({
    app: `import express from 'express'
import { replaystack } from '@replaystack/edge/node'
import { tapeRecorder } from '@replaystack/edge/tape'
export const database = { query: async (_sql: string): Promise<any> => { throw new Error('There is no database') } }
const app: any = express()
app.use(replaystack({ recordCalls: tapeRecorder() }))
app.get('/orders/:id', async (request: any, response: any) => {
  const sql = 'SELECT * FROM orders'
  const [order] = await request.replaystack.call('pg', sql, () => database.query(sql))
  response.json({ total: order.lines.length })
})
app.use((_error: any, _request: any, response: any, _next: any) => response.status(500).json({ error: 'Broken' }))
export default app
`,
    record: `import app, { database } from './app.ts'
import { sent } from './world.mjs'
database.query = async () => [{ id: 1 }]
const server = app.listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))
const response = await fetch('http://127.0.0.1:' + server.address().port + '/orders/1')
if (response.status !== 500) throw new Error(await response.text())
await response.text()
await sent()
process.exit()
`,
    repair: ['order.lines.length', '(order.lines ?? []).length'],
    failure: '{"error":"Broken"}: expected 500 to be less than 500',
    packages: ['express'],
  })
  expect(code).toContain('requestApp(app, request)')
})

test('a Lambda function, and the status that is expected', async () => {
  const { code, run } = await keep({
    app: `import { withReplayStack } from '@replaystack/edge/lambda'
import { tapeRecorder } from '@replaystack/edge/tape'
export const handler: any = withReplayStack(async (event: any) => {
  const { name } = JSON.parse(event.body)
  if (name.length > 3) throw new TypeError('Too long: ' + name)
  return { statusCode: 201, body: name }
}, { recordCalls: tapeRecorder() } as any)
`,
    record: `import { handler } from './app.ts'
const http = { method: 'POST', path: '/names', sourceIp: '127.0.0.1' }
const event = { version: '2.0', rawPath: '/names', rawQueryString: '', headers: { host: 'h', 'content-type': 'application/json', 'content-length': '15' }, requestContext: { http }, body: '{"name":"Maria"}', isBase64Encoded: false }
let failed = false
try { await handler(event, { functionName: 'names', awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 }) } catch { failed = true }
if (!failed) throw new Error('It did not fail.')
`.replace("'15'", "'16'"),
    repair: ['name.length > 3', 'name.length > 9'],
    failure: 'TypeError: Too long: Maria',
    args: ['--expect', '201'],
  })
  expect(code).toContain("import { handler } from './app.js'")
  expect(code).toContain('expect(response.status, response.body).toBe(201)')
  expect((await run({})).code).toBe(0)
})

const LAMBDA_CONTEXT = "{ functionName: 'orders', awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 }"

const recordFunction = (event: object): string => `import { handler, prices } from './app.ts'
prices.read = async sku => ({ sku, cents: 1999 })
let failed = false
try { await handler(${JSON.stringify(event)}, ${LAMBDA_CONTEXT}) } catch { failed = true }
if (!failed) throw new Error('It did not fail.')
`

const writeFunction = (body: string): string => `import { withReplayStack } from '@replaystack/edge/lambda'
import { tapeRecorder } from '@replaystack/edge/tape'
export const prices = { read: async (_sku: string): Promise<any> => { throw new Error('There are no prices') } }
export const handler: any = withReplayStack(async (event: any, _context: any, _callback: any, handle: any) => {
${body}
}, { recordCalls: tapeRecorder() } as any)
`

test('messages that SQS brings to a Lambda function', async () => {
  const { code, tape } = await keep({
    app: writeFunction(`  for (const { body, eventSourceARN, attributes } of event.Records) {
    const { sku, cents } = JSON.parse(body)
    const price = await handle.call('prices', sku, () => prices.read(sku))
    const from = eventSourceARN.split(':').at(-1) + ' at try ' + attributes.ApproximateReceiveCount
    if (price.cents !== cents) throw new RangeError(\`\${from}: \${sku} is \${price.cents}\`)
  }`),
    record: recordFunction({
      Records: [
        {
          messageId: 'm1',
          body: '{"sku":"lamp","cents":1999}',
          attributes: { ApproximateReceiveCount: '1' },
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
        },
        {
          messageId: 'm2',
          body: '{"sku":"chair","cents":5}',
          attributes: { ApproximateReceiveCount: '3' },
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
        },
      ],
    }),
    repair: ['price.cents !== cents', 'price.cents < cents'],
    failure: 'RangeError: orders at try 3: chair is 1999',
  })
  expect(code).toContain("test('queue orders', async () => {\n")
  expect(tape.calls.map(({ input }) => input)).toEqual(['lamp', 'chair'])
})

test('a schedule of a Lambda function', async () => {
  const { code } = await keep({
    app: writeFunction(`  const { cents } = await handle.call('prices', 'lamp', () => prices.read('lamp'))
  const rule = event.resources[0].split('/').at(-1)
  if (cents > 1000) throw new RangeError(\`\${rule} of \${event.time}: \${cents}\`)`),
    record: recordFunction({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      time: '2026-11-30T03:00:00Z',
      resources: ['arn:aws:events:eu-west-1:123456789012:rule/nightly'],
      detail: {},
    }),
    repair: ['cents > 1000', 'cents > 2000'],
    failure: 'RangeError: nightly of 2026-11-30T03:00:00Z: 1999',
  })
  expect(code).toContain("test('cron nightly', async () => {\n")
})

const FAKES = readFileSync(new URL('../tape/fake-bindings.ts', import.meta.url), 'utf8')

test('a Worker that asked a model and an index', async () => {
  const { code, tape } = await keep({
    app: `import { withReplayStack } from '@replaystack/edge/cloudflare'
import { tapeRecorder } from '@replaystack/edge/tape'
const model = '@cf/meta/llama-3-8b-instruct'
export default withReplayStack({
  async fetch(request: Request, { AI, INDEX }: any) {
    const prompt = await request.text()
    const { matches } = await INDEX.query([0.5, -0.5], { topK: 1 })
    const [nearest] = await INDEX.getByIds([matches[0].id])
    const text = await new Response(await AI.run(model, { prompt, stream: true })).text()
    const { response } = await AI.run(model, { prompt })
    const said = text.split('\\n').filter(line => line).map(line => JSON.parse(line.slice(6)).response).join('')
    await INDEX.upsert([{ id: 'b', values: nearest.values }])
    if (said === response) throw new RangeError(said + ', near ' + nearest.id + ' by ' + matches[0].score)
    return new Response(said)
  },
} as any, { recordCalls: tapeRecorder() } as any) as any
`,
    record: `import worker from './app.ts'
import { fakeAi, fakeIndex } from './fake-bindings.ts'
import { sent } from './world.mjs'
const pending = []
const ctx = { waitUntil: promise => void pending.push(promise), passThroughOnException() {} }
const request = new Request('https://shop.example/ask', { method: 'POST', body: 'Hello?', headers: { 'content-type': 'text/plain', 'content-length': '6' } })
let failed = false
try { await worker.fetch(request, { AI: fakeAi(), INDEX: fakeIndex() }, ctx) } catch { failed = true }
if (!failed) throw new Error('It did not fail.')
await Promise.all(pending)
await sent()
`,
    files: { 'fake-bindings.ts': FAKES },
    repair: ['said === response', "said === ''"],
    failure: 'RangeError: hello, near a by 0.9',
  })
  expect(code).toContain('requestApp(app, request, replayBindings(tape))')
  expect(tape.complete).toBe(true)
  expect(tape.calls.map(({ target, method }) => `${target}.${method}`)).toEqual([
    'INDEX.query',
    'INDEX.getByIds',
    'AI.run',
    'AI.run',
    'INDEX.upsert',
  ])
})

/** Asks the server that `app` is, on a port of its own, and expects it to fail. */
const RECORD_SERVER = `import app, { prices } from './app.ts'
import { sent } from './world.mjs'
prices.read = async sku => ({ sku, cents: 1999 })
const server = await app.listen(0, '127.0.0.1')
if (!server.listening) await new Promise(resolve => server.once('listening', resolve))
const response = await fetch('http://127.0.0.1:' + server.address().port + '/prices/lamp')
const text = await response.text()
if (response.status !== 500) throw new Error(text)
await sent()
process.exit()
`

test('a request to a server of node:http', async () => {
  const { code } = await keep({
    app: `import { createServer } from 'node:http'
import { withReplayStack } from '@replaystack/edge/node'
import { tapeRecorder } from '@replaystack/edge/tape'
export const prices = { read: async (_sku: string): Promise<any> => { throw new Error('There are no prices') } }
const app: any = createServer(withReplayStack(async (request: any, response: any) => {
  const sku = request.url.split('/').at(-1)
  const { cents } = await request.replaystack.call('prices', sku, () => prices.read(sku))
  response.statusCode = cents > 1000 ? 500 : 200
  response.end(sku + ' costs ' + cents)
}, { recordCalls: tapeRecorder() } as any) as any)
export default app
`,
    record: RECORD_SERVER,
    repair: ['cents > 1000', 'cents > 2000'],
    failure: 'lamp costs 1999: expected 500 to be less than 500',
  })
  expect(code).toContain('requestApp(app, request)')
})

test('a request to Nest', async () => {
  const { code } = await keep({
    // Node runs TypeScript without decorators: here they are called.
    app: `import 'reflect-metadata'
import { Controller, Get, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createReplayStackNestExceptionFilter } from '@replaystack/edge/nest'
import { replaystack } from '@replaystack/edge/node'
import { tapeRecorder } from '@replaystack/edge/tape'
export const prices = { read: async (_sku: string): Promise<any> => { throw new Error('There are no prices') } }
class Prices {
  async find(request: any) {
    const { sku } = request.params
    const price = await request.replaystack.call('prices', sku, () => prices.read(sku))
    return { name: price.names.en }
  }
}
const method: any = Object.getOwnPropertyDescriptor(Prices.prototype, 'find')
Get('prices/:sku')(Prices.prototype, 'find', method)
Req()(Prices.prototype, 'find', 0)
Controller()(Prices)
class Shop {}
Module({ controllers: [Prices] })(Shop)
const app: any = await NestFactory.create(Shop, { logger: false })
app.use(replaystack({ recordCalls: tapeRecorder() } as any))
app.useGlobalFilters(createReplayStackNestExceptionFilter())
export default app
`,
    record: RECORD_SERVER,
    repair: ['price.names.en', 'price.names?.en ?? price.sku'],
    failure: '{"statusCode":500,"message":"Internal server error"}: expected 500 to be less than 500',
    packages: ['@nestjs', 'reflect-metadata', 'rxjs'],
  })
  expect(code).toContain('requestApp(app, request)')
})
