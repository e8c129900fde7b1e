import { describe, expect, it } from 'vitest'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

function wrong(message: string) {
  return { status: 400, json: { success: false, message } }
}

describe('GET /api/v1/events', () => {
  it('lists a row of summary fields', async () => {
    const { post, get, store } = createTestApp()
    await post('events', { ...createSampleEvent(), errorName: 'E', errorMessage: 'm', requestPayload: 'not listed' })
    const [row] = store.list().events
    const listed = {
      ...createSampleEvent(),
      errorName: 'E',
      errorMessage: 'm',
      route: '/orders',
      sizeBytes: expect.any(Number),
      id: row?.id,
      eventId: row?.id,
      receivedAt: row?.receivedAt,
    }
    expect(await get('/api/v1/events')).toEqual({ status: 200, json: { events: [listed], next: null } })
    expect(new Date(row?.receivedAt ?? '').toISOString()).toBe(row?.receivedAt)
  })

  it('leaves out what an event did not have', async () => {
    const { post, get } = createTestApp()
    await post('events', { traceId: 't', eventType: 'cron', status: 'pending' })
    const row = {
      id: expect.any(String),
      eventId: expect.any(String),
      receivedAt: expect.any(String),
      sizeBytes: 53,
      traceId: 't',
      eventType: 'cron',
      status: 'pending',
    }
    expect((await get('/api/v1/events')).json).toStrictEqual({ events: [row], next: null })
  })

  it('passes its parameters on, and takes an empty one for none', async () => {
    const { post, get } = createTestApp()
    const events = [
      createSampleEvent({ traceId: 'a', status: 'failed', eventType: 'queue', serviceName: 's', endpoint: '/pay' }),
      createSampleEvent({ traceId: 'b' }),
    ]
    await post('bulk-events', { events })
    const found = { events: [{ traceId: 'a' }], next: null }
    expect((await get('/api/v1/events?status=failed&type=queue&service=s&q=pay&limit=&before=')).json).toMatchObject(
      found,
    )
    expect((await get('/api/v1/events?status=&type=&service=&q=')).json).toMatchObject({
      events: [{ traceId: 'b' }, { traceId: 'a' }],
    })
  })

  it('pages by its cursor', async () => {
    const { post, get } = createTestApp()
    await post('bulk-events', { events: ['a', 'b', 'c'].map(traceId => createSampleEvent({ traceId })) })
    const { json } = await get('/api/v1/events?limit=2')
    expect(json).toMatchObject({ events: [{ traceId: 'c' }, { traceId: 'b' }], next: expect.stringMatching(/^\d+$/) })
    const next = typeof json === 'object' && json && 'next' in json ? json.next : undefined
    expect((await get(`/api/v1/events?limit=2&before=${next}`)).json).toMatchObject({
      events: [{ traceId: 'a' }],
      next: null,
    })
  })

  it('lists 50 without a limit and 200 at most', async () => {
    const { post, get } = createTestApp()
    for (let batch = 0; batch < 3; batch++) await post('bulk-events', { events: Array(100).fill(createSampleEvent()) })
    expect((await get('/api/v1/events')).json).toHaveProperty('events.length', 50)
    expect((await get('/api/v1/events?limit=200')).json).toHaveProperty('events.length', 200)
  })

  it.each([
    ['status=ok', 'status must be one of success, failed, warning, pending'],
    ['type=http', 'type must be one of api, queue, webhook, custom, cron'],
    ['limit=0', 'limit must be an integer from 1 to 200'],
    ['limit=201', 'limit must be an integer from 1 to 200'],
    ['limit=1e1', 'limit must be an integer from 1 to 200'],
    ['before=x', 'before must be a cursor that an earlier page gave'],
    ['before=-1', 'before must be a cursor that an earlier page gave'],
    ['before=99999999999999999999', 'before must be a cursor that an earlier page gave'],
    [`q=${'x'.repeat(201)}`, 'q must be at most 200 characters'],
    [`service=${'x'.repeat(201)}`, 'service must be at most 200 characters'],
  ])('refuses %s', async (query, message) => {
    const { get } = createTestApp()
    expect(await get(`/api/v1/events?${query}`)).toEqual(wrong(message))
  })
})

describe('GET /api/v1/events/:id', () => {
  it('gives the event’s own text', async () => {
    const { app, post, store } = createTestApp()
    await post('events', '{"traceId":"t","eventType":"api","status":"success","n":12345678901234567890}')
    const response = await app.request(`/api/v1/events/${store.list().events[0]?.id}`)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toContain('"n":12345678901234567890')
  })

  it('does not know another id', async () => {
    const { get } = createTestApp()
    expect(await get('/api/v1/events/nothing')).toEqual({
      status: 404,
      json: { success: false, message: 'Event not found' },
    })
  })
})

