/** Where the API key is not: everywhere but in its headers. Long, because it is the list of all ways out. */
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { resolveOptions } from '../../src/client/options.ts'
import type { ClientOptions, TransportRequest } from '../../src/types.ts'
import { type Fault, startFaultyIngest } from '../support/faulty-ingest.ts'
import { findKey, showAll } from '../support/key-forms.ts'
import { until } from '../support/node-server.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

const KEYS = ['rs_live_0123456789abcdef', 'a+b(c)[d]{e}$^.*|?\\x$&', `say"it's\`<key>&#/..%41`, '12345678901234567890']

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const

/** All that was written to the console. */
let printed: unknown[][]

beforeEach(() => {
  printed = []
  for (const method of METHODS) {
    vi.spyOn(console, method).mockImplementation((...args) => void printed.push(args))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** A client that tells all its hooks, and what they were told. */
function createToldClient(options: ClientOptions) {
  const told: unknown[] = []
  const client = new ReplayStackClient(
    {
      retries: 0,
      debug: true,
      onError: (...args) => void told.push(args),
      onQueueDrop: (...args) => void told.push(args),
      beforeSend: event => {
        told.push(structuredClone(event))
        return event
      },
      ...options,
    },
    {},
  )
  return { client, told }
}

describe.each(KEYS)('the key %s', apiKey => {
  it('is in no object that an application holds', async () => {
    const { client } = createToldClient({ apiKey, transport: { post: () => new Promise(() => {}) } })
    const middleware = replaystack({ client })
    const app = new Hono<{ Variables: { replaystack: unknown } }>()
    let handle: unknown
    app.use(middleware)
    app.get('/', c => {
      handle = c.var.replaystack
      return c.text('done')
    })
    await app.request('/')
    await until(() => client.stats().captured === 1)
    expect(String(handle)).toBe('[object Object]')
    for (const held of [client, handle, middleware, client.stats(), client.getBreadcrumbs(), client.getLogs()]) {
      expect(findKey(held, apiKey)).toEqual([])
    }
  })

  const echo = JSON.stringify({
    success: true,
    message: `Accepted for ${apiKey}`,
    data: { eventId: 'e-1', key: apiKey },
  })
  const faults: Fault[] = [
    { status: 200, body: echo },
    { status: 200, body: apiKey },
    { status: 400, body: echo },
    // The key stands where the message is cut.
    { status: 401, body: JSON.stringify({ message: `${'x'.repeat(190)}${apiKey}` }) },
    { status: 413, body: apiKey },
    { status: 429, headers: { 'retry-after': apiKey }, body: echo },
    { status: 500, body: echo },
    { status: 302, headers: { location: `http://h/?key=${encodeURIComponent(apiKey)}` } },
    'truncated',
    'reset',
  ]

  it.each(faults)('is shown to no one, whatever the ingest API does: %o', async fault => {
    const ingest = await startFaultyIngest(fault)
    const { client, told } = createToldClient({ apiKey, endpoint: ingest.url })
    told.push(await client.captureEvent({ endpoint: 'job' }))
    expect(ingest.requests[0]?.headers).toMatchObject({
      'x-replaystack-api-key': apiKey,
      'x-tracereplay-api-key': apiKey,
    })
    expect(ingest.requests[0]?.body).not.toContain(apiKey)
    await client.close()
    expect(printed.length).toBeGreaterThan(1)
    expect(told.length).toBeGreaterThan(1)
    expect(findKey([printed, told], apiKey)).toEqual([])
  })

  it('stays with its host, whatever the redirect', async () => {
    const elsewhere = await startFaultyIngest()
    for (const status of [301, 302, 303, 307, 308]) {
      const ingest = await startFaultyIngest({ status, headers: { location: `${elsewhere.url}/steal` } })
      const { client } = createToldClient({ apiKey, endpoint: ingest.url })
      expect(await client.captureEvent({})).toBeNull()
      expect(client.stats().dropped).toEqual({ rejected: 1 })
    }
    expect(elsewhere.requests).toEqual([])
  })

  it('leaves in no event, wherever the application has put it', async () => {
    const { client, transport, events } = createRecordedClient({ apiKey, serviceName: `for ${apiKey}` })
    client.addBreadcrumb(`with ${apiKey}`, { metadata: { [apiKey]: [apiKey] } })
    client.captureLog({ message: apiKey, metadata: apiKey })
    const error = new Error(`bad key ${apiKey}`, { cause: new Error(apiKey) })
    await client.captureException(error, {
      endpoint: `/keys/${apiKey}`,
      requestUrl: `https://h/${apiKey}`,
      requestHeaders: { 'x-odd': apiKey, [apiKey]: '1' },
      requestPayload: { note: apiKey, big: 2 ** 70, nested: [{ [apiKey]: '"\\\n\u2028' }], long: '"\\'.repeat(50_000) },
      responsePayload: JSON.stringify({ note: apiKey }),
      metadata: { value: apiKey },
    })
    const [body = ''] = transport.bodies
    expect(body).not.toContain(apiKey)
    expect(body).not.toContain(JSON.stringify(apiKey).slice(1, -1))
    expect(events).toEqual([])
    expect(JSON.parse(body)).toMatchObject({
      errorMessage: 'bad key [MASKED]',
      requestPayload: { note: '[MASKED]', big: 2 ** 70, nested: [{ '[MASKED]': '"\\\n\u2028' }] },
    })
  })

  it.each<[string, unknown]>([
    ['message', new Error(`no host for ${apiKey}`)],
    ['name', Object.assign(new Error('x'), { name: apiKey })],
    ['code', Object.assign(new Error('x'), { code: `E_${apiKey}` })],
    ['cause', new Error('x', { cause: new Error('y', { cause: apiKey }) })],
    ['headers', Object.assign(new Error('x'), { config: { headers: { 'x-replaystack-api-key': apiKey } } })],
    ['Headers', Object.assign(new Error('x'), { headers: new Headers({ 'x-replaystack-api-key': apiKey }) })],
    ['Request', Object.assign(new Error('x'), { request: new Request('http://h', { headers: { a: apiKey } }) })],
    ['JSON', new Error(`sent ${JSON.stringify({ key: apiKey })}`)],
    ['Map', Object.assign(new Error('x'), { headers: new Map([['a', apiKey]]) })],
    ['bytes', Object.assign(new Error('x'), { sent: Buffer.from(apiKey) })],
    ['symbol', Object.assign(new Error('x'), { [Symbol(apiKey)]: 1, [Symbol('headers')]: [apiKey] })],
    ['hidden member', Object.defineProperty(new Error('x'), 'secret', { value: { apiKey } })],
    ['getter', Object.defineProperty(new Error('x'), 'secret', { get: () => apiKey })],
    ['errors', new AggregateError([new Error(apiKey)], 'x')],
    ['name of a member', Object.assign(new Error('x'), { [apiKey]: true })],
    ['text', `failed: ${apiKey}`],
    ['object', { statusCode: 0, sent: { key: apiKey } }],
    ['depth', Array.from({ length: 200 }).reduce<unknown>(inner => ({ inner }), apiKey)],
    [
      'class of its own',
      new (class extends Error {
        override message = `for ${apiKey}`
      })(),
    ],
    [
      'Proxy',
      new Proxy(new Error(apiKey), {
        ownKeys: () => {
          throw new Error(apiKey)
        },
      }),
    ],
  ])('is shown to no one when a transport throws it in its %s', async (_where, thrown) => {
    const transport = { post: () => Promise.reject(thrown) }
    const { client, told } = createToldClient({ apiKey, transport, raiseOnError: true })
    const rejected: unknown = await client.captureEvent({}).catch(error => error)
    const flushed: unknown = await client.flush().catch(error => error)
    expect(rejected).toMatchObject({ code: 'network', cause: expect.anything() })
    expect(findKey([rejected, flushed, printed, told], apiKey)).toEqual([])
  })

  it.each(['beforeSend', 'onError', 'onQueueDrop'] as const)('is shown to no one when %s throws it', async name => {
    const hook = () => {
      throw new Error(`hook: ${apiKey}`)
    }
    const transport = { post: async () => ({ status: 400, headers: new Headers(), text: async () => '' }) }
    const { client, told } = createToldClient({ apiKey, transport, [name]: hook })
    await client.captureEvent({})
    expect(JSON.stringify(printed)).toMatch(name === 'beforeSend' ? /internal/ : /a hook threw: hook: \[MASKED\]/)
    expect(findKey([printed, told], apiKey)).toEqual([])
  })

  it.each([
    { endpoint: apiKey },
    { serviceName: ['', apiKey] },
    { maskFields: [apiKey, ''] },
    { sampleRate: apiKey },
    { onError: { apiKey } },
    { transport: { [apiKey]: 1 } },
    { apiKey: `${apiKey}\nx` },
  ])('is in no error of a wrong option: %#', options => {
    let thrown: unknown
    try {
      resolveOptions({ apiKey, ...options } as ClientOptions, {})
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(TypeError)
    expect(findKey(thrown, apiKey)).toEqual([])
  })

  it('is in no report of a wrong variable', () => {
    const environment = { REPLAYSTACK_API_KEY: apiKey, REPLAYSTACK_ENDPOINT: apiKey, REPLAYSTACK_RETRIES: apiKey }
    new ReplayStackClient({}, environment)
    // A key of digits alone is a number of retries.
    expect(printed.length).toBeGreaterThan(0)
    expect(findKey(printed, apiKey)).toEqual([])
  })
})

describe('what is no key', () => {
  it.each<unknown>([
    new TypeError('fetch failed', {
      cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: -111, port: 443 }),
    }),
    new AggregateError([Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })]),
    new DOMException('The operation was aborted', 'AbortError'),
    Object.assign(new Error('of another'), { details: [{ a: 1 }, null], self: undefined }),
    'text',
  ])('stays the cause, the same object: %s', async thrown => {
    const { client, told } = createToldClient({
      apiKey: KEYS[0],
      transport: { post: () => Promise.reject(thrown) },
      beforeSend: undefined,
    })
    await client.captureEvent({})
    expect(told).toEqual([[expect.objectContaining({ code: 'network' })]])
    const [[error] = []] = told as [Error][]
    expect(error?.cause).toBe(thrown)
  })

  it('is what an error with the key in it still says', async () => {
    const headers = { 'x-replaystack-api-key': KEYS[0] }
    const inner = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const thrown = Object.assign(new RangeError('no route', { cause: inner }), { code: 'E_ROUTE', headers })
    const { client, told } = createToldClient({ apiKey: KEYS[0], transport: { post: () => Promise.reject(thrown) } })
    await client.captureEvent({})
    const error = (told.at(-1) as [Error])[0]
    expect(error.cause).toMatchObject({
      name: 'RangeError',
      message: 'no route',
      code: 'E_ROUTE',
      stack: thrown.stack,
      cause: inner,
    })
    expect(error.cause).not.toHaveProperty('headers')
  })

  it('is not masked for a key so short that it stands in anything', async () => {
    const { client, told } = createToldClient({
      apiKey: 'local',
      transport: {
        post: async () => ({
          status: 200,
          headers: new Headers(),
          text: async () => '{"success":true,"message":"On localhost"}',
        }),
      },
    })
    expect(await client.captureEvent({ endpoint: 'local-job' })).toEqual({ success: true, message: 'On localhost' })
    expect(told).toMatchObject([{ endpoint: 'local-job' }])
    expect(showAll(printed)).toContain('[replaystack] sent')
  })
})

