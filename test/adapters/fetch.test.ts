/** Handlers of any host with the Fetch API. Long, because each host hands its request and its context over in a way of its own. */
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createAdapterRecorder, HostContext, requestsTo } from '../support/adapter-recorder.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

const get = requestsTo('https://f.example')

describe('a request', () => {
  it('makes one event with all that is known of it', async () => {
    const { options, event } = createAdapterRecorder()
    const handler = withReplayStack(async (request: Request) => {
      const { item }: { item: string } = JSON.parse(await request.text())
      return Response.json({ item, token: 'secret-2' }, { status: 201 })
    }, options)
    const response = await handler(
      new Request('https://f.example/orders?api_key=secret-0', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer secret-1', 'user-agent': 'curl/8' },
        body: '{"item":"book","password":"secret-3"}',
      }),
    )
    expect(await response.json()).toEqual({ item: 'book', token: 'secret-2' })
    const captured = await event()
    expect(JSON.stringify(captured)).not.toContain('secret-')
    expect(captured).toMatchObject({
      traceId: response.headers.get('x-trace-id'),
      eventType: 'api',
      method: 'POST',
      endpoint: '/orders',
      requestUrl: 'https://f.example/orders?api_key=[MASKED]',
      authMode: 'bearer',
      requestPayload: { item: 'book', password: '[MASKED]' },
      responsePayload: { item: 'book', token: '[MASKED]' },
      status: 'success',
      statusCode: 201,
      userAgent: 'curl/8',
    })
    expect(captured.breadcrumbs?.map(one => one.message)).toEqual(['HTTP request started', 'HTTP request finished'])
  })

  it('goes out with the digits that its JSON came with, and what is no JSON as a text', async () => {
    const sent: string[] = []
    const answer = { status: 200, headers: new Headers(), text: async () => '' }
    const transport = {
      async post(_: string, { body }: { body: string }) {
        sent.push(body)
        return answer
      },
    }
    const json = '{"id":12345678901234567890,"price":1.10,"pin":1,"note":"Bearer secret-1"}'
    const headers = { 'content-type': 'application/json' }
    const handler = withReplayStack(async (_: Request) => new Response(json.slice(1), { headers }), {
      apiKey: 'k',
      transport,
    })
    await handler(new Request('https://f.example/', { method: 'POST', body: json, headers }))
    await eventually(() => expect(sent).toHaveLength(1))
    const masked = '"id":12345678901234567890,"price":1.10,"pin":"[MASKED]","note":"Bearer [MASKED]"}'
    expect(sent[0]).toContain(`"requestPayload":{${masked},"`)
    expect(sent[0]).not.toContain('secret-')
    expect(JSON.parse(sent[0] ?? '').responsePayload).toContain('"id":12345678901234567890')
  })

  it('of null is recorded as null', async () => {
    const { options, event } = createAdapterRecorder()
    const headers = { 'content-type': 'application/json' }
    const handler = withReplayStack(async (_: Request) => new Response('null', { headers }), options)
    await handler(new Request('https://f.example/', { method: 'POST', body: 'null', headers }))
    expect(await event()).toMatchObject({ requestPayload: null, responsePayload: null })
  })

  it('is answered at once, by the same object, where the handler does', () => {
    const response = new Response('x')
    expect(withReplayStack((_: Request) => response, createAdapterRecorder().options)(get())).toBe(response)
  })

  it.each(['/health/live', '/favicon.ico', '/internal/x'])('for %s makes none', async path => {
    const { options, events } = createAdapterRecorder({ ignoredPaths: ['/internal'] })
    const response = await withReplayStack(async (_: Request) => new Response('fine'), options)(get(path))
    expect([await response.text(), response.headers.has('x-trace-id')]).toEqual(['fine', false])
    expect(await events()).toEqual([])
  })

  it('keeps its trace id, on the event and the answer', async () => {
    const { options, event } = createAdapterRecorder()
    const response = withReplayStack((_: Request) => new Response('x'), options)(get('/', { 'x-trace-id': 'mine-1' }))
    expect(response.headers.get('x-trace-id')).toBe('mine-1')
    expect((await event()).traceId).toBe('mine-1')
  })

  it('that is handed to a second handler when the first is done is observed again', async () => {
    const { options, events } = createAdapterRecorder()
    const request = get('/twice')
    await withReplayStack(async (_: Request) => new Response('no', { status: 404 }), options)(request)
    await withReplayStack(async (_: Request) => new Response('yes'), options)(request)
    expect((await events()).map(event => event.statusCode)).toEqual([404, 200])
  })

  it('through Hono with its middleware is one event, with the route and the error', async () => {
    const { options, event } = createAdapterRecorder()
    const app = new Hono()
    app.use(replaystack(options))
    let context: unknown
    app.get('/boom/:id', c => {
      try {
        context = c.executionCtx
      } catch {
        context = 'none'
      }
      throw new TypeError('deep')
    })
    app.onError((_, c) => c.text('sorry', 500))
    const handler = withReplayStack(app.fetch, options)
    const response = await handler(get('/boom/1'), { remoteAddr: { hostname: '198.51.100.7' } })
    expect([response.status, await response.text()]).toEqual([500, 'sorry'])
    expect(await event()).toMatchObject({
      statusCode: 500,
      errorMessage: 'deep',
      metadata: { route: '/boom/:id' },
      responsePayload: 'sorry',
      sourceIp: '198.51.100.7',
    })
    // Hono sees what it would see without the wrapper.
    expect(context).toBe('none')
  })
})

