import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** A Worker's context that insists on being itself. */
function createContext() {
  const waiting: Promise<unknown>[] = []
  class Context {
    #own = waiting
    waitUntil(promise: Promise<unknown>) {
      this.#own.push(promise)
    }
  }
  return { ctx: new Context(), settled: () => Promise.all(waiting) }
}

const get = (path = '/') => new Request(`https://w.example${path}`, { headers: { 'cf-connecting-ip': '198.51.100.7' } })

describe('fetch', () => {
  it('is recorded, and handed to the context', async () => {
    const recorded = createRecordedClient()
    const { ctx, settled } = createContext()
    const worker = withReplayStack(
      { fetch: async (_request: Request, _env: object, _ctx: object) => Response.json({ ok: true }) },
      { client: recorded.client },
    )
    const response = await worker.fetch(get('/a?b=1'), {}, ctx)
    expect(await response.json()).toEqual({ ok: true })
    await settled()
    expect(recorded.events).toMatchObject([
      {
        eventType: 'api',
        method: 'GET',
        endpoint: '/a',
        requestUrl: 'https://w.example/a?b=1',
        sourceIp: '198.51.100.7',
        responsePayload: { ok: true },
        traceId: response.headers.get('x-trace-id'),
      },
    ])
  })

  it('passes what it throws on, the same object', async () => {
    const recorded = createRecordedClient()
    const thrown = new RangeError('out')
    const failing = {
      fetch: (_: Request): Promise<Response> => {
        throw thrown
      },
    }
    const rejecting = { fetch: async (_: Request): Promise<Response> => Promise.reject(thrown) }
    const options = { client: recorded.client }
    expect(() => withReplayStack(failing, options).fetch(get())).toThrow(thrown)
    await expect(withReplayStack(rejecting, options).fetch(get())).rejects.toBe(thrown)
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([
      { status: 'failed', statusCode: 500, errorName: 'RangeError' },
      { status: 'failed', statusCode: 500, errorName: 'RangeError' },
    ])
  })

  it('answers at once where the handler does', () => {
    const { client } = createRecordedClient()
    const response = new Response('x')
    expect(withReplayStack({ fetch: (_: Request) => response }, { client }).fetch(get())).toBe(response)
  })

  it('hands the handler its handle after its own arguments', async () => {
    const recorded = createRecordedClient()
    const worker = withReplayStack(
      {
        fetch(_request: Request, _env?: object, _ctx?: object, handle?: ReplayStackHandle) {
          handle?.addBreadcrumb('by hand')
          return new Response(null, { status: 204 })
        },
      },
      { client: recorded.client },
    )
    worker.fetch(get())
    await recorded.client.flush()
    expect(recorded.events[0]?.breadcrumbs?.map(one => one.message)).toContain('by hand')
  })

  it('around Hono with its middleware makes one event, with the route and the error', async () => {
    const recorded = createRecordedClient()
    const app = new Hono()
    app.use(replaystack({ client: recorded.client }))
    app.get('/boom/:id', () => {
      throw new TypeError('deep')
    })
    app.onError((_, c) => c.text('sorry', 500))
    const { ctx, settled } = createContext()
    const worker = withReplayStack({ fetch: app.fetch }, { client: recorded.client })
    expect((await worker.fetch(get('/boom/1'), {}, ctx as never)).status).toBe(500)
    await settled()
    expect(recorded.events).toMatchObject([
      { statusCode: 500, errorMessage: 'deep', metadata: { route: '/boom/:id' }, responsePayload: 'sorry' },
    ])
  })
})

describe('scheduled', () => {
  const controller = { cron: '*/5 * * * *', scheduledTime: Date.parse('2026-11-22T12:00:00Z'), noRetry() {} }

  it('is a cron event by the expression', async () => {
    const recorded = createRecordedClient()
    const { ctx, settled } = createContext()
    const worker = withReplayStack(
      {
        scheduled: async (_controller: typeof controller, _env: object, _ctx: object) => {
          recorded.client.addBreadcrumb('cleaning')
        },
      },
      { client: recorded.client },
    )
    await worker.scheduled(controller, {}, ctx)
    await settled()
    const [event] = recorded.events
    expect(event).toMatchObject({
      eventType: 'cron',
      endpoint: '*/5 * * * *',
      status: 'success',
      metadata: { scheduledTime: '2026-11-22T12:00:00.000Z' },
    })
    expect(event?.breadcrumbs?.map(one => one.message)).toEqual(['Job started', 'cleaning', 'Job finished'])
    expect(event).not.toHaveProperty('statusCode')
  })

  it('that throws fails, and rejects with the same error', async () => {
    const recorded = createRecordedClient()
    const thrown = new Error('cron broke')
    const worker = withReplayStack(
      { scheduled: async (_: typeof controller) => Promise.reject(thrown) },
      { client: recorded.client },
    )
    await expect(worker.scheduled(controller)).rejects.toBe(thrown)
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([
      { eventType: 'cron', status: 'failed', statusCode: 500, errorMessage: 'cron broke' },
    ])
  })
})

describe('the Worker', () => {
  it('keeps its type, its other members, its symbols and its own this', async () => {
    const { client } = createRecordedClient()
    const mark = Symbol('mark')
    class Worker {
      #greeting = 'hello'
      other = 5;
      [mark] = true
      async fetch(_request: Request, _env?: object) {
        return new Response(this.#greeting)
      }
      tail() {
        return 'tail'
      }
    }
    const worker = new Worker()
    const before = Object.getOwnPropertyNames(worker)
    const wrapped: Worker = withReplayStack(worker, { client })
    expect(await (await wrapped.fetch(get())).text()).toBe('hello')
    expect([wrapped.other, wrapped[mark], wrapped.tail(), wrapped instanceof Worker]).toEqual([5, true, 'tail', true])
    expect(Object.getOwnPropertyNames(worker)).toEqual(before)
  })

  it('keeps the arity, name and properties of its handlers', () => {
    const { client } = createRecordedClient()
    const fetch = Object.assign(
      function handle(_request: Request, _env: object) {
        return new Response()
      },
      { extra: 1 },
    )
    const wrapped = withReplayStack({ fetch }, { client })
    expect([wrapped.fetch.length, wrapped.fetch.name, wrapped.fetch.extra]).toEqual([2, 'handle', 1])
  })

  it('has no handler that it did not have', () => {
    expect(Object.keys(withReplayStack({ fetch: () => new Response() }, { apiKey: 'k' }))).toEqual(['fetch'])
  })
})
