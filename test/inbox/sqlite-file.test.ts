import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StoreFileError } from '../../src/inbox/local/sqlite-file.ts'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import { parseQuery } from '../../src/inbox/query/parse-query.ts'
import type { NewEvent } from '../../src/inbox/store.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'
import { writeVersionOneFile } from './version-one-file.ts'

const PAGE = 4096

function newEvent(traceId: string): NewEvent {
  const event = createSampleEvent({ traceId, requestPayload: 'x'.repeat(500) })
  return { event, json: JSON.stringify(event) }
}

function newFile(name = 'events.db'): string {
  return join(createTemporaryFolder(), name)
}

/** An inbox's file with 200 events, closed, so that all of it is in the file itself. */
function writeInboxFile(name?: string): string {
  const file = newFile(name)
  const store = openSqliteStore({ file })
  store.insertMany(Array.from({ length: 200 }, (_, index) => newEvent(`before-${index}`)))
  store.close()
  return file
}

function overwrite(file: string, from: number, to: number, byte = 0xa5): void {
  const bytes = readFileSync(file)
  bytes.fill(byte, from, to)
  writeFileSync(file, bytes)
}

function openTestStore(file: string) {
  const problems: string[] = []
  const store = openSqliteStore({ file, onDamage: error => problems.push(error.message) })
  onTestFinished(() => store.close())
  return { store, problems }
}

/** The names beside the file that it was set aside under. */
function asideOf(file: string): string[] {
  return readdirSync(dirname(file)).filter(name => name.includes('.corrupt-'))
}

describe('a file of version 1', () => {
  it('has its events, searchable, with their ids, keys and cursors', () => {
    const file = newFile()
    const events = [
      createSampleEvent({ traceId: 'a', errorMessage: 'Needle in a haystack', status: 'failed' }),
      createSampleEvent({ traceId: 'b', serviceName: 'reports' }),
      createSampleEvent({ traceId: 'a', endpoint: '/later' }),
    ]
    writeVersionOneFile(file, events)
    const { store } = openTestStore(file)
    expect(store.list().events.map(event => event.id)).toEqual(['id-2', 'id-1', 'id-0'])
    expect(store.list({ q: 'NEEDLE' }).events.map(event => event.id)).toEqual(['id-0'])
    expect(store.listByTrace('a', 10).map(event => event.id)).toEqual(['id-0', 'id-2'])
    expect(store.serviceNames()).toEqual(['order-service', 'reports'])
    expect(store.get('id-1')).toMatchObject({
      id: 'id-1',
      receivedAt: '2026-01-01T00:00:00.001Z',
      json: JSON.stringify(events[1]),
      summary: { route: '/orders', sizeBytes: JSON.stringify(events[1]).length },
    })
    expect(store.list({ query: parseQuery('haystack endpoint:/orders') }).events).toHaveLength(1)
    expect(store.count()).toBe(3)
    expect(store.insert({ ...newEvent('again'), idempotencyKey: 'key-2' })).toMatchObject({
      created: false,
      summary: { id: 'id-2' },
    })
    expect(store.insert(newEvent('new')).created).toBe(true)
    expect(store.list({ limit: 1 })).toMatchObject({ next: 4 })
  })

  it('never reuses the cursors of events that were removed', () => {
    const file = newFile()
    writeVersionOneFile(file, [createSampleEvent(), createSampleEvent()])
    const first = new DatabaseSync(file)
    first.exec('DELETE FROM events')
    first.close()
    const { store } = openTestStore(file)
    store.insertMany([newEvent('a'), newEvent('b')])
    expect(store.list({ limit: 1 })).toMatchObject({ next: 4 })
  })

  it('has the schema of one that was made anew', () => {
    const [old, fresh] = [newFile(), newFile()]
    writeVersionOneFile(old, [createSampleEvent()])
    const schemas = [old, fresh].map(file => {
      openTestStore(file)
      const database = new DatabaseSync(file)
      onTestFinished(() => database.close())
      return database.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all()
    })
    expect(schemas[0]).toEqual(schemas[1])
  })
})

