import { describe, expect, it } from 'vitest'
import type { EventFilter, NewEvent } from '../../src/inbox/store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'

const openTestStore = () => openStore({ now: () => Date.UTC(2026, 2, 1) })

function newEvent(fields: Partial<ReplayStackEvent> = {}, idempotencyKey?: string): NewEvent {
  const event = createSampleEvent(fields)
  return { event, json: JSON.stringify(event), idempotencyKey }
}

function traceIds(events: readonly { traceId: string }[]): string[] {
  return events.map(event => event.traceId)
}

describe('the store', () => {
  it('answers what it was given', () => {
    const store = openTestStore()
    const { summary, created } = store.insert(newEvent({ executionTimeMs: 0.25 }))
    expect(created).toBe(true)
    expect(summary).toMatchObject({ receivedAt: '2026-03-01T00:00:00.000Z', executionTimeMs: 0.25, statusCode: 201 })
    expect(store.get(summary.id)).toEqual({
      id: summary.id,
      receivedAt: '2026-03-01T00:00:00.000Z',
      json: JSON.stringify(createSampleEvent({ executionTimeMs: 0.25 })),
      summary,
    })
    expect(store.get('unknown')).toBeUndefined()
  })

  it('keeps any text, also what SQL and C would stumble over', () => {
    const store = openTestStore()
    const endpoint = "/a'; DROP TABLE events; --\u0000b\u{1f600}"
    const { summary } = store.insert(newEvent({ endpoint }))
    expect(summary.endpoint).toBe(endpoint)
  })

  it('keeps an event that is larger than a row may be, and no part of it when it is deleted', () => {
    const store = openTestStore()
    for (const text of ['x'.repeat(2_000_000), '\u{1f600}€'.repeat(700_000)]) {
      const event = newEvent({ requestPayload: text })
      const { summary } = store.insert(event)
      expect(store.get(summary.id)?.json === event.json).toBe(true)
      expect(store.delete(summary.id)).toBe(true)
      // The next event may get the same place.
      const small = newEvent()
      expect(store.get(store.insert(small).summary.id)?.json).toBe(small.json)
    }
  })

  it('takes the id and the time that an event is given', () => {
    const store = openTestStore()
    const { summary } = store.insert({ ...newEvent(), id: 'given', receivedAt: 1000 })
    expect(summary).toMatchObject({ id: 'given', receivedAt: '1970-01-01T00:00:01.000Z' })
    expect(store.get('given')?.receivedAt).toBe('1970-01-01T00:00:01.000Z')
  })

  it('inserts many or none', () => {
    const store = openTestStore()
    const good = newEvent()
    const bad = { ...newEvent(), event: { ...createSampleEvent(), statusCode: 200.5 } }
    expect(() => store.insertMany([good, bad])).toThrow()
    expect(store.list().events).toEqual([])
    expect(store.insertMany([good, good])).toHaveLength(2)
  })

  it('forgets everything when it is cleared, but never reuses a cursor', () => {
    const store = openTestStore()
    store.insertMany([newEvent({}, 'key'), newEvent({ traceId: 'b' }), newEvent({ traceId: 'c' })])
    const { next } = store.list({ limit: 1 })
    expect(store.clear()).toBe(3)
    expect(store.insert(newEvent({}, 'key')).created).toBe(true)
    expect(store.list({ before: next ?? 0 }).events).toEqual([])
  })

  it('counts what it took in to its month, whatever becomes of it', () => {
    const store = openTestStore()
    expect(store.usage()).toEqual([])
    const [one, large] = [newEvent({}, 'one'), newEvent({ requestPayload: `€${'x'.repeat(1000)}` })]
    const bytesOf = (...events: NewEvent[]) => events.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0)
    const lastYear = { ...newEvent(), receivedAt: Date.UTC(2026, 0, 1) - 1 }
    const january = { ...newEvent(), receivedAt: Date.UTC(2026, 0, 1) }
    store.insertMany([one, large, lastYear, january])
    store.insertMany([one, newEvent({}, 'two')])
    const usage = [
      { month: '2026-03', events: 3, bytes: bytesOf(one, large, one) },
      { month: '2026-01', events: 1, bytes: bytesOf(january) },
      { month: '2025-12', events: 1, bytes: bytesOf(lastYear) },
    ]
    expect(store.usage()).toEqual(usage)
    store.clear()
    expect(store.usage()).toEqual(usage)
  })

  it('lists what came after an event, oldest first', () => {
    const store = openTestStore()
    const [first] = store.insertMany(['a', 'b', 'c', 'd'].map(traceId => newEvent({ traceId })))
    expect(traceIds(store.listAfter(first?.summary.id ?? '', 2))).toEqual(['b', 'c'])
    expect(store.listAfter('unknown', 2)).toEqual([])
  })

  it('lists the events of one trace, oldest first', () => {
    const store = openTestStore()
    store.insertMany(['/a', '/b', '/c'].map(endpoint => newEvent({ traceId: 'one', endpoint })))
    store.insert(newEvent({ traceId: 'onerous' }))
    expect(store.listByTrace('one', 2).map(event => event.endpoint)).toEqual(['/a', '/b'])
    expect(store.listByTrace('ONE', 2)).toEqual([])
  })

  it('knows the services there are, each once', () => {
    const store = openTestStore()
    expect(store.serviceNames()).toEqual([])
    const names = ['shop', 'a', 'shop', undefined, '', 'Shop']
    store.insertMany(names.map(name => newEvent({ serviceName: name ?? 'gone' })))
    const { serviceName: _, ...nameless } = createSampleEvent()
    store.insert({ event: nameless, json: '{}' })
    expect(store.serviceNames()).toEqual(['', 'Shop', 'a', 'gone', 'shop'])
  })

  it('names 1,000 services at most', () => {
    const store = openTestStore()
    const names = Array.from({ length: 1001 }, (_, index) => String(index))
    store.insertMany(names.map(serviceName => newEvent({ serviceName })))
    expect(store.serviceNames()).toHaveLength(1000)
  })
})

