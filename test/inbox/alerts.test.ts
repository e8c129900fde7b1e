/** Alerts: what triggers them, and what their webhooks get. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { readAlertFields } from '../../src/inbox/alerts/alert.ts'
import { writeAlertMessage } from '../../src/inbox/alerts/alert-message.ts'
import { Alerts } from '../../src/inbox/alerts/alerts.ts'
import { EventFeed } from '../../src/inbox/event-feed.ts'
import { createSqliteDriver } from '../../src/inbox/local/sqlite-driver.ts'
import { openDatabase } from '../../src/inbox/local/sqlite-file.ts'
import { createSqlStore } from '../../src/inbox/sql/sql-store.ts'
import type { EventSummary } from '../../src/inbox/store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox } from './start-team-inbox.ts'

interface Received {
  headers: IncomingHttpHeaders
  body: string
  path: string | undefined
}

/** A webhook on this machine. @param statuses what it responds, one after the other; the last one from then on */
async function listen(...statuses: number[]) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      received.push({ headers: request.headers, body, path: request.url })
      const status = statuses[Math.min(received.length, statuses.length) - 1] ?? 200
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('x'.repeat(100_000))
    })
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret`, received }
}

const INBOX = 'http://127.0.0.1:8787/projects/shop'

/** Alerts over a store on `node:sqlite`, at a time that a test sets. */
function open(now = Date.UTC(2026, 2, 1)) {
  const driver = createSqliteDriver(openDatabase(undefined, undefined), undefined)
  const clock = { now }
  const store = createSqlStore(driver, { now: () => clock.now })
  const feed = new EventFeed()
  const alerts = new Alerts({ driver, feed, project: 'shop', now: () => clock.now })
  const triggered: string[] = []
  feed.subscribeAlerts(({ name, count }) => triggered.push(`${name} ${count}`))
  const insert = (...events: Partial<ReplayStackEvent>[]) => {
    store.insertMany(
      events.map(fields => {
        const event = createSampleEvent(fields)
        return { event, json: JSON.stringify(event) }
      }),
    )
    alerts.check()
  }
  return { alerts, clock, insert, triggered }
}

const FAILED = { status: 'failed', errorName: 'TypeError', errorMessage: 'Order 1 is gone' } as const

const rule = (fields: object = {}) => ({
  name: 'Failures',
  query: 'is:failed',
  threshold: 3,
  windowMinutes: 5,
  url: 'http://127.0.0.1:1/hook',
  ...fields,
})

describe('a rule', () => {
  it('is triggered by the event that reaches its threshold, and by none before or after', () => {
    const { alerts, insert, triggered } = open()
    alerts.add(rule(), INBOX)
    insert(FAILED, FAILED, {})
    insert({}, {}, {})
    expect(triggered).toEqual([])
    insert(FAILED)
    expect(triggered).toEqual(['Failures 3'])
    insert(FAILED)
    insert(FAILED, FAILED, FAILED, FAILED)
    expect(triggered).toEqual(['Failures 3'])
  })

  it('counts what came within its window alone', () => {
    const { alerts, clock, insert, triggered } = open()
    alerts.add(rule(), INBOX)
    insert(FAILED, FAILED)
    clock.now += 5 * 60_000
    insert(FAILED)
    expect(triggered).toEqual([])
    insert(FAILED, FAILED)
    expect(triggered).toEqual(['Failures 3'])
  })

  it('is triggered again once its window is over and it was not met in between', () => {
    const { alerts, clock, insert, triggered } = open()
    alerts.add(rule(), INBOX)
    insert(FAILED, FAILED, FAILED)
    clock.now += 60 * 60_000
    // All at once, as a batch brings them.
    insert(FAILED, FAILED, FAILED, FAILED)
    expect(triggered).toEqual(['Failures 3', 'Failures 4'])
    // It stays met: nobody is told again.
    for (let minute = 0; minute < 20; minute++) {
      clock.now += 60_000
      insert(FAILED, FAILED, FAILED)
    }
    expect(triggered).toHaveLength(2)
  })

  it('asks in the query language, for words too, and says nothing while it is off', () => {
    const { alerts, insert, triggered } = open()
    alerts.add(rule({ name: 'word', query: 'gone', threshold: 2 }), INBOX)
    const { alertId } = alerts.add(rule({ name: 'off', threshold: 3 }), INBOX)
    alerts.add(rule({ name: 'all', query: '', threshold: 4 }), INBOX)
    alerts.update(alertId, { enabled: false })
    insert(FAILED)
    insert(FAILED)
    insert({})
    expect(triggered).toEqual(['word 2'])
    alerts.update(alertId, { enabled: true })
    insert(FAILED)
    expect([...triggered].sort()).toEqual(['all 4', 'off 3', 'word 2'])
  })

  it('counts no further than it must', () => {
    const { alerts, insert, triggered } = open()
    insert(...Array.from({ length: 500 }, () => ({})))
    alerts.add(rule({ query: '', threshold: 10 }), INBOX)
    // It was met before there was a rule.
    insert({})
    expect(triggered).toEqual([])
  })

  it.each([
    [{ name: ' ' }, 'name must be a string of 1 to 200 characters'],
    [{ name: 'a\u202eb' }, 'name must have no control characters'],
    [{ query: 'is:nothing' }, 'is:nothing at character 1'],
    [{ query: 5 }, 'query must be a string'],
    [{ threshold: 0 }, 'threshold must be an integer from 1 to 10000'],
    [{ threshold: 1.5 }, 'threshold must be an integer'],
    [{ windowMinutes: 1441 }, 'windowMinutes must be an integer from 1 to 1440'],
    [{ url: 'x' }, 'url must be an https address'],
    [{ url: 'ftp://example.com' }, 'url must be an https address'],
    [{ url: 'http://example.com' }, 'url must be an https address of another host'],
    [{ url: 'https://user@example.com' }, 'no user and no password'],
    [{ url: 'https://user:secret@example.com' }, 'no user and no password'],
    [{ hasContent: 1 }, 'hasContent must be true or false'],
    [{ enabled: 'no' }, 'enabled must be true or false'],
  ])('%j is refused', (fields, message) => {
    expect(() => readAlertFields(rule(fields), INBOX)).toThrow(message)
  })

  it('sends to this machine only where the inbox itself is on it', () => {
    for (const url of [
      'http://127.0.0.1:1/',
      'http://localhost/',
      'https://[::1]/',
      'https://127.1/',
      'http://0x7f.1/',
    ]) {
      expect(() => readAlertFields(rule({ url }), INBOX)).not.toThrow()
      expect(() => readAlertFields(rule({ url }), 'https://inbox.example/projects/shop')).toThrow('of another host')
    }
  })

  it('is one of fifty at most', () => {
    const { alerts } = open()
    for (let count = 0; count < 50; count++) alerts.add(rule(), INBOX)
    expect(() => alerts.add(rule(), INBOX)).toThrow('50 alerts at most')
  })
})

describe('a message', () => {
  const newest = {
    id: 'event-1',
    receivedAt: '2026-03-01T00:00:00.000Z',
    traceId: 't',
    eventType: 'api',
    method: `POST\u202e${'x'.repeat(1000)}`,
    route: '/orders',
    status: 'failed',
    statusCode: 500,
    errorName: 'TypeError',
    errorMessage: '<!channel> @everyone [a](https://evil.example) `x` *b*\u001b[31m\n<https://evil.example|here>',
  } as const
  const given = {
    alertId: 'a',
    name: 'Failures & <!here>',
    query: 'is:failed',
    threshold: 3,
    windowMinutes: 5,
    inboxUrl: INBOX,
  }
  const triggered = { project: 'shop', count: 3, triggeredAt: '2026-03-01T00:00:00.000Z', newest }
  const write = (url: string, hasContent = false, event: EventSummary = newest, query = given.query) => {
    const rule = { ...given, query, url, hasContent }
    return JSON.parse(writeAlertMessage(rule, { ...triggered, newest: event })) as Record<string, unknown>
  }

  it('has nothing of an event unless the rule says so', () => {
    const urls = ['https://hooks.slack.com/services/x', 'https://discord.com/api/webhooks/1/x', 'https://example.com/']
    for (const url of urls) {
      const text = JSON.stringify(write(url))
      expect(text).toContain('3 events in 5 minutes, 3 or more'.replace(/-/g, '\\-'))
      expect(text).toContain(`${INBOX}/?query=is%3Afailed`)
      for (const part of ['event-1', 'TypeError', 'orders', 'evil']) expect(text).not.toContain(part)
    }
  })

  it('obeys no event, in Slack or Discord', () => {
    const { text } = write('https://hooks.slack.com/services/x', true)
    expect(text).toContain('TypeError: &lt;!channel&gt; @everyone')
    expect(String(text).match(/<[^>]*>/g)).toEqual([`<${INBOX}/?query=is%3Afailed|Events>`])
    expect(text).not.toContain('https://evil')
    const discord = write('https://discord.com/api/webhooks/1/x', true)
    expect(discord['allowed_mentions']).toEqual({ parse: [] })
    expect(discord['content']).not.toMatch(/https:\/\/evil|(?<!\\)[`*]/)
    expect(String(discord['content'])).toContain(`\n<${INBOX}/?query=is%3Afailed>`)
    expect(String(discord['content']).length).toBeLessThanOrEqual(2000)
    for (const message of [text, discord['content']]) expect(message).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
  })

  it('has its link and whole characters alone, however long the texts are', () => {
    for (const long of ['*'.repeat(5_000), `${'x'.repeat(299)}😀`, '\ud800'.repeat(5_000), `x${'😀'.repeat(5_000)}`]) {
      const event = { ...newest, errorName: long, errorMessage: long, route: long, method: long }
      for (const query of ['is:failed', 'x'.repeat(800), '€'.repeat(1_000)]) {
        const { content } = write('https://discord.com/api/webhooks/1/x', true, event, query)
        const link = query.includes('€') ? '' : `?query=${encodeURIComponent(query)}`
        expect(String(content).endsWith(`\n<${INBOX}/${link}>`)).toBe(true)
        expect(String(content).length).toBeLessThanOrEqual(2000)
        for (const text of [content, write('https://hooks.slack.com/services/x', true, event, query)['text']]) {
          expect(text).not.toMatch(/\p{Cs}/u)
        }
      }
    }
  })

  it('says all of it to any other webhook', () => {
    expect(write('https://example.com/', true)).toMatchObject({
      type: 'alert.triggered',
      alertId: 'a',
      project: 'shop',
      query: 'is:failed',
      threshold: 3,
      windowMinutes: 5,
      count: 3,
      url: `${INBOX}/?query=is%3Afailed`,
      event: { eventId: 'event-1', errorName: 'TypeError', route: '/orders', statusCode: 500 },
    })
  })
})

