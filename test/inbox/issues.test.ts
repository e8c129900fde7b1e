import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/inbox/query/parse-query.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 31, 12)

function openTestStore(options: { maxEvents?: number } = {}) {
  let time = START
  const store = openStore({ ...options, now: () => time })
  return {
    store,
    /** An hour after the last one. */
    fail: (fields: Partial<ReplayStackEvent> = {}) => {
      const event = createSampleEvent({ status: 'failed', statusCode: 500, errorName: 'TypeError', ...fields })
      const { summary } = store.insert({ event, json: JSON.stringify(event) })
      time += HOUR
      return summary
    },
    find: (query: string) => store.issues({ query: parseQuery(query, { now: time }) }).issues.map(({ title }) => title),
  }
}

describe('issues', () => {
  it('are failures of one kind, with what is known of them', () => {
    const { store, fail } = openTestStore()
    fail({ errorMessage: 'No order 17', serviceName: 'shop', appVersion: '1.0.0', endpoint: '/orders/17' })
    fail({ errorMessage: 'No order 18', serviceName: 'admin', appVersion: '1.1.0', endpoint: '/orders/18' })
    const last = fail({ errorMessage: 'No order 19', serviceName: 'shop', appVersion: '1.0.0', endpoint: '/orders/19' })
    store.insert({ event: createSampleEvent(), json: '{}' })
    const { issues, next } = store.issues()
    expect(next).toBeNull()
    expect(issues).toHaveLength(1)
    expect(issues[0]).toEqual({
      issueId: last.issueId,
      title: 'TypeError: No order 17',
      errorName: 'TypeError',
      errorMessage: 'No order 17',
      culprit: 'POST /orders/:id',
      route: 'POST /orders/:id',
      count: 3,
      firstSeen: new Date(START).toISOString(),
      lastSeen: new Date(START + 2 * HOUR).toISOString(),
      services: ['admin', 'shop'],
      environments: ['test'],
      versions: ['1.0.0', '1.1.0'],
      state: 'open',
      regressed: undefined,
      histogram: {
        from: new Date(START - 20 * HOUR).toISOString(),
        bucketMs: HOUR,
        counts: [...Array(20).fill(0), 1, 1, 1, 0],
      },
      latestEventId: last.id,
    })
    expect(store.issue(last.issueId ?? '')).toEqual(issues[0])
    expect(store.issue('unknown')).toBeUndefined()
  })

  it('come back when they were resolved, with the version that brought them, and stay ignored', () => {
    const { store, fail } = openTestStore()
    const id = fail({ appVersion: '1' }).issueId ?? ''
    expect(store.setIssueState(id, 'resolved')).toMatchObject({ state: 'resolved', count: 1 })
    fail({ appVersion: '2' })
    const regressed = { at: new Date(START + HOUR).toISOString(), version: '2' }
    expect(store.issue(id)).toMatchObject({ state: 'open', regressed, count: 2 })
    fail({ appVersion: '3' })
    expect(store.issue(id)).toMatchObject({ state: 'open', regressed })
    expect(store.setIssueState(id, 'ignored')?.regressed).toBeUndefined()
    fail()
    expect(store.issue(id)).toMatchObject({ state: 'ignored', count: 4 })
    expect(store.setIssueState('unknown', 'open')).toBeUndefined()
  })

  it('are found by their state, and by what their events are', () => {
    const { store, fail, find } = openTestStore()
    const first = fail({ errorMessage: 'card declined', serviceName: 'shop', appVersion: '1' })
    const second = fail({ errorMessage: 'no stock', endpoint: '/stock' })
    fail({ eventType: 'cron', errorMessage: 'late', endpoint: 'report' })
    store.setIssueState(first.issueId ?? '', 'resolved')
    store.setIssueState(second.issueId ?? '', 'ignored')
    const [card, stock, late] = ['TypeError: card declined', 'TypeError: no stock', 'TypeError: late']
    for (const [query, titles] of [
      ['', [late, stock, card]],
      ['is:open', [late]],
      ['is:resolved', [card]],
      ['is:ignored', [stock]],
      ['-is:open', [stock, card]],
      ['is:open OR is:ignored', [late, stock]],
      ['is:regressed', []],
      ['card', [card]],
      ['service:shop', [card]],
      ['type:cron', [late]],
      ['-type:cron is:ignored', [stock]],
      ['is:ignored OR type:cron', [late, stock]],
      [`issue:${first.issueId}`, [card]],
      ['since:90m', [late]],
    ] as const) {
      expect([query, find(query)]).toEqual([query, titles])
    }
    const events = (query: string) => store.list({ query: parseQuery(query) }).events.map(({ id }) => id)
    expect(events('is:resolved')).toEqual([first.id])
    expect(events(`issue:${second.issueId}`)).toEqual([second.id])
    fail({ errorMessage: 'card declined', serviceName: 'shop', appVersion: '1' })
    expect(find('is:regressed')).toEqual([card])
  })

  it('are sorted and listed page by page', () => {
    const { store, fail } = openTestStore()
    for (const name of ['a', 'b', 'c', 'b', 'a', 'a']) fail({ errorName: name, errorMessage: 'm' })
    const sorted = (sort: 'lastSeen' | 'firstSeen' | 'count') => {
      const names: (string | undefined)[] = []
      for (let before: string | null | undefined; before !== null; ) {
        const page = store.issues({ sort, limit: 1, before })
        names.push(...page.issues.map(({ errorName }) => errorName))
        before = page.next
      }
      return names.join('')
    }
    expect(sorted('lastSeen')).toBe('abc')
    expect(sorted('firstSeen')).toBe('cba')
    expect(sorted('count')).toBe('abc')
  })

  it('count what is pruned, and not what is deleted', () => {
    const { store, fail } = openTestStore({ maxEvents: 2 })
    const id = fail({ errorMessage: 'a' }).issueId ?? ''
    for (let times = 0; times < 3; times++) fail({ errorMessage: 'a' })
    const other = fail({ errorMessage: 'b', serviceName: 'x' })
    expect(store.issue(id)).toMatchObject({ count: 4 })
    expect(store.delete(other.id)).toBe(true)
    expect(store.issue(other.issueId ?? '')).toBeUndefined()
    expect(store.deleteMany({ query: parseQuery(`issue:${id}`) })).toBe(1)
    expect(store.issue(id)?.count).toBe(3)
    expect(store.issue(id)?.latestEventId).toBeUndefined()
    expect(store.issue(id)?.histogram.counts.reduce((sum, count) => sum + count)).toBe(3)
    store.clear()
    expect(store.issues().issues).toEqual([])
  })
})

