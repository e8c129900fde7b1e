/** The ingest contract, as the inbox keeps it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createTestApp } from '../inbox/test-app.ts'

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
