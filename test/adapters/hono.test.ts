import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import { describe, expect, it, vi } from 'vitest'
import { type ReplayStackVariables, replaystack } from '../../src/adapters/hono.ts'
import { createTestClient, memoryTransport } from '../../src/testing.ts'
import type { AdapterOptions, ReplayStackEvent } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** An application with the middleware, and the events its requests have made. */
function createApp(options: AdapterOptions<Request> = {}, setUp: (app: App) => void = () => {}) {
  const recorded = createRecordedClient()
  const { client } = recorded
  const app = new Hono<{ Variables: ReplayStackVariables }>()
  app.use(replaystack({ client, ...options }))
  app.get('/ok', c => c.json({ ok: true }))
  setUp(app)
  const events = async (): Promise<ReplayStackEvent[]> => {
    expect(await client.flush()).toBe(true)
    return recorded.events
  }
  const event = async (): Promise<ReplayStackEvent> => {
    const all = await events()
    expect(all).toHaveLength(1)
    return all[0] as ReplayStackEvent
  }
  return { app, client, errors: recorded.errors, events, event }
}
type App = Hono<{ Variables: ReplayStackVariables }>

describe('a request', () => {
  it('makes one event with all that is known of it', async () => {
    const { app, event } = createApp({}, app => {
      app.post('/orders/:id', async c => {
        c.var.replaystack.addBreadcrumb('Charging card', { category: 'payment' })
        return c.json({ ...(await c.req.json()), token: 'secret-2' }, 201)
      })
    })
    const response = await app.request('http://shop.example/orders/7?ref=mail&api_key=secret-0', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer secret-1',
        'user-agent': 'curl/8',
        'cf-connecting-ip': '203.0.113.9',
      },
      body: JSON.stringify({ item: 'book', password: 'secret-3' }),
    })
    expect(await response.json()).toEqual({ item: 'book', password: 'secret-3', token: 'secret-2' })
    const captured = await event()
    expect(JSON.stringify(captured)).not.toContain('secret-')
    expect(captured).toMatchObject({
      traceId: response.headers.get('x-trace-id'),
      eventType: 'api',
      method: 'POST',
      endpoint: '/orders/7',
      requestUrl: 'http://shop.example/orders/7?ref=mail&api_key=[MASKED]',
      authMode: 'bearer',
      authScheme: 'Bearer',
      requestHeaders: { authorization: '[MASKED]', 'content-type': 'application/json' },
      requestPayload: { item: 'book', password: '[MASKED]' },
      responseHeaders: { 'content-type': 'application/json' },
      responsePayload: { item: 'book', password: '[MASKED]', token: '[MASKED]' },
      status: 'success',
      statusCode: 201,
      executionTimeMs: expect.any(Number),
      sourceIp: '203.0.113.9',
      userAgent: 'curl/8',
      metadata: { route: '/orders/:id' },
    })
    expect(captured.breadcrumbs?.map(one => [one.message, one.category])).toEqual([
      ['HTTP request started', 'http'],
      ['Charging card', 'payment'],
      ['HTTP request finished', 'http'],
    ])
    expect(captured).not.toHaveProperty('errorName')
  })

  it('that no one answers is a warning without a route', async () => {
    const { app, event } = createApp()
    expect((await app.request('/nowhere')).status).toBe(404)
    const captured = await event()
    expect(captured).toMatchObject({ status: 'warning', statusCode: 404 })
    expect(captured).not.toHaveProperty('metadata')
  })

  it('whose handler answers nothing fails', async () => {
    const { app, event } = createApp({}, app => {
      app.get('/forgot', (() => {}) as never)
      app.onError((_, c) => c.text('no', 500))
    })
    // As without us: nobody has answered, and onError says so.
    const response = await app.request('/forgot')
    expect([response.status, await response.text()]).toEqual([500, 'no'])
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500 })
  })

  it('whose handler answers nothing fails as without us, also where it is not recorded', async () => {
    for (const options of [{ ignoredPaths: ['/forgot'] }, { enabled: false }]) {
      const app = new Hono().use(replaystack({ apiKey: 'k', transport: memoryTransport(), ...options }))
      app.get('/forgot', (() => {}) as never)
      app.onError((_, c) => c.text('no', 500))
      const response = await app.request('/forgot')
      expect([response.status, await response.text()]).toEqual([500, 'no'])
    }
  })

  it.each(['/health', '/health/live', '/metrics', '/favicon.ico', '/internal/x'])('for %s makes none', async path => {
    const { app, events } = createApp({ ignoredPaths: ['/internal'] }, app => app.get('*', c => c.text('fine')))
    const response = await app.request(path)
    expect([await response.text(), response.headers.has('x-trace-id')]).toEqual(['fine', false])
    expect(await events()).toEqual([])
  })

  it('is its own scope, however many there are', async () => {
    const { app, client, events } = createApp({ automaticBreadcrumbs: false }, app => {
      app.get('/wait/:id', async c => {
        c.var.replaystack.addBreadcrumb(`by handle ${c.req.param('id')}`)
        await new Promise(resolve => setTimeout(resolve, 5))
        client.addBreadcrumb(`by client ${c.req.param('id')}`)
        return c.body(null, 204)
      })
    })
    await Promise.all(['1', '2', '3'].map(id => app.request(`/wait/${id}`)))
    for (const event of await events()) {
      const id = event.endpoint?.at(-1)
      expect(event.breadcrumbs?.map(one => one.message)).toEqual([`by handle ${id}`, `by client ${id}`])
    }
  })
})

