import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { withReplayStack } from '../../src/adapters/netlify.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createAdapterRecorder, HostContext, requestsTo } from '../support/adapter-recorder.ts'

/** Netlify's context. */
class Context extends HostContext {
  readonly ip = '203.0.113.6'
  async next() {
    return new Response('origin')
  }
}

const get = requestsTo('https://n.example')

describe('a request', () => {
  it('makes one event with all that is known of it, and is handed to the context', async () => {
    const { options, client, event } = createAdapterRecorder()
    const context = new Context()
    const handler = withReplayStack(async (request: Request, { ip }: Context) => {
      return Response.json({ ip, order: await request.json(), token: 'secret-1' }, { status: 201 })
    }, options)
    const response = await handler(
      new Request('https://n.example/orders?page=2', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"password":"secret-2"}',
      }),
      context,
    )
    expect(await response.json()).toMatchObject({ ip: '203.0.113.6', token: 'secret-1' })
    expect(context.waiting.length).toBeGreaterThan(0)
    await Promise.all(context.waiting)
    expect(client.stats().sent).toBe(1)
    const captured = await event()
    expect(JSON.stringify(captured)).not.toContain('secret-')
    expect(captured).toMatchObject({
      traceId: response.headers.get('x-trace-id'),
      eventType: 'api',
      method: 'POST',
      endpoint: '/orders',
      requestPayload: { password: '[MASKED]' },
      status: 'success',
      statusCode: 201,
      sourceIp: '203.0.113.6',
    })
  })

  it('without a context is recorded too, and tracked in flight', async () => {
    const { options, event } = createAdapterRecorder()
    withReplayStack((_: Request) => new Response(), options)(get('/alone'))
    const captured = await event()
    expect(captured.endpoint).toBe('/alone')
    expect(captured).not.toHaveProperty('sourceIp')
  })

  it('keeps its trace id; its answer keeps its cookies, and is the same object', async () => {
    const { options, event } = createAdapterRecorder()
    const answer = new Response('x', {
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    })
    const handler = withReplayStack((_: Request) => answer, options)
    expect(handler(get('/', { 'x-trace-id': 'mine-1' }))).toBe(answer)
    expect([answer.headers.get('x-trace-id'), answer.headers.getSetCookie()]).toEqual(['mine-1', ['a=1', 'b=2']])
    expect((await event()).traceId).toBe('mine-1')
  })

  it('for an ignored path makes none', async () => {
    const { options, events } = createAdapterRecorder({ ignoredPaths: ['/.netlify'] })
    const handler = withReplayStack((_: Request) => new Response('ok'), options)
    for (const path of ['/metrics', '/.netlify/images']) expect(handler(get(path)).status).toBe(200)
    expect(await events()).toEqual([])
  })

  it('through Hono with its middleware is one event', async () => {
    const { options, event } = createAdapterRecorder()
    const app = new Hono()
    app.use(replaystack(options))
    app.get('/orders/:id', c => c.json({ id: c.req.param('id') }))
    const handler = withReplayStack(app.fetch, options)
    expect(await (await handler(get('/orders/7'), new Context())).json()).toEqual({ id: '7' })
    expect(await event()).toMatchObject({ metadata: { route: '/orders/:id' }, sourceIp: '203.0.113.6' })
  })
})

describe('an answer', () => {
  it.each([undefined, null, new URL('https://n.example/other')])(
    'of %s lets Netlify answer: a success without a status',
    async answer => {
      const { options, event } = createAdapterRecorder()
      const handler = withReplayStack(async (_request: Request, _context: Context) => answer, options)
      expect(await handler(get(), new Context())).toBe(answer)
      const captured = await event()
      expect(captured.status).toBe('success')
      expect(captured).not.toHaveProperty('statusCode')
    },
  )

  it('that Netlify cannot send is a failure', async () => {
    const { options, event } = createAdapterRecorder()
    expect(await withReplayStack(async (_: Request) => 'text', options)(get())).toBe('text')
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500 })
  })

  it('of the origin is the answer’s own', async () => {
    const { options, event } = createAdapterRecorder()
    const handler = withReplayStack((_request: Request, context: Context) => context.next(), options)
    expect(await (await handler(get(), new Context())).text()).toBe('origin')
    expect(await event()).toMatchObject({ statusCode: 200, responsePayload: 'origin' })
  })

  it('that streams is the same stream, and is not recorded', async () => {
    const { options, event } = createAdapterRecorder()
    const stream = new Blob(['data: 1\n\n']).stream()
    const headers = { 'content-type': 'text/event-stream' }
    const response = withReplayStack((_: Request) => new Response(stream, { headers }), options)(get())
    expect([response.body === stream, await response.text()]).toEqual([true, 'data: 1\n\n'])
    expect(await event()).toMatchObject({ responsePayload: { captured: false } })
  })
})

describe('what is thrown', () => {
  it.each([new RangeError('out'), 'text', undefined, { status: 404 }])(
    '(%o) is a failure, and goes on as the same object',
    async thrown => {
      const { options, events } = createAdapterRecorder()
      const failing = withReplayStack((_: Request): Response => {
        throw thrown
      }, options)
      const rejecting = withReplayStack(async (_: Request) => Promise.reject(thrown), options)
      const caught = [failing, rejecting].map(async handler => handler(get()))
      expect(await Promise.allSettled(caught)).toEqual([
        { status: 'rejected', reason: thrown },
        { status: 'rejected', reason: thrown },
      ])
      const failure = { status: 'failed', statusCode: 500, errorMessage: expect.any(String) }
      expect(await events()).toMatchObject([failure, failure])
    },
  )
})

