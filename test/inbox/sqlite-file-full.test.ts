import { chmodSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import { describeStoreError, StoreError } from '../../src/inbox/store-error.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { runCommand } from './running-command.ts'
import { postEvent, readTraceIds, startInboxCommand, waitForInbox } from './started-inbox.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/**
 * Becomes a process whose files cannot grow beyond 3,000 blocks: of 512 bytes or of 1 KiB, as the shell has it. For
 * Node, what is written beyond is an error.
 */
const LIMITED = `process.execve('/bin/sh',
  ['sh', '-c', 'ulimit -f 3000 && exec "$0" "$@"', process.execPath, ...process.argv.slice(1)], process.env)`

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

describe('an inbox whose file can grow no more', () => {
  it('says so in its answers and in one line, and still shows what it has accepted', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const limited = runCommand(command.file, ['inbox', '--port', '0', '--db', file], ['--no-warnings', '-e', LIMITED])
    const { running, url } = await waitForInbox(limited)
    const accepted: string[] = []
    const payload = 'x'.repeat(100_000)
    let refused = await postEvent(url, 'event-0', payload)
    while (refused.status === 200) {
      accepted.push(`event-${accepted.length}`)
      refused = await postEvent(url, `event-${accepted.length}`, payload)
    }
    expect(refused.status).toBeGreaterThanOrEqual(500)
    expect(refused.json).toMatchObject({ success: false, message: expect.any(String) })
    expect(accepted.length).toBeGreaterThan(3)
    for (let times = 0; times < 5; times++)
      expect((await postEvent(url, `more-${times}`, payload)).status).toBe(refused.status)
    expect(running.stderr()).toBe(`replaystack: ${file} cannot be used: its disk cannot be written or read\n`)
    expect((await readTraceIds(url)).toReversed()).toEqual(accepted)

    running.process.kill('SIGKILL')
    await running.exit()

    const store = openSqliteStore({ file, onDamage: error => expect.unreachable(error.message) })
    onTestFinished(() => store.close())
    const kept = store.list({ limit: 200 }).events.map(event => event.traceId)
    expect(kept.toReversed()).toEqual(accepted)
  })
})

describe('an inbox whose file is locked', () => {
  it('says so once, lives on, and says it again only when it happens again', { timeout: 60_000 }, async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const { running, url } = await startInboxCommand(command.file, ['--db', file])
    const other = new DatabaseSync(file)
    onTestFinished(() => other.close())
    const line = `replaystack: ${file} cannot be used: it is in use by another program\n`

    other.exec('BEGIN IMMEDIATE')
    const refused = await Promise.all([postEvent(url, 'a'), postEvent(url, 'b')])
    for (const answer of refused) {
      expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(answer.json).toMatchObject({ success: false, message: expect.any(String) })
    }
    expect(running.stderr()).toBe(line)
    expect(await readTraceIds(url)).toEqual([])
    other.exec('ROLLBACK')
    expect((await postEvent(url, 'c')).status).toBe(200)

    other.exec('BEGIN IMMEDIATE')
    expect((await postEvent(url, 'd')).status).toBe(refused[0].status)
    other.exec('ROLLBACK')
    await running.waitFor('stderr', /(?:.*\n){2}/)
    expect(running.stderr()).toBe(line + line)
    expect(await readTraceIds(url)).toEqual(['c'])
  })
})

describe('an inbox whose file is read-only', () => {
  it('does not start, says why in one line, and leaves the file as it is', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    openSqliteStore({ file }).close()
    const bytes = readFileSync(file)
    chmodSync(file, 0o444)
    chmodSync(dirname(file), 0o555)
    onTestFinished(() => chmodSync(dirname(file), 0o755))
    // Root may write what it likes: the command is then somebody else's.
    chmodSync(dirname(command.file), 0o755)
    const leaveRoot = process.getuid?.() === 0 ? 'process.setgid(65534); process.setuid(65534);' : ''
    const nodeArgs = ['--no-warnings', '--input-type=module', '-e', `${leaveRoot} await import(process.argv[1])`]
    const running = runCommand(command.file, ['inbox', '--port', '0', '--db', file], nodeArgs)
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    expect(running.stdout()).toBe('')
    expect(running.stderr()).toMatch(/^replaystack: .+ cannot be opened as the inbox's database: [^\n]+\n$/)
    expect(readFileSync(file)).toEqual(bytes)
  })
})

describe('an error of SQLite’s', () => {
  const errorOf = (sql: string, options: DatabaseSyncOptions = {}): unknown => {
    const file = join(createTemporaryFolder(), 'events.db')
    new DatabaseSync(file).exec('CREATE TABLE numbers (number INTEGER PRIMARY KEY, text)')
    const database = new DatabaseSync(file, options)
    onTestFinished(() => database.close())
    try {
      database.exec(sql)
    } catch (error) {
      return error
    }
    throw new Error('There was no error')
  }

  it.each<[string, string, DatabaseSyncOptions?]>([
    ['its disk is full', `PRAGMA max_page_count = 3; INSERT INTO numbers VALUES (1, '${'x'.repeat(50_000)}')`],
    ['it is read-only', 'INSERT INTO numbers VALUES (1, 1)', { readOnly: true }],
  ])('says that %s', (reason, sql, options) => {
    const described = describeStoreError(errorOf(sql, options), 'events.db')
    expect(described).toBeInstanceOf(StoreError)
    expect(described).toMatchObject({ message: `events.db cannot be used: ${reason}` })
  })

  it('that nobody can do anything about stays what it is', () => {
    const error = errorOf('INSERT INTO numbers VALUES (1, 1), (1, 1)')
    expect(describeStoreError(error, 'events.db')).toBe(error)
    expect(describeStoreError('text', undefined)).toBe('text')
  })
})
