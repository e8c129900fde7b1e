/** A team's inbox, from an SDK's POST to the page, in real workerd. */
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { ADMIN_TOKEN, startTeamInbox } from './start-team-inbox.ts'
import { listOf, sendEvents as send } from './team-events.ts'

test('takes an event in by its project’s key, and shows it where the project is', async () => {
  const inbox = await startTeamInbox()
  const [shop, blog] = [await inbox.addProject('shop'), await inbox.addProject('blog')]
  expect(shop).toMatch(/^rs_live_shop_[\da-f]{48}$/)
  const answer = await send(
    inbox,
    shop,
    createSampleEvent({ traceId: 'one', status: 'failed', errorName: 'RangeError' }),
  )
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { success: true, message: 'Event accepted', data: { eventId: expect.stringMatching(/^[\da-f-]{36}$/) } },
  ])
  await send(inbox, blog, createSampleEvent({ traceId: 'two' }))
  await eventually(async () => expect(await listOf(inbox, 'shop')).toMatchObject([{ traceId: 'one' }]))
  await eventually(async () => expect(await listOf(inbox, 'blog')).toMatchObject([{ traceId: 'two' }]))
  const [event] = await listOf(inbox, 'shop')
  expect((await inbox.ask(`/projects/blog/api/v1/events/${event?.id}`)).status).toBe(404)
  const page = await inbox.ask(`/projects/shop/events/${event?.id}`, { headers: { accept: 'text/html' } })
  const html = await page.text()
  expect(html).toContain('RangeError')
  // Replays are sent from a terminal, which finds the project by its address.
  expect(html).not.toContain('id="replay-form"')
  expect(html).toMatch(new RegExp(`npx replaystack replay [^]*--inbox ${inbox.url}/projects/shop`))
  expect(html.match(/<html[^>]*>/)?.[0]).toContain('data-base="/projects/shop"')
  // Every address of ours is below the project, but for what all share and the one that leads to all projects.
  const addresses = Array.from(html.matchAll(/\s(?:href|src|action|formaction)="(\/[^"]*)"/g), match => match[1] ?? '')
  expect(addresses.length).toBeGreaterThan(10)
  expect(addresses.filter(address => !/^\/(projects\/shop|assets)\//.test(address))).toEqual(['/'])
}, 60_000)

test('lets nobody send without a key of a project that takes events', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  for (const wrong of [
    '',
    'local',
    `${key}0`,
    key.replace('shop', 'blog'),
    key.replace(/.$/, last => (last === '0' ? '1' : '0')),
  ]) {
    const refused = await send(inbox, wrong, createSampleEvent())
    expect([refused.status, await refused.json()]).toEqual([401, { success: false, message: 'Invalid API key' }])
  }
  const wrongBody = await send(inbox, key, { traceId: 'no event' })
  expect(wrongBody.status).toBe(400)
  const admin = '/api/v1/admin/projects/shop'
  await inbox.ask(admin, { method: 'PATCH', body: '{"enabled":false}' })
  const disabled = await send(inbox, key, createSampleEvent())
  expect([disabled.status, await disabled.json()]).toEqual([403, { success: false, message: 'Project is disabled' }])
  await inbox.ask(admin, { method: 'PATCH', body: '{"enabled":true}' })
  const { keys } = (await (await inbox.ask(`${admin}/keys`)).json()) as { keys: { id: string }[] }
  expect(JSON.stringify(keys)).not.toContain(key)
  expect((await inbox.ask(`${admin}/keys/${keys[0]?.id}`, { method: 'DELETE' })).status).toBe(200)
  expect((await send(inbox, key, createSampleEvent())).status).toBe(401)
  expect((await inbox.ask('/api/v1/admin/projects', { method: 'POST', body: '{"project":"shop"}' })).status).toBe(409)
  expect((await inbox.ask('/api/v1/admin/projects', { method: 'POST', body: '{"project":"a_b"}' })).status).toBe(400)
})

test('keeps a repeat once, and gives it the id that it had', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  const event = createSampleEvent({ traceId: 'one' })
  const ids: string[] = []
  for (let times = 0; times < 3; times++) {
    const answer = await send(inbox, key, event, { 'idempotency-key': 'same' })
    const { data } = (await answer.json()) as { data: { eventId: string } }
    ids.push(data.eventId)
  }
  await send(inbox, key, createSampleEvent({ traceId: 'last' }), { 'idempotency-key': 'other' })
  await eventually(async () => expect((await listOf(inbox, 'shop')).map(({ traceId }) => traceId)).toContain('last'))
  expect(new Set(ids).size).toBe(1)
  const kept = await listOf(inbox, 'shop')
  expect(kept.map(({ traceId }) => traceId).sort()).toEqual(['last', 'one'])
  expect(kept.find(({ traceId }) => traceId === 'one')?.id).toBe(ids[0])
})