describe('DELETE /api/v1/events', () => {
  it('removes every event and says how many', async () => {
    const { app, post, get } = createTestApp()
    await post('bulk-events', { events: [createSampleEvent(), createSampleEvent()] })
    const response = await app.request('/api/v1/events', { method: 'DELETE' })
    expect(await response.json()).toEqual({ success: true, message: 'Events deleted', data: { deleted: 2 } })
    expect((await get('/api/v1/events')).json).toEqual({ events: [], next: null })
  })
})

describe('GET /', () => {
  it('shows the latest events and the addresses as plain text', async () => {
    const { app, post } = createTestApp()
    await post('events', createSampleEvent({ endpoint: '/<script>\u001b[2J' }))
    const response = await app.request('/')
    const text = await response.text()
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(text).toContain('/<script>\\u001b[2J')
    expect(text).toContain('201 success')
    expect(text).toContain('/api/v1/stream')
  })
})

describe('a query', () => {
  it('chooses what is listed and deleted', async () => {
    const { post, get, app } = createTestApp()
    for (const traceId of ['a', 'b', 'c']) {
      await post('events', { ...createSampleEvent({ traceId }), statusCode: traceId === 'b' ? 500 : 200 })
    }
    const query = encodeURIComponent('status:500')
    expect((await get(`/api/v1/events?query=${query}`)).json).toMatchObject({ events: [{ traceId: 'b' }], next: null })
    expect((await get('/api/v1/events?query=-trace:b&limit=1')).json).toMatchObject({ events: [{ traceId: 'c' }] })
    const removed = await app.request(`/api/v1/events?query=${query}`, { method: 'DELETE' })
    expect(await removed.json()).toMatchObject({ success: true, data: { deleted: 1 } })
    const refused = await app.request('/api/v1/events?query=', { method: 'DELETE' })
    expect(refused.status).toBe(400)
    expect((await get('/api/v1/events')).json).toMatchObject({ events: [{ traceId: 'c' }, { traceId: 'a' }] })
  })

  it('that is wrong is refused with its place', async () => {
    const { get } = createTestApp()
    expect(await get(`/api/v1/events?query=${encodeURIComponent('card status:abc')}`)).toEqual({
      status: 400,
      json: {
        success: false,
        message: expect.stringMatching(/^status:abc at character 6 has a value that status does not have: /),
        start: 5,
        end: 15,
      },
    })
  })
})

describe('one event', () => {
  const change = async (body: unknown, id?: string) => {
    const { post, store, app } = createTestApp()
    await post('events', createSampleEvent())
    const path = `/api/v1/events/${id ?? store.list().events[0]?.id}`
    const response = await app.request(path, { method: 'PATCH', body: JSON.stringify(body) })
    const shown = await app.request(path)
    return { status: response.status, json: await response.json(), shown: await shown.json() }
  }

  it('is pinned and noted', async () => {
    const { status, json, shown } = await change({ pinned: true, note: 'Ask Ada' })
    expect(status).toBe(200)
    expect(json).toMatchObject({ success: true, data: { eventId: expect.any(String), pinned: true, note: 'Ask Ada' } })
    expect(shown).toMatchObject({ pinned: true, note: 'Ask Ada', event: createSampleEvent() })
    expect((await change({ note: null })).status).toBe(200)
  })

  it.each([
    [{}, 'body must have pinned or note'],
    [[], 'body must be a JSON object'],
    [{ pinned: 1 }, 'pinned must be true or false'],
    [{ note: 1 }, 'note must be a string, or null to remove it'],
    [{ note: 'x'.repeat(10_001) }, 'note must be at most 10000 characters'],
  ])('refuses %j', async (body, message) => {
    expect(await change(body)).toMatchObject({ status: 400, json: { success: false, message } })
  })

  it('that is unknown is 404', async () => {
    expect((await change({ pinned: true }, 'unknown')).status).toBe(404)
  })

  it('is deleted alone', async () => {
    const { post, store, app } = createTestApp()
    await post('events', createSampleEvent({ traceId: 'a' }))
    await post('events', createSampleEvent({ traceId: 'b' }))
    const path = `/api/v1/events/${store.list().events[0]?.id}`
    expect((await app.request(path, { method: 'DELETE' })).status).toBe(200)
    expect((await app.request(path, { method: 'DELETE' })).status).toBe(404)
    expect(store.list().events.map(({ traceId }) => traceId)).toEqual(['a'])
  })
})
