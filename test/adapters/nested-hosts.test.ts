/** Hono behind a host whose request it does not see, where the adapter of both make one event; and Hono twice over. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { expect, it, onTestFinished, vi } from 'vitest'
import { withReplayStack as withFetch } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { createContext, readEvent, record } from '../lambda/invoke.ts'
import { bundleEntry } from '../package/bundle-entry.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

function createApp(client: ReturnType<typeof createRecordedClient>['client']): Hono {
  const app = new Hono()
  app.use(replaystack({ client }))
  app.all('/:rest{.+}', () => {
    throw new RangeError('Nobody orders 0')
  })
  app.onError((_, c) => c.json({ error: 'broken' }, 500))
  return app
}

it('Lambda and Hono', async () => {
  const { wrap, event, client } = record()
  const handler = wrap(handle(createApp(client)))
  const request = readEvent('http-api') as unknown as Parameters<typeof handler>[0]
  const answer = await handler(request, createContext() as never)
  const { errorMessage, metadata, traceId } = await event()
  expect(answer).toMatchObject({ statusCode: 500, headers: { 'x-trace-id': traceId } })
  expect({ errorMessage, metadata }).toMatchObject({
    errorMessage: 'Nobody orders 0',
    metadata: { route: '/:rest{.+}', functionName: 'shop-api' },
  })
})

it('Node and Hono', async () => {
  const recorded = createRecordedClient()
  const { client } = recorded
  const { fetch: answer } = createApp(client)
  const server = createServer(withReplayStack(getRequestListener(answer), { client })).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = Object(server.address())
  const response = await fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(500)
  await client.flush()
  expect(recorded.events).toHaveLength(1)
  expect(recorded.events[0]).toMatchObject({ errorMessage: 'Nobody orders 0', metadata: { route: '/:rest{.+}' } })
})

it("an application whose Hono is another copy than the middleware's", async () => {
  const { code } = await bundleEntry('node_modules/hono/dist/index.js')
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-hono-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'hono.mjs'), code)
  const copy: { Hono: typeof Hono } = await import(join(folder, 'hono.mjs'))
  expect(copy.Hono).not.toBe(Hono)
  const recorded = createRecordedClient()
  const app = new copy.Hono()
  app.use(replaystack({ client: recorded.client }))
  app.get('/orders/:id', c => c.text(c.req.param('id')))
  const response = await app.request('/orders/7')
  expect([response.status, await response.text()]).toEqual([200, '7'])
  await recorded.client.flush()
  expect([recorded.events, recorded.errors]).toMatchObject([[{ endpoint: '/orders/7', statusCode: 200 }], []])
})

it('two adapters copy an answer once', async () => {
  const { client } = createRecordedClient()
  const app = new Hono()
  app.use(replaystack({ client }))
  // Not of the kind that Hono's server on Node brings, of which no copy is needed.
  const headers = { 'content-type': 'application/json', 'content-length': '13' }
  const answer = new Response('{"orders":[]}', { headers }).clone()
  const clone = vi.spyOn(answer, 'clone')
  app.get('/orders', () => answer)
  const handler = withFetch((request: Request) => app.fetch(request), { client })
  await (await handler(new Request('http://shop.test/orders'))).text()
  await client.flush()
  expect(clone).toHaveBeenCalledOnce()
})

it('a client that captures nothing still tells the one around it', async () => {
  const recorded = createRecordedClient()
  const app = createApp(createRecordedClient({ enabled: false }).client)
  const handler = withFetch((request: Request) => app.fetch(request), { client: recorded.client })
  await handler(new Request('http://shop.test/orders'))
  await recorded.client.flush()
  expect(recorded.events).toMatchObject([{ errorMessage: 'Nobody orders 0', metadata: { route: '/:rest{.+}' } }])
})

it('a request meets its context as Hono made it, recorded or not', async () => {
  const { client } = createRecordedClient({ ignoredPaths: ['/health'] })
  const app = new Hono()
  const passed: string[] = []
  app.use((c, next) => {
    const members = () => ({
      request: Object.getOwnPropertyDescriptors(c.req),
      methods: [c.json, c.text, c.html, c.body, c.req.json, c.req.header],
      Error: Object.getOwnPropertyDescriptors(Error),
      Response: Object.getOwnPropertyDescriptors(Response.prototype),
      context: Object.getOwnPropertyDescriptors(c),
    })
    const before = members()
    return replaystack({ client })(c as never, async () => {
      expect(members()).toEqual(before)
      await next()
      passed.push(c.req.path)
    })
  })
  app.post('/:rest{.+}', c => c.json({}))
  await app.request('/health', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
  await app.request('/orders', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
  expect(passed).toEqual(['/health', '/orders'])
})