describe('a delivery', () => {
  it('is signed, and is made once', async () => {
    const { alerts, insert } = open()
    const { url, received } = await listen(200)
    const { secret } = alerts.add(rule({ url, threshold: 1 }), INBOX)
    insert(FAILED)
    await Promise.all([alerts.deliver(), alerts.deliver()])
    await alerts.deliver()
    expect(received).toHaveLength(1)
    const { headers = {}, body }: Partial<Received> = received[0] ?? {}
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    expect(alerts.nextAt()).toBeUndefined()
    expect(alerts.list()).toMatchObject([{ deliveredAt: expect.any(String), failure: undefined }])
  })

  it('is tried again, each time later, and given up in the end', async () => {
    const { alerts, clock, insert } = open()
    const { url, received } = await listen(500)
    alerts.add(rule({ url, threshold: 1 }), INBOX)
    insert(FAILED)
    const pauses: number[] = []
    for (;;) {
      await alerts.deliver()
      const next = alerts.nextAt()
      if (next === undefined) break
      pauses.push((next - clock.now) / 1000)
      // Before its time nothing is sent.
      const before = received.length
      await alerts.deliver()
      expect(received).toHaveLength(before)
      expect(alerts.list()[0]?.failure).toBe('The webhook responded 500')
      clock.now = next
    }
    expect(pauses).toEqual([10, 60, 300, 900, 1800, 3600, 7200, 21600])
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(alerts.list()[0]?.failure).toBe('The webhook responded 500; given up after 9 attempts')
  })

  it('goes nowhere else, and says where it cannot go without its address', async () => {
    const { alerts, clock, insert } = open()
    const { url, received } = await listen(302)
    alerts.add(rule({ url, threshold: 1 }), INBOX)
    alerts.add(rule({ name: 'away', url: 'http://127.0.0.1:1/secret', threshold: 1 }), INBOX)
    insert(FAILED)
    await alerts.deliver()
    expect(received.map(({ path }) => path)).toEqual(['/hook/secret'])
    expect(alerts.list().map(({ failure }) => failure)).toEqual([
      'The webhook responded 302',
      'The webhook cannot be reached',
    ])
    const known = JSON.stringify(alerts.list())
    expect(known).not.toMatch(/secret|whsec/)
    expect(clock.now).toBeGreaterThan(0)
  })

  it('is not made for a rule that is gone', async () => {
    const { alerts, insert } = open()
    const { url, received } = await listen(200)
    const { alertId } = alerts.add(rule({ url, threshold: 1 }), INBOX)
    insert(FAILED)
    expect([alerts.remove(alertId), alerts.remove(alertId)]).toEqual([true, false])
    await alerts.deliver()
    expect([received, alerts.nextAt()]).toEqual([[], undefined])
  })
})

