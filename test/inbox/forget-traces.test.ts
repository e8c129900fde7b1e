/** What is left of a person in an object's tables, its bucket, and in alerts. The file of a local inbox: backup-command.test.ts. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { Alerts } from '../../src/inbox/alerts/alerts.ts'
import { EventFeed } from '../../src/inbox/event-feed.ts'
import { createSqliteDriver } from '../../src/inbox/local/sqlite-driver.ts'
import { openDatabase } from '../../src/inbox/local/sqlite-file.ts'
import { createSqlStore } from '../../src/inbox/sql/sql-store.ts'
import { eventually } from '../support/eventually.ts'
import { findTraces } from './find-traces.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox } from './start-team-inbox.ts'
import { listOf, sendEvents } from './team-events.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const PERSON = 'ada_zweistein@example.com'
const TRACE = /zweistein/i

const mention = (traceId: string, size = 0) =>
  createSampleEvent({
    traceId,
    status: 'failed',
    errorName: 'MailError',
    errorMessage: `No mail to ${PERSON}`,
    requestPayload: `${'x'.repeat(size)} ${PERSON.toUpperCase()}`,
    metadata: { route: `/users/${encodeURIComponent(PERSON)}` },
    appVersion: PERSON,
  })

test('nothing that an object can read, and nothing in its bucket', async () => {
  const folder = createTemporaryFolder()
  const inbox = await startTeamInbox([], folder)
  const key = await inbox.addProject('shop')
  const bucket = await inbox.miniflare.getR2Bucket('EVENT_BUCKET', 'inbox')
  const events = [mention('small'), mention('large', 200_000), createSampleEvent({ traceId: 'other' })]
  await sendEvents(inbox, key, { events })
  await eventually(async () => expect(await listOf(inbox, 'shop')).toHaveLength(3))
  const head = JSON.stringify({ project: 'shop', id: 'x', idempotencyKey: 'x', receivedAt: 1 })
  for (const name of ['dead/shop/x', 'large/shop/x']) await bucket.put(name, `${head}\n${JSON.stringify(mention('x'))}`)
  for (const { id } of await listOf(inbox, 'shop')) {
    await inbox.ask(`/projects/shop/api/v1/events/${id}`, { method: 'PATCH', body: '{"pinned":true}' })
  }
  let after: string | null = ''
  while (after !== null) {
    const body = JSON.stringify({ person: PERSON, remove: true, after })
    const response = await inbox.ask('/projects/shop/api/v1/forget', { method: 'POST', body })
    const { data } = (await response.json()) as { data: { next: string | null } }
    after = data.next
  }
  expect(await listOf(inbox, 'shop')).toMatchObject([{ traceId: 'other' }])
  expect((await bucket.list()).objects).toEqual([])
  await inbox.miniflare.dispose()
  const files = readdirSync(folder, { recursive: true }).map(String)
  const ofProjects = files.filter(name => name.includes('InboxProject') && name.endsWith('.sqlite'))
  const found = ofProjects.map(name => {
    const database = new DatabaseSync(join(folder, name))
    onTestFinished(() => database.close())
    // The runtime's own table has a time in nanoseconds.
    const query = (sql: string) => {
      const statement = database.prepare(sql)
      statement.setReadBigInts(true)
      return statement.all()
    }
    return { kept: findTraces(query, /^other$/), left: findTraces(query, TRACE) }
  })
  expect(found.flatMap(({ kept }) => kept)).toEqual(['events'])
  expect(found.flatMap(({ left }) => left)).toEqual([])
})

test('no alert about them, and no message of one that waits for a webhook', () => {
  const driver = createSqliteDriver(openDatabase(undefined, undefined), undefined)
  const store = createSqlStore(driver)
  const alerts = new Alerts({ driver, feed: new EventFeed(), project: 'shop' })
  const rule = { threshold: 1, windowMinutes: 5, hasContent: true }
  const urls = [
    'https://hooks.slack.com/services/a',
    'https://discord.com/api/webhooks/a',
    'https://hooks.example.com/a',
  ]
  for (const [index, url] of urls.entries()) {
    alerts.add(
      { ...rule, name: `Failures ${index}`, query: 'is:failed', url },
      'https://inbox.example.com/projects/shop',
    )
  }
  alerts.add({ ...rule, name: 'Ada', query: PERSON, url: 'https://hooks.example.com/b' }, 'https://inbox.example.com')
  const event = mention('one')
  store.insert({ event, json: JSON.stringify(event) })
  alerts.check()
  const countMessages = () => driver.query('SELECT * FROM alert_deliveries').length
  expect([countMessages(), findTraces(driver.query, TRACE)]).toEqual([
    4,
    expect.arrayContaining(['events', 'issues', 'alerts', 'alert_deliveries']),
  ])
  store.forget({ person: PERSON, isRemoving: false })
  expect([countMessages(), alerts.list().length]).toEqual([4, 4])
  store.forget({ person: PERSON, isRemoving: true })
  expect(findTraces(driver.query, TRACE)).toEqual([])
  expect([
    countMessages(),
    alerts
      .list()
      .map(({ name }) => name)
      .sort(),
  ]).toEqual([0, ['Failures 0', 'Failures 1', 'Failures 2']])
})
