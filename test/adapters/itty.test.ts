import * as itty6 from 'itty-router'
import * as itty5 from 'itty-router-5'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import { type ReplayStackRequest, replaystack } from '../../src/adapters/itty.ts'
import type { AdapterOptions, ReplayStackEvent } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** A recorded client, stages that use it, and the one event it has sent. */
function record(options: AdapterOptions<Request> = {}) {
  const recorded = createRecordedClient()
  const { client } = recorded
  const events = async (): Promise<ReplayStackEvent[]> => {
    const flushed = client.flush()
    // An error whose answer never reaches our stage is recorded after a second.
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await flushed).toBe(true)
    return recorded.events
  }
  const event = async (): Promise<ReplayStackEvent> => {
    const all = await events()
    expect(all).toHaveLength(1)
    return all[0] as ReplayStackEvent
  }
  return { options: { client, ...options }, stages: replaystack({ client, ...options }), client, events, event }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A Worker's context that insists on being itself. */
class Context {
  readonly waiting: Promise<unknown>[] = []
  #own = this.waiting
  waitUntil(promise: Promise<unknown>) {
    this.#own.push(promise)
  }
}

const get = (path = '/', headers: Record<string, string> = {}) => new Request(`https://i.example${path}`, { headers })

describe.each([
  ['5', itty5],
  ['6', itty6],
])('itty-router %s', (_, itty) => {
  const { AutoRouter, Router, StatusError, error, json } = itty as typeof itty5
  const boom = new TypeError('it broke')

  describe('a request', () => {
    it('makes one event with all that is known of it', async () => {
      const { stages, event } = record()
      const router = AutoRouter({ ...stages })
      router.post('/orders/:id', async request => {
        request['replaystack'].addBreadcrumb('Charging card', { category: 'payment' })
        return { ...JSON.parse(await request.text()), id: request.params['id'], token: 'secret-2' }
      })
      const context = new Context()
      const response = await router.fetch(
        new Request('https://i.example/orders/7?api_key=secret-0', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: 'Bearer secret-1',
            'cf-connecting-ip': '203.0.113.7',
          },
          body: '{"item":"book","password":"secret-3"}',
        }),
        {},
        context,
      )
      expect(await response.json()).toEqual({ item: 'book', password: 'secret-3', id: '7', token: 'secret-2' })
      expect(context.waiting.length).toBeGreaterThan(0)
      await Promise.all(context.waiting)
      const captured = await event()
      expect(JSON.stringify(captured)).not.toContain('secret-')
      expect(captured).toMatchObject({
        traceId: response.headers.get('x-trace-id'),
        eventType: 'api',
        method: 'POST',
        endpoint: '/orders/7',
        requestUrl: 'https://i.example/orders/7?api_key=[MASKED]',
        authMode: 'bearer',
        requestPayload: { item: 'book', password: '[MASKED]' },
        responsePayload: { item: 'book', id: '7', token: '[MASKED]' },
        status: 'success',
        statusCode: 200,
        sourceIp: '203.0.113.7',
        metadata: { route: '/orders/:id' },
      })
      expect(captured.breadcrumbs?.map(one => one.message)).toEqual([
        'HTTP request started',
        'Charging card',
        'HTTP request finished',
      ])
      expect(captured).not.toHaveProperty('errorName')
    })

    it('through a plain Router is one too, with the same object as its answer', async () => {
      const { stages, event } = record()
      const answer = new Response('x', {
        headers: [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
      })
      const router = Router({ ...stages })
      router.get('/a/:b', () => answer)
      expect(await router.fetch(get('/a/1', { 'x-trace-id': 'mine-1' }))).toBe(answer)
      expect([answer.headers.get('x-trace-id'), answer.headers.getSetCookie()]).toEqual(['mine-1', ['a=1', 'b=2']])
      expect(await event()).toMatchObject({ traceId: 'mine-1', metadata: { route: '/a/:b' }, responsePayload: 'x' })
    })

    it('that no route answers is a warning without a route: a plain Router answers nothing', async () => {
      const { stages, events } = record()
      expect(await Router({ ...stages }).fetch(get('/nowhere'))).toBeUndefined()
      expect((await AutoRouter({ ...stages }).fetch(get('/nowhere'))).status).toBe(404)
      for (const event of await events()) {
        expect(event).toMatchObject({ status: 'warning', statusCode: 404 })
        expect(event).not.toHaveProperty('metadata')
      }
    })

    it('whose data a later stage formats is recorded with its data', async () => {
      const { stages, event } = record()
      const router = Router({ ...stages, finally: [...stages.finally, json] })
      router.get('/data', () => ({ items: [1], token: 'secret-1' }))
      expect(await (await router.fetch(get('/data'))).json()).toEqual({ items: [1], token: 'secret-1' })
      expect(await event()).toMatchObject({ statusCode: 200, responsePayload: { items: [1], token: '[MASKED]' } })
    })

    it('for an ignored path makes none', async () => {
      const { stages, events } = record({ ignoredPaths: ['/internal'] })
      const router = AutoRouter({ ...stages })
      router.get('/internal/boom', () => {
        throw boom
      })
      router.all('*', request => ({ handle: typeof request['replaystack'] }))
      for (const path of ['/health', '/internal/x', '/internal/boom']) {
        const response = await router.fetch(get(path))
        expect(response.headers.has('x-trace-id')).toBe(false)
      }
      expect(await events()).toEqual([])
    })

    it('that streams comes as the same stream, and is not recorded', async () => {
      const { stages, event } = record()
      const stream = new Blob(['data: 1\n\n']).stream()
      const router = AutoRouter({ ...stages })
      router.get('/s', () => new Response(stream, { headers: { 'content-type': 'text/event-stream' } }))
      const response = await router.fetch(get('/s'))
      expect([response.body === stream, await response.text()]).toEqual([true, 'data: 1\n\n'])
      expect(await event()).toMatchObject({ responsePayload: { captured: false } })
    })

    it('each is its own, however many there are', async () => {
      const { stages, events } = record({ automaticBreadcrumbs: false })
      const router = AutoRouter({ ...stages })
      router.get('/wait/:id', async request => {
        await new Promise(resolve => setImmediate(resolve))
        request['replaystack'].addBreadcrumb(request.params['id'])
        return {}
      })
      await Promise.all(['1', '2', '3'].map(id => router.fetch(get(`/wait/${id}`))))
      for (const { endpoint, breadcrumbs } of await events()) {
        expect(breadcrumbs?.map(one => `/wait/${one.message}`)).toEqual([endpoint])
      }
    })

    it('is handled again where the same object comes twice', async () => {
      const { stages, events } = record()
      const router = AutoRouter({ ...stages })
      router.get('/twice', () => ({}))
      const request = get('/twice')
      await router.fetch(request)
      await router.fetch(request)
      expect(await events()).toHaveLength(2)
    })

    it('waits for delivery before it is answered with asyncSend false', async () => {
      const recorded = createRecordedClient({ asyncSend: false })
      const router = AutoRouter({ ...replaystack({ client: recorded.client }) })
      router.get('/ok', () => ({}))
      await router.fetch(get('/ok'))
      expect(recorded.client.stats()).toMatchObject({ sent: 1 })
    })

    it('that is none of the Fetch API passes through', async () => {
      const { stages, client } = record()
      const router = AutoRouter({ ...stages })
      router.get('/x', () => ({ ok: true }))
      const response = await router.fetch({ method: 'GET', url: 'https://i.example/x' })
      expect(await response.json()).toEqual({ ok: true })
      expect(client.stats().captured).toBe(0)
    })
  })

  describe('an error', () => {
    it('is recorded once, and answered as itty answers it', async () => {
      const { stages, event } = record()
      const router = AutoRouter({ ...stages })
      router.get('/boom/:id', () => {
        throw boom
      })
      const response = await router.fetch(get('/boom/1'))
      const own = error(boom)
      expect([response.status, await response.text()]).toEqual([own.status, await own.text()])
      const captured = await event()
      expect(captured).toMatchObject({
        traceId: response.headers.get('x-trace-id'),
        status: 'failed',
        statusCode: 500,
        errorName: 'TypeError',
        errorMessage: 'it broke',
        metadata: { route: '/boom/:id' },
        responsePayload: { status: 500, error: 'it broke' },
      })
      expect(captured.breadcrumbs?.at(-1)).toMatchObject({ message: 'HTTP request finished', level: 'error' })
    })

    it('with a status of its own is a warning with the error’s fields', async () => {
      const { stages, event } = record()
      const router = AutoRouter({ ...stages })
      router.get('/no', () => {
        throw new StatusError(403, 'not yours')
      })
      expect((await router.fetch(get('/no'))).status).toBe(403)
      expect(await event()).toMatchObject({ status: 'warning', statusCode: 403, errorMessage: 'not yours' })
    })

    it('beside a catch of the application’s has the application’s answer', async () => {
      const { stages, event } = record()
      const given: unknown[][] = []
      const router = Router({
        ...stages,
        catch: (thrown, request, ...args) => {
          given.push([thrown, request, ...args])
          stages.catch(thrown, request, ...args)
          return json({ message: 'Sorry' }, { status: 503 })
        },
        finally: [response => response, ...stages.finally],
      })
      router.get('/boom', () => Promise.reject(boom))
      const request = get('/boom')
      const response = await router.fetch(request, 'env')
      expect([response.status, await response.json()]).toEqual([503, { message: 'Sorry' }])
      expect(given).toEqual([[boom, request, 'env']])
      expect(await event()).toMatchObject({
        status: 'failed',
        statusCode: 503,
        errorMessage: 'it broke',
        responsePayload: { message: 'Sorry' },
      })
    })

    it('in a catch that answers nothing is a failure of 500', async () => {
      const { stages, event } = record()
      const router = Router({ ...stages, catch: (...given) => void stages.catch(...given) })
      router.get('/boom', () => Promise.reject(boom))
      expect(await router.fetch(get('/boom'))).toBeUndefined()
      expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: 'it broke' })
    })

    it.each(['text', { code: 'E' }, new Response('no', { status: 401 })])(
      'that is no Error (%o) is recorded; itty fails at it with us and without',
      async thrown => {
        const { stages, event } = record()
        for (const router of [AutoRouter(), AutoRouter({ ...stages })]) {
          router.get('/odd', () => Promise.reject(thrown))
          await expect(router.fetch(get('/odd'))).rejects.toThrow()
        }
        expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: expect.any(String) })
      },
    )

    it.each([
      [undefined, 500, 'failed'],
      [404, 404, 'warning'],
    ])('that is no Error (%o) is recorded, and answered where itty can', async (thrown, statusCode, status) => {
      const { stages, event } = record()
      const router = AutoRouter({ ...stages })
      router.get('/odd', () => Promise.reject(thrown))
      expect((await router.fetch(get('/odd'))).status).toBe(statusCode)
      expect(await event()).toMatchObject({ status, statusCode, errorMessage: String(thrown) })
    })

    it('that a catch answers later is recorded with that answer', async () => {
      const { stages, event } = record()
      const router = Router({
        ...stages,
        catch: async (thrown, request) => {
          stages.catch(thrown, request)
          await new Promise(resolve => setImmediate(resolve))
          return json({ message: 'Sorry' }, { status: 503 })
        },
      })
      router.get('/boom', () => {
        throw new StatusError(404, 'gone')
      })
      expect((await router.fetch(get('/boom'))).status).toBe(503)
      expect(await event()).toMatchObject({
        statusCode: 503,
        errorMessage: 'gone',
        responsePayload: { message: 'Sorry' },
      })
    })

    it('in an earlier finally, after which ours is skipped, is recorded', async () => {
      const { stages, events, client } = record()
      const router = AutoRouter({ ...stages })
      router.get('/big', () => ({ big: 1n }))
      const context = new Context()
      const response = await router.fetch(get('/big'), {}, context)
      expect(response.status).toBe(500)
      await vi.advanceTimersByTimeAsync(1_000)
      while (context.waiting.length > 0) await context.waiting.shift()
      expect(client.stats().sent).toBe(1)
      expect(await events()).toMatchObject([
        {
          traceId: response.headers.get('x-trace-id'),
          status: 'failed',
          statusCode: 500,
          errorMessage: expect.stringContaining('BigInt'),
          metadata: { route: '/big' },
          responsePayload: { status: 500 },
        },
      ])
    })

    it('in a later finally, when the event has left, is an event of its own', async () => {
      const { stages, events } = record()
      const router = Router({ ...stages, finally: [...stages.finally, json] })
      router.get('/big', () => ({ big: 1n }))
      expect((await router.fetch(get('/big'))).status).toBe(500)
      const captured = await events()
      const [first, second] = captured.sort((one, other) => Number(one.statusCode) - Number(other.statusCode))
      expect(first).toMatchObject({ statusCode: 200 })
      expect(second).toMatchObject({ traceId: first?.traceId, eventType: 'api', endpoint: '/big', status: 'failed' })
    })

    it('in a stage before ours is recorded by what catch is given', async () => {
      const { stages, event } = record()
      const authenticate = () => {
        throw new StatusError(401, 'who?')
      }
      const router = AutoRouter({ ...stages, before: [authenticate, ...stages.before] })
      expect((await router.fetch(get('/x'))).status).toBe(401)
      expect(await event()).toMatchObject({ status: 'warning', statusCode: 401, endpoint: '/x', errorMessage: 'who?' })
    })

    it('in a catch that fails itself is recorded', async () => {
      const { stages, event } = record()
      const router = Router({
        ...stages,
        catch: (...given) => {
          stages.catch(...given)
          throw new Error('worse')
        },
      })
      router.get('/boom', () => Promise.reject(boom))
      await expect(router.fetch(get('/boom'))).rejects.toThrow('worse')
      expect(await event()).toMatchObject({ status: 'failed', errorMessage: 'it broke' })
    })
  })

  describe('stages', () => {
    it('leave nothing to enumerate on the request', async () => {
      const { stages } = record()
      const keys = [Router({}), Router({ ...stages })].map(async router => {
        router.get('/x', request => Response.json(Object.keys(request)))
        const response: Response = await router.fetch(get('/x'))
        return response.json()
      })
      const [own, ours] = await Promise.all(keys)
      expect(ours).toEqual(own)
    })

    it('leave the application’s own where they are', async () => {
      const { stages, event } = record()
      const seen: string[] = []
      const note = (name: string) => () => void seen.push(name)
      const router = Router({
        before: [...stages.before, note('before')],
        catch: stages.catch,
        finally: [note('finally'), json, ...stages.finally],
      })
      router.get('/x', () => ({ ok: true }))
      expect(await (await router.fetch(get('/x'))).json()).toEqual({ ok: true })
      expect(seen).toEqual(['before', 'finally'])
      expect(await event()).toMatchObject({ statusCode: 200, responsePayload: { ok: true } })
    })

    it.each([true, false])('of a router within a router make one event (the same stages: %s)', async same => {
      const { stages, options, events } = record()
      const inner = AutoRouter({ base: '/api', ...(same ? stages : replaystack(options)), missing: () => undefined })
      inner.get('/todos/:id', () => ({ inner: true }))
      inner.get('/boom', () => Promise.reject(boom))
      const router = AutoRouter({ ...stages })
      router.all('/api/*', inner.fetch)
      router.get('/api/other', () => ({ outer: true }))
      const answers = ['/api/todos/1', '/api/boom', '/api/other'].map(async path => {
        const response = await router.fetch(get(path))
        return [response.status, await response.json()]
      })
      expect(await Promise.all(answers)).toMatchObject([
        [200, { inner: true }],
        [500, { error: 'it broke' }],
        [200, { outer: true }],
      ])
      const captured = (await events()).sort((one, other) =>
        (one.requestUrl ?? '').localeCompare(other.requestUrl ?? ''),
      )
      expect(captured).toMatchObject([
        { statusCode: 500, errorMessage: 'it broke', metadata: { route: '/api/boom' } },
        { statusCode: 200, metadata: { route: '/api/other' }, responsePayload: { outer: true } },
        { statusCode: 200, metadata: { route: '/api/todos/:id' }, responsePayload: { inner: true } },
      ])
    })

    it('in a wrapped Worker make one event, with the route and the error, and its scope', async () => {
      const { stages, options, client, event } = record()
      const router = AutoRouter({ ...stages })
      router.get('/boom/:id', () => {
        client.addBreadcrumb('in the scope')
        throw boom
      })
      const worker = withReplayStack(
        { fetch: (request: Request, ...args: unknown[]) => router.fetch(request, ...args) },
        options,
      )
      const context = new Context()
      expect((await worker.fetch(get('/boom/1'), {}, context)).status).toBe(500)
      await Promise.all(context.waiting)
      const captured = await event()
      expect(captured).toMatchObject({ statusCode: 500, errorMessage: 'it broke', metadata: { route: '/boom/:id' } })
      expect(captured.breadcrumbs?.map(one => one.message)).toContain('in the scope')
    })

    it('have their environment in the argument before the context, else in process.env', async () => {
      const { client } = record()
      const given: unknown[] = []
      const route = async (...args: unknown[]) => {
        const options = (env: object) => {
          given.push(env)
          return { client }
        }
        await AutoRouter({ ...replaystack(options) }).fetch(get(), ...args)
      }
      const env = { NAME: 'x' }
      await route(env, new Context())
      await route(new Context())
      await route()
      expect(given).toEqual([env, process.env, process.env])
    })

    it('refuse a wrong option at once, by its name', () => {
      expect(() => replaystack({ timeoutMs: -1 })).toThrow('ReplayStack option "timeoutMs"')
    })

    it('without a key pass requests through, and say so once', async () => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
      const router = AutoRouter({ ...replaystack() })
      router.get('/ok', request => {
        request['replaystack'].addBreadcrumb('still there')
        return { ok: true }
      })
      router.get('/boom', () => Promise.reject(boom))
      for (const path of ['/ok', '/boom']) {
        const response = await router.fetch(get(path), {}, new Context())
        expect(response.headers.has('x-trace-id')).toBe(false)
      }
      expect(warn.mock.calls).toEqual([
        ['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.'],
      ])
      warn.mockRestore()
    })
  })
})

