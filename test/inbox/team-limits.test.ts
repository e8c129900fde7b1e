/** What a project's limits keep out, and what it has taken in, in real workerd. */
import { expect, test } from 'vitest'
import { ReplayStackClient } from '../../src/index.ts'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { listOf, sendEvents } from './team-events.ts'

const MONTHLY = 'Monthly event limit reached. Please upgrade your plan.'

const setLimits = async (inbox: TeamInbox, project: string, limits: object) => {
  const path = `/api/v1/admin/projects/${project}`
  const response = await inbox.ask(path, { method: 'PATCH', body: JSON.stringify({ limits }) })
  return { status: response.status, json: (await response.json()) as { message?: string; data?: object } }
}

const eventsOf = (...traceIds: string[]) => traceIds.map(traceId => createSampleEvent({ traceId }))

test('takes as many events as the month’s limit, in bulks too, and refuses the rest in the contract’s words', async () => {
  const inbox = await startTeamInbox()
  const [key, other] = [await inbox.addProject('shop'), await inbox.addProject('blog')]
  expect((await setLimits(inbox, 'shop', { month: 4 })).json).toMatchObject({
    data: { project: 'shop', enabled: true, limits: { month: 4, second: null } },
  })
  for (const traceId of ['a', 'a', 'b']) {
    const taken = await sendEvents(inbox, key, createSampleEvent({ traceId }), { 'idempotency-key': traceId })
    expect(taken.status).toBe(200)
  }
  // What is wrong takes no room, a repeat neither, and what has no room is refused by itself.
  const bulk = await sendEvents(
    inbox,
    key,
    { events: [...eventsOf('c'), { traceId: 'wrong' }, ...eventsOf('b', 'd', 'e', 'f')] },
    { 'idempotency-key': 'c,x,b,d,e,f' },
  )
  expect([bulk.status, await bulk.json()]).toEqual([
    200,
    {
      success: true,
      message: 'Events accepted',
      data: {
        eventIds: [expect.any(String), null, expect.any(String), expect.any(String), null, null],
        rejected: [
          { index: 1, message: 'events[1].eventType must be one of api, queue, webhook, custom, cron' },
          { index: 4, message: MONTHLY },
          { index: 5, message: MONTHLY },
        ],
      },
    },
  ])
  for (const body of [createSampleEvent(), { events: eventsOf('g', 'h') }]) {
    const refused = await sendEvents(inbox, key, body)
    expect([refused.status, await refused.json()]).toEqual([429, { success: false, message: MONTHLY }])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(31 * 86_400)
  }
  expect((await sendEvents(inbox, other, createSampleEvent())).status).toBe(200)
  await eventually(async () => expect(await listOf(inbox, 'shop')).toHaveLength(4))
  expect((await listOf(inbox, 'shop')).map(({ traceId }) => traceId).sort()).toEqual(['a', 'b', 'c', 'd'])
  const { usage } = (await (await inbox.ask('/projects/shop/api/v1/usage')).json()) as { usage: object[] }
  expect(usage).toMatchObject([{ month: new Date().toISOString().slice(0, 7), events: 4 }])
  // Raised, and taken away.
  await setLimits(inbox, 'shop', { month: 5 })
  expect((await sendEvents(inbox, key, createSampleEvent())).status).toBe(200)
  expect((await sendEvents(inbox, key, createSampleEvent())).status).toBe(429)
  await setLimits(inbox, 'shop', { month: null })
  expect((await sendEvents(inbox, key, createSampleEvent())).status).toBe(200)
})

test('takes not one event beyond the limit of those that come at the same time, and loses none that it takes', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  await setLimits(inbox, 'shop', { month: 50 })
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, index) =>
      index % 3 === 0
        ? sendEvents(inbox, key, { events: eventsOf(`${index}-0`, `${index}-1`, `${index}-2`) })
        : sendEvents(inbox, key, createSampleEvent({ traceId: `${index}` })),
    ),
  )
  const ids: string[] = []
  for (const answer of answers) {
    const { data } = (await answer.json()) as { data?: { eventId?: string; eventIds?: (string | null)[] } }
    for (const id of data?.eventIds ?? [data?.eventId]) if (id) ids.push(id)
  }
  expect(new Set(ids).size).toBe(50)
  const kept = async () =>
    (await (await inbox.ask('/projects/shop/api/v1/events?limit=100')).json()) as { events: { id: string }[] }
  await eventually(async () => expect((await kept()).events.map(({ id }) => id).sort()).toEqual(ids.sort()))
})

test('takes as many events as a second’s limit, and says when to come again', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  await setLimits(inbox, 'shop', { second: 1 })
  // A batch larger than the limit is taken whole: what it takes too much is paid off in the seconds after it.
  expect(
    (await sendEvents(inbox, key, { events: eventsOf(...Array.from({ length: 100 }, (_, index) => String(index))) }))
      .status,
  ).toBe(200)
  const refused = await sendEvents(inbox, key, createSampleEvent())
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { success: false, message: 'Too many events in a second' },
  ])
  expect(refused.headers.get('retry-after')).toMatch(/^\d{2,3}$/)
})

test('says to the SDK what it keeps events back for', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  await setLimits(inbox, 'shop', { month: 1 })
  await sendEvents(inbox, key, createSampleEvent())
  const errors: (string | undefined)[] = []
  const client = new ReplayStackClient({
    apiKey: key,
    endpoint: inbox.url,
    onError: error => void errors.push(Object(error).code),
  })
  client.captureEvent({ eventType: 'api', method: 'GET', endpoint: '/', status: 'failed', traceId: 'one' })
  await client.flush()
  expect(errors).toEqual(['plan_limit'])
  expect(client.stats().pending).toBe(1)
})

test('takes no limits that are none', async () => {
  const inbox = await startTeamInbox()
  await inbox.addProject('shop')
  for (const [limits, message] of [
    [{ month: 0 }, 'limits.month must be an integer of 1 or more, or null for none'],
    [{ second: 1.5 }, 'limits.second must be an integer of 1 or more, or null for none'],
    [{ month: '10' }, 'limits.month must be an integer of 1 or more, or null for none'],
    [{ day: 10 }, 'limits must have month, second or both, got day'],
    [[], 'limits must have month, second or both'],
  ] as const) {
    expect(await setLimits(inbox, 'shop', limits)).toEqual({ status: 400, json: { success: false, message } })
  }
  expect((await setLimits(inbox, 'nobody', { month: 1 })).status).toBe(404)
})
