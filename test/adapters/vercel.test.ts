/** Vercel and Next.js. Long, because a function, a route handler and a middleware mean different things by what they answer or throw. */
import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { withReplayStack } from '../../src/adapters/vercel/index.ts'
import { ReplayStackClient, type ReplayStackHandle } from '../../src/client/client.ts'
import { memoryTransport } from '../../src/testing.ts'
import { createAdapterRecorder, HostContext, requestsTo } from '../support/adapter-recorder.ts'

/** Next.js's event of a middleware: reading its request is an error. */
class NextFetchEvent extends HostContext {
  get request(): never {
    throw new Error('PageSignatureError')
  }
}

/** Next.js's request of a middleware: it has members of a service worker's event, and using them is an error. */
class NextRequestHint extends Request {
  get request(): never {
    throw new Error('PageSignatureError')
  }
  waitUntil(): never {
    throw new Error('PageSignatureError')
  }
}

const get = requestsTo('https://v.example')

/** What `next/navigation` throws. */
const nextError = (digest: string) => Object.assign(new Error(digest), { digest })

describe('a function', () => {
  it('makes one event with all that is known of it', async () => {
    const { options, event } = createAdapterRecorder()
    const POST = withReplayStack(
      async (request: Request) => Response.json({ order: await request.json(), token: 'secret-1' }, { status: 201 }),
      options,
    )
    const response = await POST(
      new Request('https://v.example/api/orders?page=2', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.5, 10.0.0.1' },
        body: '{"password":"secret-2"}',
      }),
    )
    expect(response.status).toBe(201)
    const captured = await event()
    expect(JSON.stringify(captured)).not.toContain('secret-')
    expect(captured).toMatchObject({
      traceId: response.headers.get('x-trace-id'),
      eventType: 'api',
      method: 'POST',
      endpoint: '/api/orders',
      requestUrl: 'https://v.example/api/orders?page=2',
      requestPayload: { password: '[MASKED]' },
      status: 'success',
      statusCode: 201,
      sourceIp: '203.0.113.5',
    })
  })

  it.each([
    [{ 'x-real-ip': '203.0.113.4', 'x-forwarded-for': '203.0.113.5' }, '203.0.113.4'],
    [{ 'x-forwarded-for': ' 203.0.113.5 ' }, '203.0.113.5'],
    [{ 'x-real-ip': '', 'x-forwarded-for': '' }, undefined],
    [{}, undefined],
  ])('comes from where %o says: %s', async (headers, sourceIp) => {
    const { options, event } = createAdapterRecorder()
    withReplayStack((_: Request) => new Response(), options)(get('/', { ...headers }))
    expect((await event()).sourceIp).toBe(sourceIp)
  })

  it('answers at once where it does, by the same object with all of its cookies', () => {
    const response = new Response('x')
    response.headers.append('set-cookie', 'a=1')
    response.headers.append('set-cookie', 'b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT')
    expect(withReplayStack((_: Request) => response, createAdapterRecorder().options)(get())).toBe(response)
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT'])
  })

  it('keeps the trace id that its request arrived with', async () => {
    const { options, event } = createAdapterRecorder()
    const response = withReplayStack((_: Request) => new Response(), options)(get('/', { 'x-trace-id': 'mine-1' }))
    expect([response.headers.get('x-trace-id'), (await event()).traceId]).toEqual(['mine-1', 'mine-1'])
  })

  it('whose path is ignored makes none', async () => {
    const { options, events } = createAdapterRecorder({ ignoredPaths: ['/_next*'] })
    const handler = withReplayStack((_: Request) => new Response('ok'), options)
    for (const path of ['/health', '/_next/image']) expect(handler(get(path)).headers.has('x-trace-id')).toBe(false)
    expect(await events()).toEqual([])
  })

  it('streams as it did', async () => {
    const { options, event } = createAdapterRecorder()
    const stream = new Blob(['data: 1\n\n']).stream()
    const handler = withReplayStack(
      (_: Request) => new Response(stream, { headers: { 'content-type': 'text/event-stream' } }),
      options,
    )
    const response = handler(get())
    expect([response.body === stream, await response.text()]).toEqual([true, 'data: 1\n\n'])
    expect(await event()).toMatchObject({ responsePayload: { captured: false } })
  })

  it('keeps its name, arity, properties and this', async () => {
    const { options } = createAdapterRecorder()
    class Api {
      #greeting = 'hello'
      readonly GET = withReplayStack(
        Object.assign(
          function GET(this: Api, _request: Request, _context: { params: object }) {
            return new Response(this.#greeting)
          },
          { dynamic: 'force-dynamic' },
        ),
        options,
      )
    }
    const api = new Api()
    expect(await api.GET(get(), { params: {} }).text()).toBe('hello')
    expect([api.GET.name, api.GET.length, api.GET.dynamic]).toEqual(['GET', 2, 'force-dynamic'])
  })

  it('has its handle after its own arguments', async () => {
    const { options, event } = createAdapterRecorder()
    const GET = withReplayStack((_request: Request, _context: object, handle?: ReplayStackHandle) => {
      handle?.addBreadcrumb('by hand')
      return new Response()
    }, options)
    GET(get(), { params: Promise.resolve({}) })
    expect((await event()).breadcrumbs?.map(one => one.message)).toContain('by hand')
  })

  it('of a static route, whose request cannot be read while it is built, is called as it would be', async () => {
    const { options, client } = createAdapterRecorder()
    // As Next.js makes it: what it has no answer for is read from the proxy, where `Request` has no private members.
    const unreadable = new Proxy(get(), { get: (target, name, proxy) => Reflect.get(target, name, proxy) })
    expect(() => unreadable.method).toThrow(TypeError)
    expect(await withReplayStack((_: Request) => new Response('static'), options)(unreadable).text()).toBe('static')
    expect(client.stats().captured).toBe(0)
  })

  it('of Node’s request and response is called as it would be', () => {
    const { options, client } = createAdapterRecorder()
    const handler = withReplayStack((...args: object[]) => args, options)
    const args = [{ url: '/', method: 'GET', headers: {} }, { end() {} }]
    expect(handler(...args)).toEqual(args)
    expect(client.stats().captured).toBe(0)
  })
})