test('takes a bulk of large and small events, each judged by itself, and loses none', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  const sizes = [10, 99_000, 150_000, 3_000_000, 60_000, 60_000, 60_000, 60_000, 60_000]
  const events = sizes.map((size, index) =>
    createSampleEvent({ traceId: `event-${index}`, requestPayload: `€${'x'.repeat(size)}` }),
  )
  const answer = await send(inbox, key, { events: [...events, { traceId: 'wrong' }] })
  const { data } = (await answer.json()) as { data: { eventIds: string[]; rejected: { index: number }[] } }
  expect(data.rejected).toMatchObject([{ index: sizes.length }])
  expect(data.eventIds.at(-1)).toBeNull()
  await eventually(async () => expect(await listOf(inbox, 'shop')).toHaveLength(sizes.length))
  for (const [index, event] of events.entries()) {
    const response = await inbox.ask(`/projects/shop/api/v1/events/${data.eventIds[index]}`)
    const stored = (await response.json()) as { event: { requestPayload: string } }
    expect(stored.event.requestPayload === event.requestPayload).toBe(true)
  }
  // What waited in the bucket is there no more.
  const bucket = await inbox.miniflare.getR2Bucket('EVENT_BUCKET', 'inbox')
  await eventually(async () => expect((await bucket.list()).objects).toEqual([]))
})

test('keeps what cannot be stored, and stores it when it is sent again', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  const queue = await inbox.miniflare.getQueueProducer('EVENT_QUEUE', 'inbox')
  const head = { project: 'shop', id: 'broken', idempotencyKey: 'broken', receivedAt: Date.now() }
  await queue.send(`${JSON.stringify(head)}\n{"no":"event"}`, { contentType: 'text' })
  await send(inbox, key, createSampleEvent({ traceId: 'good' }))
  await eventually(async () => expect(await listOf(inbox, 'shop')).toMatchObject([{ traceId: 'good' }]))
  const dead = async () => (await inbox.ask('/api/v1/admin/dead-letters')).json()
  await eventually(async () => expect(await dead()).toMatchObject({ events: [{ project: 'shop', eventId: 'broken' }] }))
  const bucket = await inbox.miniflare.getR2Bucket('EVENT_BUCKET', 'inbox')
  // Larger than a message may be, once it is repaired.
  const repaired = createSampleEvent({ traceId: 'repaired', requestPayload: 'x'.repeat(200_000) })
  await bucket.put('dead/shop/broken', `${JSON.stringify(head)}\n${JSON.stringify(repaired)}`)
  const retried = await inbox.ask('/api/v1/admin/dead-letters/retry', { method: 'POST' })
  expect(await retried.json()).toEqual({ success: true, data: { sent: 1, hasMore: false } })
  await eventually(async () =>
    expect((await listOf(inbox, 'shop')).map(({ traceId }) => traceId)).toContain('repaired'),
  )
  expect(await dead()).toEqual({ events: [], hasMore: false })
})

test.each(['before', 'after'])(
  'loses and doubles nothing when its object is restarted %s a batch is stored',
  async when => {
    const inbox = await startTeamInbox([], undefined, {
      entry: 'test/inbox/object/restarted-inbox.ts',
      variables: { RESTART: when },
    })
    const key = await inbox.addProject('shop')
    const traceIds = Array.from({ length: 60 }, (_, index) => `event-${index}`)
    const requestPayload = 'x'.repeat(2_000)
    const events = traceIds.map(traceId => createSampleEvent({ traceId, requestPayload }))
    const large = createSampleEvent({ traceId: 'large', requestPayload: 'x'.repeat(150_000) })
    const answer = await send(inbox, key, { events: [...events, large] })
    const { data } = (await answer.json()) as { data: { eventIds: string[] } }
    expect([answer.status, new Set(data.eventIds).size]).toEqual([200, 61])
    // What was on its way when the object was restarted is sent to it again.
    const kept = async () =>
      (await (await inbox.ask('/projects/shop/api/v1/events?limit=100')).json()) as { events: { id: string }[] }
    await eventually(() => expect(inbox.log()).toContain('The batch came again'))
    await eventually(async () => expect((await kept()).events).toHaveLength(61))
    expect((await kept()).events.map(({ id }) => id).sort()).toEqual(data.eventIds.sort())
    const dead = await inbox.ask('/api/v1/admin/dead-letters')
    expect(await dead.json()).toEqual({ events: [], hasMore: false })
    expect(inbox.log()).toContain(`Restarted ${when} the batch is stored`)
  },
)

test('says whether all is there that it needs', async () => {
  const healthy = await fetch(`${(await startTeamInbox()).url}/healthz`)
  expect([healthy.status, await healthy.json()]).toEqual([200, { success: true, failing: [] }])
  for (const missing of ['DIRECTORY', 'PROJECTS', 'EVENT_BUCKET', 'EVENT_QUEUE']) {
    const setup = { entry: 'test/inbox/object/broken-inbox.ts', variables: { MISSING: missing } }
    const broken = await fetch(`${(await startTeamInbox([], undefined, setup)).url}/healthz`)
    expect([broken.status, await broken.json()]).toEqual([503, { success: false, failing: [missing] }])
  }
})