describe('a damaged file', () => {
  const size = () => statSync(writeInboxFile()).size

  it.each<[what: string, damage: (file: string) => void]>([
    ['is not SQLite', file => writeFileSync(file, Buffer.alloc(20_000, 0xa5))],
    ['is all zeros', file => writeFileSync(file, Buffer.alloc(20_000))],
    ['is a few bytes', file => writeFileSync(file, 'SQLite f')],
    ['is SQLite’s header and no more', file => truncateSync(file, 100)],
    ['is cut off after its first page', file => truncateSync(file, PAGE)],
    ['is cut off in the middle', file => truncateSync(file, Math.floor(size() / 2))],
    ['is cut off in the middle of a page', file => truncateSync(file, PAGE * 5 + 1000)],
    ['has a header, and garbage behind it', file => overwrite(file, 100, size())],
    ['has a broken first page', file => overwrite(file, 100, PAGE)],
    ['has a broken page in the middle', file => overwrite(file, PAGE * 20, PAGE * 21)],
    ['has a page of zeros in the middle', file => overwrite(file, PAGE * 20, PAGE * 21, 0)],
    ['has a broken last page', file => overwrite(file, size() - PAGE, size())],
    ['has lost a table', file => runSql(file, 'DROP TABLE event_json')],
  ])('that %s is kept aside, and the inbox begins a new one', (_what, damage) => {
    const file = writeInboxFile()
    damage(file)
    const damaged = readFileSync(file)
    const { store, problems } = openTestStore(file)
    const [aside = ''] = asideOf(file)
    expect(aside).toMatch(/^events\.db\.corrupt-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z$/)
    expect(problems).toEqual([expect.stringMatching(/^[^\n]+$/)])
    expect(problems[0]).toContain(`${file} is damaged (`)
    expect(problems[0]).toContain(`it is now ${file}${aside.slice('events.db'.length)}, and a new one was made`)
    // Opening may have touched the header of a file that SQLite could read, never its size.
    expect(statSync(join(dirname(file), aside)).size).toBe(damaged.length)
    store.insert(newEvent('after'))
    expect(store.list().events.map(event => event.traceId)).toEqual(['after'])
    store.close()
    expect(openTestStore(file)).toMatchObject({ problems: [] })
  })

  it('takes along what SQLite keeps beside it', () => {
    const file = newFile()
    for (const name of [file, `${file}-wal`, `${file}-shm`]) writeFileSync(name, Buffer.alloc(40_000, 0xa5))
    openTestStore(file)
    const aside = asideOf(file).sort()
    expect(aside).toEqual([aside[0], `${aside[0]}-shm`, `${aside[0]}-wal`])
    expect(statSync(join(dirname(file), aside[2] ?? '')).size).toBe(40_000)
  })

  it('is not damaged when its log makes up for it', () => {
    const [file, copy] = [newFile(), newFile()]
    openTestStore(file).store.insert(newEvent('a'))
    for (const suffix of ['-wal', '-shm']) copyFileSync(file + suffix, copy + suffix)
    writeFileSync(copy, Buffer.alloc(20_000, 0xa5))
    const { store, problems } = openTestStore(copy)
    expect(problems).toEqual([])
    expect(store.list().events.map(event => event.traceId)).toEqual(['a'])
  })

  it('is set aside each time, under a name of its own', () => {
    const file = writeInboxFile()
    for (let count = 1; count <= 3; count++) {
      writeFileSync(file, Buffer.alloc(20_000, count))
      openTestStore(file).store.close()
      expect(asideOf(file)).toHaveLength(count)
    }
  })

  it('of any name is set aside as long as it has the inbox’s mark', () => {
    const file = writeInboxFile('inbox')
    truncateSync(file, PAGE * 5)
    expect(openTestStore(file).problems).toHaveLength(1)
  })

  it('whose log is garbage opens without what was only in the log', () => {
    const file = writeInboxFile()
    writeFileSync(`${file}-wal`, Buffer.alloc(20_000, 0xa5))
    const { store, problems } = openTestStore(file)
    expect(problems).toEqual([])
    expect(store.list({ limit: 200 }).events).toHaveLength(200)
  })
})

describe('a file that is not the inbox’s', () => {
  it.each(['notes.txt', 'notes', 'package.json'])('and no database, %s, is refused and stays', name => {
    const file = newFile(name)
    writeFileSync(file, 'These are notes.\n'.repeat(100))
    expect(() => openTestStore(file)).toThrow(StoreFileError)
    expect(readFileSync(file, 'utf8')).toBe('These are notes.\n'.repeat(100))
    expect(readdirSync(dirname(file))).toEqual([name])
  })

  it('but another program’s is refused and stays, whole or damaged', () => {
    const file = newFile()
    runSql(file, `CREATE TABLE notes (text); INSERT INTO notes VALUES ('${'x'.repeat(50_000)}')`)
    expect(() => openTestStore(file)).toThrow(`${file} is another program's database`)
    overwrite(file, 100, PAGE)
    const bytes = readFileSync(file)
    expect(() => openTestStore(file)).toThrow(StoreFileError)
    truncateSync(file, PAGE)
    expect(() => openTestStore(file)).toThrow(StoreFileError)
    expect(readFileSync(file)).toEqual(bytes.subarray(0, PAGE))
    expect(asideOf(file)).toEqual([])
  })

  it('but a newer inbox’s is refused and stays', () => {
    const file = writeInboxFile()
    runSql(file, 'PRAGMA user_version = 99; DROP TABLE event_json')
    expect(() => openTestStore(file)).toThrow(`${file} was written by a newer version of the inbox`)
    expect(asideOf(file)).toEqual([])
  })

  it('but a folder is refused', () => {
    const file = createTemporaryFolder()
    expect(() => openTestStore(file)).toThrow(StoreFileError)
    expect(existsSync(file)).toBe(true)
  })
})

function runSql(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

it('is readable by its owner alone, also where it was there already', () => {
  const folder = createTemporaryFolder()
  const file = join(folder, 'inbox.db')
  const modes = () => readdirSync(folder).map(name => [name, statSync(join(folder, name)).mode & 0o777])
  const expected = ['inbox.db', 'inbox.db-lock', 'inbox.db-shm', 'inbox.db-wal'].map(name => [name, 0o600])
  const mask = process.umask(0)
  onTestFinished(() => void process.umask(mask))
  const first = openSqliteStore({ file })
  expect(modes()).toEqual(expected)
  first.close()
  chmodSync(file, 0o644)
  const second = openSqliteStore({ file })
  onTestFinished(() => second.close())
  second.insertMany([newEvent('a')])
  expect(modes()).toEqual(expected)
})
