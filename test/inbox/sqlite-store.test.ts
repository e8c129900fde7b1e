import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StoreFileError } from '../../src/inbox/local/sqlite-file.ts'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import { MIGRATIONS } from '../../src/inbox/sql/migrations.ts'
import type { NewEvent } from '../../src/inbox/store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

function openTestStore(file?: string) {
  const store = openSqliteStore({ file, now: () => Date.UTC(2026, 2, 1) })
  onTestFinished(() => store.close())
  return store
}

function newEvent(fields: Partial<ReplayStackEvent> = {}, idempotencyKey?: string): NewEvent {
  const event = createSampleEvent(fields)
  return { event, json: JSON.stringify(event), idempotencyKey }
}

describe('a file', () => {
  it('has its events, ids and keys when it is opened again', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const first = openSqliteStore({ file })
    const { summary } = first.insert(newEvent({}, 'key'))
    first.close()
    first.close()
    const second = openTestStore(file)
    expect(second.list().events).toEqual([summary])
    expect(second.insert(newEvent({}, 'key'))).toEqual({ summary, created: false })
  })

  it('may be open twice', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const [first, second] = [openTestStore(file), openTestStore(file)]
    first.insert(newEvent({ traceId: 'a' }))
    second.insert(newEvent({ traceId: 'b' }))
    expect(first.list().events.map(({ traceId }) => traceId)).toEqual(['b', 'a'])
  })

  it('is in WAL mode, with its version and its mark', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    openTestStore(file)
    const database = new DatabaseSync(file)
    onTestFinished(() => database.close())
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length })
    expect(database.prepare('PRAGMA application_id').get()).toEqual({ application_id: 0x52504c59 })
  })

  it('that is empty becomes a database', () => {
    const file = join(createTemporaryFolder(), 'events.db')
    writeFileSync(file, '')
    expect(openTestStore(file).list().events).toEqual([])
  })

  it('that is no database is refused', () => {
    const file = join(createTemporaryFolder(), 'notes.txt')
    writeFileSync(file, 'These are notes.\n'.repeat(100))
    expect(() => openSqliteStore({ file })).toThrow(StoreFileError)
    expect(() => openSqliteStore({ file })).toThrow(
      `${file} cannot be opened as the inbox's database: file is not a database`,
    )
  })

  it('in a folder that is not there is refused', () => {
    const file = join(createTemporaryFolder(), 'nowhere', 'events.db')
    expect(() => openSqliteStore({ file })).toThrow(StoreFileError)
  })

  it('of another program is refused and left as it is', () => {
    const file = join(createTemporaryFolder(), 'other.db')
    const other = new DatabaseSync(file)
    onTestFinished(() => other.close())
    other.exec('CREATE TABLE notes (text)')
    expect(() => openSqliteStore({ file })).toThrow(`${file} is another program's database`)
    expect(other.prepare('SELECT name FROM sqlite_master').all()).toEqual([{ name: 'notes' }])
    expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
  })

  it('of a newer inbox is refused', () => {
    const file = join(createTemporaryFolder(), 'newer.db')
    openSqliteStore({ file }).close()
    const newer = new DatabaseSync(file)
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    expect(() => openSqliteStore({ file })).toThrow(`${file} was written by a newer version of the inbox`)
  })
})
