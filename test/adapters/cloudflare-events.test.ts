import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

function createContext() {
  const waiting: Promise<unknown>[] = []
  const ctx = { waitUntil: (promise: Promise<unknown>) => void waiting.push(promise) }
  return { ctx, settled: () => Promise.all(waiting) }
}

describe('queue', () => {
  const batch = {
    queue: 'orders',
    messages: [{ id: 'a', timestamp: new Date(0), attempts: 3, body: { order: 7, cardNumber: '4242' }, ack() {} }],
    ackAll() {},
  }

  it('is one event a batch, and the handler gets a batch like it', async () => {
    const recorded = createRecordedClient()
    const { ctx, settled } = createContext()
    let seen: unknown
    const worker = withReplayStack(
      {
        async queue(given: typeof batch, _env: object, _ctx: object, handle?: ReplayStackHandle) {
          seen = given
          handle?.addBreadcrumb('packing')
        },
      },
      { client: recorded.client },
    )
    await worker.queue(batch, {}, ctx)
    await settled()
    expect(seen).toMatchObject({ queue: 'orders', messages: [{ id: 'a', body: batch.messages[0]?.body }] })
    const [event] = recorded.events
    expect(event).toMatchObject({
      eventType: 'queue',
      endpoint: 'orders',
      status: 'success',
      requestPayload: {
        messages: [
          { id: 'a', timestamp: '1970-01-01T00:00:00.000Z', attempts: 3, body: { order: 7, cardNumber: '[MASKED]' } },
        ],
      },
      metadata: { batchSize: 1, messages: [{ id: 'a', attempts: 3, outcome: 'implicit' }] },
    })
    expect(event?.breadcrumbs?.map(({ message }) => message)).toEqual(['Job started', 'packing', 'Job finished'])
  })

  it('fails with its handler, is bounded as every payload, and left out where bodies are not wanted', async () => {
    const thrown = new Error('packing broke')
    const fail = { queue: async (_: typeof batch) => Promise.reject(thrown) }
    const small = createRecordedClient({ maxPayloadSizeBytes: 50 })
    await expect(withReplayStack(fail, { client: small.client }).queue(batch)).rejects.toBe(thrown)
    const without = createRecordedClient()
    const options = { client: without.client, captureRequestBody: false }
    await expect(withReplayStack(fail, options).queue(batch)).rejects.toBe(thrown)
    await Promise.all([small.client.flush(), without.client.flush()])
    expect(small.events).toMatchObject([{ status: 'failed', requestPayload: { __truncated: true, maxSizeBytes: 50 } }])
    expect(without.events[0]).not.toHaveProperty('requestPayload')
  })

  it.each([undefined, null, 7, {}])('called with %j runs as it would without', async given => {
    const { client } = createRecordedClient()
    const worker = withReplayStack(
      { queue: (batch: unknown) => [batch], email: (mail: unknown) => [mail], fetch: (request: unknown) => [request] },
      { client },
    )
    expect([worker.queue(given), worker.email(given), worker.fetch(given)]).toEqual([[given], [given], [given]])
  })
})

describe('email', () => {
  it('is an event by its envelope', async () => {
    const recorded = createRecordedClient()
    const { ctx, settled } = createContext()
    const message = {
      from: 'a@example.com',
      to: 'b@example.com',
      rawSize: 120,
      get raw(): never {
        throw new Error('read')
      },
    }
    const worker = withReplayStack(
      { email: async (_message: typeof message, _env: object, _ctx: object) => {} },
      { client: recorded.client },
    )
    await worker.email(message, {}, ctx)
    await settled()
    expect(recorded.events).toMatchObject([
      {
        eventType: 'custom',
        endpoint: 'email',
        metadata: { from: 'a@example.com', to: 'b@example.com', rawSize: 120 },
      },
    ])
  })
})