describe('the handler', () => {
  it('keeps its name, arity, properties and this, and has its handle after its arguments', async () => {
    const { options, event } = createAdapterRecorder()
    const mark = Symbol('mark')
    class Functions {
      #greeting = 'hello'
      readonly hello = withReplayStack(
        Object.assign(
          function hello(this: Functions, _request: Request, _context: Context, handle?: ReplayStackHandle) {
            handle?.addBreadcrumb('by hand')
            return new Response(this.#greeting)
          },
          { [mark]: true },
        ),
        options,
      )
    }
    const functions = new Functions()
    expect(await functions.hello(get(), new Context()).text()).toBe('hello')
    expect([functions.hello.name, functions.hello.length, functions.hello[mark]]).toEqual(['hello', 3, true])
    expect((await event()).breadcrumbs?.map(one => one.message)).toContain('by hand')
  })

  it('without a Request is called as it would be', () => {
    const { options, client } = createAdapterRecorder()
    expect(withReplayStack((...args: unknown[]) => args, options)({ httpMethod: 'GET' }, {})).toEqual([
      { httpMethod: 'GET' },
      {},
    ])
    expect(client.stats().captured).toBe(0)
  })
})

describe('set-up', () => {
  it('refuses a wrong option at once, by its name', () => {
    expect(() => withReplayStack(() => {}, { sampleRate: 2 })).toThrow('ReplayStack option "sampleRate"')
  })

  it('has its environment in Netlify.env, else in process.env', async () => {
    const { options, events } = createAdapterRecorder()
    const given: unknown[] = []
    const wrap = () =>
      withReplayStack(
        (_: Request) => new Response(),
        (env: object) => {
          given.push(env)
          return options
        },
      )
    const env = { NAME: 'x' }
    vi.stubGlobal('Netlify', { env: { toObject: () => env } })
    wrap()(get())
    vi.stubGlobal('Netlify', { env: { toObject: () => expect.fail('no permission') } })
    wrap()(get())
    vi.unstubAllGlobals()
    wrap()(get())
    expect(given).toEqual([env, process.env, process.env])
    expect(await events()).toHaveLength(3)
  })

  it('without a key passes requests through, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const handler = withReplayStack((_request: Request, _context: Context) => new Response('ok'))
    for (const _ of [1, 2]) expect(handler(get(), new Context()).headers.has('x-trace-id')).toBe(false)
    expect(warn.mock.calls).toEqual([
      ['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.'],
    ])
    warn.mockRestore()
  })
})

describe('a function of the form `export const handler`', () => {
  const classic = {
    path: '/.netlify/functions/orders',
    httpMethod: 'POST',
    rawUrl: 'https://n.example/.netlify/functions/orders?page=2',
    rawQuery: 'page=2',
    queryStringParameters: { page: '2' },
    multiValueQueryStringParameters: { page: ['2'] },
    headers: { 'content-type': 'application/json', 'x-nf-client-connection-ip': '203.0.113.7' },
    multiValueHeaders: { 'content-type': ['application/json'] },
    body: '{"password":"secret-2"}',
    isBase64Encoded: false,
  }
  const context = { functionName: 'orders', clientContext: {}, getRemainingTimeInMillis: () => 3000 }

  it('makes one event by its response, which has arrived before that leaves', async () => {
    const { options, client, event } = createAdapterRecorder()
    const handler = withReplayStack(
      async (_event: typeof classic, _context: object) => ({
        statusCode: 500,
        body: '{"error":"no","token":"secret-3"}',
      }),
      options,
    )
    expect(handler.length).toBe(2)
    const response = await handler(classic, context)
    expect(client.stats().sent).toBe(1)
    const captured = await event()
    expect(response).toEqual({
      statusCode: 500,
      headers: { 'x-trace-id': captured.traceId },
      body: '{"error":"no","token":"secret-3"}',
    })
    expect(captured).toMatchObject({
      eventType: 'api',
      method: 'POST',
      endpoint: '/.netlify/functions/orders',
      requestUrl: 'https://n.example/.netlify/functions/orders?page=2',
      requestPayload: { password: '[MASKED]' },
      responsePayload: { error: 'no', token: '[MASKED]' },
      status: 'failed',
      statusCode: 500,
      sourceIp: '203.0.113.7',
      metadata: { functionName: 'orders', coldStart: true },
    })
  })

  it.each<[string, unknown, number]>([
    ['no status, which Netlify refuses', { body: 'x' }, 502],
    ['nothing', undefined, 502],
    ['a refusal', { statusCode: 404, body: '' }, 404],
  ])('that returns %s returns the same, and is judged as Netlify does', async (_, result, statusCode) => {
    const { options, event } = createAdapterRecorder()
    const handler = withReplayStack(async (_event: typeof classic, _context: object) => result, options)
    expect(await handler(classic, context)).toMatchObject(Object(result))
    expect(await event()).toMatchObject({ eventType: 'api', statusCode })
  })

  it('that throws rejects with the same object', async () => {
    const { options, event } = createAdapterRecorder()
    const thrown = new RangeError('no such order')
    const handler = withReplayStack(async (_event: typeof classic, _context: object) => Promise.reject(thrown), options)
    await expect(handler(classic, context)).rejects.toBe(thrown)
    expect(await event()).toMatchObject({ status: 'failed', errorName: 'RangeError' })
  })
})
