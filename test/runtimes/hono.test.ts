import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { describe, expect, test } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { createMemoryHost, createOpenBody, type MemoryHost } from './memory.ts'

function createApp({ transport }: MemoryHost): Hono {
  const app = new Hono()
  app.use(replaystack({ apiKey: 'test-key', serviceName: 'shop', transport }))
  return app
}

describe('a Hono app', () => {
  test('records a request and its answer, without the secrets', async () => {
    const host = createMemoryHost()
    const app = createApp(host)
    app.post('/orders/:id', async c => c.json({ received: await c.req.json(), token: 'tok_answer' }, 201))

    const response = await app.request(
      'https://shop.test/orders/7?expand=items&token=tok_query',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer very-secret' },
        body: JSON.stringify({ amount: 12, password: 'hunter2' }),
      },
      {},
      host.ctx,
    )

    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({ received: { amount: 12, password: 'hunter2' }, token: 'tok_answer' })
    const events = await host.events()
    expect(events).toEqual([
      expect.objectContaining({
        eventType: 'api',
        method: 'POST',
        endpoint: '/orders/7',
        requestUrl: 'https://shop.test/orders/7?expand=items&token=[MASKED]',
        authMode: 'bearer',
        requestHeaders: expect.objectContaining({ authorization: '[MASKED]' }),
        requestPayload: { amount: 12, password: '[MASKED]' },
        responsePayload: { received: { amount: 12, password: '[MASKED]' }, token: '[MASKED]' },
        status: 'success',
        statusCode: 201,
        serviceName: 'shop',
        metadata: { route: '/orders/:id' },
      }),
    ])
    expect(JSON.stringify(events)).not.toMatch(/very-secret|hunter2|tok_/)
  })

  test('records what was thrown, and answers as without the SDK', async () => {
    const host = createMemoryHost()
    const app = createApp(host)
    const cause = new RangeError('out of stock')
    app.get('/broken', () => {
      throw new TypeError('cannot ship', { cause })
    })
    app.onError((error, c) => c.text(error.message, 500))

    const response = await app.request('https://shop.test/broken', {}, {}, host.ctx)

    expect([response.status, await response.text()]).toEqual([500, 'cannot ship'])
    const [event, ...others] = await host.events()
    expect(others).toEqual([])
    expect(event).toMatchObject({
      status: 'failed',
      statusCode: 500,
      errorName: 'TypeError',
      errorMessage: 'cannot ship',
      metadata: { route: '/broken', causes: [{ errorName: 'RangeError', errorMessage: 'out of stock' }] },
    })
    expect(event?.stackTrace).toContain('cannot ship')
    expect(event?.stackFrames?.length).toBeGreaterThan(0)
  })

  test('records a refusal as a warning, with the error', async () => {
    const host = createMemoryHost()
    const app = createApp(host)
    app.post('/refunds', () => {
      throw new HTTPException(422, { message: 'amount is missing' })
    })

    const response = await app.request('https://shop.test/refunds', { method: 'POST' }, {}, host.ctx)

    expect(response.status).toBe(422)
    expect(await host.events()).toMatchObject([
      { status: 'warning', statusCode: 422, errorMessage: 'amount is missing' },
    ])
  })

  test('lets what is no Error through, the same object', async () => {
    const host = createMemoryHost()
    const app = createApp(host)
    const thrown = { reason: 'teapot' }
    app.get('/odd', () => {
      throw thrown
    })

    await expect(app.request('https://shop.test/odd', {}, {}, host.ctx)).rejects.toBe(thrown)

    expect(await host.events()).toMatchObject([{ status: 'failed', statusCode: 500, endpoint: '/odd' }])
  })

  test.each(['text/event-stream', 'text/plain'])('does not hold a stream of %s back', async contentType => {
    const host = createMemoryHost()
    const app = createApp(host)
    const { body, finish } = createOpenBody('data: 1\n\n', 'data: 2\n\n')
    app.get('/stream', () => new Response(body, { headers: { 'content-type': contentType } }))

    const response = await app.request('https://shop.test/stream', {}, {}, host.ctx)

    // The event is complete before the stream is.
    expect(await host.events()).toMatchObject([
      { statusCode: 200, responsePayload: { captured: false, reason: 'Streaming response body not captured' } },
    ])
    finish()
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n\n')
  })
})
