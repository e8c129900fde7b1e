/** Requests that are made anew on their way through an application: one event each, wherever scopes are to be had. */
import { createServer } from 'node:http'
import { createAdaptorServer, getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { methodOverride } from 'hono/method-override'
import { Router } from 'itty-router'
import { describe, expect, it } from 'vitest'
import {
  instrumentDurableObject,
  instrumentWorkerEntrypoint,
  withReplayStack as withCloudflare,
} from '../../src/adapters/cloudflare/index.ts'
import { withReplayStack as withFetch } from '../../src/adapters/fetch.ts'
import { replaystack as withHono } from '../../src/adapters/hono.ts'
import { replaystack as withItty } from '../../src/adapters/itty.ts'
import { withReplayStack as withNetlify } from '../../src/adapters/netlify.ts'
import { withReplayStack as withNode } from '../../src/adapters/node/handler.ts'
import { withReplayStack as withVercel } from '../../src/adapters/vercel/index.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { HostContext } from '../support/adapter-recorder.ts'
import { deferred, listen, openSocket, send, until } from '../support/node-server.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

type Options = AdapterOptions<Request>
type Handler = (request: Request) => Response | Promise<Response>

const boom = () => {
  throw new RangeError('deep boom')
}

/** What a host is around: its own adapter, within the one that it is given the handler of. */
const adapters: Record<string, (options: Options, handler: Handler) => Handler> = {
  fetch: (options, handler) => withFetch(handler, options),
  vercel: (options, handler) => withVercel(handler, options),
  netlify: (options, handler) => withNetlify(handler, options),
  cloudflare(options, handler) {
    const { fetch } = withCloudflare(
      { fetch: (request: Request, _env: object, _ctx: object) => handler(request) },
      options,
    )
    return request => fetch(request, {}, new HostContext())
  },
  hono(options, handler) {
    const app = new Hono()
    app.use(withHono(options))
    app.all('*', c => handler(c.req.raw))
    app.onError(thrown => {
      throw thrown
    })
    return request => app.fetch(request)
  },
  itty(options, handler) {
    const router = Router({ ...withItty(options), catch: thrown => Promise.reject(thrown) })
    router.all('*', request => handler(request))
    return request => router.fetch(request)
  },
}

/** Those that open a scope around their handler. */
const scoped = Object.entries(adapters).filter(([name]) => name !== 'itty')

const order = (path = '/orders?id=7') =>
  new Request(`https://shop.example${path}`, {
    method: 'POST',
    body: '{"a":1}',
    headers: { 'content-type': 'application/json' },
  })

describe.each(scoped)('%s', (_, outer) => {
  it.each(Object.entries(adapters))('around %s by new Request()', async (_, inner) => {
    const recorded = createRecordedClient()
    const { client } = recorded
    const within = inner({ client }, async request => Response.json(await request.json()))
    const answer = outer({ client }, request => within(new Request(request, { headers: { 'x-tenant': 'a' } })))
    const response = await answer(order())
    expect(await response.json()).toEqual({ a: 1 })
    await client.flush()
    expect(recorded.events).toMatchObject([{ method: 'POST', endpoint: '/orders', statusCode: 200 }])
    expect(response.headers.get('x-trace-id')).toBe(recorded.events[0]?.traceId)
  })
})

/** Applications that dispatch a request to themselves, or to another that is recorded too. */
const applications: Record<string, (options: Options) => { fetch: Handler }> = {
  'hono/method-override'(options) {
    const app = new Hono()
    app.use(withHono(options))
    app.use('/orders', methodOverride({ app, header: 'x-method' }))
    app.put('/orders', boom)
    app.onError((_, c) => c.text('broken', 500))
    return app
  },
  'app.mount of a recorded app'(options) {
    const inner = new Hono()
    inner.use(withHono(options))
    inner.post('/', boom)
    inner.onError((_, c) => c.text('broken', 500))
    const app = new Hono()
    app.use(withHono(options))
    app.mount('/orders', inner.fetch)
    return app
  },
  'app.mount of a recorded router'(options) {
    const inner = Router({ ...withItty(options) })
    inner.post('*', boom)
    const app = new Hono()
    app.use(withHono(options))
    app.mount('/orders', inner.fetch)
    return app
  },
  "a router's recorded app, in a recorded handler"(options) {
    const inner = new Hono()
    inner.use(withHono(options))
    inner.post('*', boom)
    inner.onError((_, c) => c.text('broken', 500))
    const router = Router({ ...withItty(options) })
    router.post('*', request => inner.fetch(new Request(request)))
    return { fetch: withFetch(router.fetch, options) as Handler }
  },
}

it.each(Object.entries(applications))('%s is one event, with its error', async (_, make) => {
  const recorded = createRecordedClient()
  const { client } = recorded
  const request = new Request(order(), { headers: { 'x-method': 'PUT', 'content-type': 'application/json' } })
  const response = await make({ client }).fetch(request)
  await client.flush()
  expect(response.status).toBe(500)
  expect(recorded.events).toMatchObject([
    { method: 'POST', endpoint: '/orders', status: 'failed', statusCode: 500, errorMessage: 'deep boom' },
  ])
  expect(response.headers.get('x-trace-id')).toBe(recorded.events[0]?.traceId)
})

it.each([{ ignoredPaths: ['/orders'] }, { sampleRate: 0 }])(
  'what is not captured stays so further in: %o',
  async more => {
    const outerClient = createRecordedClient('sampleRate' in more ? more : {})
    const { client, events } = createRecordedClient()
    const inner = withFetch((_: Request) => new Response('ok'), { client })
    const answer = withVercel((request: Request) => inner(new Request(request)), {
      client: outerClient.client,
      ...('ignoredPaths' in more && more),
    })
    await answer(order())
    await client.flush()
    expect(events).toEqual([])
    expect(outerClient.events).toEqual([])
  },
)

it('a client that is not enabled decides for itself alone', async () => {
  const recorded = createRecordedClient()
  const { client } = createRecordedClient({ enabled: false })
  const inner = withFetch((_: Request) => new Response('ok'), { client: recorded.client })
  const answer = withVercel((request: Request) => inner(new Request(request)), { client })
  await answer(order())
  await recorded.client.flush()
  expect(recorded.events).toHaveLength(1)
})

describe('is an event of its own', () => {
  it('a request that comes when the one around it is over', async () => {
    const recorded = createRecordedClient()
    const { client } = recorded
    const { promise, resolve } = deferred()
    const inner = withFetch((_: Request) => new Response('ok'), { client })
    const later: Promise<unknown>[] = []
    const answer = withVercel(
      (_: Request) => {
        later.push(promise.then(() => inner(order('/later'))))
        return new Response('ok')
      },
      { client },
    )
    await answer(order())
    resolve()
    await Promise.all(later)
    await client.flush()
    expect(recorded.events.map(({ endpoint }) => endpoint).sort()).toEqual(['/later', '/orders'])
  })

  it('a request of a job', async () => {
    const recorded = createRecordedClient()
    const { client } = recorded
    const { scheduled, fetch } = withCloudflare(
      {
        scheduled: (_controller: object, _env: object, _ctx: object) => fetch(order(), {}, new HostContext()),
        fetch: (_request: Request, _env: object, _ctx: object): Response => new Response('ok'),
      },
      { client },
    )
    await scheduled({ cron: '* * * * *' }, {}, new HostContext())
    await client.flush()
    expect(recorded.events.map(({ eventType }) => eventType).sort()).toEqual(['api', 'cron'])
  })

  it.each([
    ['a Durable Object', instrumentDurableObject],
    ['an entrypoint', instrumentWorkerEntrypoint],
  ])('a request to %s', async (_, instrument) => {
    const recorded = createRecordedClient()
    const { client } = recorded
    class Room {
      fetch(_request: Request) {
        return new Response('ok')
      }
    }
    const room = new (instrument(Room as new (...args: object[]) => Room, { client }))(new HostContext(), {})
    await withFetch((request: Request) => room.fetch(new Request(request)), { client })(order())
    await client.flush()
    expect(recorded.events).toHaveLength(2)
  })

  it('a request by a connection to the same process', async () => {
    const recorded = createRecordedClient()
    const { client } = recorded
    const app = new Hono()
    app.use(withHono({ client }))
    app.get('/outer', async c => c.text(await (await fetch(new URL('/inner', c.req.url))).text()))
    app.get('/inner', c => c.text('inner'))
    const bare = createAdaptorServer({ fetch: app.fetch })
    const { port } = await listen(bare as ReturnType<typeof createServer>)
    expect((await send(port, '/outer')).text).toBe('inner')
    const { port: wrapped } = await listen(createServer(withNode(getRequestListener(app.fetch), { client })))
    expect((await send(wrapped, '/outer')).text).toBe('inner')
    await client.flush()
    expect(recorded.events.map(({ endpoint }) => endpoint).sort()).toEqual(['/inner', '/inner', '/outer', '/outer'])
  })

  it('a request that comes by the same connection before the one ahead of it has left', async () => {
    const recorded = createRecordedClient()
    const { client } = recorded
    const app = new Hono()
    app.use(withHono({ client }))
    app.get('*', c => c.text(c.req.path))
    const { port } = await listen(createServer(withNode(getRequestListener(app.fetch), { client })))
    const { socket, received } = openSocket(port)
    socket.write(['/a', '/b', '/c'].map(path => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''))
    await until(() => received().includes('/c'))
    await client.flush()
    expect(recorded.events.map(({ endpoint }) => endpoint)).toEqual(['/a', '/b', '/c'])
    expect(new Set(recorded.events.map(({ traceId }) => traceId)).size).toBe(3)
  })
})