describe('what is thrown', () => {
  it('is a failure, and goes on as the same object', async () => {
    const { options, events } = createAdapterRecorder()
    const thrown = new RangeError('out')
    const failing = withReplayStack((_: Request): Response => {
      throw thrown
    }, options)
    const rejecting = withReplayStack(async (_: Request): Promise<Response> => Promise.reject(thrown), options)
    expect(() => failing(get())).toThrow(thrown)
    await expect(rejecting(get())).rejects.toBe(thrown)
    const failure = { status: 'failed', statusCode: 500, errorName: 'RangeError', errorMessage: 'out' }
    expect(await events()).toMatchObject([failure, failure])
  })

  it.each(['text', { code: 'E' }, undefined, { status: 404 }, { status: 302 }, null])(
    'that is no Error (%o) is one too',
    async thrown => {
      const { options, event } = createAdapterRecorder()
      const handler = withReplayStack(async (_: Request) => Promise.reject(thrown), options)
      const outcome = await handler(get()).catch((error: unknown) => [error])
      expect(outcome).toEqual([thrown])
      expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: expect.any(String) })
    },
  )

  it.each([
    ['a Response', new Response('no', { status: 401 }), 401, 'warning'],
    ['SvelteKit’s redirect', { status: 303, location: '/login' }, 303, 'success'],
    ['SvelteKit’s error', { status: 404, body: { message: 'Not found' } }, 404, 'warning'],
    ['SvelteKit’s error', { status: 503, body: { message: 'Down' } }, 503, 'failed'],
  ])('as an answer (%s) has its status, and is no error', async (_, thrown, statusCode, status) => {
    const { options, event } = createAdapterRecorder()
    const handler = withReplayStack(async (_: { request: Request }) => Promise.reject(thrown), options)
    await expect(handler({ request: get() })).rejects.toBe(thrown)
    const captured = await event()
    expect(captured).toMatchObject({ status, statusCode })
    expect(captured).not.toHaveProperty('errorName')
  })

  it('as an Error that looks like an answer is an error all the same', async () => {
    const { options, event } = createAdapterRecorder()
    const thrown = Object.assign(new Error('upstream'), { status: 404, body: {}, headers: {}, location: '/' })
    await expect(withReplayStack(async (_: Request) => Promise.reject(thrown), options)(get())).rejects.toBe(thrown)
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: 'upstream' })
  })
})

