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
  it('are the newest of a batch that is larger', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const store = openTestStore({ file, maxEvents: 3 })
    expect(store.insertMany(events(0, 100))).toHaveLength(100)
    expect(traceIds(store)).toEqual([99, 98, 97])
    expect(countRows(file)).toEqual([3, 3])
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
