import { AutoRouter } from 'itty-router'
import { describe, expect, test } from 'vitest'
import { withReplayStack as withFetch } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/itty.ts'
import { withReplayStack as withNetlify } from '../../src/adapters/netlify.ts'
import { withReplayStack as withVercel } from '../../src/adapters/vercel/index.ts'
import { createMemoryHost } from './memory.ts'

type Handler = (request: Request, context: object) => Promise<Response>

const wraps = { fetch: withFetch<Handler>, vercel: withVercel<Handler>, netlify: withNetlify<Handler> }

const order = () =>
  new Request('https://shop.test/orders?token=query-secret', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer header-secret' },
    body: JSON.stringify({ item: 'book', password: 'body-secret' }),
  })

describe('a handler that is wrapped', () => {
  test.each(['fetch', 'vercel', 'netlify'])('is a failure where its stream fails half way', async name => {
    const host = createMemoryHost()
    const handler: Handler = async () => {
      let isFirst = true
      const body = new ReadableStream({
        async pull(controller) {
          await new Promise(resolve => setTimeout(resolve, 5))
          if (!isFirst) throw new RangeError('late boom')
          isFirst = false
          controller.enqueue(new TextEncoder().encode('first'))
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/html' } })
    }
    const wrapped = wraps[name as keyof typeof wraps](handler, { apiKey: 'test-key', transport: host.transport })
    const response = await wrapped(order(), host.ctx)
    const error = await response.text().catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch('late boom')
    expect(await host.events()).toMatchObject([
      { status: 'failed', statusCode: 200, errorName: 'RangeError', responsePayload: { preview: 'first' } },
    ])
  })

  test.each(['fetch', 'vercel', 'netlify'])('is recorded, without the secrets', async name => {
    const host = createMemoryHost()
    const handler: Handler = async request => Response.json(await request.json(), { status: 201 })
    const wrapped = wraps[name as keyof typeof wraps](handler, { apiKey: 'test-key', transport: host.transport })

    const response = await wrapped(order(), host.ctx)

    expect(await response.json()).toEqual({ item: 'book', password: 'body-secret' })
    const events = await host.events()
    expect(JSON.stringify(events)).not.toMatch(/-secret/)
    expect(events).toMatchObject([
      {
        eventType: 'api',
        method: 'POST',
        endpoint: '/orders',
        statusCode: 201,
        authMode: 'bearer',
        requestPayload: { item: 'book', password: '[MASKED]' },
        responsePayload: { item: 'book', password: '[MASKED]' },
        traceId: response.headers.get('x-trace-id'),
      },
    ])
  })

  test.each(['fetch', 'vercel', 'netlify'])('fails by the same object, and is recorded', async name => {
    const host = createMemoryHost()
    const thrown = new TypeError('it broke')
    const failing: Handler = async () => {
      throw thrown
    }
    const wrapped = wraps[name as keyof typeof wraps](failing, { apiKey: 'test-key', transport: host.transport })

    await expect(wrapped(order(), host.ctx)).rejects.toBe(thrown)

    expect(await host.events()).toMatchObject([
      { status: 'failed', statusCode: 500, errorName: 'TypeError', errorMessage: 'it broke' },
    ])
  })
})

test('a router of itty’s is recorded, with its route and what it swallows', async () => {
  const host = createMemoryHost()
  const router = AutoRouter({ ...replaystack({ apiKey: 'test-key', transport: host.transport }) })
  router.get('/hello/:name', ({ params }: { params: Record<string, string> }) => ({ hello: params['name'] }))
  router.get('/boom', () => {
    throw new RangeError('out')
  })

  const hello = await router.fetch(new Request('https://shop.test/hello/ada'), {}, host.ctx)
  const boom = await router.fetch(new Request('https://shop.test/boom'), {}, host.ctx)

  expect([hello.status, await hello.json(), boom.status]).toEqual([200, { hello: 'ada' }, 500])
  const events = await host.events()
  expect(events.find(event => event.endpoint === '/hello/ada')).toMatchObject({
    statusCode: 200,
    metadata: { route: '/hello/:name' },
    responsePayload: { hello: 'ada' },
  })
  expect(events.filter(event => event.endpoint === '/boom')).toMatchObject([{ statusCode: 500, errorMessage: 'out' }])
})