describe('an error', () => {
  const boom = new TypeError('it broke')

  it('that is thrown is a failure with its fields, and the answer is Hono’s', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { app, event } = createApp({}, app => {
      app.get('/boom', () => {
        throw boom
      })
    })
    const response = await app.request('/boom')
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error'])
    const captured = await event()
    expect(captured).toMatchObject({
      status: 'failed',
      statusCode: 500,
      errorName: 'TypeError',
      errorMessage: 'it broke',
      metadata: { route: '/boom' },
    })
    expect(captured.stackFrames?.[0]?.fileName).toContain('hono.test.ts')
    expect(captured.breadcrumbs?.at(-1)).toMatchObject({ message: 'HTTP request finished', level: 'error' })
  })

  it('that onError answers keeps its fields; the status is the answer’s', async () => {
    const { app, event } = createApp({}, app => {
      app.get('/boom', () => {
        throw boom
      })
      app.onError((_, c) => c.json({ handled: true }, 409))
    })
    expect((await app.request('/boom')).status).toBe(409)
    expect(await event()).toMatchObject({ status: 'warning', statusCode: 409, errorMessage: 'it broke' })
  })

  it.each([
    [401, 'warning'],
    [422, 'warning'],
    [503, 'failed'],
  ] as const)('HTTPException %i is a %s', async (status, expected) => {
    const { app, event } = createApp({}, app => {
      app.get('/http', () => {
        throw new HTTPException(status, { message: 'not so' })
      })
    })
    expect((await app.request('/http')).status).toBe(status)
    expect(await event()).toMatchObject({ status: expected, statusCode: status, errorMessage: 'not so' })
  })

  it.each(['text', { code: 'E' }, undefined])('that is no Error (%o) is recorded and goes on', async thrown => {
    const { app, event } = createApp({}, app => {
      app.get('/odd', () => {
        throw thrown
      })
    })
    const outcome = await Promise.resolve(app.request('/odd')).then(
      () => 'answered',
      error => [error],
    )
    expect(outcome).toEqual([thrown])
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: expect.any(String) })
  })

  it('in a mounted application is recorded once', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { app, event } = createApp({}, app => {
      const inner = new Hono()
      inner.get('/x/:id', () => {
        throw boom
      })
      app.route('/sub', inner)
    })
    await app.request('/sub/x/1')
    expect(await event()).toMatchObject({ errorMessage: 'it broke', metadata: { route: '/sub/x/:id' } })
  })
})

