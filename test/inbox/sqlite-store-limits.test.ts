import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteStore, type SqliteStoreOptions } from '../../src/inbox/local/sqlite-store.ts'
import type { NewEvent } from '../../src/inbox/store.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

function openTestStore(options: SqliteStoreOptions) {
  const store = openSqliteStore(options)
  onTestFinished(() => store.close())
  return store
}

function events(from: number, to: number, size = 0): NewEvent[] {
  return Array.from({ length: to - from }, (_, index) => {
    const event = createSampleEvent({ traceId: String(from + index), requestPayload: 'x'.repeat(size) })
    return { event, json: JSON.stringify(event), idempotencyKey: `key-${from + index}` }
  })
}

function traceIds(store: { list(filter: { limit: number }): { events: { traceId: string }[] } }): number[] {
  return store.list({ limit: 10_000 }).events.map(event => Number(event.traceId))
}

/** Counts the rows of each table. */
function countRows(file: string) {
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  const count = (table: string) => database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']
  return [count('events'), count('event_json')]
}

describe('the most events that are kept', () => {
  it('are the newest, after each insert', () => {
    const store = openTestStore({ maxEvents: 3 })
    for (const [index, event] of events(0, 10).entries()) {
      const { summary } = store.insert(event)
      expect(store.get(summary.id)?.json).toBe(event.json)
      expect(traceIds(store)).toEqual([index, index - 1, index - 2].filter(number => number >= 0))
    }
  })

  it('are the newest of a batch that is larger', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const store = openTestStore({ file, maxEvents: 3 })
    expect(store.insertMany(events(0, 100))).toHaveLength(100)
    expect(traceIds(store)).toEqual([99, 98, 97])
    expect(countRows(file)).toEqual([3, 3])
  })

  it('are as many as were asked for when events come twice, fail and are cleared', () => {
    const store = openTestStore({ maxEvents: 3 })
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

  it('may be fewer when the file is opened again', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const before = openSqliteStore({ file })
    before.insertMany(events(0, 1000))
    before.close()
    const store = openTestStore({ file, maxEvents: 10 })
    expect(traceIds(store)).toEqual(Array.from({ length: 10 }, (_, index) => 999 - index))
    expect(countRows(file)).toEqual([10, 10])
  })

  it('are those of the inbox that keeps fewer, when two share a file', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const [many, few] = [openTestStore({ file, maxEvents: 1000 }), openTestStore({ file, maxEvents: 10 })]
    many.insertMany(events(0, 500))
    // In steps, so that no insert pays for them all.
    few.insertMany(events(500, 501))
    expect(traceIds(few)).toHaveLength(301)
    few.insertMany(events(501, 502))
    few.insertMany(events(502, 503))
    expect(traceIds(many)).toHaveLength(10)
  })
})

describe('the most bytes that are kept', () => {
  it('hold the newest events, of whatever size', () => {
    const store = openTestStore({ maxBytes: 1024 * 1024 })
    for (let index = 0; index < 100; index += 10) store.insertMany(events(index, index + 10, 50_000))
    const kept = traceIds(store)
    expect(kept[0]).toBe(99)
    expect(kept.length).toBeGreaterThan(10)
    expect(kept.length).toBeLessThan(21)
  })

  it('never cost the newest event', () => {
    const store = openTestStore({ maxBytes: 1 })
    store.insertMany(events(0, 5, 100_000))
    expect(traceIds(store)).toEqual([4])
  })
})

function raise(): never {
  throw new Error('There is no such event')
}
