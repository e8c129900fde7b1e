import { describe, expect, it } from 'vitest'
import { MAX_BODY_BYTES } from '../../src/inbox/ingest-routes.ts'
import type { EventSummary } from '../../src/inbox/store.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

const event = createSampleEvent()
const accepted = { success: true, message: 'Event accepted', data: { eventId: expect.any(String) } }

describe('POST /api/v1/ingest/events', () => {
  it('accepts an event and keeps it whole', async () => {
    const { post, get, store } = createTestApp()
    expect(await post('events', { ...event, unknown: [1] })).toEqual({ status: 200, json: accepted })
    const [row] = store.list().events
    expect(await get(`/api/v1/events/${row?.id}`)).toEqual({
      status: 200,
      json: {
        id: row?.id,
        eventId: row?.id,
        receivedAt: row?.receivedAt,
        sizeBytes: row?.sizeBytes,
        event: { ...event, unknown: [1] },
      },
    })
  })

  it.each(['x-tracereplay-api-key', 'X-ReplayStack-API-Key'])('takes the key in %s', async header => {
    const { post } = createTestApp({ key: 'secret' })
    expect((await post('events', event, { [header]: 'secret' })).status).toBe(200)
    expect(await post('events', event, { [header]: 'other' })).toEqual({
      status: 401,
      json: { success: false, message: 'Invalid API key' },
    })
  })

  it.each(['events', 'bulk-events'] as const)('refuses %s without a key', async path => {
    const { post, store } = createTestApp()
    const refused = {
      status: 401,
      json: { success: false, message: 'Invalid API key' },
    }
    expect(await post(path, { ...event, events: [event] }, {})).toEqual(refused)
    expect(await post(path, { ...event, events: [event] }, { 'x-replaystack-api-key': '' })).toEqual(refused)
    expect(store.list().events).toEqual([])
  })

  it('refuses wrong JSON and wrong fields, and keeps nothing of them', async () => {
    const { post, store } = createTestApp()
    expect(await post('events', '{"traceId":')).toEqual({
      status: 400,
      json: { success: false, message: 'body must be valid JSON' },
    })
    expect(await post('events', { ...event, eventType: 'rpc' })).toEqual({
      status: 400,
      json: { success: false, message: 'eventType must be one of api, queue, webhook, custom, cron' },
    })
    expect(store.list().events).toEqual([])
  })

  it('makes one event of one idempotency key', async () => {
    const { post, store, feed } = createTestApp()
    const published: EventSummary[] = []
    feed.subscribe(row => published.push(row))
    const headers = { 'x-replaystack-api-key': 'k', 'idempotency-key': 'same' }
    const first = await post('events', event, headers)
    const second = await post('events', { ...event, traceId: 'another' }, headers)
    expect(first).toEqual({ status: 200, json: accepted })
    expect(second).toEqual(first)
    await post('events', event, { ...headers, 'idempotency-key': 'different' })
    expect(store.list().events).toHaveLength(2)
    expect(published).toEqual(store.list().events.toReversed())
  })

  it('refuses an idempotency key that is too long', async () => {
    const { post } = createTestApp()
    const headers = { 'x-replaystack-api-key': 'k', 'idempotency-key': 'x'.repeat(256) }
    expect((await post('events', event, headers)).status).toBe(400)
  })

  it('takes a body of 10 MB and refuses one byte more', async () => {
    const { post } = createTestApp()
    const empty = JSON.stringify({ ...event, requestPayload: '' })
    const body = JSON.stringify({ ...event, requestPayload: 'x'.repeat(MAX_BODY_BYTES - empty.length) })
    expect((await post('events', body)).status).toBe(200)
    expect(await post('events', `${body} `)).toEqual({
      status: 413,
      json: { success: false, message: 'body must be at most 10485760 bytes' },
    })
  })
})

describe('POST /api/v1/ingest/bulk-events', () => {
  it('accepts a batch in its order', async () => {
    const { post, store } = createTestApp()
    const events = ['a', 'b', 'c'].map(traceId => createSampleEvent({ traceId }))
    const { status, json } = await post('bulk-events', { events })
    const rows = store.list().events.toReversed()
    expect(status).toBe(200)
    expect(json).toEqual({
      success: true,
      message: 'Events accepted',
      data: { eventIds: rows.map(row => row.id), rejected: [] },
    })
    expect(rows.map(row => row.traceId)).toEqual(['a', 'b', 'c'])
  })

  it('judges each event by itself: a wrong one is named by its place, and keeps no other out', async () => {
    const { post, store } = createTestApp()
    const [a, wrong, c] = ['a', 'wrong', 'c'].map(traceId => createSampleEvent({ traceId }))
    const { status, json } = await post('bulk-events', { events: [{ ...wrong, status: 'ok' }, a, c, 5] })
    const ids = store
      .list()
      .events.toReversed()
      .map(row => row.id)
    const rejected = [
      { index: 0, message: 'events[0].status must be one of success, failed, warning, pending' },
      { index: 3, message: 'events[3] must be a JSON object' },
    ]
    expect({ status, json }).toEqual({
      status: 200,
      json: { success: true, message: 'Events accepted', data: { eventIds: [null, ...ids, null], rejected } },
    })
    expect(store.list().events.map(row => row.traceId)).toEqual(['c', 'a'])
  })

  it('knows an event by its own key, however it is sent again', async () => {
    const { post, store } = createTestApp()
    const single = await post('events', event, { 'x-replaystack-api-key': 'k', 'idempotency-key': 'one' })
    const id = store.list().events[0]?.id
    const headers = { 'x-replaystack-api-key': 'k', 'idempotency-key': 'one, two, two' }
    const bulk = await post('bulk-events', { events: [event, event, event] }, headers)
    const second = store.list().events[0]?.id
    expect(single.json).toMatchObject({ data: { eventId: id } })
    expect(bulk.json).toMatchObject({ data: { eventIds: [id, second, second] } })
    expect(store.list().events).toHaveLength(2)
  })

  it('knows a batch by the batch’s key', async () => {
    const { post, store } = createTestApp()
    const headers = { 'x-replaystack-api-key': 'k', 'idempotency-key': 'batch' }
    const first = await post('bulk-events', { events: [event, event] }, headers)
    expect(await post('bulk-events', { events: [event, event] }, headers)).toEqual(first)
    expect(store.list().events).toHaveLength(2)
  })
})

describe('errors', () => {
  it('answers an unknown path in JSON', async () => {
    const { get } = createTestApp()
    expect(await get('/api/v2')).toEqual({ status: 404, json: { success: false, message: 'Not found' } })
  })

  it('tells a client nothing of what broke inside', async () => {
    const told: Error[] = []
    const { post, store } = createTestApp({ onError: error => told.push(error) })
    store.close()
    expect(await post('events', event)).toEqual({ status: 500, json: { success: false, message: 'Internal error' } })
    expect(told).toHaveLength(1)
  })
})
