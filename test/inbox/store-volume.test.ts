import { describe, expect, it } from 'vitest'
import type { EventConditions } from '../../src/inbox/store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'

/** A store with an event for each time, in milliseconds since the epoch. */
function openAt(times: readonly [time: number, fields?: Partial<ReplayStackEvent>][]) {
  let now = 0
  const store = openStore({ now: () => now })
  for (const [time, fields] of times) {
    now = time
    const event = createSampleEvent(fields)
    store.insert({ event, json: JSON.stringify(event) })
  }
  return store
}

describe('a volume', () => {
  it('counts each status in each part of the time, both ends included', () => {
    const store = openAt([
      [999],
      [1000],
      [1999, { status: 'failed' }],
      [2000, { status: 'warning' }],
      [2000, { status: 'warning' }],
      [3999, { status: 'pending' }],
      [4000],
    ])
    const none = { success: 0, warning: 0, failed: 0, pending: 0 }
    expect(store.volume({}, { from: 1000, to: 3999, buckets: 3 })).toEqual([
      { ...none, from: '1970-01-01T00:00:01.000Z', success: 1, failed: 1 },
      { ...none, from: '1970-01-01T00:00:02.000Z', warning: 2 },
      { ...none, from: '1970-01-01T00:00:03.000Z', pending: 1 },
    ])
    expect(store.volume({}, { from: 4000, to: 4000, buckets: 1 })).toMatchObject([{ success: 1 }])
    expect(store.range()).toEqual({ first: 999, last: 4000 })
  })

  it('loses and doubles nothing at its edges, however time is cut', () => {
    const times = Array.from({ length: 1000 }, (_, index) => index)
    const store = openAt(times.map(time => [time]))
    for (const buckets of [1, 3, 7, 60, 999, 1000]) {
      const parts = store.volume({}, { from: 0, to: 999, buckets })
      expect(parts).toHaveLength(buckets)
      expect(parts.reduce((sum, part) => sum + part.success, 0)).toBe(1000)
    }
  })

  it('may have more parts than milliseconds', () => {
    const store = openAt([[5]])
    const parts = store.volume({}, { from: 5, to: 6, buckets: 10 })
    expect(parts.reduce((sum, part) => sum + part.success, 0)).toBe(1)
  })

  it.each<[EventConditions, number]>([
    [{ status: 'failed' }, 2],
    [{ type: 'cron' }, 1],
    [{ service: 'b' }, 2],
    [{ q: 'NEEDLE' }, 1],
    [{ q: '%' }, 0],
    [{ q: 'NEED', status: 'success' }, 0],
    [{ status: 'failed', type: 'api', service: 'b', q: 'needle' }, 1],
  ])('of %j counts %d', (filter, expected) => {
    const store = openAt([
      [1, { serviceName: 'a', status: 'failed', eventType: 'cron' }],
      [2, { serviceName: 'b', status: 'failed', errorMessage: 'a needle' }],
      [3, { serviceName: 'b' }],
    ])
    const [part] = store.volume(filter, { from: 0, to: 9, buckets: 1 })
    expect((part?.success ?? 0) + (part?.failed ?? 0)).toBe(expected)
  })

  it.each([
    [{ from: 2, to: 1, buckets: 1 }],
    [{ from: Number.NaN, to: 1, buckets: 1 }],
    [{ from: 0, to: 1, buckets: 0 }],
    [{ from: 0, to: 1, buckets: 1.5 }],
    [{ from: 0, to: 1, buckets: 1001 }],
  ])('of %j is a RangeError', options => {
    expect(() => openAt([]).volume({}, options)).toThrow(RangeError)
  })

  it('has no range without events', () => {
    expect(openAt([]).range()).toBeUndefined()
  })
})