describe('the trace id', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  it.each([
    [{ 'x-trace-id': 'mine-1' }, 'mine-1'],
    [{ 'x-trace-id': 'mine-1', traceparent }, 'mine-1'],
    [{ 'x-trace-id': 'x'.repeat(129), traceparent }, '4bf92f3577b34da6a3ce929d0e0e4736'],
    [{ traceparent }, '4bf92f3577b34da6a3ce929d0e0e4736'],
    [{ traceparent: 'nonsense' }, expect.stringMatching(/^[\da-f-]{36}$/)],
  ])('of %o is %s, on the event and the answer', async (headers, expected) => {
    const { app, event } = createApp()
    const response = await app.request('/ok', { headers: { ...headers } })
    expect(response.headers.get('x-trace-id')).toEqual(expected)
    expect((await event()).traceId).toBe(response.headers.get('x-trace-id'))
  })

  it('is getTraceId’s first; one that throws or answers nonsense is passed over', async () => {
    const { app, events } = createApp({
      getTraceId(request) {
        const id = request.headers.get('x-request-id')
        if (id === 'throw') throw new Error('x')
        return id
      },
    })
    for (const id of ['req-1', 'throw', 'two words']) {
      await app.request('/ok', { headers: { 'x-request-id': id, 'x-trace-id': 'other' } })
    }
    expect((await events()).map(event => event.traceId)).toEqual(['req-1', 'other', 'other'])
  })

  it('of the answer stays as the handler set it', async () => {
    const { app } = createApp({}, app => app.get('/own', c => c.body('x', 200, { 'x-trace-id': 'own' })))
    expect((await app.request('/own')).headers.get('x-trace-id')).toBe('own')
  })

  it('is put on an answer whose headers cannot be changed, with all of its cookies', async () => {
    const upstream = await startFaultyIngest({
      status: 200,
      headers: {
        'content-type': 'application/json',
        'set-cookie': ['a=1', 'b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT'] as never,
      },
      body: '{"proxied":true}',
    })
    const { app, event } = createApp({}, app => app.get('/proxy', () => fetch(upstream.url)))
    const response = await app.request('/proxy')
    expect(response.headers.get('x-trace-id')).toBe((await event()).traceId)
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT'])
    expect(await response.json()).toEqual({ proxied: true })
    expect((await event()).responseHeaders).toMatchObject({ 'set-cookie': '[MASKED]' })
  })
})