describe('the API of issues', () => {
  it('lists them, shows one and sets its state, which the stream says', async () => {
    const { app, post, get, store, feed } = createTestApp()
    const changed: string[] = []
    feed.subscribeIssues(({ state }) => changed.push(state))
    await post('events', createSampleEvent({ status: 'failed', errorName: 'E', errorMessage: 'm' }))
    const [issue] = store.issues().issues
    const path = `/api/v1/issues/${issue?.issueId}`
    const listed = JSON.parse(JSON.stringify(issue))
    expect(await get('/api/v1/issues?query=is:open&sort=count&limit=10')).toEqual({
      status: 200,
      json: { issues: [listed], next: null },
    })
    expect((await get(path)).json).toEqual(listed)
    const patch = (body: string) => app.request(path, { method: 'PATCH', body })
    const response = await patch('{"state":"resolved"}')
    expect(await response.json()).toEqual({ success: true, data: { ...listed, state: 'resolved' } })
    expect(changed).toEqual(['resolved'])
    expect((await patch('{"state":"closed"}')).status).toBe(400)
    expect((await patch('nothing')).status).toBe(400)
    expect((await get('/api/v1/issues/unknown')).status).toBe(404)
    for (const wrong of ['sort=size', 'before=x', 'limit=0', 'query=is:wrong']) {
      expect((await get(`/api/v1/issues?${wrong}`)).status).toBe(400)
    }
  })
})

describe('routes', () => {
  it('have the numbers of their events, whichever are asked for', () => {
    const store = openStore({ maxEvents: 1000 })
    const insert = (fields: Partial<ReplayStackEvent>) => {
      const event = createSampleEvent(fields)
      return store.insert({ event, json: JSON.stringify(event) }).summary.id
    }
    insert({ endpoint: '/gone', executionTimeMs: 60_000 })
    const ids = Array.from({ length: 1000 }, (_, index) =>
      insert({
        endpoint: `/orders/${index}`,
        executionTimeMs: index + 1,
        ...(index % 10 === 0 ? { status: 'failed', statusCode: 500 } : {}),
      }),
    )
    const [route, ...others] = store.routes()
    expect(others).toEqual([])
    expect(route).toMatchObject({ method: 'POST', route: '/orders/:id', count: 1000, failures: 100 })
    expect(route?.slowestEventId).toBe(ids[999])
    for (const [percentile, exact] of [
      ['p50', 500],
      ['p95', 950],
      ['p99', 990],
    ] as const) {
      expect(Math.abs((route?.[percentile] ?? 0) / exact - 1)).toBeLessThan(0.05)
    }
    // The roll-ups say what counting says.
    expect(store.routes({ query: parseQuery('type:api') })).toEqual([{ ...route, slowestEventId: expect.any(String) }])
    expect(store.routes({ query: parseQuery('is:failed') })).toMatchObject([{ count: 100, failures: 100 }])
    store.deleteMany({ query: parseQuery('is:failed') })
    expect(store.routes()).toMatchObject([{ count: 900, failures: 0 }])
    expect(store.routes()).toEqual([{ ...store.routes({ type: 'api' })[0], slowestEventId: ids[999] }])
    store.clear()
    expect(store.routes()).toEqual([])
  })

  it('without methods and durations are counted too', async () => {
    const { post, get } = createTestApp()
    await post('events', { eventType: 'cron', status: 'success', endpoint: 'daily-report' })
    expect(await get('/api/v1/routes?query=')).toEqual({
      status: 200,
      json: { routes: [{ route: 'daily-report', count: 1, failures: 0 }] },
    })
  })
})