describe('who comes in', () => {
  const start = async () => {
    const inbox = await startTeamInbox()
    const key = await inbox.addProject('shop')
    await inbox.addProject('blog')
    const answer = await send(inbox, key, createSampleEvent({ traceId: 'one' }))
    const { data } = (await answer.json()) as { data: { eventId: string } }
    await eventually(async () => expect(await listOf(inbox, 'shop')).toHaveLength(1))
    const addToken = async (fields: object) => {
      const made = await inbox.ask('/api/v1/admin/tokens', { method: 'POST', body: JSON.stringify(fields) })
      return ((await made.json()) as { data: { id: string; token: string } }).data
    }
    return { inbox, key, eventId: data.eventId, addToken }
  }

  test('has a token: without, nothing is readable at any address', async () => {
    const { inbox, key, eventId } = await start()
    const paths = ['/', '/projects/shop/', '/api/v1/admin/projects', '/api/v1/admin/dead-letters']
    const below = [
      'api/v1/events',
      `api/v1/events/${eventId}`,
      `events/${eventId}`,
      'api/v1/stream',
      'issues',
      'insert',
    ]
    for (const path of [...paths, ...below.map(one => `/projects/shop/${one}`)]) {
      for (const token of ['', 'wrong', key, ADMIN_TOKEN.slice(0, -1), `rs_team_${'0'.repeat(48)}`]) {
        const refused = await inbox.ask(path, { token })
        expect([path, token, refused.status]).toEqual([path, token, 401])
        expect(await refused.text()).not.toContain('one')
      }
      const page = await inbox.ask(path, { token: '', headers: { accept: 'text/html' } })
      expect([page.status, new URL(page.headers.get('location') ?? '', inbox.url).pathname]).toEqual([302, '/sign-in'])
    }
    // Not even who may read all comes to what objects are asked by the Worker alone.
    expect((await inbox.ask('/projects/shop/insert', { method: 'POST', body: '[]' })).status).toBe(404)
    expect((await inbox.ask('/projects/shop/../../insert', { method: 'POST', body: '[]' })).status).toBe(404)
    expect((await inbox.ask('/keys/0')).status).toBe(404)
  })

  test('may do what the role allows, in the projects that it is for, until the token is revoked', async () => {
    const { inbox, eventId, addToken } = await start()
    const reader = await addToken({ name: 'Ada', projects: ['shop'] })
    const writer = await addToken({ name: 'Bob', role: 'write' })
    const event = `/projects/shop/api/v1/events/${eventId}`
    const statusOf = async (path: string, token: string, method = 'GET', body?: string) =>
      (await inbox.ask(path, { token, method, ...(body !== undefined && { body }) })).status
    expect(await statusOf(event, reader.token)).toBe(200)
    expect(await statusOf('/projects/blog/api/v1/events', reader.token)).toBe(403)
    expect(await statusOf(event, reader.token, 'PATCH', '{"pinned":true}')).toBe(403)
    expect(await statusOf(event, reader.token, 'DELETE')).toBe(403)
    expect(await statusOf(event, writer.token, 'PATCH', '{"pinned":true}')).toBe(200)
    for (const { token } of [reader, writer]) expect(await statusOf('/api/v1/admin/tokens', token)).toBe(403)
    expect(await (await inbox.ask('/', { token: reader.token })).json()).toEqual({ projects: ['shop'] })
    const tokens = await (await inbox.ask('/api/v1/admin/tokens')).text()
    expect(tokens).toContain('"Ada"')
    expect(tokens).not.toContain(reader.token)
    expect((await inbox.ask(`/api/v1/admin/tokens/${writer.id}`, { method: 'DELETE' })).status).toBe(200)
    expect(await statusOf(event, writer.token)).toBe(401)
  })

  test('signs in on the page, and out again; other sites cannot use it', async () => {
    const { inbox, eventId, addToken } = await start()
    const { token } = await addToken({ name: 'Ada', role: 'write' })
    const signIn = (body: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(`${inbox.url}/sign-in`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(body), headers })
    expect((await signIn({ token: 'wrong' })).status).toBe(401)
    expect((await signIn({ token }, { origin: 'https://evil.example' })).status).toBe(403)
    for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      expect((await signIn({ token, next })).headers.get('location')).toBe('/')
    }
    const signedIn = await signIn({ token, next: `/projects/shop/events/${eventId}` })
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, `/projects/shop/events/${eventId}`])
    const setCookie = signedIn.headers.get('set-cookie') ?? ''
    expect(setCookie).toMatch(/; HttpOnly; SameSite=Lax/)
    expect(setCookie).not.toContain(token)
    const cookie = setCookie.split(';')[0] ?? ''
    const ask = (path: string, method: string, headers: Record<string, string> = {}) =>
      fetch(inbox.url + path, { method, redirect: 'manual', headers: { cookie, ...headers } })
    const event = `/projects/shop/api/v1/events/${eventId}`
    expect((await ask(event, 'GET')).status).toBe(200)
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await ask(event, 'DELETE', headers as Record<string, string>)).status).toBe(403)
    }
    expect((await ask('/sign-out', 'POST', { origin: inbox.url })).status).toBe(303)
    expect((await ask(event, 'GET')).status).toBe(401)
  })
})
