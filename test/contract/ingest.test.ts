/** The ingest contract, as the inbox keeps it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { readEventStream } from '../../src/inbox/event-stream.ts'
import { createTestApp } from '../inbox/test-app.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'
import { until } from '../support/node-server.ts'

type Fields = Record<string, unknown>

const sample = (name: string): Fields =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))

const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** Posts an event, and reads what the inbox keeps of it. */
async function keep(event: unknown): Promise<{ id: string; kept: Fields; app: ReturnType<typeof createTestApp> }> {
  const app = createTestApp()
  const answer = await app.post('events', event)
  expect(answer).toEqual({
    status: 200,
    json: { success: true, message: 'Event accepted', data: { eventId: expect.any(String) } },
  })
  const id = String(app.store.list().events[0]?.id)
  const stored = app.store.get(id)
  return { id, kept: JSON.parse(stored?.json ?? ''), app }
}

describe('an event of the contract', () => {
  it('is taken without trace id, with a breadcrumb without level and log lines without time', async () => {
    const event = sample('failed-order')
    const { kept } = await keep(event)
    expect(kept).toEqual({
      ...event,
      traceId: uuid,
      breadcrumbs: [
        {
          message: 'HTTP request started',
          category: 'http',
          metadata: { method: 'POST', endpoint: '/orders' },
          level: 'info',
          timestamp: time,
        },
        { message: 'Charging card', level: 'info', timestamp: time },
      ],
      logs: [
        { level: 'error', message: 'order is empty', metadata: { orderId: 'A-17' }, timestamp: time },
        { level: 'info', message: 'a line by itself', timestamp: time },
      ],
    })
  })

  it('is taken with three fields', async () => {
    const event = sample('three-fields')
    expect((await keep(event)).kept).toEqual({ ...event, traceId: uuid })
  })

  it('is taken with nulls, which are absent fields but for a body, and keeps fields that are not known', async () => {
    expect((await keep(sample('nulls'))).kept).toEqual({
      traceId: uuid,
      eventType: 'queue',
      endpoint: 'invoices',
      requestPayload: null,
      responsePayload: null,
      status: 'warning',
      stackFrames: [{ raw: 'at work' }],
      breadcrumbs: [{ message: 'Read', level: 'info', timestamp: time }],
      replayId: null,
    })
  })

  it.each([
    ['eventType', 'eventType must be one of api, queue, webhook, custom, cron'],
    ['status', 'status must be one of success, failed, warning, pending'],
  ])('is refused without %s', async (field, message) => {
    const { post, store } = createTestApp()
    const { [field]: _, ...rest } = sample('failed-order')
    for (const event of [rest, { ...rest, [field]: null }]) {
      expect(await post('events', event)).toEqual({ status: 400, json: { success: false, message } })
    }
    expect(store.count()).toBe(0)
  })

  it('is refused with a breadcrumb without message', async () => {
    const { post } = createTestApp()
    expect(await post('events', { ...sample('three-fields'), breadcrumbs: [{ message: null }] })).toEqual({
      status: 400,
      json: { success: false, message: 'breadcrumbs[0].message must be a string' },
    })
  })

  it.each(['events', 'bulk-events'] as const)('is taken by %s', async path => {
    const { post, store } = createTestApp()
    const events = ['failed-order', 'three-fields', 'nulls'].map(sample)
    if (path === 'events') for (const event of events) expect((await post(path, event)).status).toBe(200)
    else expect((await post(path, { events })).status).toBe(200)
    expect(store.list().events.map(({ endpoint }) => endpoint)).toEqual(['invoices', 'daily-report-job', '/orders'])
  })
})

describe('metadata that is no object', () => {
  const faulty = {
    ...sample('three-fields'),
    traceId: 'faulty',
    breadcrumbs: [
      { message: 'First', metadata: { kept: true } },
      { message: 'Second', metadata: ['lost'] },
    ],
    logs: [{ message: 'Third', level: 'error', metadata: 'lost too' }],
  }
  const warnings = [
    'breadcrumbs[1].metadata must be a JSON object; it was an array and is left out',
    'logs[0].metadata must be a JSON object; it was a string and is left out',
  ]

  it('is left out, and the JSON of its event says so', async () => {
    const { kept, id, app } = await keep(faulty)
    expect(kept).toMatchObject({
      breadcrumbs: [{ message: 'First', metadata: { kept: true } }, { message: 'Second' }],
      ingestWarnings: warnings,
    })
    expect(JSON.stringify(kept)).not.toContain('["lost"]')
    expect(JSON.stringify(kept)).not.toContain('lost too')
    expect((await app.get(`/api/v1/events/${id}`)).json).toMatchObject({ event: { ingestWarnings: warnings } })
  })

  it('shows on the event’s page, and as text', async () => {
    const { id, app } = await keep(faulty)
    const page = await (await app.app.request(`/events/${id}`, { headers: { accept: 'text/html' } })).text()
    const text = await (await app.app.request(`/events/${id}`)).text()
    for (const warning of warnings) {
      expect(page.slice(page.indexOf('<header class="event-head'), page.indexOf('class="actions"'))).toContain(warning)
      expect(text).toContain(warning)
    }
    expect(page).toContain('Not taken as it was sent')
  })

  it('is not claimed of an event without', async () => {
    const { id, kept, app } = await keep(sample('failed-order'))
    expect(kept).not.toHaveProperty('ingestWarnings')
    const page = await (await app.app.request(`/events/${id}`, { headers: { accept: 'text/html' } })).text()
    expect(page).not.toContain('Not taken as it was sent')
  })
})

