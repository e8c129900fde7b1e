import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import type { ClientOptions, QueueDrop } from '../../src/types.ts'
import { type Fault, startFaultyIngest } from '../support/faulty-ingest.ts'
import { until } from '../support/node-server.ts'

/** A client of the real ingest API, and what that has stored, oldest first. */
async function start(options: ClientOptions = {}, ...faults: Fault[]) {
  const ingest = await startFaultyIngest(...faults)
  const errors: Error[] = []
  const client = new ReplayStackClient(
    { apiKey: 'rs_live_test', endpoint: ingest.url, onError: error => errors.push(error), ...options },
    {},
  )
  const stored = () =>
    ingest.inbox.store
      .list({ limit: 200 })
      .events.map(event => event.traceId)
      .reverse()
  return { ingest, client, errors, stored }
}

describe('the real ingest API', () => {
  it('takes an event with every field', async () => {
    const { client, ingest, errors } = await start({ serviceName: 's', appVersion: '1', commitHash: 'c' })
    client.addBreadcrumb('step', { category: 'c', metadata: { a: 1 } })
    client.captureLog({ message: 'line', metadata: { b: 2 } })
    const answer = await client.captureException(new Error('outer', { cause: new Error('inner') }), {
      traceId: 'full',
      eventType: 'api',
      method: 'POST',
      endpoint: '/orders',
      requestUrl: 'https://h/orders?x=1',
      requestHeaders: new Headers({ authorization: 'Bearer abc' }),
      requestPayload: { a: [1, null, 'x'] },
      responseHeaders: [['set-cookie', 'a=1'] as const, ['set-cookie', 'b=2'] as const],
      responsePayload: 'text',
      executionTimeMs: 12,
      sourceIp: '::1',
      metadata: { user: 1 },
    })
    expect(errors).toEqual([])
    const id = answer?.data?.eventId
    const event = JSON.parse(ingest.inbox.store.get(String(id))?.json ?? '')
    expect(Object.keys(event)).toEqual([
      'traceId',
      'eventType',
      'method',
      'endpoint',
      'requestUrl',
      'authMode',
      'authScheme',
      'requestHeaders',
      'requestPayload',
      'responseHeaders',
      'responsePayload',
      'status',
      'statusCode',
      'executionTimeMs',
      'errorName',
      'errorMessage',
      'stackTrace',
      'stackFrames',
      'breadcrumbs',
      'serviceName',
      'environment',
      'appVersion',
      'commitHash',
      'sourceIp',
      'logs',
      'metadata',
    ])
  })

  it.each<Fault>([{ status: 500 }, { status: 429, headers: { 'retry-after': '0' } }, 'reset', 'truncated', 'hang'])(
    'gets an event that met %o on the second attempt',
    async fault => {
      const { client, stored, ingest } = await start({ timeoutMs: fault === 'hang' ? 1_000 : 60_000 }, fault)
      expect(await client.captureEvent({ traceId: 'a' })).toMatchObject({ success: true })
      expect([stored(), ingest.requests.length]).toEqual([['a'], 2])
    },
  )

  it('counts an event once whose answer was lost', async () => {
    const { client, ingest, stored } = await start()
    await client.captureEvent({ traceId: 'a' })
    const [first] = ingest.requests
    const again = await fetch(`${ingest.url}/api/v1/ingest/events`, {
      method: 'POST',
      headers: { 'x-replaystack-api-key': 'k', 'idempotency-key': String(first?.headers['idempotency-key']) },
      body: first?.body ?? '',
    })
    expect([again.status, stored()]).toEqual([200, ['a']])
  })

  it('gets what an outage kept, in one flush, each once and in its order', async () => {
    const { client, ingest, stored } = await start({ retries: 0 })
    ingest.always = { status: 503 }
    for (let n = 0; n < 30; n++) await client.captureEvent({ traceId: `t${n}` })
    expect(ingest.requests.length).toBe(5)
    expect(client.stats()).toEqual({ captured: 30, sent: 0, pending: 30, dropped: {} })
    ingest.always = undefined
    expect(await client.flush()).toBe(true)
    expect(stored()).toEqual(Array.from({ length: 30 }, (_, n) => `t${n}`))
    expect(client.stats()).toEqual({ captured: 30, sent: 30, pending: 0, dropped: {} })
  })

  /** An application that records as many requests at once. */
  const serve = async (client: ReplayStackClient, ...paths: string[]) => {
    const handler = withReplayStack((_request: Request) => new Response('done'), { client })
    await Promise.all(paths.map(path => handler(new Request(`http://h/${path}`, { headers: { 'x-trace-id': path } }))))
  }
  /** However slow the machine is, all are there when the batch leaves: with the next event, or by a flush. */
  const patient = { batchFlushIntervalMs: 30_000 }
  const many = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`)

  it('gets requests that end together in batches, as installed', async () => {
    const { client, ingest, stored } = await start()
    await serve(client, ...many(45))
    expect(await client.flush()).toBe(true)
    expect(stored().sort()).toEqual(many(45).sort())
    expect(ingest.requests.map(request => request.url)).toContain('/api/v1/ingest/bulk-events')
    expect(ingest.requests.length).toBeLessThan(8)
    expect(client.stats()).toEqual({ captured: 45, sent: 45, pending: 0, dropped: {} })
  })

  it('takes the way back: one event a POST', async () => {
    const { client, ingest } = await start({ batchMaxEvents: 1 })
    await serve(client, ...many(5))
    expect(await client.flush()).toBe(true)
    expect(ingest.requests.map(request => request.url)).toEqual(many(5).map(() => '/api/v1/ingest/events'))
  })

  it('takes those of a batch that are right, and names the wrong one, which is counted', async () => {
    const drops: QueueDrop[] = []
    const { client, ingest, stored, errors } = await start({ ...patient, onQueueDrop: drop => void drops.push(drop) })
    ingest.faults.push({ alter: body => body.replace(/("traceId":"bad","eventType":")api/, '$1http') })
    await serve(client, 'a', 'bad')
    await until(() => client.stats().captured === 2)
    expect(await client.captureEvent({ traceId: 'c' })).toMatchObject({ success: true })
    await client.flush()
    expect(stored()).toEqual(['a', 'c'])
    expect(drops).toEqual([{ reason: 'rejected', traceId: 'bad', dropped: 1 }])
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^ReplayStack refused an event: .*eventType must be one of .*[^.]\.$/),
    ])
    expect(ingest.requests.length).toBeLessThan(3)
    expect(client.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { rejected: 1 } })
  })

  it('refuses a batch as a whole: the others are taken', async () => {
    const { client, ingest, stored } = await start(patient)
    ingest.faults.push({ status: 422 }, 'pass', { status: 422 }, 'pass')
    await serve(client, 'a', 'bad', 'c')
    await until(() => client.stats().captured === 3)
    await client.flush()
    expect(stored()).toEqual(['a', 'c'])
    expect(client.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { rejected: 1 } })
  })

  it('that has no bulk endpoint gets single events, and every one', async () => {
    const { client, ingest, stored } = await start()
    ingest.faults.push({ status: 404, body: '{"success":false,"message":"Not found"}' })
    await serve(client, ...many(30))
    await client.flush()
    await serve(client, 'last')
    await client.flush()
    expect(stored().sort()).toEqual([...many(30), 'last'].sort())
    expect(client.stats()).toEqual({ captured: 31, sent: 31, pending: 0, dropped: {} })
  })

  it('sends no key to where a redirect points', async () => {
    const elsewhere = await startFaultyIngest()
    const { client, errors } = await start({}, { status: 308, headers: { location: `${elsewhere.url}/x` } })
    await client.captureEvent({})
    expect(elsewhere.requests).toEqual([])
    expect(errors).toMatchObject([{ code: 'rejected', status: 308 }])
  })

  it('holds no connection for an attempt that was given up', async () => {
    const { client, ingest } = await start({ timeoutMs: 1_000, retries: 0 })
    ingest.always = 'hang'
    await Promise.all([1, 2, 3].map(() => client.captureEvent({})))
    expect(ingest.requests).toHaveLength(3)
    await until(() => ingest.openRequests === 0)
    expect(client.stats()).toMatchObject({ pending: 3 })
  })
})