describe('a route handler of Next.js', () => {
  const handle = (params: unknown, path: string, options: ReturnType<typeof createAdapterRecorder>['options']) =>
    withReplayStack((_request: Request, _context: object) => new Response('ok'), options)(get(path), { params })

  it.each([
    ['a promise', (params: object) => Promise.resolve(params)],
    ['an object', (params: object) => params],
  ])('has its route from its parameters, %s', async (_, give) => {
    const { options, events } = createAdapterRecorder()
    handle(give({ id: '7' }), '/api/orders/7?page=2', options)
    handle(give({ slug: ['a', 'b c'] }), '/docs/a/b%20c', options)
    expect((await events()).map(({ endpoint, metadata }) => [endpoint, metadata])).toEqual([
      ['/api/orders/7', { route: '/api/orders/[id]' }],
      ['/docs/a/b%20c', { route: '/docs/[...slug]' }],
    ])
  })

  const rejected = Promise.reject(new Error('no'))
  rejected.catch(() => {})
  it.each([
    ['reject', () => rejected],
    ['never settle, as those of a page rendered ahead', () => new Promise(() => {})],
    ['are absent', () => undefined],
    ['are of none', () => Promise.resolve({})],
  ])('has none where its parameters %s', async (_, give) => {
    const { options, event } = createAdapterRecorder()
    handle(give(), '/api/orders/7', options)
    const captured = await event()
    expect(captured.statusCode).toBe(200)
    expect(captured).not.toHaveProperty('metadata')
  })

  it('has its parameters left alone until it is done', async () => {
    const { options, event } = createAdapterRecorder()
    const seen: string[] = []
    const context = {
      get params() {
        seen.push('params read')
        return Promise.resolve({ id: '7' })
      },
    }
    const GET = withReplayStack(async (_request: Request, _context: object) => {
      await new Promise(resolve => setTimeout(resolve, 5))
      seen.push('done')
      return new Response()
    }, options)
    await GET(get('/orders/7'), context)
    expect((await event()).metadata).toEqual({ route: '/orders/[id]' })
    expect(seen).toEqual(['done', 'params read'])
  })

  it('that throws has its route beside the fields of its error', async () => {
    const { options, event } = createAdapterRecorder()
    const thrown = Object.assign(new Error('declined'), { attempt: 3 })
    const GET = withReplayStack(async (_request: Request, _context: object) => Promise.reject(thrown), options)
    await expect(GET(get('/orders/7'), { params: Promise.resolve({ id: '7' }) })).rejects.toBe(thrown)
    expect((await event()).metadata).toEqual({ route: '/orders/[id]', error: { attempt: 3 } })
  })

  it('whose application knows better keeps the route of that', async () => {
    const { options, event } = createAdapterRecorder()
    const app = new Hono().use(replaystack(options)).get('/api/orders/:id', c => c.text('ok'))
    const GET = withReplayStack((request: Request, _context: object) => app.fetch(request), options)
    await GET(get('/api/orders/7'), { params: Promise.resolve({ route: ['orders', '7'] }) })
    expect((await event()).metadata).toEqual({ route: '/api/orders/:id' })
  })
})

