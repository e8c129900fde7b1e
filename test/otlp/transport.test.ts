import * as conventions from '@opentelemetry/semantic-conventions'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ReplayStackClient } from '../../src/client/client.ts'
import { writeExport } from '../../src/otlp/collector.ts'
import { type OtlpOptions, readOtlpOptions } from '../../src/otlp/options.ts'
import { otlpTransport } from '../../src/otlp/transport.ts'
import type { ClientOptions, JsonValue, ReplayStackError } from '../../src/types.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'
import { type Fault, readExport, startCollector } from './collector.ts'

const NOW = Date.parse('2026-08-04T10:00:00Z')
const TRACE = '0af7651916cd43dd8448eb211c80319c'

/** A client between an ingest API and a collector, and what the transport's `onError` was called with. */
async function recorded(own: OtlpOptions = {}, options: ClientOptions = {}) {
  const [ingest, collector] = [await startFaultyIngest(), await startCollector()]
  const errors: ReplayStackError[] = []
  const transport = otlpTransport({ url: collector.url, onError: error => errors.push(error), ...own }, {})
  const client = new ReplayStackClient({ apiKey: 'rs_test_key', endpoint: ingest.url, transport, ...options }, {})
  return { ingest, collector, errors, client }
}

/** A failed request as an adapter describes it. */
const failed = {
  traceId: TRACE,
  eventType: 'api',
  method: 'POST',
  endpoint: '/orders/42',
  requestUrl: 'https://shop.example.com:8443/orders/42?page=2',
  requestHeaders: {
    'user-agent': 'curl/8.5.0',
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
    authorization: 'Bearer very-secret-token',
  },
  requestPayload: { password: 'hunter2' },
  executionTimeMs: 12,
  sourceIp: '203.0.113.7',
  metadata: { route: '/orders/:id', tenant: 'acme', seats: [1, 2.5, null], vip: true, tape: { calls: [] } },
  breadcrumbs: [{ message: 'Charging', level: 'info', timestamp: '2026-08-04T10:00:00.123Z' }],
} as const

