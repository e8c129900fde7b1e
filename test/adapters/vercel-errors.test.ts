/** What Next.js hands to `onRequestError`; what it really hands over, `test/hosts/next-errors.test.ts` tries. */
import { describe, expect, it } from 'vitest'
import { captureRequestErrors, withReplayStack } from '../../src/adapters/vercel/index.ts'
import { createAdapterRecorder, requestsTo } from '../support/adapter-recorder.ts'

const get = requestsTo('https://v.example')

const request = (headers: Record<string, string | string[]> = {}) => ({
  path: '/orders/7?page=2',
  method: 'GET',
  headers,
})
const context = { routePath: '/orders/[id]/page', routeType: 'render', routerKind: 'App Router' }

describe('an error that Next.js responds to', () => {
  it('is a failed event of its request, masked', async () => {
    const { options, event } = createAdapterRecorder()
    const onRequestError = captureRequestErrors(options)
    const headers = { 'x-trace-id': 'trace-7', authorization: 'Bearer planted' }
    await onRequestError(new RangeError('too far'), request(headers), { ...context, renderSource: 'server-rendering' })
    const captured = await event()
    expect(captured).toMatchObject({
      traceId: 'trace-7',
      eventType: 'api',
      method: 'GET',
      endpoint: '/orders/7',
      status: 'failed',
      statusCode: 500,
      errorName: 'RangeError',
      errorMessage: 'too far',
      requestHeaders: { 'x-trace-id': 'trace-7', authorization: '[MASKED]' },
      metadata: {
        route: '/orders/[id]',
        routeType: 'render',
        routerKind: 'App Router',
        renderSource: 'server-rendering',
      },
    })
  })

  it.each([
    ['/', '/'],
    ['/page', '/page'],
    ['/page/page', '/page'],
    ['/api/route', '/api'],
    ['/api/routes', '/api/routes'],
  ])('of the route %s names it %s', async (routePath, route) => {
    const { options, event } = createAdapterRecorder()
    await captureRequestErrors(options)(new Error('x'), request(), { ...context, routePath })
    expect(Reflect.get(Object((await event()).metadata), 'route')).toBe(route)
  })

  it('has no headers where none are wanted', async () => {
    const { options, event } = createAdapterRecorder({ captureHeaders: false })
    await captureRequestErrors(options)(new Error('x'), request({ 'x-a': '1' }), context)
    expect(await event()).not.toHaveProperty('requestHeaders')
  })

  it('is no second event where its handler’s own has it, and one where that has another', async () => {
    const { options, events } = createAdapterRecorder()
    const onRequestError = captureRequestErrors(options)
    const thrown = new Error('wrapped')
    const GET = withReplayStack(async (_: Request) => Promise.reject(thrown), options)
    await expect(GET(get('/orders/7'))).rejects.toBe(thrown)
    await onRequestError(thrown, request(), context)
    await onRequestError(new Error('other'), request(), context)
    expect((await events()).map(({ errorMessage }) => errorMessage).sort()).toEqual(['other', 'wrapped'])
  })

  it('that is no object is known by nothing: each is an event', async () => {
    const { options, events } = createAdapterRecorder()
    const onRequestError = captureRequestErrors(options)
    const GET = withReplayStack(async (_: Request) => Promise.reject('text'), options)
    await expect(GET(get('/orders/7'))).rejects.toBe('text')
    await onRequestError('text', request(), context)
    expect(await events()).toHaveLength(2)
  })

  it('is remembered by every copy of this package', async () => {
    const { options, events } = createAdapterRecorder()
    const onRequestError = captureRequestErrors(options)
    const thrown = new Error('wrapped')
    await expect(withReplayStack(async (_: Request) => Promise.reject(thrown), options)(get())).rejects.toBe(thrown)
    // Another part of the application, whose instrumentation begins later.
    const later = captureRequestErrors(options)
    await later(thrown, request(), context)
    await onRequestError(thrown, request(), context)
    expect(await events()).toHaveLength(1)
  })

  it('makes nothing reject, also where its delivery fails with `raiseOnError`', async () => {
    const transport = { post: () => Promise.reject(new Error('down')) }
    const options = { apiKey: 'test-key-1', transport, retries: 0, raiseOnError: true, onError: () => {} }
    await expect(captureRequestErrors(options)(new Error('x'), request(), context)).resolves.toBeUndefined()
  })
})