describe('events sent in bulk', () => {
  it('are judged one by one: a wrong one is named by its place, and keeps no other out', async () => {
    const { post, store } = createTestApp()
    const { status: _, ...wrong } = sample('failed-order')
    const events = [sample('three-fields'), wrong, sample('nulls')]
    const { status, json } = await post('bulk-events', { events })
    const [newest, oldest] = store.list().events
    expect([status, json]).toEqual([
      200,
      {
        success: true,
        message: 'Events accepted',
        data: {
          eventIds: [oldest?.id, null, newest?.id],
          rejected: [{ index: 1, message: 'events[1].status must be one of success, failed, warning, pending' }],
        },
      },
    ])
    expect(store.count()).toBe(2)
  })

  it.each([100, 101])('may be 100: %i', async count => {
    const { post, store } = createTestApp()
    const { status } = await post('bulk-events', { events: Array(count).fill(sample('three-fields')) })
    expect([status, store.count()]).toEqual(count === 100 ? [200, 100] : [400, 0])
  })

  it('are counted one by one by the client', async () => {
    const ingest = await startFaultyIngest({ alter: body => body.replace('"status":"warning"', '"status":"odd"') })
    const errors: Error[] = []
    const options = {
      apiKey: 'rs_live_test',
      endpoint: ingest.url,
      onError: (error: Error) => errors.push(error),
      batchFlushIntervalMs: 60_000,
    }
    const client = new ReplayStackClient(options, {})
    const handler = withReplayStack(
      (request: Request) => {
        return new Response(null, { status: Number(new URL(request.url).pathname.slice(1)) })
      },
      { client },
    )
    for (const status of [200, 404, 500]) handler(new Request(`https://h.example/${status}`))
    await until(() => client.stats().pending === 3)
    // One was lost.
    expect(await client.flush()).toBe(false)
    expect(ingest.requests.map(({ url }) => url)).toEqual(['/api/v1/ingest/bulk-events'])
    expect(client.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { rejected: 1 } })
    expect(errors.map(({ message }) => message)).toEqual([
      'ReplayStack refused an event: events[1].status must be one of success, failed, warning, pending.',
    ])
    expect(ingest.inbox.store.list().events.map(({ status }) => status)).toEqual(['failed', 'success'])
  })
})

describe('the stream', () => {
  it('has the data of the contract: each event, and each failed one besides', async () => {
    const { app, post, store } = createTestApp()
    const { body } = await app.request('/api/v1/stream')
    if (!body) throw new Error('The stream has no body.')
    const messages = readEventStream(body)
    const next = async () => {
      const { value } = await messages.next()
      return value && { event: value.event, data: JSON.parse(value.data) }
    }
    const stackFrames = [
      { raw: 'at read (node:fs:1:2)', fileName: 'node:fs', lineNumber: 1, columnNumber: 2 },
      { raw: 'at place (/app/orders.js:7:9)', fileName: '/app/orders.js', lineNumber: 7, columnNumber: 9 },
    ]
    const errorFields = { errorName: 'TypeError', errorMessage: 'order is empty' }
    await post('events', { eventType: 'api', status: 'success', endpoint: '/orders', statusCode: 201 })
    await post('events', {
      eventType: 'api',
      status: 'failed',
      endpoint: '/orders',
      statusCode: 500,
      stackFrames,
      ...errorFields,
    })
    const [failed, fine] = store.list().events
    const common = { projectId: 'local', endpoint: '/orders', createdAt: time }
    expect(await next()).toMatchObject({
      event: 'event.created',
      data: { ...common, type: 'event.created', eventId: fine?.id, status: 'success', statusCode: 201 },
    })
    for (const type of ['event.created', 'event.failed']) {
      const message = await next()
      expect(message).toMatchObject({ event: type, data: { ...common, ...errorFields, type, eventId: failed?.id } })
      const { status, statusCode, topFrame } = message?.data ?? {}
      expect({ status, statusCode, topFrame }).toEqual({
        status: 'failed',
        statusCode: 500,
        topFrame: { fileName: '/app/orders.js', lineNumber: 7, columnNumber: 9 },
      })
    }
    await messages.return(undefined)
  })
})

describe('a key', () => {
  it.each(['x-tracereplay-api-key', 'x-replaystack-api-key'])('suffices in %s alone', async header => {
    const { post } = createTestApp({ key: 'rs_live_mine' })
    expect((await post('events', sample('three-fields'), { [header]: 'rs_live_mine' })).status).toBe(200)
  })

  it.each([{}, { 'x-replaystack-api-key': 'rs_live_other' }])('is asked for (%j)', async headers => {
    const { post } = createTestApp({ key: 'rs_live_mine' })
    expect(await post('events', sample('three-fields'), headers)).toEqual({
      status: 401,
      json: { success: false, message: 'Invalid API key' },
    })
  })
})