describe('a log record', () => {
  it('has the names of the semantic conventions', async () => {
    const { client, collector, errors } = await recorded(
      {},
      // Its line would be newer than the breadcrumb.
      { serviceName: 'shop', environment: 'production', captureLogs: false },
    )
    await client.captureException(new TypeError('stock is undefined'), {
      ...failed,
      appVersion: '1.4.0',
      commitHash: 'c0ffee',
    })
    expect(errors).toEqual([])
    const [record] = collector.records
    expect(record).toMatchObject({
      timeUnixNano: '1785837600123000000',
      severityNumber: 17,
      severityText: 'ERROR',
      eventName: 'replaystack.event',
      body: { stringValue: 'POST /orders/42 500: TypeError: stock is undefined' },
      traceId: TRACE,
      spanId: 'b7ad6b7169203331',
      flags: 1,
      resource: {
        'service.name': 'shop',
        'service.version': '1.4.0',
        'deployment.environment.name': 'production',
        'vcs.ref.head.revision': 'c0ffee',
      },
    })
    expect(record?.attributes).toEqual({
      'exception.type': 'TypeError',
      'exception.message': 'stock is undefined',
      'exception.stacktrace': expect.stringContaining('TypeError: stock is undefined\n    at '),
      'error.type': 'TypeError',
      'http.request.method': 'POST',
      'http.response.status_code': 500,
      'http.route': '/orders/:id',
      'url.full': failed.requestUrl,
      'url.scheme': 'https',
      'url.path': '/orders/42',
      'url.query': 'page=2',
      'server.address': 'shop.example.com',
      'server.port': 8443,
      'client.address': '203.0.113.7',
      'user_agent.original': 'curl/8.5.0',
      'replaystack.event_type': 'api',
      'replaystack.endpoint': '/orders/42',
      'replaystack.status': 'failed',
      'replaystack.duration_ms': 12,
      'replaystack.trace_id': TRACE,
      'replaystack.metadata': { tenant: 'acme', seats: [1, 2.5, null], vip: true },
    })
    const known = new Set<unknown>([...Object.values(conventions), ...Object.values(incubating)])
    const names = Object.keys({ ...record?.attributes, ...record?.resource })
    expect(names.filter(name => !name.startsWith('replaystack.') && !known.has(name))).toEqual([])
  })

  it.each([
    ['warning', 404, 13, 'WARN'],
    ['success', 200, 9, 'INFO'],
    ['pending', undefined, 9, 'INFO'],
    ['failed', 503, 17, 'ERROR'],
  ] as const)('of an event that is a %s has its severity', async (status, statusCode, severityNumber, severityText) => {
    const { client, collector } = await recorded()
    await client.captureEvent({ eventType: 'api', endpoint: '/', status, ...(statusCode && { statusCode }) })
    expect(collector.records).toMatchObject([{ severityNumber, severityText }])
    expect(collector.records[0]?.attributes['error.type']).toBe(status === 'failed' ? '503' : undefined)
  })

  it('has a UUID’s digits for its trace id, and none where there is no such form', async () => {
    const { client, collector } = await recorded()
    await client.captureEvent({ traceId: '0af76519-16cd-43dd-8448-eb211c80319c', endpoint: '/' })
    await client.captureEvent({ traceId: 'order-7', endpoint: '/' })
    expect(collector.records[0]).toMatchObject({ traceId: TRACE })
    expect(collector.records[1]).not.toHaveProperty('traceId')
    expect(collector.records[1]?.attributes['replaystack.trace_id']).toBe('order-7')
  })

  it('of a job has no HTTP, of a queue its name, of a method that nobody knows _OTHER', async () => {
    const { client, collector } = await recorded()
    await client.captureEvent({ eventType: 'queue', endpoint: 'orders', statusCode: 500 })
    await client.captureEvent({ eventType: 'api', endpoint: '/', method: 'PURGE' })
    const [queue, purge] = collector.records.map(({ attributes }) => attributes)
    expect(Object.keys(queue ?? {}).filter(name => /^(http|url|server)\./.test(name))).toEqual([])
    expect(queue).toMatchObject({ 'messaging.destination.name': 'orders' })
    expect(purge).toMatchObject({ 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' })
  })

  it('has nothing that is masked elsewhere', async () => {
    const { client, collector, ingest } = await recorded()
    await client.captureException(new Error('Bearer very-secret-token was refused'), {
      ...failed,
      metadata: { apiToken: 'hunter2' },
    })
    const sent = [...collector.requests, ...ingest.requests]
    expect(sent).toHaveLength(2)
    for (const { body } of sent) {
      expect(body).not.toMatch(/hunter2|very-secret-token/)
      expect(body).toContain('[MASKED]')
    }
    expect(JSON.stringify(collector.requests)).not.toContain('rs_test_key')
  })

  it('is one of the schema whatever an event’s metadata is', () => {
    const settings = readOtlpOptions({}, {})
    fc.assert(
      fc.property(fc.jsonValue(), metadata => {
        const event = {
          traceId: TRACE,
          eventType: 'custom',
          status: 'failed',
          metadata: { value: metadata as JsonValue },
        } as const
        const [record] = readExport(writeExport([event], settings, NOW))
        const given = JSON.stringify({ value: metadata }, (_, value) => (Object.is(value, -0) ? 0 : value))
        expect(JSON.parse(JSON.stringify(record?.attributes['replaystack.metadata']))).toEqual(JSON.parse(given))
      }),
    )
  })
})

describe('beside ReplayStack', () => {
  it('both have each event, in batches too, each service by itself', async () => {
    const { client, collector, ingest } = await recorded({ resource: { 'cloud.region': 'eu' } }, { batchMaxEvents: 10 })
    ingest.always = { status: 503 }
    for (const serviceName of ['shop', 'stock', 'shop']) await client.captureEvent({ endpoint: '/', serviceName })
    collector.records.length = 0
    ingest.always = undefined
    expect(await client.flush()).toBe(true)
    // The collector has had all three when ReplayStack was out.
    expect(collector.records).toEqual([])
    const bodies = collector.requests.map(({ body }) => JSON.parse(body))
    expect(bodies.flatMap(({ resourceLogs }) => resourceLogs)).toHaveLength(3)
    expect(client.stats()).toMatchObject({ captured: 3, sent: 3, pending: 0 })
  })

  it('groups the records of one batch by their resource', () => {
    const events = ['shop', 'stock', 'shop'].map(
      serviceName => ({ traceId: TRACE, eventType: 'api', status: 'success', serviceName }) as const,
    )
    const body = writeExport(events, readOtlpOptions({ resource: { 'cloud.region': 'eu' } }, {}), NOW)
    const { resourceLogs } = JSON.parse(body)
    expect(resourceLogs).toHaveLength(2)
    expect(readExport(body).map(({ resource }) => resource['service.name'])).toEqual(['shop', 'shop', 'stock'])
    expect(readExport(body)[2]?.resource).toMatchObject({ 'cloud.region': 'eu' })
  })

  it.each<[what: string, fault: Fault, code: string, said: RegExp]>([
    ['is down', { status: 503, body: '{"message":"overloaded"}' }, 'server', / responded 503: overloaded\.$/],
    ['limits the rate', { status: 429, headers: { 'retry-after': '60' } }, 'rate_limited', / responded 429\.$/],
    ['refuses', { status: 400, body: '{"message":"no logs here"}' }, 'rejected', / responded 400: no logs here\.$/],
    ['resets', 'reset', 'network', / could not be reached \(\w+\)\.$/],
    ['hangs', 'hang', 'timeout', / gave no response in time\.$/],
    [
      'rejects a record',
      { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}' },
      'rejected',
      / rejected 1 of its log records: too old\.$/,
    ],
  ])('ReplayStack gets its event where a collector %s', async (_what, fault, code, said) => {
    const { client, collector, errors, ingest } = await recorded({ timeoutMs: 300 })
    collector.always = fault
    expect(await client.captureEvent({ endpoint: '/' })).toMatchObject({ success: true })
    expect(ingest.requests).toHaveLength(1)
    expect(client.stats()).toMatchObject({ sent: 1, pending: 0 })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ name: 'ReplayStackError', code, message: expect.stringMatching(said) })
    expect(errors[0]?.message).toContain(collector.origin)
  })

  it('a client whose time is short is not late for a collector that hangs', async () => {
    const { client, collector, errors, ingest } = await recorded({}, { timeoutMs: 1_000, retries: 0 })
    collector.always = 'hang'
    expect(await client.captureEvent({ endpoint: '/' })).toMatchObject({ success: true })
    expect(ingest.requests).toHaveLength(1)
    expect(errors).toMatchObject([{ code: 'timeout' }])
  })

  it('a collector that comes back in time has the event', async () => {
    const { client, collector, errors } = await recorded()
    collector.faults.push({ status: 503 }, 'reset')
    await client.captureEvent({ endpoint: '/' })
    expect(errors).toEqual([])
    expect(collector.records).toHaveLength(1)
  })

  it('an event that ReplayStack is sent twice, the collector is sent once', async () => {
    const { client, collector, ingest } = await recorded()
    ingest.faults.push({ status: 503 })
    expect(await client.captureEvent({ endpoint: '/' })).toMatchObject({ success: true })
    expect(ingest.requests).toHaveLength(2)
    expect(collector.records).toHaveLength(1)
  })

  it('a collector that fails is left alone for a while', async () => {
    const { client, collector, errors } = await recorded({ timeoutMs: 50 })
    collector.always = { status: 503 }
    for (let at = 0; at < 7; at++) await client.captureEvent({ endpoint: '/' })
    expect(collector.requests.length).toBeLessThan(7)
    expect(errors).toHaveLength(7)
    expect(errors.at(-1)?.message).toMatch(/ was not tried for 1 of the events: several deliveries failed in a row\.$/)
    expect(client.stats().sent).toBe(7)
  })

  it('without onError, the console has the first failure of a collector that has taken nothing', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const { client, collector } = await recorded({ onError: undefined })
    collector.always = { status: 400 }
    await client.captureEvent({ endpoint: '/' })
    await client.captureEvent({ endpoint: '/' })
    expect(warn.mock.calls).toEqual([[`The OTLP collector at ${collector.origin} responded 400.`]])
  })

  it('a hook that throws or rejects is contained', async () => {
    for (const onError of [
      () => {
        throw new Error('mine')
      },
      async () => {
        throw new Error('mine')
      },
    ]) {
      const { client, collector } = await recorded({ onError })
      collector.always = { status: 400 }
      expect(await client.captureEvent({ endpoint: '/' })).toMatchObject({ success: true })
    }
  })

  it('ReplayStack’s own failures stay its own', async () => {
    const { client, collector, ingest, errors } = await recorded({}, { retries: 0 })
    ingest.always = 'reset'
    expect(await client.captureEvent({ endpoint: '/' })).toBeNull()
    expect(client.stats()).toMatchObject({ pending: 1 })
    expect(errors).toEqual([])
    expect(collector.records).toHaveLength(1)
  })
})

