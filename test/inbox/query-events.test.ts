import { afterAll, describe, expect, it } from 'vitest'
import { parseQuery } from '../../src/inbox/query/parse-query.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

const call = { kind: 'kv', target: 'KV', method: 'get', input: ['k'], output: 'tapeword', ordinal: 1 }

/** An event for each letter, an hour apart, the last one now. */
const events: ReplayStackEvent[] = [
  createSampleEvent({ traceId: 'a', endpoint: '/orders/17', metadata: { route: '/orders/:id', tier: 'gold' } }),
  createSampleEvent({
    traceId: 'b',
    status: 'failed',
    statusCode: 500,
    errorName: 'TypeError',
    errorMessage: 'The card was declined, finally',
    executionTimeMs: 900,
    requestPayload: { items: [{ title: 'Blue "lamp"' }], text: 'überraschung' },
  }),
  createSampleEvent({
    traceId: 'c',
    status: 'failed',
    statusCode: 503,
    method: 'GET',
    endpoint: '/health/42',
    serviceName: 'card service',
    environment: 'production',
    appVersion: '1.4.2',
    commitHash: '3f2c1ab',
    responsePayload: 'declined later by the card',
  }),
  createSampleEvent({
    traceId: 'd',
    eventType: 'cron',
    endpoint: 'daily-report',
    requestPayload: 'z'.repeat(20_000),
    metadata: { tape: { version: 1, complete: true, calls: [call] } },
    logs: [{ level: 'info', message: 'logword', timestamp: '2026-01-31T00:00:00Z' }],
  }),
]

function openQueryStore() {
  let now = 0
  const store = openStore({ now: () => now })
  const ids = events.map((event, index) => {
    now = NOW - (events.length - 1 - index) * 3_600_000
    return store.insert({ event, json: JSON.stringify(event) }).summary.id
  })
  const find = (text: string) =>
    store
      .list({ query: parseQuery(text, { now: NOW }) })
      .events.map(({ traceId }) => traceId)
      .reverse()
      .join('')
  return { store, ids, find }
}

describe('a query finds', () => {
  const { store, ids, find } = openQueryStore()
  afterAll(() => store.close())
  store.update(ids[0] ?? '', { pinned: true, note: 'look here' })

  it.each([
    ['', 'abcd'],
    ['card', 'bc'],
    ['CARD', 'bc'],
    ['decl', 'bc'],
    ['"decl"', ''],
    ['"card was declined"', 'b'],
    ['"declined was card"', ''],
    ['card finally', 'b'],
    ['card -finally', 'c'],
    ['-card', 'ad'],
    ['-card -gold', 'd'],
    ['finally OR gold', 'ab'],
    ['finally OR -card', 'abd'],
    ['finally OR type:cron', 'bd'],
    ['finally OR type:cron OR has:note card', 'b'],
    ['lamp', 'b'],
    ['"Blue \\"lamp\\""', 'b'],
    ['uberraschung', 'b'],
    ['gold', 'a'],
    ['tier', 'a'],
    ['logword', 'd'],
    ['/orders/17', 'a'],
    ['"POST /orders"', 'ab'],
    ['error', 'b'],
    ['status:500', 'b'],
    ['status:5xx', 'bc'],
    ['-status:5xx', 'ad'],
    ['is:failed', 'bc'],
    ['is:success', 'ad'],
    ['is:pinned', 'a'],
    ['-is:pinned', 'bcd'],
    ['is:replay', ''],
    ['type:cron', 'd'],
    ['method:get', 'c'],
    ['-method:GET', 'abd'],
    ['route:/orders/:id', 'a'],
    ['route:/health/:id', 'c'],
    ['endpoint:/orders*', 'ab'],
    ['endpoint:*42', 'c'],
    ['endpoint:/*/*7', 'a'],
    ['endpoint:/orders', 'b'],
    ['endpoint:"/orders*"', ''],
    ['service:"card service"', 'c'],
    ['service:card', ''],
    ['env:production', 'c'],
    ['-env:production', 'abd'],
    ['version:1.4.*', 'c'],
    ['-version:1.4.2', 'abd'],
    ['commit:3f2c*', 'c'],
    ['error:TypeError', 'b'],
    ['error:Type*', 'b'],
    ['-error:TypeError', 'acd'],
    ['trace:b', 'b'],
    ['duration:>500', 'b'],
    ['duration:<1s', 'abcd'],
    ['-duration:>=900', 'acd'],
    ['size:>10kb', 'd'],
    ['size:<10kb', 'abc'],
    ['since:1h', 'cd'],
    ['until:1h', 'ab'],
    ['since:2h until:30m', 'bc'],
    ['since:2026-01-31T10:30', 'cd'],
    ['until:2026-01-31', ''],
    ['has:calls', 'd'],
    ['-has:calls', 'abc'],
    ['has:error', 'b'],
    ['has:note', 'a'],
    ['is:failed card -status:503', 'b'],
    ['service:"\'; DROP TABLE events; --"', ''],
    ['"\\" OR NEAR(a b) AND x*"', ''],
  ])('%s: %s', (text, traceIds) => {
    expect(find(text)).toBe(traceIds)
    // A volume counts the events that a list has.
    const [part] = store.volume({ query: parseQuery(text, { now: NOW }) }, { from: 0, to: NOW, buckets: 1 })
    const { success = 0, failed = 0 } = part ?? {}
    expect(success + failed).toBe(traceIds.length)
  })

  it('what is indexed of an event by the beginning of its id', () => {
    const id = ids[1] ?? ''
    for (const text of [id, id.slice(0, 8), id.slice(0, 11), `"${id}"`]) expect(find(text)).toContain('b')
  })

  it('with as many terms as a query may have', () => {
    const names = ['service:a*', 'env:a*', 'route:/a*', 'endpoint:/a*', 'version:1*', 'commit:a*']
    expect(find(Array.from({ length: 30 }, (_, index) => `-${names[index % 6]}`).join(' '))).toBe('abd')
    expect(find(Array.from({ length: 30 }, () => 'service:a*').join(' OR '))).toBe('')
  })
})

