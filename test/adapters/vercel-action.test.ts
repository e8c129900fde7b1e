/** Next.js's Server Actions; in Next.js itself: `test/hosts/next.test.ts`. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { captureRequestErrors, withReplayStack, withServerAction } from '../../src/adapters/vercel/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createAdapterRecorder, HostContext, requestsTo } from '../support/adapter-recorder.ts'

const get = requestsTo('https://v.example')

/** What a wrapper is called with, and the recorder of its event. */
function recorder(options: Parameters<typeof createAdapterRecorder>[0] = {}) {
  const { options: all, ...rest } = createAdapterRecorder(options)
  const { getTraceId: _, ...own } = all
  return { own, ...rest }
}

afterEach(() => vi.unstubAllEnvs())

describe('a Server Action', () => {
  it('is one event with its arguments, its headers and what it returned, masked', async () => {
    const { own, event } = recorder()
    const given = { authorization: 'Bearer planted-1', 'x-trace-id': 'of-the-page', 'x-real-ip': '203.0.113.4' }
    const action = withServerAction(
      'placeOrder',
      async (sku: string, card: { pin: string }) => ({ sku, token: card.pin }),
      {
        ...own,
        headers: async () => new Headers(given),
      },
    )
    expect(await action('teapot', { pin: 'planted-2' })).toEqual({ sku: 'teapot', token: 'planted-2' })
    const captured = await event()
    expect(JSON.stringify(captured)).not.toContain('planted-')
    expect(captured).toMatchObject({
      eventType: 'custom',
      endpoint: 'placeOrder',
      status: 'success',
      traceId: 'of-the-page',
      sourceIp: '203.0.113.4',
      authMode: 'bearer',
      requestHeaders: { authorization: '[MASKED]' },
      requestPayload: ['teapot', { pin: '[MASKED]' }],
      responsePayload: { sku: 'teapot', token: '[MASKED]' },
      metadata: { route: 'placeOrder', routeType: 'action' },
    })
    expect(captured).not.toHaveProperty('statusCode')
  })

  it('keeps its name and arity, and is a function of its own each time', () => {
    const save = async (form: FormData, _more: string) => form
    const { own } = recorder()
    const [one, other] = [withServerAction('one', save, own), withServerAction('other', save, own)]
    Object.defineProperty(one, '$$id', { value: '40a' })
    Object.defineProperty(other, '$$id', { value: '40b' })
    expect([one.name, one.length, Reflect.get(one, '$$id'), Object.hasOwn(save, '$$id')]).toEqual([
      'save',
      2,
      '40a',
      false,
    ])
  })

  it('begins at once, and has its handle after its own arguments', async () => {
    const { own, event } = recorder()
    const seen: unknown[] = []
    const action = withServerAction(
      'save',
      async (form: FormData, handle?: ReplayStackHandle) => {
        seen.push(form)
        handle?.addBreadcrumb('by hand')
      },
      own,
    )
    const form = new FormData()
    form.set('name', 'ada')
    form.set('password', 'planted')
    const pending = action(form)
    expect(seen).toEqual([form])
    await pending
    const captured = await event()
    expect(captured).toMatchObject({ requestPayload: { name: 'ada', password: '[MASKED]' } })
    expect(captured.breadcrumbs?.map(one => one.message)).toContain('by hand')
  })

  it.each([
    ['NEXT_REDIRECT;push;/done;307;', 303, 'success'],
    ['NEXT_HTTP_ERROR_FALLBACK;404', 404, 'warning'],
    ['NEXT_HTTP_ERROR_FALLBACK;403', 403, 'warning'],
  ])('that ends by %s is an answer of %i, thrown on as it is', async (digest, statusCode, status) => {
    const { own, event } = recorder()
    const thrown = Object.assign(new Error(digest), { digest })
    await expect(withServerAction('go', async () => Promise.reject(thrown), own)()).rejects.toBe(thrown)
    const captured = await event()
    expect(captured).toMatchObject({ status, statusCode })
    expect(captured).not.toHaveProperty('errorName')
  })

  it('that fails is one event, also where Next.js hands its error on', async () => {
    const { own, event } = recorder()
    const onRequestError = captureRequestErrors(own)
    const thrown = new RangeError('No gold')
    const action = withServerAction(
      'buy',
      async (_sku: string): Promise<void> => {
        throw thrown
      },
      own,
    )
    await expect(action('gold')).rejects.toBe(thrown)
    const request = { path: '/basket', method: 'POST', headers: {} }
    await onRequestError(thrown, request, { routePath: '/basket', routeType: 'action', routerKind: 'App Router' })
    expect(await event()).toMatchObject({ status: 'failed', errorMessage: 'No gold', requestPayload: 'gold' })
  })

  it('outside of a request runs all the same, without headers', async () => {
    const { own, events } = recorder()
    const failing = [
      () => Promise.reject(new Error('no request')),
      () => {
        throw new Error('no request')
      },
    ]
    for (const headers of failing) {
      expect(await withServerAction('save', async (id: number) => id, { ...own, headers })(7)).toBe(7)
    }
    expect(await events()).toMatchObject([{ requestPayload: 7 }, { requestPayload: 7 }])
  })

  it('that a recorded handler calls is in its trace', async () => {
    const { own, events } = recorder()
    const action = withServerAction('save', async () => {}, own)
    const GET = withReplayStack(async (_: Request) => {
      await action()
      return new Response()
    }, own)
    await GET(get('/', { 'x-trace-id': 'mine-1' }))
    expect((await events()).map(({ endpoint, traceId }) => [endpoint, traceId])).toEqual([
      ['save', 'mine-1'],
      ['/', 'mine-1'],
    ])
  })

  it('shows of its request and what it returned as much as is wanted', async () => {
    const { own, event } = recorder({ captureRequestBody: false, captureResponseBody: false, captureHeaders: false })
    const headers = () => new Headers({ cookie: 'a=planted', 'x-trace-id': 'mine-2' })
    await withServerAction('save', async (_: string) => 'made', { ...own, headers })('given')
    const captured = await event()
    expect(captured.traceId).toBe('mine-2')
    for (const name of ['requestPayload', 'responsePayload', 'requestHeaders'])
      expect(captured).not.toHaveProperty(name)
  })

  it('is handed to what keeps its host alive', async () => {
    const { own, client } = recorder()
    const context = new HostContext()
    const key = Symbol.for('@vercel/request-context')
    Reflect.set(globalThis, key, { get: () => context })
    await withServerAction('save', async () => {}, own)()
    Reflect.deleteProperty(globalThis, key)
    expect(context.waiting.length).toBeGreaterThan(0)
    await Promise.all(context.waiting)
    expect(client.stats().sent).toBe(1)
  })

  it('is no event while Next.js builds, and its headers are not asked for', async () => {
    vi.stubEnv('NEXT_PHASE', 'phase-production-build')
    const { own, events } = recorder()
    const headers = vi.fn(() => new Headers())
    expect(await withServerAction('save', async (id: number) => id, { ...own, headers })(7)).toBe(7)
    expect([headers.mock.calls, await events()]).toEqual([[], []])
  })

  it('refuses headers that are no function', () => {
    const headers = new Headers() as never
    expect(() => withServerAction('save', async () => {}, { headers })).toThrow(
      /option "headers" must be a function; got/,
    )
  })
})