describe('with only', () => {
  it('nothing is sent to ReplayStack', async () => {
    const { client, collector, ingest } = await recorded({ only: true })
    expect(await client.captureEvent({ endpoint: '/' })).toEqual({ success: true })
    expect(collector.records).toHaveLength(1)
    expect(ingest.requests).toEqual([])
  })

  it('the client retries, keeps and counts', async () => {
    const reported: ReplayStackError[] = []
    const { client, collector } = await recorded(
      { only: true },
      { retries: 0, onError: error => reported.push(error), batchMaxEvents: 10 },
    )
    collector.faults.push({ status: 503 }, 'reset')
    await client.captureEvent({ endpoint: '/a' })
    await client.captureEvent({ endpoint: '/b' })
    expect(client.stats()).toMatchObject({ captured: 2, pending: 2 })
    expect(reported).toMatchObject([{ code: 'server' }, { code: 'network' }])
    expect(reported[1]?.message).toMatch(/^The OTLP collector at .* could not be reached \(\w+\)\.$/)
    expect(await client.flush()).toBe(true)
    expect(client.stats()).toMatchObject({ captured: 2, sent: 2, pending: 0 })
    expect(collector.records.map(({ attributes }) => attributes['replaystack.endpoint']).sort()).toEqual(['/a', '/b'])
  })

  it.each<[what: string, fault: Fault]>([
    ['refuses', { status: 401, body: '{"message":"who are you"}' }],
    ['rejects the record', { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1"}}' }],
  ])('an event that the collector %s is dropped, and said so', async (_what, fault) => {
    const reported: ReplayStackError[] = []
    const { client, collector } = await recorded({ only: true }, { onError: error => reported.push(error) })
    collector.always = fault
    await client.captureEvent({ endpoint: '/' })
    expect(client.stats()).toMatchObject({ captured: 1, dropped: { rejected: 1 } })
    expect(reported).toHaveLength(1)
    expect(reported[0]?.message).toContain(`The OTLP collector at ${collector.origin}`)
    // The key is not the one to check.
    expect(reported[0]?.message).not.toContain('REPLAYSTACK_')
  })
})

describe('the options', () => {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example.com/',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, x-tenant = acme,half=%',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-list,cloud.region=eu',
    OTEL_SERVICE_NAME: 'shop',
  }

  it('come from OpenTelemetry’s variables', () => {
    expect(readOtlpOptions({}, environment)).toMatchObject({
      url: 'https://otel.example.com/v1/logs',
      headers: { 'api-key': 'a b', 'x-tenant': 'acme' },
      resource: { 'service.name': 'shop', 'cloud.region': 'eu' },
    })
    const own = { ...environment, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://logs.example.com/in' }
    expect(readOtlpOptions({}, own).url).toBe('https://logs.example.com/in')
    expect(readOtlpOptions({ url: 'http://mine.example.com/v1/logs' }, own).url).toBe('http://mine.example.com/v1/logs')
    expect(readOtlpOptions({}, {})).toMatchObject({
      url: 'http://localhost:4318/v1/logs',
      headers: {},
      resource: { 'service.name': 'unknown_service' },
    })
  })

  it.each<[OtlpOptions, RegExp]>([
    [{ url: 'collector:4318' }, /option "url" must be an absolute http or https URL/],
    [{ headers: { 'x-key': 'line\nbreak' } }, /option "headers" must be an object of header names and values/],
    [{ resource: { list: Number.NaN } }, /option "resource" must be an object of texts, numbers and booleans/],
    [{ timeoutMs: 0 }, /option "timeoutMs" must be a whole number/],
    [{ only: 1 as never }, /option "only" must be true or false/],
    [{ transport: {} as never }, /option "transport" must be an object with a post method/],
    [{ onError: 'log' as never }, /option "onError" must be a function/],
  ])('that are wrong throw: %j', (options, message) => {
    expect(() => otlpTransport(options, {})).toThrow(message)
    expect(() => otlpTransport(options, {})).toThrow(TypeError)
  })

  it('send the headers, whose values no error shows', async () => {
    const { client, collector, errors } = await recorded({ headers: { 'x-key': 'collector-secret' } })
    collector.always = { status: 403, body: '{"message":"collector-secret is no key"}' }
    await client.captureEvent({ endpoint: '/' })
    expect(collector.requests[0]?.headers).toMatchObject({ 'x-key': 'collector-secret' })
    expect(errors[0]?.message).toMatch(/responded 403: \[MASKED\] is no key\.$/)
  })

  it('go before ReplayStack’s transport', async () => {
    const posted: string[] = []
    const transport = {
      async post(url: string) {
        posted.push(url)
        return { status: 202, headers: new Headers(), text: async () => '' }
      },
    }
    const { client, collector, ingest } = await recorded({ transport })
    await client.captureEvent({ endpoint: '/' })
    expect(posted).toHaveLength(1)
    expect(ingest.requests).toEqual([])
    expect(collector.records).toHaveLength(1)
  })
})