describe('an object with fetch', () => {
  it('is recorded, and keeps its other members and its own this', async () => {
    const { options, event } = createAdapterRecorder()
    class Server {
      #greeting = 'hello'
      config = { runtime: 'edge' }
      async fetch(_request: Request) {
        return new Response(this.#greeting)
      }
    }
    const server = new Server()
    const wrapped: Server = withReplayStack(server, options)
    expect(await (await wrapped.fetch(get('/f'))).text()).toBe('hello')
    expect([wrapped.config, wrapped instanceof Server, Object.hasOwn(server, 'fetch')]).toEqual([
      server.config,
      true,
      false,
    ])
    expect(await event()).toMatchObject({ endpoint: '/f', responsePayload: 'hello' })
  })

  it('that is a Hono application with its middleware makes one event', async () => {
    const { options, event } = createAdapterRecorder()
    const app = new Hono()
    app.use(replaystack(options))
    app.get('/api/:id', c => c.json({ id: c.req.param('id') }))
    const { fetch } = withReplayStack({ fetch: app.fetch }, options)
    expect(await (await fetch(get('/api/7'))).json()).toEqual({ id: '7' })
    expect(await event()).toMatchObject({ metadata: { route: '/api/:id' }, responsePayload: { id: '7' } })
  })
})

describe('what is thrown', () => {
  it('is a failure, and goes on as the same object', async () => {
    const { options, events } = createAdapterRecorder()
    const thrown = new RangeError('out')
    const failing = withReplayStack((_: Request): Response => {
      throw thrown
    }, options)
    expect(() => failing(get())).toThrow(thrown)
    await expect(withReplayStack(async (_: Request) => Promise.reject(thrown), options)(get())).rejects.toBe(thrown)
    const failure = { status: 'failed', statusCode: 500, errorName: 'RangeError' }
    expect(await events()).toMatchObject([failure, failure])
  })

  it.each(['text', undefined, { code: 1 }, { digest: 7 }, nextError('1234567890')])(
    '(%o) that is not Next’s is a failure',
    async thrown => {
      const { options, event } = createAdapterRecorder()
      const handler = withReplayStack(async (_: Request) => Promise.reject(thrown), options)
      expect(await handler(get()).catch((error: unknown) => [error])).toEqual([thrown])
      expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: expect.any(String) })
    },
  )

  it.each([
    ['NEXT_REDIRECT;replace;/login;307;', 307, 'success'],
    ['NEXT_REDIRECT;push;/a;b?c=d;308;', 308, 'success'],
    ['NEXT_HTTP_ERROR_FALLBACK;404', 404, 'warning'],
    ['NEXT_HTTP_ERROR_FALLBACK;401', 401, 'warning'],
    ['NEXT_NOT_FOUND', 404, 'warning'],
  ])('as Next’s control flow (%s) is an answer of %i', async (digest, statusCode, status) => {
    const { options, event } = createAdapterRecorder()
    const thrown = nextError(digest)
    await expect(withReplayStack(async (_: Request) => Promise.reject(thrown), options)(get())).rejects.toBe(thrown)
    const captured = await event()
    expect(captured).toMatchObject({ status, statusCode })
    expect(captured).not.toHaveProperty('errorName')
  })
})

describe('a middleware', () => {
  it('that answers nothing lets its request go on: a success without a status', async () => {
    const { options, events } = createAdapterRecorder()
    const wrap = (answer: undefined | null) =>
      withReplayStack(async (_request: Request, _event: NextFetchEvent) => answer, options)
    expect(await wrap(undefined)(get(), new NextFetchEvent())).toBeUndefined()
    expect(await wrap(null)(get(), new NextFetchEvent())).toBeNull()
    for (const event of await events()) {
      expect(event.status).toBe('success')
      expect(event).not.toHaveProperty('statusCode')
    }
  })

  it('is kept alive by its event, not by its request', async () => {
    const { options, client } = createAdapterRecorder()
    const event = new NextFetchEvent()
    const middleware = withReplayStack((_request: Request, _event: NextFetchEvent) => undefined, options)
    middleware(new NextRequestHint('https://v.example/'), event)
    expect(event.waiting.length).toBeGreaterThan(0)
    await Promise.all(event.waiting)
    expect(client.stats().sent).toBe(1)
  })

  it('is not a route handler, which has to answer', async () => {
    const { options, event } = createAdapterRecorder()
    await withReplayStack(async (_request: Request, _context: object) => {}, options)(get(), { params: {} })
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500 })
  })
})

