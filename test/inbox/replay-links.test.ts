/** Which events are linked to the event that they are a replay of: those that the inbox waits for, and no others. */
import { expect, it } from 'vitest'
import { AwaitedReplays } from '../../src/inbox/local/replay/awaited-replays.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { startReplayServer } from './replay-server.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const ORDER: Partial<ReplayStackEvent> = {
  requestUrl: 'https://api.example.com/orders',
  requestHeaders: { 'content-type': 'application/json' },
  requestPayload: { item: 'book' },
}
const TAPE = { version: 1, complete: true, calls: [] } as const

async function keep({ post }: TestApp, fields: Partial<ReplayStackEvent>): Promise<string> {
  const { json } = await post('events', createSampleEvent(fields))
  const { data }: { data: { eventId: string } } = Object(json)
  return data.eventId
}

const replayOf = ({ store }: TestApp, id: string): string | undefined => store.get(id)?.summary.replayOf

/** An application that sends its event to the inbox before it responds, and what each event's id is. */
async function startApp(test: TestApp) {
  const ids: string[] = []
  const server = await startReplayServer(async ({ headers }, response) => {
    const find = (name: string): string => headers.find(([known]) => known === name)?.[1] ?? ''
    const requestHeaders = { 'x-replaystack-replay': find('x-replaystack-replay') }
    ids.push(await keep(test, { ...ORDER, traceId: find('x-trace-id'), requestHeaders }))
    // The same once more, when nobody waits for it any longer.
    ids.push(await keep(test, { ...ORDER, traceId: find('x-trace-id'), requestHeaders }))
    response.end()
  })
  return { ...server, ids }
}

it('links the event of a replay and its original on both pages, once, and finds it by is:replay', async () => {
  const test = createTestApp()
  const id = await keep(test, ORDER)
  const app = await startApp(test)
  const response = await test.app.request(`/api/v1/events/${id}/replay`, {
    method: 'POST',
    body: JSON.stringify({ target: app.url }),
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(200)
  const [linked = '', late = ''] = app.ids
  expect([linked, late].map(one => replayOf(test, one))).toEqual([id, undefined])
  expect(test.store.replays(id, 10)).toMatchObject([
    { target: app.url, outcome: 'different', replayEvent: { id: linked, status: 'success' } },
  ])
  const { events }: { events: { id: string }[] } = Object((await test.get('/api/v1/events?query=is:replay')).json)
  expect(events.map(event => event.id)).toEqual([linked])
  const page = async (of: string) =>
    await (await test.app.request(`/events/${of}`, { headers: { accept: 'text/html' } })).text()
  expect(await page(id)).toContain(`href="/events/${linked}"`)
  expect(await page(linked)).toMatch(new RegExp(`Replay of\\s*<a href="/events/${id}"`))
  expect(await page(late)).not.toContain('Replay of')
  expect(test.feed.listenerCount).toBe(0)
})

it('links nothing to an event by what a stranger sends', async () => {
  const test = createTestApp()
  const id = await keep(test, ORDER)
  const send = (traceId: string, header: string, metadata: ReplayStackEvent['metadata'] = {}) =>
    keep(test, { ...ORDER, traceId, metadata, requestHeaders: { 'x-replaystack-replay': header } })
  const replays = new AwaitedReplays(test.store, test.feed)
  const early = await send('trace-1', id)
  replays.open({ eventId: id, traceId: 'trace-1' })
  const replayId = replays.open({ eventId: id, traceId: 'trace-2', tape: TAPE })
  const strangers = [
    early,
    // Of another trace, of another event, and of a service further on, which has the trace alone.
    await send('trace-3', id),
    await send('trace-1', 'another-event'),
    await keep(test, { ...ORDER, traceId: 'trace-1' }),
    // Of a replay whose tape nobody has taken.
    await send('trace-2', `${id}; tape=${replayId}`, { replay: { of: id, id: replayId } }),
    await send('trace-2', id),
  ]
  expect(strangers.map(one => replayOf(test, one))).toEqual(strangers.map(() => undefined))
  expect(replays.takeTape(replayId)).toBe(TAPE)
  const played = await send('trace-of-its-own', '', {
    replay: { of: 'forged', id: replayId, notOnTape: ['kv KV.get'] },
  })
  expect(replayOf(test, played)).toBe(id)
  expect(await replays.outcome(replayId, true)).toMatchObject({
    taken: true,
    event: { id: played, notOnTape: ['kv KV.get'] },
  })
  expect([replays.takeTape(replayId), await replays.outcome(replayId, false)]).toEqual([undefined, undefined])
})
