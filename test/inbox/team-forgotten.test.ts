/** Somebody who is forgotten while events of theirs are in the queue. */
import { afterEach, expect, test, vi } from 'vitest'
import { createSqliteDriver } from '../../src/inbox/local/sqlite-driver.ts'
import { openDatabase } from '../../src/inbox/local/sqlite-file.ts'
import type { SqlDriver } from '../../src/inbox/sql/driver.ts'
import { createSqlStore } from '../../src/inbox/sql/sql-store.ts'
import type { NewEvent } from '../../src/inbox/store.ts'
import { dropForgotten, leaveOutForgotten, rememberForgotten } from '../../src/inbox/worker/forgotten.ts'
import { eventually } from '../support/eventually.ts'
import { findTraces } from './find-traces.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox } from './start-team-inbox.ts'
import { listOf } from './team-events.ts'

afterEach(() => void vi.useRealTimers())

function open() {
  const driver = createSqliteDriver(openDatabase(undefined, undefined), undefined)
  createSqlStore(driver)
  return driver
}

const newEvent = (requestPayload: string, receivedAt: number): NewEvent => {
  const event = createSampleEvent({ requestPayload })
  return { event, json: JSON.stringify(event), receivedAt }
}

test('keeps nothing of them that was received before, and what is received later', async () => {
  const inbox = await startTeamInbox()
  await inbox.addProject('shop')
  const before = Date.now() - 1
  const body = JSON.stringify({ person: 'Ada@Example.com', remove: true })
  expect((await inbox.ask('/projects/shop/api/v1/forget', { method: 'POST', body })).status).toBe(200)
  const queue = await inbox.miniflare.getQueueProducer('EVENT_QUEUE', 'inbox')
  const send = async (traceId: string, receivedAt: number, requestPayload: string) => {
    const head = { project: 'shop', id: traceId, idempotencyKey: traceId, receivedAt }
    const event = createSampleEvent({ traceId, requestPayload })
    await queue.send(`${JSON.stringify(head)}\n${JSON.stringify(event)}`, { contentType: 'text' })
  }
  await send('theirs', before, 'to ada%40example.com')
  await send('other', before, 'to ada@example.company')
  await send('later', Date.now() + 60_000, 'to ada@example.com')
  const ids = async () => (await listOf(inbox, 'shop')).map(({ id }) => id).sort()
  await eventually(async () => expect(await ids()).toEqual(['later', 'other']))
  expect(await (await inbox.ask('/api/v1/admin/dead-letters')).json()).toEqual({ events: [], hasMore: false })
})

test.each([
  ['4711', '/users/4711?x', true],
  ['4711', '47110 14711 4711.5', false],
  ['müller@example.de', 'M%C3%BCLLER%40example.de', true],
  ['ada lovelace', 'Hello ADA Lovelace!', true],
  ['a😀b', 'xx a😀b', true],
])('knows %s in %j by a hash: %s', async (person, text, isTheirs) => {
  const driver = open()
  const now = Date.now()
  expect(await leaveOutForgotten(driver, [newEvent(text, now)])).toHaveLength(1)
  await rememberForgotten(driver, person)
  expect(await leaveOutForgotten(driver, [newEvent(text, now), newEvent('none', now)])).toHaveLength(isTheirs ? 1 : 2)
  // A hash may have any digits within.
  expect(findTraces(driver.query, new RegExp(`(?<![\\da-f])${person}(?![\\da-f])`, 'i'))).toEqual([])
})

test('sees who is forgotten while it looks, and forgets the hash when no queue has anything of that time', async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  const [driver, other] = [open(), open()]
  const events = [newEvent('ada', Date.now()), newEvent('bob', Date.now())]
  await rememberForgotten(other, 'bob')
  const [row] = other.query("SELECT value FROM settings WHERE name = 'forgotten'")
  let reads = 0
  const query: SqlDriver['query'] = (sql, ...values) => {
    const rows = driver.query(sql, ...values)
    if (++reads === 1) driver.query("INSERT INTO settings VALUES ('forgotten', ?)", String(row?.['value']))
    return rows
  }
  const kept = await leaveOutForgotten({ ...driver, query }, events)
  expect(kept.map(({ event }) => event.requestPayload)).toEqual(['ada'])
  vi.setSystemTime(Date.now() + 14 * 86_400_000)
  dropForgotten(driver)
  expect(await leaveOutForgotten(driver, events)).toHaveLength(1)
  vi.setSystemTime(Date.now() + 86_400_000)
  dropForgotten(driver)
  expect(await leaveOutForgotten(driver, events)).toHaveLength(2)
})