describe('tail', () => {
  const item = {
    event: { request: { url: 'https://shop.example/pay?token=t', method: 'POST', headers: { accept: '*/*' } } },
    eventTimestamp: 0,
    outcome: 'exceededCpu',
    scriptName: 'shop',
    scriptVersion: { id: 'v1', tag: '1.2.0' },
    exceptions: [],
    logs: [],
    cpuTime: 50,
    wallTime: 81,
  }

  async function tailed(items: unknown, options: AdapterOptions<Request> = {}, tail: () => unknown = () => {}) {
    const recorded = createRecordedClient({ serviceName: 'watcher' })
    const { ctx, settled } = createContext()
    const worker = withReplayStack(
      { tail: (_items: unknown, _env: object, _ctx: object) => tail() },
      { client: recorded.client, ...options },
    )
    let thrown: unknown
    try {
      await worker.tail(items, {}, ctx)
    } catch (error) {
      thrown = error
    }
    await settled()
    return { events: recorded.events, errors: recorded.errors, thrown }
  }

  it('records what another Worker threw beside its answer', async () => {
    const answered = {
      request: { url: 'https://shop.example/a', method: 'GET', headers: {} },
      response: { status: 200 },
    }
    const exceptions = [{ name: 'Error', message: 'in waitUntil', timestamp: 1 }]
    const { events } = await tailed([{ ...item, event: answered, outcome: 'ok', exceptions }])
    expect(events).toMatchObject([{ endpoint: '/a', status: 'failed', statusCode: 200, errorMessage: 'in waitUntil' }])
  })

  it('records the failure of another Worker as that Worker’s', async () => {
    const { events } = await tailed([item, { ...item, outcome: 'ok', exceptions: [] }])
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      eventType: 'api',
      method: 'POST',
      endpoint: '/pay',
      requestUrl: 'https://shop.example/pay?token=[MASKED]',
      status: 'failed',
      statusCode: 500,
      serviceName: 'shop',
      appVersion: '1.2.0',
      commitHash: 'v1',
      executionTimeMs: 81,
      errorName: 'exceededCpu',
      metadata: { outcome: 'exceededCpu', cpuTime: 50 },
    })
    expect(events[0]).not.toHaveProperty('breadcrumbs')
  })

  it.each([
    [{ cron: '0 * * * *', scheduledTime: 1 }, 'cron', '0 * * * *'],
    [{ queue: 'orders', batchSize: 3 }, 'queue', 'orders'],
    [{ scheduledTime: new Date(0) }, 'cron', 'alarm'],
    [{ mailFrom: 'a@example.com', rcptTo: 'b@example.com', rawSize: 1 }, 'custom', 'email'],
    [{ rpcMethod: 'quote' }, 'custom', 'Prices.quote'],
    [{ getWebSocketEvent: { webSocketEventType: 'message' } }, 'custom', 'Prices.webSocketMessage'],
    [{}, 'custom', 'tail'],
    [null, 'custom', 'tail'],
  ])('tells what ran from %j', async (event, eventType, endpoint) => {
    const { events } = await tailed([{ ...item, event, entrypoint: 'Prices' }])
    expect(events).toMatchObject([{ eventType, endpoint, status: 'failed', statusCode: 500 }])
  })

  it('tells what was thrown and logged, and the status that was answered', async () => {
    const stack = '    at Object.fetch (w.js:3:9)'
    const { events } = await tailed([
      {
        ...item,
        outcome: 'exception',
        event: { ...item.event, response: { status: 503 } },
        exceptions: [
          { name: 'TypeError', message: 'x is null', stack, timestamp: 0 },
          { name: 'Error', message: 'and more', timestamp: 0 },
        ],
        logs: [
          { level: 'log', message: ['quiet'], timestamp: 0 },
          { level: 'error', message: ['failed for', { password: 'p' }], timestamp: 0 },
        ],
      },
    ])
    expect(events).toMatchObject([
      {
        statusCode: 503,
        errorName: 'TypeError',
        errorMessage: 'x is null',
        stackTrace: `TypeError: x is null\n${stack}`,
        stackFrames: [{ functionName: 'Object.fetch', fileName: 'w.js', lineNumber: 3 }],
        logs: [
          { level: 'error', message: 'failed for {"password":"[MASKED]"}', timestamp: '1970-01-01T00:00:00.000Z' },
        ],
        metadata: { exceptions: [{ name: 'Error', message: 'and more' }] },
      },
    ])
  })

  it('records clients that left only where it is asked to, and as no failure', async () => {
    const left = [{ ...item, outcome: 'canceled' }]
    expect((await tailed(left)).events).toEqual([])
    expect((await tailed(left, { captureAborted: true })).events).toMatchObject([{ status: 'warning' }])
  })

  it('records its own run only where it fails, and passes what it throws on', async () => {
    const own = new Error('tail broke')
    const { events, thrown } = await tailed([], {}, () => {
      throw own
    })
    expect(thrown).toBe(own)
    expect(events).toMatchObject([{ eventType: 'custom', endpoint: 'tail', status: 'failed', serviceName: 'watcher' }])
  })

  it.each([undefined, [null], [{ outcome: 'exception', exceptions: 5 }]])('given %j harms no one', async items => {
    const { thrown } = await tailed(items)
    expect(thrown).toBeUndefined()
  })
})
