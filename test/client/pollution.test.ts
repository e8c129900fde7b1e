/** Names that mean something to JavaScript, as option, variable and data; and a prototype that somebody has polluted. */
import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { resolveGuardOptions } from '../../src/adapters/node/guard-options.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { resolveAdapterOptions, resolveOptions } from '../../src/client/options.ts'
import { createTestClient, memoryTransport } from '../../src/testing.ts'
import type { AdapterOptions, ClientOptions, Environment } from '../../src/types.ts'
import { until } from '../support/node-server.ts'

const POISON =
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":{"polluted":true}}'

const polluted: string[] = []

/** Sets a member of every object there is, until the test is over. */
function pollute(members: Record<string, unknown>, enumerable = true): void {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable, writable: true })
    polluted.push(name)
  }
}

afterEach(() => {
  for (const name of polluted.splice(0)) Reflect.deleteProperty(Object.prototype, name)
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

describe('a prototype that somebody has polluted', () => {
  const hook = (): never => {
    throw new Error('A polluted hook was called.')
  }
  const OPTIONS: Required<ClientOptions> = {
    apiKey: 'polluted-key',
    endpoint: 'https://evil.example',
    ingestUrl: 'https://evil.example/events',
    serviceName: 'polluted',
    environment: 'polluted',
    appVersion: 'polluted',
    commitHash: 'polluted',
    enabled: false,
    timeoutMs: 1,
    retries: 9,
    sampleRate: 0,
    alwaysCaptureFailures: true,
    remoteMaskingRules: { fields: ['polluted'] },
    captureSuccess: false,
    maxPayloadSizeBytes: 1,
    maskFields: ['polluted'],
    masks: [{ find: hook }],
    ignoredPaths: ['/'],
    maxBreadcrumbs: 0,
    captureLogs: false,
    logLevel: 'debug',
    maxLogs: 0,
    offlineQueueMax: 0,
    flushIntervalMs: 1,
    batchMaxEvents: 9,
    batchFlushIntervalMs: 9,
    asyncSend: false,
    raiseOnError: true,
    onError: hook,
    onQueueDrop: hook,
    beforeSend: hook,
    transport: { post: hook },
    debug: true,
  }
  const ADAPTER_OPTIONS = {
    captureRequestBody: false,
    captureResponseBody: false,
    captureHeaders: false,
    captureAborted: true,
    automaticBreadcrumbs: false,
    getTraceId: hook,
    shouldCapture: hook,
  }

  it('sets no option of a client or an adapter', () => {
    const settings = resolveOptions({ apiKey: 'key' }, {})
    const adapter = resolveAdapterOptions({})
    pollute({ ...OPTIONS, ...ADAPTER_OPTIONS })
    expect(resolveOptions({ apiKey: 'key' }, {})).toEqual(settings)
    expect(resolveAdapterOptions({})).toEqual(adapter)
  })

  it('is no key', () => {
    pollute(OPTIONS)
    expect(() => resolveOptions({}, {})).toThrow('ReplayStack apiKey is required.')
  })

  it('is no wrong option either', () => {
    pollute(Object.fromEntries(Object.keys(OPTIONS).map(name => [name, Symbol('wrong')])))
    expect(() => replaystack({ apiKey: 'key' })).not.toThrow()
    expect(() => replaystack({})).not.toThrow()
    expect(resolveOptions({ apiKey: 'key' }, {}).problems).toEqual([])
  })

  it('is no variable', () => {
    pollute({
      REPLAYSTACK_API_KEY: 'polluted-key',
      REPLAYSTACK_ENDPOINT: 'https://evil.example',
      REPLAYSTACK_DEBUG: '1',
      NODE_ENV: 'polluted',
    })
    expect(() => resolveOptions({}, {})).toThrow('ReplayStack apiKey is required.')
    expect(resolveOptions({ apiKey: 'key' }, {}).settings).toMatchObject({
      endpoint: 'https://api.replaystack.co',
      debug: false,
      environment: 'development',
    })
  })

  it('is no client of an adapter, and no hook that hears of a key that is missing', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const evil = createTestClient()
    const transport = memoryTransport()
    // Hono itself would stumble over what a loop finds.
    pollute({ client: evil.client, onError: hook }, false)
    const app = new Hono()
    app.use(replaystack({ apiKey: 'key', transport }))
    const without = new Hono()
    without.use(replaystack({}))
    try {
      expect((await app.request('/nothing')).status).toBe(404)
      await until(() => transport.events.length === 1)
      expect((await without.request('/nothing', {}, {})).status).toBe(404)
      expect(evil.events).toEqual([])
      expect(warn.mock.calls).toEqual([[expect.stringContaining('apiKey is required')]])
    } finally {
      warn.mockRestore()
    }
  })

  it('sets no option of a process guard', () => {
    const settings = resolveGuardOptions({})
    pollute({ uncaughtException: false, unhandledRejection: false, flushOnShutdown: false, flushTimeoutMs: 9 })
    expect(resolveGuardOptions({})).toEqual(settings)
  })

  it('changes nothing that is sent but what the application reads from it itself', async () => {
    const { client, events } = createTestClient()
    pollute({ polluted: 'yes', depth: 1 })
    await client.captureEvent({ endpoint: 'job', requestPayload: { a: [{ b: 1 }] }, metadata: { c: 2 } })
    expect(JSON.stringify(events)).not.toContain('polluted')
  })
})

describe('names like __proto__', () => {
  it('pollute nothing as options, adapter options or variables', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const poison: object = JSON.parse(POISON)
    new ReplayStackClient({ apiKey: 'key', ...poison } as ClientOptions, {})
    new ReplayStackClient(JSON.parse(`{"apiKey":"key",${POISON.slice(1)}`), JSON.parse(POISON))
    resolveAdapterOptions(JSON.parse(POISON) as AdapterOptions<never>)
    replaystack(JSON.parse(POISON))
    const fromProto: ClientOptions = JSON.parse('{"__proto__":{"apiKey":"polluted-key"}}')
    expect(() => new ReplayStackClient(fromProto, {})).toThrow('apiKey is required')
    const environment: Environment = JSON.parse('{"__proto__":{"REPLAYSTACK_API_KEY":"polluted-key"}}')
    expect(() => new ReplayStackClient({}, environment)).toThrow('apiKey is required')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    vi.restoreAllMocks()
  })

  it('are data like any other in events, breadcrumbs, logs and errors', async () => {
    const { client, events } = createTestClient({
      beforeSend: event => ({ ...event, ...JSON.parse('{"__proto__":{"polluted":true}}') }),
    })
    const poison: Record<string, unknown> = JSON.parse(`{"password":"x",${POISON.slice(1)}`)
    client.addBreadcrumb('step', { metadata: poison })
    client.captureLog({ message: 'line', metadata: poison })
    await client.captureException(Object.assign(new Error('boom'), JSON.parse('{"polluted":1}')), {
      requestHeaders: JSON.parse('{"__proto__":"1","constructor":"2","tostring":"3"}'),
      requestPayload: poison,
      responsePayload: POISON,
      metadata: poison,
    })
    const shown = { ...poison, password: '[MASKED]' }
    const [event] = events
    // Its error's own field.
    expect(Reflect.get(Object(event?.metadata), 'error')).toEqual({ polluted: 1 })
    Reflect.deleteProperty(Object(event?.metadata), 'error')
    for (const value of [
      event?.requestPayload,
      event?.metadata,
      event?.breadcrumbs?.[0]?.metadata,
      event?.logs?.[0]?.metadata,
    ]) {
      expect(JSON.stringify(value)).toBe(JSON.stringify(shown))
    }
    expect(JSON.stringify(event?.requestHeaders)).toBe('{"__proto__":"1","constructor":"2","tostring":"3"}')
    expect(client.getBreadcrumbs()).toHaveLength(1)
  })

  it('are fields like any other of forms that arrive', async () => {
    const { client, events } = createTestClient()
    const app = new Hono()
    app.use(replaystack({ client }))
    app.post('/', c => c.text('done'))
    const form = '__proto__[polluted]=1&__proto__=2&__proto__=3&constructor=4'
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await app.request('/?__proto__[polluted]=1', { method: 'POST', body: form, headers })
    await client.flush()
    expect(JSON.stringify(events[0]?.requestPayload)).toBe(
      '{"__proto__[polluted]":"1","__proto__":["2","3"],"constructor":"4"}',
    )
  })
})