describe('an answer', () => {
  it('keeps all of its cookies where its headers cannot be changed', async () => {
    const cookies = ['a=1', 'b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT']
    const upstream = await startFaultyIngest({
      status: 200,
      headers: { 'content-type': 'application/json', 'set-cookie': cookies as never },
      body: '{"proxied":true}',
    })
    const { options, event } = createAdapterRecorder()
    const response = await withReplayStack((_: Request) => fetch(upstream.url), options)(get())
    expect(response.headers.get('x-trace-id')).toBe((await event()).traceId)
    expect(response.headers.getSetCookie()).toEqual(cookies)
    expect(await response.json()).toEqual({ proxied: true })
  })

  it('that streams comes as it is made, and is not recorded', async () => {
    const { options, event } = createAdapterRecorder()
    const source: { push?: (text: string) => void; close?: () => void } = {}
    const handler = withReplayStack((_: Request) => {
      const body = new ReadableStream({
        start(controller) {
          source.push = text => controller.enqueue(new TextEncoder().encode(text))
          source.close = () => controller.close()
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }, options)
    const reader = handler(get()).body?.getReader()
    for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
      source.push?.(text)
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(text)
    }
    source.close?.()
    expect((await reader?.read())?.done).toBe(true)
    expect(await event()).toMatchObject({
      responsePayload: { captured: false, reason: 'Streaming response body not captured' },
    })
  })

  it.each([
    ['given the request: a failure', () => [get()] as unknown[], 'failed', 500],
    ['given an event: the host’s own affair', () => [{ request: get() }], 'success', undefined],
    ['beside Bun’s server: an upgrade', () => [get(), { upgrade: () => true }], 'success', undefined],
  ])('that is nothing is, %s', async (_, args, status, statusCode) => {
    const { options, event } = createAdapterRecorder()
    expect(withReplayStack((..._: unknown[]) => {}, options)(...args())).toBeUndefined()
    const captured = await event()
    expect([captured.status, captured.statusCode]).toEqual([status, statusCode])
  })

  it('whose body the host brings, and which breaks off, is a failure of what broke it', async () => {
    const { options, event } = createAdapterRecorder()
    const reset = new Error('connection reset')
    const handler = withReplayStack((_: Request) => {
      let pulls = 0
      // As a proxy has it of its upstream: a stream of bytes.
      const body = new ReadableStream({
        type: 'bytes',
        pull(controller) {
          if (pulls++ === 0) controller.enqueue(new TextEncoder().encode('{"password":"secret-1"'))
          else controller.error(reset)
        },
      })
      return new Response(body, { headers: { 'content-type': 'application/json' } })
    }, options)
    await expect((await handler(get())).text()).rejects.toBe(reset)
    const captured = await event()
    expect(captured).toMatchObject({ status: 'failed', statusCode: 200, errorMessage: 'connection reset' })
    expect(captured.logs).toMatchObject([{ level: 'error', message: 'connection reset' }])
    expect(captured.responsePayload).toMatchObject({ __truncated: true, preview: '{"password":"[MASKED]"' })
  })

  it('that is data passes through: SvelteKit’s load', async () => {
    const { options, event } = createAdapterRecorder()
    const data = { posts: [] }
    const load = withReplayStack(async (_: { request: Request }) => data, options)
    expect(await load({ request: get('/blog') })).toBe(data)
    expect(await event()).toMatchObject({ endpoint: '/blog', status: 'success' })
  })
})

describe('a host', () => {
  it.each<[string, (context: HostContext, request: Request) => unknown[]]>([
    ['a service worker’s event', (_, request) => [Object.assign(new HostContext(), { request })]],
    ['a Worker’s context', (context, request) => [request, {}, context]],
    ['SvelteKit on Cloudflare', (ctx, request) => [{ request, platform: { env: {}, ctx } }]],
    ['SvelteKit on Netlify', (context, request) => [{ request, platform: { context } }]],
    ['SvelteKit’s handle hook', (ctx, request) => [{ event: { request, platform: { ctx } }, resolve() {} }]],
    ['Astro 5', (ctx, request) => [{ request, locals: { runtime: { env: {}, ctx } } }, () => {}]],
    ['Astro 6', (cfContext, request) => [{ request, locals: { cfContext, runtime: astro6Runtime } }, () => {}]],
  ])('is kept alive by its own waitUntil: %s', async (_, args) => {
    const { options, client } = createAdapterRecorder()
    const context = new HostContext()
    const given = args(context, get('/kept'))
    await withReplayStack(async (..._: unknown[]) => new Response('ok'), options)(...given)
    const waiting = [context, ...given].flatMap(one => (one instanceof HostContext ? one.waiting : []))
    expect(waiting.length).toBeGreaterThan(0)
    await Promise.all(waiting)
    expect(client.stats().sent).toBe(1)
  })

  const astro6Runtime = {
    get ctx() {
      throw new Error('removed in Astro 6')
    },
    get env() {
      throw new Error('removed in Astro 6')
    },
  }

  it.each<[string, unknown, string | undefined]>([
    ['Deno’s info', { remoteAddr: { transport: 'tcp', hostname: '198.51.100.8', port: 1 } }, '198.51.100.8'],
    ['Bun’s server', { requestIP: (request: unknown) => request && { address: '198.51.100.9' } }, '198.51.100.9'],
    ['Bun’s server, of a closed socket', { requestIP: () => null }, undefined],
    ['a server that throws', { requestIP: () => expect.fail('no') }, undefined],
    ['nothing', undefined, undefined],
  ])('tells where a request came from: %s', async (_, info, sourceIp) => {
    const { options, event } = createAdapterRecorder()
    await withReplayStack(async (_: Request, _info: unknown) => new Response('ok'), options)(get(), info)
    expect((await event()).sourceIp).toBe(sourceIp)
  })

  it('has its environment in its platform, else in process.env', async () => {
    const given: unknown[] = []
    const { client, events } = createAdapterRecorder()
    const options = (env: object) => {
      given.push(env)
      return { client }
    }
    const env = { NAME: 'x' }
    const request = get()
    await withReplayStack(async (_: object) => new Response('ok'), options)({ request, platform: { env } })
    await withReplayStack(async (_: object) => new Response('ok'), options)({ request, locals: { runtime: { env } } })
    // A function of Cloudflare Pages.
    await withReplayStack(async (_: object) => new Response('ok'), options)({ request, env, waitUntil() {} })
    const handler = withReplayStack((_: Request) => new Response('ok'), options)
    handler(get())
    handler(get())
    expect(given).toEqual([env, env, env, process.env])
    expect(await events()).toHaveLength(5)
  })

  it('without AsyncLocalStorage has the handle, after the handler’s own arguments', async () => {
    const { options, events } = createAdapterRecorder({ automaticBreadcrumbs: false })
    const leave = (handle: ReplayStackHandle | undefined, message: string) => {
      handle?.addBreadcrumb(message)
      return new Response()
    }
    const first = withReplayStack((_: Request, handle?: ReplayStackHandle) => leave(handle, 'second'), options)
    const second = withReplayStack(
      (_: Request, _info: object, handle?: ReplayStackHandle) => leave(handle, 'third'),
      options,
    )
    const rest = withReplayStack((...args: unknown[]) => {
      expect(args.slice(1, 3)).toEqual([{}, undefined])
      return leave(args[3] as ReplayStackHandle, 'fourth')
    }, options)
    first(get())
    second(get(), {})
    rest(get(), {})
    const messages = (await events()).map(event => event.breadcrumbs?.map(one => one.message))
    expect(messages).toEqual([['second'], ['third'], ['fourth']])
  })
})

describe('the handler', () => {
  it('keeps its name, arity, properties, symbols, this and type', async () => {
    const { options } = createAdapterRecorder()
    const mark = Symbol('mark')
    class Server {
      #greeting = 'hello'
      readonly handle = withReplayStack(
        Object.assign(
          function handle(this: Server, _request: Request, _info: object) {
            return new Response(this.#greeting)
          },
          { extra: 1, [mark]: true },
        ),
        options,
      )
    }
    const server = new Server()
    expect(await server.handle(get(), {}).text()).toBe('hello')
    expect([server.handle.name, server.handle.length]).toEqual(['handle', 2])
    expect([server.handle.extra, server.handle[mark]]).toEqual([1, true])
  })

  it('has its parameters typed by its host, or by what it is', async () => {
    const { options } = createAdapterRecorder()
    const serve = (handler: (request: Request, info: { port: number }) => Response | Promise<Response>) =>
      handler(get(), { port: 80 })
    const served = await serve(
      withReplayStack((request, info) => new Response(`${request.method} ${info.port}`), options),
    )
    expect(await served.text()).toBe('GET 80')
    expect(await withReplayStack(request => new Response(request.method), options)(get()).text()).toBe('GET')
  })

  it('without a Request is called as it would be', () => {
    const { options, client } = createAdapterRecorder()
    const handler = withReplayStack((...args: unknown[]) => args, options)
    expect([handler(), handler(null), handler({ url: '/', headers: {} }, 1)]).toEqual([
      [],
      [null],
      [{ url: '/', headers: {} }, 1],
    ])
    expect(client.stats().captured).toBe(0)
  })
})

describe('set-up', () => {
  it('refuses a wrong option at once, by its name', () => {
    const wrap = () => withReplayStack((_: Request) => new Response(), { timeoutMs: -1 })
    expect(wrap).toThrow('ReplayStack option "timeoutMs" must be a whole number')
  })

  it('without a key passes requests through, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const handler = withReplayStack((_: Request, handle?: ReplayStackHandle) => {
      handle?.addBreadcrumb('still there')
      return new Response('ok')
    })
    for (const _ of [1, 2]) {
      const response = handler(get())
      expect([await response.text(), response.headers.has('x-trace-id')]).toEqual(['ok', false])
    }
    expect(warn.mock.calls).toEqual([
      ['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.'],
    ])
    warn.mockRestore()
  })

  it('answers before it makes the event: what that takes delays nobody', async () => {
    const made: string[] = []
    const recorded = createRecordedClient({
      beforeSend(event) {
        made.push(event.endpoint ?? '')
        return event
      },
    })
    const handler = withReplayStack((_: Request, _host: HostContext) => new Response(null, { status: 204 }), recorded)
    await handler(get(), new HostContext())
    // Whatever waits for its turn alone has had it by now, the answer's own way out too.
    for (let turn = 0; turn < 1_000; turn++) await undefined
    expect(made).toEqual([])
    await recorded.client.flush()
    expect(made).toEqual(['/'])
  })

  it('makes the event though a test has replaced the timers since', async () => {
    const recorded = createRecordedClient()
    const handler = withReplayStack((_: Request, _host: HostContext) => new Response(null, { status: 204 }), recorded)
    vi.useFakeTimers()
    const host = new HostContext()
    await handler(get(), host)
    await Promise.all(host.waiting)
    vi.useRealTimers()
    expect(recorded.events).toHaveLength(1)
  })

  it('counts an event that was not made when its client was closed', async () => {
    const drops: string[] = []
    const recorded = createRecordedClient({ onQueueDrop: ({ reason }) => drops.push(reason) })
    const handler = withReplayStack((_: Request, _host: HostContext) => new Response(null, { status: 204 }), recorded)
    const host = new HostContext()
    await handler(get(), host)
    await recorded.client.close(0)
    await Promise.all(host.waiting)
    expect([recorded.events, drops]).toEqual([[], ['closed']])
    expect(recorded.client.stats()).toEqual({ captured: 1, sent: 0, pending: 0, dropped: { closed: 1 } })
  })

  it('sees the end of a promise of any kind', async () => {
    const recorded = createRecordedClient()
    const response = new Response('late', { status: 202 })
    // biome-ignore lint/suspicious/noThenProperty: a promise of another realm or library is all that it says it is.
    const later = { then: (resolve: (value: Response) => void) => void setImmediate(() => resolve(response)) }
    const handler = withReplayStack((_: Request) => later as unknown as Promise<Response>, recorded)
    expect(await handler(get())).toBe(response)
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([{ statusCode: 202, status: 'success', responsePayload: 'late' }])
    expect(response.headers.has('x-trace-id')).toBe(true)
  })

  it('waits for delivery before it answers with asyncSend false', async () => {
    const recorded = createRecordedClient({ asyncSend: false })
    const handler = withReplayStack((_: Request): Response | Promise<Response> => new Response('ok'), recorded)
    await handler(get())
    expect(recorded.client.stats()).toMatchObject({ sent: 1 })
  })
})

describe('a page that Astro prerenders', () => {
  it('is none that is recorded, and nothing of its request is read', async () => {
    const { options, client } = createAdapterRecorder()
    const touched: PropertyKey[] = []
    const request = new Proxy(new Request('https://f.example/'), {
      get: (target, name) => {
        touched.push(name)
        return Reflect.get(target, name, target)
      },
    })
    const response = new Response('page')
    const handler = withReplayStack((_context: object) => response, options)
    expect(handler({ request, isPrerendered: true })).toBe(response)
    expect([touched, client.stats().captured]).toEqual([[], 0])
    const live = await Promise.resolve(handler({ request, isPrerendered: false }))
    expect([live.status, touched.length > 0, client.stats().captured]).toEqual([200, true, 0])
    expect(await client.flush()).toBe(true)
    expect(client.stats().captured).toBe(1)
  })
})