it('fits the types of both versions, with arguments and without', () => {
  const { stages } = record()
  type Args = [env: { KEY: string }, ctx: Context]
  type Traced5 = itty5.IRequest & ReplayStackRequest
  type Traced6 = itty6.IRequest & ReplayStackRequest
  const routers = [
    itty5.AutoRouter({ ...stages }),
    itty5.AutoRouter<Traced5, Args>({ ...stages }).get('/', ({ replaystack }) => replaystack.traceId),
    itty5.Router<Traced5, Args>({ ...stages, finally: [itty5.json, ...stages.finally] }),
    itty5.Router<itty5.IRequestStrict & ReplayStackRequest>({
      ...stages,
      before: [...stages.before, itty5.withParams],
    }),
    itty6.AutoRouter({ ...stages }),
    itty6.Router<itty6.IRequest>({ ...stages }),
    itty6
      .Router<Traced6, Args>({ ...stages, finally: [itty6.json, ...stages.finally] })
      .get('/', ({ replaystack }, { KEY }, ctx) => [replaystack.traceId, KEY, ctx.waiting]),
    itty6.Router<itty6.IRequest, Args>({
      ...stages,
      catch: (error, request, ...args) => stages.catch(error, request, ...args),
    }),
  ]
  expect(routers).toHaveLength(8)
})