describe('a list', () => {
  const events = [
    newEvent({ traceId: 'a', status: 'failed', errorName: 'TypeError', errorMessage: '50% off_by\\one' }),
    newEvent({ traceId: 'b', eventType: 'cron', endpoint: 'daily-report', serviceName: 'reports' }),
    newEvent({ traceId: 'c', status: 'failed', serviceName: 'reports', endpoint: '/Über' }),
    newEvent({ traceId: 'd', endpoint: '/50x', errorMessage: 'offXby' }),
  ]
  const cases: [filter: EventFilter, expected: string[]][] = [
    [{}, ['d', 'c', 'b', 'a']],
    [{ status: 'failed' }, ['c', 'a']],
    [{ type: 'cron' }, ['b']],
    [{ service: 'reports' }, ['c', 'b']],
    [{ service: 'report' }, []],
    [{ status: 'failed', service: 'reports' }, ['c']],
    [{ q: 'DAILY' }, ['b']],
    [{ q: 'typeerr' }, ['a']],
    [{ q: 'reports' }, ['c', 'b']],
    [{ q: 'Über' }, ['c']],
    [{ q: '50%' }, ['a']],
    [{ q: 'off_by' }, ['a']],
    [{ q: 'by\\one' }, ['a']],
    [{ q: "'" }, []],
    [{ q: 'orders', status: 'failed' }, ['a']],
    [{ q: 'rep', type: 'api' }, ['c']],
    [{ q: 'ep' }, []],
    [{ q: '"daily" OR *' }, []],
    [{ status: 'failed', type: 'api', service: 'reports', q: 'über' }, ['c']],
    [{ status: 'failed', type: 'api', service: 'reports', q: 'BER' }, []],
    [{ limit: 3 }, ['d', 'c', 'b']],
  ]

  it.each(cases)('of %j holds %j', (filter, expected) => {
    const store = openTestStore()
    store.insertMany(events)
    expect(traceIds(store.list(filter).events)).toEqual(expected)
  })

  it('is found by trace id', () => {
    const store = openTestStore()
    store.insertMany([newEvent({ traceId: 'abc-123' }), newEvent({ traceId: 'abd-123' })])
    expect(traceIds(store.list({ q: 'ABC-1' }).events)).toEqual(['abc-123'])
  })

  it('is paged to its end, each event once, also while events arrive', () => {
    const store = openTestStore()
    const all = Array.from({ length: 7 }, (_, index) => String(index))
    store.insertMany(all.map(traceId => newEvent({ traceId, status: 'failed' })))
    const seen: string[] = []
    let before: number | undefined
    do {
      const page = store.list({ status: 'failed', limit: 3, before })
      seen.push(...traceIds(page.events))
      before = page.next ?? undefined
      store.insert(newEvent({ traceId: 'late', status: 'failed' }))
    } while (before !== undefined)
    expect(seen).toEqual(all.toReversed())
  })

  it('has no next page when the last is exactly full', () => {
    const store = openTestStore()
    store.insertMany([newEvent(), newEvent()])
    expect(store.list({ limit: 2 }).next).toBeNull()
    expect(store.list({ limit: 1 }).next).not.toBeNull()
  })
})
