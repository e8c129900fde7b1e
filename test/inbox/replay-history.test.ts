/** The history of an event's replays: what is kept of each, and who follows the stream sees it begin and end. */
import { expect, it, onTestFinished } from 'vitest'
import { readEventStream } from '../../src/inbox/event-stream.ts'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import type { ReplayRecord } from '../../src/inbox/replay/replay-record.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { startReplayServer } from './replay-server.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const FAILURE: Partial<ReplayStackEvent> = {
  requestUrl: 'https://api.example.com/orders',
  requestHeaders: { 'content-type': 'application/json' },
  requestPayload: { item: 'book' },
  responsePayload: { error: 'no such item' },
  status: 'failed',
  statusCode: 500,
}

async function keep({ post }: TestApp, fields: Partial<ReplayStackEvent> = FAILURE): Promise<string> {
  const { json } = await post('events', createSampleEvent(fields))
  const { data }: { data: { eventId: string } } = Object(json)
  return data.eventId
}

const send = ({ app }: TestApp, path: string, method: string, body: unknown) =>
  app.request(`/api/v1/events/${path}`, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

async function follow({ app }: TestApp) {
  const { body } = await app.request('/api/v1/stream')
  if (!body) throw new Error('The stream has no body')
  const messages = readEventStream(body)
  onTestFinished(async () => {
    await messages.return(undefined)
  })
  return async () => {
    const { value } = await messages.next()
    return [value?.event, JSON.parse(value?.data ?? '{}')]
  }
}

const startApp = (statusCode: number, body: object) =>
  startReplayServer((_request, response) => {
    response.writeHead(statusCode, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })

it('keeps each replay with its outcome, newest first, on the page and in the API', async () => {
  const test = createTestApp()
  const id = await keep(test)
  const [broken, repaired] = [await startApp(500, { error: 'no such item' }), await startApp(201, { id: 7 })]
  for (const { url } of [broken, repaired]) {
    expect((await send(test, `${id}/replay`, 'POST', { target: `${url}/` })).status).toBe(200)
  }
  const { json } = await test.get(`/api/v1/events/${id}/replays`)
  expect(json).toMatchObject({
    replays: [
      { eventId: id, target: repaired.url, outcome: 'fixed', originalStatusCode: 500, statusCode: 201 },
      { eventId: id, target: broken.url, outcome: 'same', originalStatusCode: 500, statusCode: 500 },
    ],
  })
  const page = await (await test.app.request(`/events/${id}`, { headers: { accept: 'text/html' } })).text()
  expect(page.replace(/<[^>]*>|\s+/g, ' ')).toMatch(/500 → 201 +fixed ✓ .*500 → 500 +same /)
  expect((await test.get('/api/v1/events/unknown/replays')).status).toBe(404)
})

it('says on the stream that a replay begins and what came of it', async () => {
  const test = createTestApp()
  const id = await keep(test)
  const next = await follow(test)
  const { url } = await startApp(201, {})
  await send(test, `${id}/replay`, 'POST', { target: url })
  const [started, completed] = [await next(), await next()]
  const data = { projectId: 'local', eventId: id, status: 'failed', endpoint: '/orders', statusCode: 500, target: url }
  expect(started).toMatchObject(['replay.started', { ...data, type: 'replay.started' }])
  expect(completed).toMatchObject([
    'replay.completed',
    { ...data, type: 'replay.completed', outcome: 'fixed', replayedStatusCode: 201, replayId: started[1].replayId },
  ])
})

it('says that nobody answered, and keeps no such replay', async () => {
  const test = createTestApp()
  const id = await keep(test)
  const next = await follow(test)
  const { status } = await send(test, `${id}/replay`, 'POST', { target: 'http://127.0.0.1:9' })
  expect(status).toBe(502)
  expect([(await next())[0], await next()]).toMatchObject([
    'replay.started',
    ['replay.completed', { outcome: 'unanswered' }],
  ])
  expect(test.store.replays(id, 10)).toEqual([])
})

it('begins no replay that is refused before anything is sent', async () => {
  const test = createTestApp()
  const id = await keep(test)
  const news: string[] = []
  test.feed.subscribeReplays(({ type }) => news.push(type))
  expect((await send(test, `${id}/replay`, 'POST', { target: 'http://example.com' })).status).toBe(400)
  expect(news).toEqual([])
})

it('takes what a terminal says of its replay, once, and nothing else', async () => {
  const test = createTestApp()
  const [id, other] = [await keep(test), await keep(test)]
  const started = await send(test, `${id}/replays`, 'POST', { target: 'http://127.0.0.1:8787/' })
  const { data }: { data: ReplayRecord } = Object(await started.json())
  const path = `replays/${data.replayId}`
  const end = { outcome: 'different', verdict: 'The answers differ.', originalStatusCode: 500, statusCode: 404 }
  expect((await send(test, `${other}/${path}`, 'PUT', end)).status).toBe(404)
  for (const wrong of [
    { outcome: 'perfect' },
    { ...end, statusCode: '404' },
    { ...end, verdict: 'x'.repeat(2001) },
    [],
  ]) {
    expect((await send(test, `${id}/${path}`, 'PUT', wrong)).status).toBe(400)
  }
  expect((await send(test, `${id}/${path}`, 'PUT', end)).status).toBe(200)
  expect((await send(test, `${id}/${path}`, 'PUT', end)).status).toBe(404)
  expect((await send(test, `${id}/replays`, 'POST', {})).status).toBe(400)
  expect(test.store.replays(id, 10)).toMatchObject([{ ...end, target: 'http://127.0.0.1:8787' }])
  expect(test.store.replays(other, 10)).toEqual([])
})

it('is bounded, and goes with its event', () => {
  const store = openSqliteStore()
  onTestFinished(() => store.close())
  const insert = () => {
    const event = createSampleEvent(FAILURE)
    return store.insert({ event, json: JSON.stringify(event) }).summary.id
  }
  const [id, other] = [insert(), insert()]
  for (const [index, eventId] of [...Array.from({ length: 105 }, () => id), other].entries()) {
    const startedAt = new Date(Date.UTC(2026, 2, 1) + index).toISOString()
    store.addReplay({ replayId: `replay-${index}`, eventId, startedAt, outcome: 'same' })
  }
  const kept = store.replays(id, 1000)
  expect([kept.length, kept[0]?.replayId, kept.at(-1)?.replayId]).toEqual([100, 'replay-104', 'replay-5'])
  store.delete(id)
  expect([store.replays(id, 10), store.replays(other, 10).length]).toEqual([[], 1])
})