describe('what is captured', () => {
  const post = { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': 'me' }, body: '{"a":1}' }

  it('leaves out what is not wanted', async () => {
    const options = {
      captureHeaders: false,
      captureRequestBody: false,
      captureResponseBody: false,
      automaticBreadcrumbs: false,
    }
    const { app, event } = createApp(options, app => app.post('/x', c => c.json({ b: 2 })))
    await app.request('/x', post)
    const captured = await event()
    expect(captured).toMatchObject({ userAgent: 'me', statusCode: 200 })
    for (const field of ['requestHeaders', 'responseHeaders', 'requestPayload', 'responsePayload', 'breadcrumbs']) {
      expect(captured).not.toHaveProperty(field)
    }
  })

  it('is asked of shouldCapture when the outcome is known', async () => {
    const asked: unknown[] = []
    const { app, events } = createApp({
      shouldCapture(decision) {
        asked.push(decision)
        return decision.statusCode !== 404
      },
    })
    await app.request('/ok?x=1')
    await app.request('/nowhere', { method: 'DELETE' })
    expect(await events()).toHaveLength(1)
    expect(asked).toEqual([
      { method: 'GET', path: '/ok', endpoint: '/ok', statusCode: 200, executionTimeMs: expect.any(Number) },
      {
        method: 'DELETE',
        path: '/nowhere',
        endpoint: '/nowhere',
        statusCode: 404,
        executionTimeMs: expect.any(Number),
      },
    ])
  })

  it('is told of where shouldCapture throws: the request goes on', async () => {
    const { app, events, errors, client } = createApp({
      shouldCapture() {
        throw new Error('hook')
      },
    })
    expect((await app.request('/ok')).status).toBe(200)
    expect(await events()).toEqual([])
    expect(errors).toMatchObject([{ code: 'internal', cause: { message: 'hook' } }])
    expect(client.stats()).toEqual({ captured: 1, sent: 0, pending: 0, dropped: { internal: 1 } })
  })

  it('is a marker for a stream, which streams on', async () => {
    const { app, event } = createApp({}, app => {
      app.get('/stream', c =>
        streamSSE(c, async stream => {
          for (const data of ['1', '2']) await stream.writeSSE({ data })
        }),
      )
    })
    const response = await app.request('/stream')
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n\n')
    expect((await event()).responsePayload).toEqual({
      captured: false,
      reason: 'Streaming response body not captured',
    })
  })

  it.each<[what: string, answer: (c: Context) => Response | Promise<Response>, payload: unknown]>([
    ['JSON', c => c.json({ a: [1, null, Number.NaN], b: undefined }), { a: [1, null, null] }],
    [
      'a date and its like',
      c => c.json({ at: new Date(0), own: { toJSON: () => 'mine' } }),
      { at: '1970-01-01T00:00:00.000Z', own: 'mine' },
    ],
    ['JSON that is no object', c => c.json('password=secret-1'), 'password=[MASKED]'],
    ['JSON by another name', c => c.json({ a: 1 }, 200, { 'content-type': 'text/plain' }), '{"a":1}'],
    [
      'JSON too large to be encoded at once',
      c => c.json({ token: 'secret-2', text: 'ä'.repeat(9_000) }),
      { token: '[MASKED]', text: 'ä'.repeat(9_000) },
    ],
    ['text', c => c.text('it’s token=secret-3'), 'it’s token=[MASKED]'],
    ['no text', c => c.text(''), ''],
    [
      'text that is JSON',
      c => c.text('{"pin":1,"b":2}', 200, { 'content-type': 'application/json' }),
      { pin: '[MASKED]', b: 2 },
    ],
    ['a page', c => c.html('<p>fine</p>'), '<p>fine</p>'],
    ['a page that is a promise', c => c.html(Promise.resolve('<p>late</p>')), '<p>late</p>'],
    [
      'bytes that it says are some',
      c => c.text('fine', 200, { 'content-type': 'image/png' }),
      expect.objectContaining({ captured: false }),
    ],
  ])('has the body of an answer that was %s', async (_, answer, payload) => {
    const { app, event } = createApp({}, app => app.get('/made', c => answer(c)))
    const response = await app.request('/made')
    await response.text()
    expect((await event()).responsePayload).toEqual(payload)
  })

  it('has a body as it left, whatever becomes of the object that it was made of', async () => {
    const state = { count: 1 }
    const { app, event } = createApp({}, app => {
      app.get('/state', c => {
        const response = c.json(state)
        state.count = 2
        return response
      })
    })
    expect(await (await app.request('/state')).json()).toEqual({ count: 1 })
    expect((await event()).responsePayload).toEqual({ count: 1 })
  })

  it('has the body of an answer that was made anew', async () => {
    const { app, event } = createApp({}, app => {
      app.use('/anew', async (c, next) => {
        await next()
        c.res = new Response((await c.res.text()).toUpperCase(), c.res)
      })
      app.get('/anew', c => c.text('quiet'))
    })
    expect(await (await app.request('/anew')).text()).toBe('QUIET')
    expect((await event()).responsePayload).toBe('QUIET')
  })

  it('has a body that came in chunks where Hono has read it, and a marker where nobody has', async () => {
    const { app, events } = createApp({}, app => {
      app.post('/read', async c => c.json(await c.req.json()))
      app.post('/left', c => c.text('left'))
    })
    const chunked = { ...post, headers: { ...post.headers, 'transfer-encoding': 'chunked' } }
    for (const path of ['/read', '/left']) expect((await app.request(path, chunked)).status).toBe(200)
    const captured = await events()
    const of = (path: string) => captured.find(({ endpoint }) => endpoint === path)
    const [read, left] = [of('/read'), of('/left')]
    expect(read?.requestPayload).toEqual({ a: 1 })
    expect(left?.requestPayload).toEqual({ captured: false, reason: 'Streaming request body not captured' })
  })

  it('has a marker for the body of a request that lets nobody copy it, and the application has the request', async () => {
    const { app, event } = createApp({}, app => app.post('/raw', async c => c.text(await c.req.raw.text())))
    const request = new Request('http://h/raw', post)
    vi.spyOn(request, 'clone').mockImplementation(() => {
      throw new Error('mine')
    })
    expect(await (await app.request(request)).text()).toBe('{"a":1}')
    expect(await event()).toMatchObject({
      endpoint: '/raw',
      statusCode: 200,
      requestPayload: { captured: false, reason: 'The request body cannot be copied' },
    })
  })

  it('makes nothing of an answer that shouldCapture may not want, before it is asked', async () => {
    let reads = 0
    const value = {
      get read() {
        return ++reads
      },
    }
    const { app } = createApp({ shouldCapture: () => false }, app => app.get('/value', c => c.json(value)))
    expect(await (await app.request('/value')).json()).toEqual({ read: 1 })
    expect(reads).toBe(1)
  })

  it('has no body for HEAD, 204 and redirects', async () => {
    const { app, events } = createApp({}, app => {
      app.get('/none', c => c.body(null, 204))
      app.get('/moved', c => c.redirect('/ok?token=t'))
    })
    await app.request('/ok', { method: 'HEAD' })
    await app.request('/none')
    await app.request('/moved')
    const captured = await events()
    expect(captured.map(event => event.responsePayload)).toEqual([undefined, undefined, undefined])
    expect(captured[2]?.responseHeaders).toMatchObject({ location: '/ok?token=[MASKED]' })
  })
})

describe('delivery', () => {
  it('is handed to the execution context, as a method of its own object', async () => {
    const { app, event } = createApp()
    const waiting: Promise<unknown>[] = []
    class Context {
      #own = true
      props = {}
      waitUntil(promise: Promise<unknown>) {
        if (this.#own) waiting.push(promise)
      }
      passThroughOnException() {}
    }
    await app.request('/ok', {}, {}, new Context() as never)
    expect(waiting.length).toBeGreaterThan(0)
    await Promise.all(waiting)
    expect((await event()).endpoint).toBe('/ok')
  })

  it('is awaited before the answer with asyncSend false, also when it fails', async () => {
    const recorded = createRecordedClient({ asyncSend: false, retries: 0 }, { status: 200 }, { status: 400 })
    const app = new Hono()
    app.use(replaystack({ client: recorded.client }))
    app.get('/ok', c => c.text('ok'))
    await app.request('/ok')
    expect(recorded.client.stats()).toMatchObject({ sent: 1 })
    expect(await (await app.request('/ok')).text()).toBe('ok')
    expect(recorded.client.stats()).toMatchObject({ dropped: { rejected: 1 } })
    expect(recorded.errors).toHaveLength(1)
  })

  it('reaches the real ingest API with options from c.env alone', async () => {
    const ingest = await startFaultyIngest()
    const app = new Hono()
    app.use(replaystack())
    app.get('/ok', c => c.json({ ok: true }))
    const env = { REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: ingest.url, REPLAYSTACK_SERVICE_NAME: 'from-env' }
    await app.request('/ok', {}, env)
    await eventually(() => expect(ingest.inbox.store.list().events).toHaveLength(1))
    expect(ingest.inbox.store.list().events[0]).toMatchObject({ endpoint: '/ok', serviceName: 'from-env' })
  })
})

describe('set-up', () => {
  it('refuses a wrong option at once, by its name', () => {
    expect(() => replaystack({ timeoutMs: -1 })).toThrow('ReplayStack option "timeoutMs" must be a whole number')
    expect(() => replaystack({ client: createTestClient() as never })).toThrow(
      'ReplayStack option "client" must be a ReplayStackClient; got object.',
    )
    expect(() => replaystack({ captureHeaders: 'yes' as never })).toThrow('ReplayStack option "captureHeaders"')
  })

  it('without a key passes requests through, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const app = new Hono<{ Variables: ReplayStackVariables }>()
    app.use(replaystack())
    app.get('/ok', c => {
      c.var.replaystack.addBreadcrumb('still there')
      return c.text('ok')
    })
    for (const _ of [1, 2]) {
      const response = await app.request('/ok', {}, {})
      expect([await response.text(), response.headers.has('x-trace-id')]).toEqual(['ok', false])
    }
    expect(warn.mock.calls).toEqual([
      ['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.'],
    ])
    warn.mockRestore()
  })

  it('says that options are missing where the function that makes them answers none', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const app = new Hono().use(replaystack((() => undefined) as never)).get('/ok', c => c.text('ok'))
    expect(await (await app.request('/ok', {}, {})).text()).toBe('ok')
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it('is flushed within a request without waiting for that request', async () => {
    const { app, client } = createApp({}, app => {
      app.get('/flushed', async c => {
        await client.captureEvent({ endpoint: 'inner' })
        return c.json({ flushed: await client.flush(60_000) })
      })
    })
    expect(await (await app.request('/flushed')).json()).toEqual({ flushed: true })
  })

  it('tells onError of a missing key where there is one', async () => {
    const errors: Error[] = []
    const app = new Hono()
    app.use(replaystack({ onError: error => errors.push(error) }))
    await app.request('/ok', {}, {})
    await app.request('/ok', {}, {})
    expect(errors).toMatchObject([{ code: 'configuration', message: expect.stringContaining('apiKey is required') }])
  })

  it('makes its options of c.env where they are a function; one that throws costs the events alone', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const recorded = createRecordedClient()
    const given: unknown[] = []
    const app = new Hono()
    app.use(
      replaystack((env: object) => {
        given.push(env)
        return { client: recorded.client }
      }),
    )
    app.get('/ok', c => c.text('ok'))
    const env = { NAME: 'x' }
    await app.request('/ok', {}, env)
    await app.request('/ok', {}, env)
    await recorded.client.flush()
    expect(given).toEqual([env])
    expect(recorded.events).toHaveLength(2)
    const broken = new Hono()
    broken.use(
      replaystack(() => {
        throw new Error('no')
      }),
    )
    broken.get('/ok', c => c.text('ok'))
    expect(await (await broken.request('/ok')).text()).toBe('ok')
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it('makes none of a request that was left out further out', async () => {
    const { app, events } = createApp({ ignoredPaths: ['/sub'] }, app => {
      const inner = new Hono()
      inner.use(replaystack({ client: createRecordedClient().client }))
      inner.get('/x', c => c.text('x'))
      app.route('/sub', inner)
    })
    const response = await app.request('/sub/x')
    expect([await response.text(), response.headers.has('x-trace-id')]).toEqual(['x', false])
    expect(await events()).toEqual([])
  })

  it('makes one event of a request where it is registered twice', async () => {
    const { app, event } = createApp({}, app => {
      const inner = new Hono()
      inner.use(replaystack({ apiKey: 'other' }))
      inner.get('/x', c => c.text('x'))
      app.route('/sub', inner)
    })
    await app.request('/sub/x')
    expect(await event()).toMatchObject({ endpoint: '/sub/x', metadata: { route: '/sub/x' } })
  })
})