describe('a key', () => {
  it.each(['', undefined])('that is missing is told of by an adapter at its first request: %j', async apiKey => {
    const app = new Hono()
    app.use(replaystack({ apiKey }))
    expect(printed).toEqual([])
    for (let count = 0; count < 2; count++) expect((await app.request('/', {}, {})).status).toBe(404)
    expect(printed).toEqual([['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.']])
  })

  const sentHeaders = async (options: ClientOptions, environment = {}): Promise<Record<string, string> | undefined> => {
    const requests: TransportRequest[] = []
    const transport = {
      post: async (_url: string, request: TransportRequest) => {
        requests.push(request)
        return { status: 200, headers: new Headers(), text: async () => '' }
      },
    }
    await new ReplayStackClient({ ...options, transport }, environment).captureEvent({})
    return requests[0]?.headers
  }

  it.each(['rs_live_key\r\n', '\n rs_live_key', '\trs_live_key '])('is trimmed: %j', async apiKey => {
    const expected = { 'x-replaystack-api-key': 'rs_live_key', 'x-tracereplay-api-key': 'rs_live_key' }
    expect(await sentHeaders({ apiKey })).toMatchObject(expected)
    expect(await sentHeaders({}, { REPLAYSTACK_API_KEY: apiKey })).toMatchObject(expected)
  })

  it.each([
    'rs_live\r\nx-evil: 1',
    'rs_live\nkey',
    'rs_live\rkey',
    'rs live',
    'rs_live\0',
    'rs_liv\u00e9',
    'rs\u2028live',
  ])('that no header can carry is refused, and said to be: %j', apiKey => {
    expect(() => new ReplayStackClient({ apiKey }, {})).toThrow(
      new TypeError('ReplayStack option "apiKey" must be a string of visible ASCII characters; got string.'),
    )
    expect(() => new ReplayStackClient({}, { REPLAYSTACK_API_KEY: apiKey })).toThrow(
      new Error(
        'ReplayStack apiKey is required. ReplayStack variable REPLAYSTACK_API_KEY must be a string of visible ASCII characters; got string. It is not used.',
      ),
    )
  })
})