describe('events that a query finds', () => {
  it('are listed page by page', () => {
    const { store } = openQueryStore()
    for (const text of ['', 'trace OR -trace', 'card', 'is:failed']) {
      const query = parseQuery(text)
      const all = store.list({ query }).events.map(({ id }) => id)
      const paged: string[] = []
      for (let before: number | null | undefined; before !== null; ) {
        const page: { events: { id: string }[]; next: number | null } = store.list({ query, limit: 1, before })
        paged.push(...page.events.map(({ id }) => id))
        before = page.next
      }
      expect(paged).toEqual(all)
    }
  })

  it('are deleted, with their words', () => {
    const { store, find } = openQueryStore()
    expect(store.deleteMany({ query: parseQuery('card') })).toBe(2)
    expect(find('')).toBe('ad')
    expect(find('card')).toBe('')
    expect(store.count()).toBe(2)
    expect(store.delete(store.list().events[0]?.id ?? '')).toBe(true)
    expect(store.delete('unknown')).toBe(false)
    expect(store.clear()).toBe(1)
    expect(find('gold')).toBe('')
    expect(store.count()).toBe(0)
  })
})

describe('a pinned event', () => {
  it('is never pruned, and counts for nothing', () => {
    const store = openStore({ maxEvents: 2 })
    const insert = (traceId: string) => {
      const event = createSampleEvent({ traceId })
      return store.insert({ event, json: JSON.stringify(event) }).summary.id
    }
    const traceIds = () => store.list().events.map(({ traceId }) => traceId)
    const first = insert('a')
    expect(store.update(first, { pinned: true })).toMatchObject({ id: first, pinned: true })
    for (const traceId of 'bcdef') insert(traceId)
    expect(traceIds()).toEqual(['f', 'e', 'a'])
    expect(store.update(first, { pinned: false })?.pinned).toBeUndefined()
    insert('g')
    expect(traceIds()).toEqual(['g', 'f'])
  })

  it('stays when bytes are short', () => {
    const store = openStore({ maxBytes: 1 })
    const insert = () => store.insert({ event: createSampleEvent(), json: '{}' }).summary.id
    const first = insert()
    store.update(first, { pinned: true, note: 'kept' })
    const last = [insert(), insert(), insert()].at(-1)
    expect(store.list().events.map(({ id }) => id)).toEqual([last, first])
    expect(store.get(first)?.summary.note).toBe('kept')
    expect(store.update(first, { note: '' })?.note).toBeUndefined()
  })
})
