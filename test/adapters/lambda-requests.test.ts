/** Requests of API Gateway, function URLs and load balancers. Long, because each kind has its own rules for the answer. */
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { createContext, invoke, readEvent, record } from '../lambda/invoke.ts'

const answer = async () => ({
  statusCode: 201,
  headers: { 'Content-Type': 'application/json' },
  body: '{"id":7,"apiKey":"planted-answer"}',
})

/** What is the same wherever the recorded order comes from. */
const ORDER = {
  eventType: 'api',
  method: 'POST',
  endpoint: '/orders/7',
  status: 'success',
  statusCode: 201,
  userAgent: 'Mozilla/5.0',
  requestPayload: { item: 'book', password: '[MASKED]' },
  responsePayload: { id: 7, apiKey: '[MASKED]' },
}

describe('a request', () => {
  it.each([
    [
      'rest-api',
      'https://70ixmpl4fl.execute-api.us-east-2.amazonaws.com/prod/orders/7?expand=lines+%26+notes&tag=a&tag=b&token=[MASKED]',
      {
        sourceIp: '203.0.113.178',
        authMode: 'bearer',
        metadata: {
          route: '/orders/{id}',
          stage: 'prod',
          httpEvent: { form: 'REST API', headerNames: expect.arrayContaining(['User-Agent', 'X-Tag']) },
        },
      },
      { 'x-tag': ['one', 'two'], accept: 'application/json' },
    ],
    [
      'http-api',
      'https://r3pmxmplak.execute-api.us-east-2.amazonaws.com/orders/7?expand=lines%20%26%20notes&tag=a&tag=b&token=[MASKED]',
      {
        sourceIp: '205.255.255.176',
        authMode: 'basic',
        metadata: {
          route: '/orders/{id}',
          stage: '$default',
          httpEvent: { form: 'HTTP API', routeKey: 'POST /orders/{id}', isBase64Encoded: true },
        },
      },
      { 'x-tag': 'one,two', cookie: '[MASKED]' },
    ],
    [
      'function-url',
      'https://abcdefg123456.lambda-url.us-east-2.on.aws/orders/7?tag=a&tag=b&token=[MASKED]',
      { sourceIp: '205.255.255.176', authMode: 'basic' },
      { cookie: '[MASKED]' },
    ],
    [
      'load-balancer',
      'http://lambda-alb-123578498.us-east-2.elb.amazonaws.com/orders/7?expand=lines%20%26%20notes&token=[MASKED]',
      { sourceIp: '72.12.164.125', authMode: 'bearer' },
      { cookie: '[MASKED]' },
    ],
    [
      'load-balancer-lists',
      'http://lambda-alb-123578498.us-east-2.elb.amazonaws.com/orders/7?expand=lines%20%26%20notes&tag=a&tag=b&token=[MASKED]',
      { sourceIp: '72.12.164.125', authMode: 'bearer' },
      { 'x-tag': ['one', 'two'] },
    ],
    [
      'lattice-2',
      'https://orders-0a1b.7d67968.vpc-lattice-svcs.us-east-2.on.aws/orders/7?tag=a&tag=b&token=[MASKED]',
      { sourceIp: '10.0.4.7', authMode: 'bearer' },
      { 'x-tag': ['one', 'two'] },
    ],
    [
      'lattice-1',
      'https://orders-0a1b.7d67968.vpc-lattice-svcs.us-east-2.on.aws/orders/7?tag=a&token=[MASKED]',
      { sourceIp: '10.0.4.7', authMode: 'bearer' },
      {},
    ],
  ])('of a %s is recorded whole, without its secrets', async (name, requestUrl, fields, requestHeaders) => {
    const { event } = await invoke(name, answer)
    expect(event).toMatchObject({ ...ORDER, ...fields, requestUrl, requestHeaders })
    expect(JSON.stringify(event)).not.toMatch(/planted|cGxhbnRlZ/)
    expect(event.metadata).toMatchObject({
      functionName: 'shop-api',
      requestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
      xrayTraceId: expect.stringContaining('Root=1-'),
      coldStart: true,
    })
  })

  it('without a matched route tells none', async () => {
    expect((await invoke('function-url', answer)).event.metadata).not.toHaveProperty('route')
  })

  it('keeps the trace id that it came with, else that of its traceparent', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c'
    for (const [name, value, id] of [
      ['x-trace-id', 'mine-1', 'mine-1'],
      ['traceparent', `00-${trace}-b7ad6b7169203331-01`, trace],
    ] as const) {
      const { wrap, event } = record()
      const arriving = readEvent<APIGatewayProxyEventV2>('http-api')
      arriving.headers[name] = value
      const result = await wrap(async (_: APIGatewayProxyEventV2, __: object) => answer())(arriving, createContext())
      expect([(await event()).traceId, result.headers]).toEqual([id, expect.objectContaining({ 'x-trace-id': id })])
    }
  })

  it('is recorded with the body that arrived, whatever its handler puts there', async () => {
    const { event } = await invoke('http-api', async (arriving: { body: unknown }) => {
      arriving.body = { parsed: true }
      return answer()
    })
    expect(event.requestPayload).toEqual({ item: 'book', password: '[MASKED]' })
  })

  it('with a binary or a broken body tells its size', async () => {
    const post = async (type: string, body: string) => {
      const { wrap, event } = record()
      const arriving = { ...readEvent('http-api'), headers: { 'content-type': type }, body, isBase64Encoded: true }
      await wrap(async (_: object, __: object) => answer())(arriving, createContext())
      return (await event()).requestPayload
    }
    expect(await post('image/png', 'iVBORw0KGgo=')).toMatchObject({ captured: false, sizeBytes: 8 })
    expect(await post('application/json', '!!not base64!!')).toMatchObject({ captured: false })
  })

  it('with a body over the limit is shown its beginning, in base64 too', async () => {
    for (const isBase64Encoded of [false, true]) {
      const { wrap, event } = record()
      const text = `{"text":"${'é'.repeat(400_000)}"}`
      const body = isBase64Encoded ? Buffer.from(text).toString('base64') : text
      const headers = { 'content-type': 'application/json' }
      await wrap(async (_: object, __: object) => answer())(
        { ...readEvent('http-api'), headers, body, isBase64Encoded },
        createContext(),
      )
      expect((await event()).requestPayload).toMatchObject({
        __truncated: true,
        originalSizeBytes: Buffer.byteLength(text),
        preview: expect.stringMatching(/^\{"text":"é+$/),
      })
    }
  })

  it('to a path that is ignored passes through', async () => {
    const { wrap, events } = record({ ignoredPaths: ['/orders'] })
    const result = { statusCode: 200 }
    expect(await wrap(async (_: object, __: object) => result)(readEvent('http-api'), createContext())).toBe(result)
    expect(await events()).toEqual([])
  })

  it('of a test that has little more than a method and a path is one too', async () => {
    const { wrap, event } = record()
    await wrap(async (_: object) => answer())({ httpMethod: 'GET', path: '/orders', requestContext: {} })
    expect(await event()).toMatchObject({ eventType: 'api', method: 'GET', endpoint: '/orders' })
  })
})

describe('a socket', () => {
  it('is recorded by its route, and what it answers stays as it is', async () => {
    const result = { statusCode: 200 }
    const connect = await invoke('websocket-connect', async () => result)
    expect(connect.result).toBe(result)
    expect(connect.event).toMatchObject({
      eventType: 'api',
      endpoint: '$connect',
      statusCode: 200,
      requestUrl: 'https://abcd1234.execute-api.us-east-1.amazonaws.com/prod',
      sourceIp: '192.0.2.1',
      metadata: { connectionId: 'AAAA1234=' },
    })
    expect(connect.event).not.toHaveProperty('method')

    const message = await invoke('websocket-message')
    expect(message.event).toMatchObject({ endpoint: 'sendMessage', status: 'success' })
    expect(message.event.requestPayload).toBe('{"action":"sendMessage","text":"hello","accessToken":"[MASKED]"}')
    expect(message.event).not.toHaveProperty('statusCode')
  })
})

/** What becomes of a result under the trace id `t-1`. */
async function conclude(name: string, result: unknown) {
  const { wrap, event } = record({ getTraceId: () => 't-1' })
  const answered = await wrap(async (_event: object, _context: object) => result)(readEvent(name), createContext())
  return { answered, event: await event() }
}

describe('an answer', () => {
  it.each<[string, object, object]>([
    ['rest-api', { statusCode: 200 }, { statusCode: 200, headers: { 'x-trace-id': 't-1' } }],
    [
      'http-api',
      { statusCode: '404', headers: { A: 'b' } },
      { statusCode: '404', headers: { A: 'b', 'x-trace-id': 't-1' } },
    ],
    ['rest-api', { statusCode: 200, headers: null }, { statusCode: 200, headers: { 'x-trace-id': 't-1' } }],
    [
      'rest-api',
      { statusCode: 200, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] } },
      { statusCode: 200, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'x-trace-id': ['t-1'] } },
    ],
    [
      'rest-api',
      { statusCode: 200, headers: { a: 'b' }, multiValueHeaders: { c: ['d'] } },
      { statusCode: 200, headers: { a: 'b', 'x-trace-id': 't-1' }, multiValueHeaders: { c: ['d'] } },
    ],
    ['load-balancer', { statusCode: 200 }, { statusCode: 200, headers: { 'x-trace-id': 't-1' } }],
    ['load-balancer-lists', { statusCode: 200 }, { statusCode: 200, multiValueHeaders: { 'x-trace-id': ['t-1'] } }],
    [
      'load-balancer-lists',
      { statusCode: 200, headers: { a: 'b' }, multiValueHeaders: { c: ['d'] } },
      { statusCode: 200, headers: { a: 'b' }, multiValueHeaders: { c: ['d'], 'x-trace-id': ['t-1'] } },
    ],
  ])('to a %s (%j) leaves as %j, and is not changed itself', async (name, result, expected) => {
    const before = structuredClone(result)
    const { answered } = await conclude(name, Object.freeze(result))
    expect(JSON.stringify(answered)).toBe(JSON.stringify(expected))
    expect(result).toEqual(before)
  })

  it.each<[string, unknown]>([
    ['rest-api', { statusCode: 200, headers: { 'X-Trace-Id': 'theirs' } }],
    ['rest-api', { statusCode: 200, multiValueHeaders: { 'x-trace-id': ['theirs'] } }],
    ['http-api', { statusCode: 200, headers: 'none' }],
    ['http-api', { message: 'a body' }],
    ['http-api', [1, 2]],
    ['rest-api', { statusCode: 200, unknown: true }],
    ['rest-api', { body: 'without a status' }],
    ['load-balancer', { message: 'no status' }],
    ['http-api', { statusCode: 200, toJSON: () => ({ statusCode: 200 }) }],
  ])('to a %s (%j) stays the very same', async (name, result) => {
    expect((await conclude(name, result)).answered).toBe(result)
  })

  it('of a class of its own stays one', async () => {
    class Answer {
      statusCode = 200
      headers = { a: 'b' }
    }
    const { answered } = await conclude('http-api', new Answer())
    expect(answered).toBeInstanceOf(Answer)
    expect(JSON.stringify(answered)).toBe('{"statusCode":200,"headers":{"a":"b","x-trace-id":"t-1"}}')
  })

  it.each<[string, unknown, number, string]>([
    ['http-api', { id: 7 }, 200, 'success'],
    ['http-api', 'text', 200, 'success'],
    ['http-api', undefined, 200, 'success'],
    ['http-api', { statusCode: 'teapot' }, 500, 'failed'],
    ['http-api', { statusCode: 404 }, 404, 'warning'],
    ['rest-api', { body: '{"id":7}' }, 200, 'success'],
    ['rest-api', undefined, 502, 'failed'],
    ['rest-api', { id: 7 }, 502, 'failed'],
    ['rest-api', { statusCode: 200, id: 7 }, 502, 'failed'],
    ['load-balancer', undefined, 502, 'failed'],
    ['load-balancer', { statusCode: 503, statusDescription: '503 Busy' }, 503, 'failed'],
  ])('to a %s by %j is a %i', async (name, result, statusCode, status) => {
    expect((await conclude(name, result)).event).toMatchObject({ statusCode, status })
  })

  it('of a payload format 1.0 without a status is a 500 of the HTTP API', async () => {
    const { wrap, event } = record()
    await wrap(async (_: object) => ({ body: 'x' }))({ ...readEvent('rest-api'), version: '1.0' })
    expect(await event()).toMatchObject({ statusCode: 500, metadata: { route: '/orders/{id}' } })
  })

  it('is recorded by its body: JSON, text, bytes, or all of what was returned', async () => {
    const payload = async (result: unknown) => (await conclude('http-api', result)).event.responsePayload
    expect(await payload({ statusCode: 200, body: '{"token":"planted"}' })).toEqual({ token: '[MASKED]' })
    expect(await payload({ statusCode: 200, body: 'hello' })).toBe('hello')
    expect(await payload({ id: 7, token: 'planted' })).toEqual({ id: 7, token: '[MASKED]' })
    const zip = { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: 'H4sI' }
    expect(await payload({ statusCode: 200, isBase64Encoded: true, ...zip })).toMatchObject({ captured: false })
    expect(await payload({ statusCode: 200, isBase64Encoded: true, body: 'iVBORw0KGgo=' })).toMatchObject({
      captured: false,
      sizeBytes: 8,
    })
  })

  it('has its headers and cookies recorded, without what is secret in them', async () => {
    const { event } = await conclude('http-api', {
      statusCode: 302,
      headers: { Location: '/login' },
      cookies: ['session=planted-1', 'theme=planted-2'],
    } satisfies APIGatewayProxyStructuredResultV2)
    expect(event.responseHeaders).toEqual({ location: '/login', 'set-cookie': '[MASKED]', 'x-trace-id': 't-1' })
  })
})

