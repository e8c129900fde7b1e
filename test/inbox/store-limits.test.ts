import { describe, expect, it } from 'vitest'
import type { NewEvent } from '../../src/inbox/store.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'

function events(from: number, to: number, size = 0): NewEvent[] {
  return Array.from({ length: to - from }, (_, index) => {
    const event = createSampleEvent({ traceId: String(from + index), requestPayload: 'x'.repeat(size) })
    return { event, json: JSON.stringify(event), idempotencyKey: `key-${from + index}` }
  })
}

function traceIds(store: { list(filter: { limit: number }): { events: { traceId: string }[] } }): number[] {
  return store.list({ limit: 10_000 }).events.map(event => Number(event.traceId))
}

describe('the most events that are kept', () => {
  it('are the newest, after each insert', () => {
    const store = openStore({ maxEvents: 3 })
    for (const [index, event] of events(0, 10).entries()) {
      const { summary } = store.insert(event)
      expect(store.get(summary.id)?.json).toBe(event.json)
      expect(traceIds(store)).toEqual([index, index - 1, index - 2].filter(number => number >= 0))
    }
  })

  it('are as many as were asked for when events come twice, fail and are cleared', () => {
    const store = openStore({ maxEvents: 3 })
    store.insertMany(events(0, 3))
    for (let times = 0; times < 5; times++) expect(store.insert(events(2, 3)[0] ?? raise()).created).toBe(false)
    const bad = { event: { ...createSampleEvent(), statusCode: 200.5 }, json: '{}' }
    for (let times = 0; times < 5; times++) expect(() => store.insertMany([...events(3, 5), bad])).toThrow()
    expect(traceIds(store)).toEqual([2, 1, 0])
    store.insertMany(events(3, 4))
    expect(traceIds(store)).toEqual([3, 2, 1])
    store.clear()
    store.insertMany(events(4, 6))
    expect(traceIds(store)).toEqual([5, 4])
  })
})

describe('the time that events are kept', () => {
  it('ends for those that came first, pinned ones aside', () => {
    let now = 0
    const store = openStore({ maxAgeMs: 1000, now: () => now })
    const [pinned] = store.insertMany(events(0, 3))
    store.update(pinned?.summary.id ?? raise(), { pinned: true })
    now = 600
    store.insertMany(events(3, 5))
    now = 1000
    expect(store.prune()).toBe(false)
    expect(traceIds(store)).toEqual([4, 3, 2, 1, 0])
    now = 1001
    expect(store.prune()).toBe(false)
    expect(traceIds(store)).toEqual([4, 3, 0])
    now = 2000
    store.insertMany(events(5, 6))
    expect(traceIds(store)).toEqual([5, 0])
  })

  it('ends in steps for many', () => {
    let now = 0
    const store = openStore({ maxAgeMs: 1000, now: () => now })
    store.insertMany(events(0, 300))
    now = 1001
    expect([store.prune(), store.count()]).toEqual([true, 100])
    expect([store.prune(), store.count()]).toEqual([false, 0])
  })
})

describe('the most bytes that are kept', () => {
  it('hold the newest events, of whatever size', () => {
    const store = openStore({ maxBytes: 1024 * 1024 })
    for (let index = 0; index < 100; index += 10) store.insertMany(events(index, index + 10, 50_000))
    const kept = traceIds(store)
    expect(kept[0]).toBe(99)
    expect(kept.length).toBeGreaterThan(10)
    expect(kept.length).toBeLessThan(21)
  })

  it('never cost the newest event', () => {
    const store = openStore({ maxBytes: 1 })
    store.insertMany(events(0, 5, 100_000))
    expect(traceIds(store)).toEqual([4])
  })
})

function raise(): never {
  throw new Error('There is no such event')
}
