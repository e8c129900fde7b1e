/** What the client of both official SDKs does. */
import { describe, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { createReplayStackClient as createNodeClient } from '../../src/adapters/node/client.ts'
import {
  addContextBreadcrumb,
  type ClientOptions,
  clearContextBreadcrumbs,
  type EventInput,
  getContextBreadcrumbs,
  ReplayStackClient,
  type ReplayStackError,
  runWithReplayStackContext,
} from '../../src/index.ts'
import { createTestClient, memoryTransport } from '../../src/testing.ts'
import { eventually } from '../support/eventually.ts'

const time = '2026-03-01T10:00:00.000Z'

/** What a client says is wrong with how it was set up. */
function problemsOf(
  make: (options: ClientOptions, environment: Record<string, string>) => unknown,
  options: ClientOptions & Record<string, unknown> = {},
  environment: Record<string, string> = {},
): string[] {
  const errors: ReplayStackError[] = []
  make({ apiKey: 'key', ...options, onError: error => errors.push(error) }, environment)
  return errors.map(({ message }) => message)
}

/** A client with variables, and what it sends. */
function clientWith(options: ClientOptions, environment: Record<string, string>) {
  const transport = memoryTransport()
  return {
    client: new ReplayStackClient({ apiKey: 'key', ...options, transport }, environment),
    events: transport.events,
  }
}

const makeClient = (options: ClientOptions, environment: Record<string, string>) =>
  new ReplayStackClient(options, environment)

describe('addBreadcrumb', () => {
  it.each([
    [
      { category: 'payment', level: 'warning', metadata: { order: 7 } },
      { category: 'payment', level: 'warning', metadata: { order: 7 } },
    ],
    [{ category: 'payment' }, { category: 'payment', level: 'info' }],
    [{ level: 'debug' }, { level: 'debug' }],
    [{ metadata: { order: 7 } }, { level: 'info', metadata: { order: 7 } }],
    [{ order: 7 }, { level: 'info', metadata: { order: 7 } }],
    [
      { order: 7, metadata: 'x' },
      { level: 'info', metadata: { order: 7, metadata: 'x' } },
    ],
    [{}, { level: 'info' }],
    [undefined, { level: 'info' }],
    [{ metadata: null }, { level: 'info' }],
    [{ metadata: ['a', 1] }, { level: 'info', metadata: { value: ['a', 1] } }],
    [{ metadata: 'text' }, { level: 'info', metadata: { value: 'text' } }],
    [{ metadata: 5 }, { level: 'info', metadata: { value: 5 } }],
  ])('with %j keeps %j', (details, kept) => {
    const { client } = createTestClient()
    client.addBreadcrumb('Charging card', details as never)
    expect(client.getBreadcrumbs()).toEqual([{ message: 'Charging card', ...kept, timestamp: expect.any(String) }])
  })

  it('skips empty messages', () => {
    const { client } = createTestClient()
    for (const message of ['', '  ', undefined, null]) client.addBreadcrumb(message as string)
    expect(client.getBreadcrumbs()).toEqual([])
  })
})

describe('captureLog', () => {
  it('keeps a time that it is given', () => {
    const { client } = createTestClient()
    client.captureLog({ level: 'error', message: 'a', timestamp: time })
    client.captureLog({ level: 'error', message: 'b', timestamp: new Date(time) })
    client.captureLog({ level: 'error', message: 'c', timestamp: 'yesterday' })
    const [a, b, c] = client.getLogs()
    expect([a?.timestamp, b?.timestamp]).toEqual([time, time])
    expect(Math.abs(Date.parse(c?.timestamp ?? '') - Date.now())).toBeLessThan(60_000)
  })

  it('sends metadata as an object, and skips empty messages', () => {
    const { client } = createTestClient()
    client.captureLog({ message: '', metadata: { a: 1 } })
    client.captureLog({ message: 'list', metadata: [1] })
    client.captureLog({ message: 'object', metadata: { a: 1 } })
    client.captureLog({ message: 'none', metadata: null })
    expect(client.getLogs().map(({ message, metadata }) => [message, metadata])).toEqual([
      ['list', { value: [1] }],
      ['object', { a: 1 }],
      ['none', undefined],
    ])
  })
})

describe('captureErrorLog', () => {
  it('is one line with the error’s message and first frame', () => {
    const { client } = createTestClient()
    client.captureErrorLog(new TypeError('order is undefined'), { orderId: 'A-17' })
    client.captureErrorLog('text')
    expect(client.getLogs()).toEqual([
      {
        level: 'error',
        message: 'order is undefined',
        metadata: {
          errorName: 'TypeError',
          fileName: expect.stringContaining('client.test.ts'),
          lineNumber: expect.any(Number),
          columnNumber: expect.any(Number),
          location: expect.stringMatching(/client\.test\.ts:\d+:\d+$/),
          orderId: 'A-17',
        },
        timestamp: expect.any(String),
      },
      { level: 'error', message: 'text', metadata: {}, timestamp: expect.any(String) },
    ])
  })

  it('is what captureException adds to its own event, once', async () => {
    const { client, events } = createTestClient()
    const error = new TypeError('order is undefined')
    await client.captureException(error, { method: 'POST', endpoint: '/orders' })
    await runWithReplayStackContext(async () => {
      client.captureErrorLog(error)
      await client.captureException(error)
    })
    expect(events[0]?.logs).toMatchObject([
      {
        level: 'error',
        message: 'order is undefined',
        metadata: { errorName: 'TypeError', method: 'POST', endpoint: '/orders', location: expect.any(String) },
      },
    ])
    expect(events[1]?.logs).toHaveLength(1)
    expect(client.getLogs()).toEqual([])
  })

  it('is not added where logs are not captured', async () => {
    const { client, events } = createTestClient({ captureLogs: false })
    await client.captureException(new Error('x'))
    expect(events[0]).not.toHaveProperty('logs')
  })
})

describe('what we send', () => {
  it('has whole milliseconds', async () => {
    const { client, events } = createTestClient()
    await client.captureEvent({ executionTimeMs: 12.4 })
    expect(events[0]?.executionTimeMs).toBe(12)
  })

  it('has metadata of given breadcrumbs and logs as objects', async () => {
    const { client, events } = createTestClient()
    const given = { level: 'info', message: 'a', metadata: ['x'], timestamp: time } as const
    await client.captureEvent({ breadcrumbs: [given], logs: [given] })
    expect(events[0]).toMatchObject({
      breadcrumbs: [{ metadata: { value: ['x'] } }],
      logs: [{ metadata: { value: ['x'] } }],
    })
  })
})

describe('addMetadata', () => {
  it('puts fields on the scope’s events, masked', async () => {
    const { client, events } = createTestClient()
    await runWithReplayStackContext(async () => {
      client.addMetadata({ userId: 'u-1', tenant: 'acme', password: 'hunter2' })
      client.addMetadata({ tenant: 'other' })
      await client.captureEvent({ metadata: { own: true } })
      await client.captureEvent({ metadata: { userId: 'own' } })
    })
    await client.captureEvent({})
    expect(events.map(({ metadata }) => metadata)).toEqual([
      { userId: 'u-1', tenant: 'other', password: '[MASKED]', own: true },
      { userId: 'own', tenant: 'other', password: '[MASKED]' },
      undefined,
    ])
  })
})

describe('waitUntil', () => {
  it('keeps the host alive and captures what the promise rejects with', async () => {
    const { client, events } = createTestClient()
    const waitUntil = vi.fn<(promise: Promise<unknown>) => void>()
    runWithReplayStackContext(
      () => {
        client.waitUntil(Promise.resolve('fine'))
        client.waitUntil(Promise.reject(new Error('mail was refused')))
      },
      { traceId: 'mine', waitUntil: { waitUntil } },
    )
    expect(waitUntil).toHaveBeenCalledTimes(2)
    await Promise.all(waitUntil.mock.calls.map(([promise]) => promise))
    expect(events).toMatchObject([{ traceId: 'mine', errorMessage: 'mail was refused', status: 'failed' }])
  })

  it('makes flush wait where the host has none', async () => {
    const { client, events } = createTestClient()
    client.waitUntil(Promise.resolve().then(() => Promise.reject(new Error('later'))))
    await client.flush()
    expect(events).toMatchObject([{ errorMessage: 'later' }])
  })
})

describe('the context’s breadcrumbs', () => {
  it('belong to the scope that they are left in, and are masked by the client', async () => {
    const { client, events } = createTestClient({ maskFields: ['plate'] })
    await runWithReplayStackContext(async () => {
      const details = { plate: 'B-XY 1', order: { id: 7 } }
      expect(addContextBreadcrumb('Parking', details)).toBe(true)
      details.order.id = 8
      expect(addContextBreadcrumb('Paying', { category: 'payment', level: 'warning' })).toBe(true)
      expect(addContextBreadcrumb('')).toBe(false)
      client.addBreadcrumb('Leaving')
      expect(getContextBreadcrumbs()).toMatchObject([
        { message: 'Parking' },
        { message: 'Paying', category: 'payment' },
        { message: 'Leaving' },
      ])
      await client.captureEvent({})
      clearContextBreadcrumbs()
      await client.captureEvent({})
    })
    expect(events[0]?.breadcrumbs).toEqual([
      {
        message: 'Parking',
        level: 'info',
        metadata: { plate: '[MASKED]', order: { id: 7 } },
        timestamp: expect.any(String),
      },
      { message: 'Paying', category: 'payment', level: 'warning', timestamp: expect.any(String) },
      { message: 'Leaving', level: 'info', timestamp: expect.any(String) },
    ])
    expect(events[1]).not.toHaveProperty('breadcrumbs')
  })

  it('are none outside any scope', () => {
    expect(addContextBreadcrumb('lost')).toBe(false)
    expect(getContextBreadcrumbs()).toEqual([])
    expect(clearContextBreadcrumbs).not.toThrow()
  })

  it('are the newest maxBreadcrumbs', async () => {
    const { client, events } = createTestClient({ maxBreadcrumbs: 2 })
    await runWithReplayStackContext(async () => {
      for (const message of ['a', 'b', 'c']) addContextBreadcrumb(message)
      await client.captureEvent({})
    })
    expect(events[0]?.breadcrumbs?.map(({ message }) => message)).toEqual(['b', 'c'])
  })
})

describe('options', () => {
  it('remoteMaskingRules adds names to the masked ones', async () => {
    const { client, events } = createTestClient({ maskFields: ['ssn'], remoteMaskingRules: { fields: ['taxId'] } })
    await client.captureEvent({ requestPayload: { ssn: '1', tax_id: '2', city: '3' } })
    expect(events[0]?.requestPayload).toEqual({ ssn: '[MASKED]', tax_id: '[MASKED]', city: '3' })
  })

  it('alwaysCaptureFailures lets failures pass sampleRate', async () => {
    const statuses: EventInput['status'][] = ['success', 'warning', 'failed', 'pending']
    for (const [alwaysCaptureFailures, expected] of [
      [false, []],
      [true, ['failed']],
    ] as const) {
      const { client, events } = createTestClient({ sampleRate: 0, alwaysCaptureFailures })
      for (const status of statuses) await client.captureEvent({ status })
      expect(events.map(({ status }) => status)).toEqual(expected)
    }
  })

  it.each([
    [{ NODE_ENV: 'd' }, 'd'],
    [{ NODE_ENV: 'd', APP_ENV: 'c' }, 'c'],
    [{ NODE_ENV: 'd', APP_ENV: 'c', ENVIRONMENT: 'b' }, 'b'],
    [{ NODE_ENV: 'd', APP_ENV: 'c', ENVIRONMENT: 'b', REPLAYSTACK_ENVIRONMENT: 'a' }, 'a'],
    [{ NODE_ENV: 'd', APP_ENV: '', ENVIRONMENT: ' ', REPLAYSTACK_ENVIRONMENT: '' }, 'd'],
    [{}, 'development'],
  ])('the environment of %j is %s', async (environment, expected) => {
    const { client, events } = clientWith({}, environment)
    await client.captureEvent({})
    expect(events[0]?.environment).toBe(expected)
  })

  it('are as if not set where they are empty', async () => {
    const options = { serviceName: '', endpoint: '', ingestUrl: '', environment: '', appVersion: '', commitHash: '' }
    const { client, events } = clientWith(options, {
      REPLAYSTACK_ENABLED: '',
      REPLAYSTACK_SERVICE_NAME: '',
      REPLAYSTACK_ENDPOINT: '',
      REPLAYSTACK_TIMEOUT_MS: '',
    })
    await client.captureEvent({})
    expect(events).toMatchObject([{ environment: 'development' }])
    expect(events[0]).not.toHaveProperty('serviceName')
    expect(problemsOf(makeClient, options, { REPLAYSTACK_ENABLED: '' })).toEqual([])
  })

  it('that are unknown are reported once, beside a client too', async () => {
    const unknown = 'ReplayStack has no option "captureBody". It is not used.'
    expect(problemsOf(makeClient, { captureBody: true })).toEqual([unknown])
    const errors: string[] = []
    const { client } = createTestClient({ onError: ({ message }) => errors.push(message) })
    const options = { client, captureBody: true, endpoint: 'orders', ignoredPaths: ['/x'] }
    const handler = withReplayStack((_request: Request) => new Response('ok'), options)
    for (let count = 0; count < 2; count++) await handler(new Request('https://a.test/'))
    expect(errors).toEqual([
      unknown,
      'ReplayStack does not read endpoint beside client: give them to the client. The option eventEndpoint names an event.',
    ])
  })

  it('flushIntervalMs is reported once where there is no timer', async () => {
    const unused = 'ReplayStack flushIntervalMs is not used here: only @replaystack/edge/node has a timer.'
    expect(problemsOf(makeClient, { flushIntervalMs: 1000 })).toEqual([unused])
    expect(problemsOf(makeClient, {}, { REPLAYSTACK_FLUSH_INTERVAL_MS: '1000' })).toEqual([unused])
    expect(problemsOf(makeClient)).toEqual([])
    const clients: ReplayStackClient[] = []
    const make = (options: ClientOptions) => clients.push(createNodeClient(options, {}))
    expect(problemsOf(make, { flushIntervalMs: 1000 })).toEqual([])
    for (const client of clients) await client.close()
  })

  it.each([
    [60_000, 1],
    [0, 2],
  ])(
    'batchFlushIntervalMs %i: two requests, one after the other, are %i POSTs',
    async (batchFlushIntervalMs, posts) => {
      const { client, transport, events } = createTestClient({ batchMaxEvents: 10, batchFlushIntervalMs })
      const handler = withReplayStack((_request: Request) => new Response('ok'), { client })
      await handler(new Request('https://a.test/one'))
      await eventually(() => expect(client.stats()).toMatchObject({ captured: 1, sent: posts - 1 }))
      await handler(new Request('https://a.test/two'))
      await eventually(() => expect(client.stats().captured).toBe(2))
      await client.flush()
      expect(events.map(({ endpoint }) => endpoint)).toEqual(['/one', '/two'])
      expect(transport.requests).toHaveLength(posts)
    },
  )
})