describe('delivery', () => {
  const names = ['@vercel/request-context', '@next/request-context']
  afterEach(() => {
    for (const name of names) Reflect.deleteProperty(globalThis, Symbol.for(name))
  })
  const provide = (name: string, value: unknown) => Reflect.set(globalThis, Symbol.for(name), value)

  it('is handed to the context argument first, as a method of its own object', async () => {
    const { options, client } = createAdapterRecorder()
    const [context, ambient] = [new HostContext(), new HostContext()]
    provide('@vercel/request-context', { get: () => ambient })
    withReplayStack((_request: Request, _context: HostContext) => new Response(), options)(get(), context)
    expect([context.waiting.length > 0, ambient.waiting.length]).toEqual([true, 0])
    await Promise.all(context.waiting)
    expect(client.stats().sent).toBe(1)
  })

  it.each(names)('is handed to the context of the request under %s', async name => {
    const { options, client } = createAdapterRecorder()
    class Provider {
      readonly context = new HostContext()
      #own = this.context
      get() {
        return this.#own
      }
    }
    const provider = new Provider()
    provide(name, provider)
    withReplayStack((_request: Request, _context: object) => new Response(), options)(get(), { params: {} })
    expect(provider.context.waiting.length).toBeGreaterThan(0)
    await Promise.all(provider.context.waiting)
    expect(client.stats().sent).toBe(1)
  })

  it.each([
    null,
    {},
    { get: 1 },
    { get: () => undefined },
    { get: () => ({ waitUntil: 1 }) },
    { get: () => expect.fail() },
  ])('is tracked in flight where the host has nothing of use: %o', async value => {
    const { options, event } = createAdapterRecorder()
    provide('@vercel/request-context', value)
    withReplayStack((_: Request) => new Response(), options)(get('/in-flight'))
    expect((await event()).endpoint).toBe('/in-flight')
  })
})

describe('set-up', () => {
  it('refuses a wrong option at once, by its name', () => {
    expect(() => withReplayStack(() => {}, { retries: -1 })).toThrow('ReplayStack option "retries"')
  })

  it('makes its options of process.env where they are a function', async () => {
    const { options, event } = createAdapterRecorder()
    const given: unknown[] = []
    const handler = withReplayStack(
      (_: Request) => new Response(),
      (env: object) => {
        given.push(env)
        return options
      },
    )
    handler(get())
    expect(given).toEqual([process.env])
    expect((await event()).statusCode).toBe(200)
  })

  it('without a key passes requests through, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { fetch } = withReplayStack({ fetch: (_: Request) => new Response('ok') })
    for (const _ of [1, 2]) expect(fetch(get()).headers.has('x-trace-id')).toBe(false)
    expect(warn.mock.calls).toEqual([
      ['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.'],
    ])
    warn.mockRestore()
  })
})

describe('while Next.js builds', () => {
  it('nothing is looked at, kept or recorded', async () => {
    vi.stubEnv('NEXT_PHASE', 'phase-production-build')
    const touched: PropertyKey[] = []
    const request = new Proxy(new Request('https://v.example/fixed'), {
      get(_target, name) {
        touched.push(name)
        throw new Error('dynamic')
      },
    })
    const transport = memoryTransport()
    // What the environment says by itself.
    const client = new ReplayStackClient({ apiKey: 'key', transport })
    const response = new Response('fixed')
    const handler = withReplayStack(
      (_request: Request, _context?: unknown, handle?: ReplayStackHandle) => {
        handle?.addBreadcrumb('asked')
        return response
      },
      { client },
    )
    const now = vi.spyOn(Date, 'now')
    const random = vi.spyOn(crypto, 'randomUUID')
    expect(handler(request)).toBe(response)
    client.addBreadcrumb('asked')
    client.captureLog({ message: 'asked' })
    expect(await client.captureException(new Error('data missing'))).toBeNull()
    expect([touched, now.mock.calls, random.mock.calls, transport.events]).toEqual([[], [], [], []])
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })
})