test('an alert of a team’s project goes from ingest to the webhook and the stream', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  // It fails at first: the object sends it again by itself.
  const { url, received } = await listen(503, 200)
  const ask = (path: string, init: RequestInit = {}) => inbox.ask(`/projects/shop/api/v1/alerts${path}`, init)
  const made = await ask('', { method: 'POST', body: JSON.stringify(rule({ url, threshold: 2 })) })
  expect(made.status).toBe(201)
  const { data } = (await made.json()) as { data: { alertId: string; secret: string; url: string } }
  expect(data).toMatchObject({ secret: expect.stringMatching(/^whsec_/), url: `${new URL(url).origin}/…` })
  expect(await (await ask('')).text()).not.toMatch(/whsec|hook\/secret/)
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const stream = await inbox.ask('/projects/shop/api/v1/stream', { signal: leaving.signal })
  const reader = stream.body?.getReader()
  let streamed = ''
  const reading = (async () => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) return
      streamed += new TextDecoder().decode(value)
    }
  })().catch(() => {})
  for (const traceId of ['one', 'two']) {
    const body = JSON.stringify(createSampleEvent({ traceId, ...FAILED }))
    await fetch(`${inbox.url}/api/v1/ingest/events`, {
      method: 'POST',
      headers: { 'x-replaystack-api-key': key },
      body,
    })
  }
  await eventually(() => expect(streamed).toContain('event: alert.triggered'))
  expect(streamed).toMatch(/event: alert\.triggered\ndata: .*"projectId":"shop".*"count":2/)
  await eventually(() => expect(received).toHaveLength(2))
  const [first, second] = received.map(({ body, headers }) => [body, headers['webhook-id']])
  expect(first).toEqual(second)
  expect(JSON.parse(received[1]?.body ?? '')).toMatchObject({
    project: 'shop',
    count: 2,
    url: `${inbox.url}/projects/shop/?query=is%3Afailed`,
  })
  await eventually(async () =>
    expect(await (await ask('')).json()).toMatchObject({ alerts: [{ deliveredAt: expect.any(String) }] }),
  )

  expect((await ask(`/${data.alertId}/test`, { method: 'POST' })).status).toBe(200)
  expect(JSON.parse(received[2]?.body ?? '')).toMatchObject({ type: 'alert.test' })
  const changed = await ask(`/${data.alertId}`, { method: 'PATCH', body: '{"threshold":0}' })
  expect([changed.status, await changed.json()]).toMatchObject([400, { message: expect.stringContaining('threshold') }])
  expect((await ask('/nobody', { method: 'PATCH', body: '{}' })).status).toBe(404)
  expect((await ask('/nobody/test', { method: 'POST' })).status).toBe(404)
  expect((await ask(`/${data.alertId}`, { method: 'DELETE' })).status).toBe(200)
  expect(await (await ask('')).json()).toEqual({ alerts: [] })
  leaving.abort()
  await reading
}, 60_000)
