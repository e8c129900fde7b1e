import { describe, expect, it, onTestFinished } from 'vitest'
import { readEventStream, type StreamMessage } from '../../src/inbox/event-stream.ts'
import { startInbox } from '../../src/inbox/local/server.ts'
import { until } from '../support/node-server.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

async function openStream(
  app: { request: (path: string, init?: RequestInit) => Response | Promise<Response> },
  lastId?: string,
) {
  const response = await app.request('/api/v1/stream', { headers: lastId ? { 'last-event-id': lastId } : {} })
  if (!response.body) throw new Error('The stream has no body')
  const messages = readEventStream(response.body)
  onTestFinished(async () => {
    await messages.return(undefined)
  })
  return { response, messages }
}

async function take(messages: AsyncGenerator<StreamMessage>, count: number): Promise<StreamMessage[]> {
  const taken: StreamMessage[] = []
  while (taken.length < count) {
    const { value, done } = await messages.next()
    if (done) break
    taken.push(value)
  }
  return taken
}

describe('GET /api/v1/stream', () => {
  it('tells of each event, and besides of each failed one, with the list’s row', async () => {
    const { app, post, store } = createTestApp()
    const { response, messages } = await openStream(app)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await post('events', createSampleEvent({ traceId: 'a' }))
    await post('events', createSampleEvent({ traceId: 'b', status: 'failed', errorMessage: 'line\nline' }))
    const [failed, fine] = store.list().events.map(row => JSON.parse(JSON.stringify(row)))
    const taken = await take(messages, 4)
    expect(taken.map(({ event, data }) => [event, JSON.parse(data)])).toMatchObject([
      ['event.created', fine],
      ['event.created', failed],
      ['event.failed', failed],
      ['error_group.updated', { issueId: failed.issueId, eventId: failed.id, count: 1, state: 'open' }],
    ])
    expect(taken.map(message => message.lastId)).toEqual([fine?.id, fine?.id, fine?.id, failed?.id])
  })

  it('says what was taken in since the last heartbeat, once', async () => {
    const { app, post, store } = createTestApp({ heartbeatMs: 30 })
    await post('events', createSampleEvent())
    const { messages } = await openStream(app)
    await post('events', createSampleEvent())
    await post('events', createSampleEvent())
    const [month] = store.usage()
    const news: { events: number }[] = []
    while (news.at(-1)?.events !== 3) {
      const [message] = await take(messages, 1)
      if (message?.event === 'usage.updated') news.push(JSON.parse(message.data))
      else expect(message?.event).toBe('event.created')
    }
    expect(news.at(-1)).toEqual({
      type: 'usage.updated',
      projectId: 'local',
      ...month,
      createdAt: expect.stringMatching(/Z$/),
    })
    // On a slow machine a heartbeat comes between the two; none comes without anything new.
    expect(new Set(news.map(({ events }) => events)).size).toBe(news.length)
  })

  it('says when somebody changes an issue', async () => {
    const { app, post, store } = createTestApp()
    const { messages } = await openStream(app)
    await post('events', createSampleEvent({ status: 'failed' }))
    await take(messages, 3)
    const issueId = store.issues().issues[0]?.issueId
    await app.request(`/api/v1/issues/${issueId}`, { method: 'PATCH', body: '{"state":"resolved"}' })
    const [message] = await take(messages, 1)
    expect(message?.event).toBe('error_group.updated')
    expect(JSON.parse(message?.data ?? '')).toMatchObject({ issueId, state: 'resolved', count: 1 })
  })

  it('says nothing of an event that it has told of', async () => {
    const { app, post } = createTestApp()
    const { messages } = await openStream(app)
    const headers = { 'x-replaystack-api-key': 'k', 'idempotency-key': 'same' }
    await post('events', createSampleEvent({ traceId: 'a' }), headers)
    await post('events', createSampleEvent({ traceId: 'a again' }), headers)
    await post('events', createSampleEvent({ traceId: 'b' }))
    const taken = await take(messages, 2)
    expect(taken.map(({ data }) => JSON.parse(data).traceId)).toEqual(['a', 'b'])
  })

  it('first tells one that comes back what it missed', async () => {
    const { app, post, store } = createTestApp()
    await post('bulk-events', { events: ['a', 'b', 'c'].map(traceId => createSampleEvent({ traceId })) })
    const { messages } = await openStream(app, store.list().events.at(-1)?.id)
    await post('events', createSampleEvent({ traceId: 'd' }))
    const taken = await take(messages, 3)
    expect(taken.map(({ data }) => JSON.parse(data).traceId)).toEqual(['b', 'c', 'd'])
  })

  it('opens with a comment and sends one with each heartbeat', async () => {
    const { app } = createTestApp({ heartbeatMs: 5 })
    const reader = (await app.request('/api/v1/stream')).body?.getReader()
    const comments: string[] = []
    while (reader && comments.length < 3) comments.push(new TextDecoder().decode((await reader.read()).value))
    await reader?.cancel()
    expect(comments).toEqual([': connected\n\n', ': heartbeat\n\n', ': heartbeat\n\n'])
  })

  it('lets go of a listener that leaves', async () => {
    const { app, feed } = createTestApp()
    const response = await app.request('/api/v1/stream')
    expect(feed.listenerCount).toBe(1)
    await response.body?.cancel()
    expect(feed.listenerCount).toBe(0)
  })

  const accept = ({ store, feed }: TestApp, count: number, prefix: string): string[] => {
    const traceIds = Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
    const events = traceIds.map(traceId => ({ event: createSampleEvent({ traceId }), json: '{}' }))
    for (const { summary } of store.insertMany(events)) feed.publish(summary)
    return traceIds
  }
  const readTraceId = ({ data }: StreamMessage): unknown => JSON.parse(data).traceId

  it('tells one that comes back all that it missed, however much, and goes on live', async () => {
    const test = createTestApp()
    accept(test, 1, 'known')
    const lastId = test.store.list().events[0]?.id
    const missed = accept(test, 2500, 'missed')
    const { messages } = await openStream(test.app, lastId)
    const first = await take(messages, 1200)
    const meanwhile = accept(test, 10, 'meanwhile')
    const others = await take(messages, 1310)
    expect([...first, ...others].map(readTraceId)).toEqual([...missed, ...meanwhile])
    const live = accept(test, 3, 'live')
    expect((await take(messages, 3)).map(readTraceId)).toEqual(live)
  })

  it('keeps one that reads more slowly than events come, and tells it of every one', async () => {
    const test = createTestApp()
    const { messages } = await openStream(test.app)
    const early = accept(test, 2, 'early')
    expect((await take(messages, 2)).map(readTraceId)).toEqual(early)
    const burst = [...accept(test, 900, 'a'), ...accept(test, 1700, 'b')]
    expect((await take(messages, 2600)).map(readTraceId)).toEqual(burst)
    expect(test.feed.listenerCount).toBe(1)
    const late = accept(test, 2, 'late')
    expect((await take(messages, 2)).map(readTraceId)).toEqual(late)
  })

  it('lets go of a client whose connection is gone', async () => {
    const inbox = await startInbox()
    onTestFinished(() => inbox.close())
    const leaving = new AbortController()
    const response = await fetch(`${inbox.url}/api/v1/stream`, { signal: leaving.signal })
    expect(response.status).toBe(200)
    expect(inbox.feed.listenerCount).toBe(1)
    leaving.abort()
    await until(() => inbox.feed.listenerCount === 0)
  })

  it('ends when the inbox is closed', async () => {
    const inbox = await startInbox()
    const response = await fetch(`${inbox.url}/api/v1/stream`)
    const ended = expect(response.text()).rejects.toThrow()
    await inbox.close()
    await ended
    expect(inbox.feed.listenerCount).toBe(0)
  })
})

it('asks the store once for each event, however many listen', async () => {
  const { app, post, store } = createTestApp()
  const streams = await Promise.all(Array.from({ length: 50 }, () => openStream(app)))
  let asked = 0
  for (const name of ['get', 'issue'] as const) {
    const ask = store[name]
    Object.assign(store, {
      [name](id: string) {
        asked++
        return ask(id)
      },
    })
  }
  await post('events', createSampleEvent({ status: 'failed' }))
  for (const { messages } of streams) expect(await take(messages, 3)).toHaveLength(3)
  expect(asked).toBe(2)
})