it('bodies and headers that are not wanted are not recorded', async () => {
  const { wrap, events } = record({ captureHeaders: false, captureRequestBody: false, captureResponseBody: false })
  const handler = wrap(async (_: APIGatewayProxyEvent, __: object) => answer())
  for (const name of ['rest-api', 'websocket-message', 'sqs', 'direct']) await handler(readEvent(name), createContext())
  await wrap(async (_: object, __: object) => ({ plain: true }))(readEvent('http-api'), createContext())
  for (const event of await events()) {
    for (const name of ['requestHeaders', 'responseHeaders', 'requestPayload', 'responsePayload']) {
      expect(event).not.toHaveProperty(name)
    }
  }
})

describe('a body that middleware has parsed', () => {
  it.each(['rest-api', 'http-api', 'function-url', 'load-balancer'])('(%s) is a payload, masked', async name => {
    const { wrap, event } = record()
    const handler = wrap(async (seen: { body: { item: string; password: string } }, _context: object) => {
      return { statusCode: 200, body: { item: seen.body.item, token: 'planted-answer' } }
    })
    const body = { item: 'book', password: 'planted-password' }
    const given = { ...readEvent<object>(name), body, isBase64Encoded: false }
    const answer = await handler(given, createContext())
    expect(answer).toMatchObject({ body: { item: 'book', token: 'planted-answer' } })
    expect(await event()).toMatchObject({
      requestPayload: { item: 'book', password: '[MASKED]' },
      responsePayload: { item: 'book', token: '[MASKED]' },
    })
  })
})
