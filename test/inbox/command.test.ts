import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { SDK_VERSION } from '../../src/event/version.ts'
import { startInbox } from '../../src/inbox/local/server.ts'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

function run(...args: string[]) {
  return runCommand(command.file, args)
}

async function startInboxCommand(...args: string[]) {
  const running = run('inbox', '--port', '0', ...args)
  const [, url = ''] = await running.waitFor('stdout', /REPLAYSTACK_ENDPOINT=(\S+)\nREPLAYSTACK_API_KEY=/)
  return { running, url }
}

async function send(url: string, event = createSampleEvent(), key = 'k'): Promise<string> {
  const response = await fetch(`${url}/api/v1/ingest/events`, {
    method: 'POST',
    headers: { 'x-replaystack-api-key': key },
    body: JSON.stringify(event),
  })
  const answer = await response.text()
  const [, id] = /"eventId":"([^"]+)"/.exec(answer) ?? []
  if (id === undefined) throw new Error(answer)
  return id
}

describe('replaystack', () => {
  it("--help of one command is that command's alone", async () => {
    const running = run('replay', '--help')
    expect(await running.exit()).toEqual({ code: 0, signal: null })
    expect(running.stdout()).toMatch(/^replaystack replay ID\b/)
    expect(running.stdout()).toContain('--inbox URL ')
    expect(running.stdout()).not.toContain('replaystack test')
  })

  it('--help lists the commands', async () => {
    const running = run('--help')
    expect(await running.exit()).toEqual({ code: 0, signal: null })
    expect(running.stdout()).toContain('replaystack inbox [--port 4319] [--db FILE] [--key KEY] [--open]')
    expect(running.stdout()).toContain('replaystack tail [--inbox URL]')
    expect(running.stdout()).toContain('replaystack replay ID|--query QUERY ')
    expect(running.stdout()).toContain('replaystack test ID [--app FILE] [--out FILE]')
    for (const line of running.stdout().split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('says without a command what to do next', async () => {
    const running = run()
    expect(await running.exit()).toEqual({ code: 0, signal: null })
    for (const told of [
      'npx replaystack inbox --open',
      'REPLAYSTACK_ENDPOINT=http://127.0.0.1:4319\n',
      'REPLAYSTACK_API_KEY=local\n',
      'npx replaystack replay ID\n',
      'REPLAYSTACK_DEBUG=1',
      'npx replaystack --help',
      'README.md',
    ]) {
      expect(running.stdout()).toContain(told)
    }
    const lines = running.stdout().split('\n')
    expect(lines.length).toBeLessThanOrEqual(16)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('--version is the package’s', async () => {
    const running = run('--version')
    expect(await running.exit()).toEqual({ code: 0, signal: null })
    expect(running.stdout()).toBe(`${SDK_VERSION}\n`)
  })

  it.each([
    [['--verbose'], "Unknown option '--verbose'; replaystack --help lists the commands"],
    [['toString'], "Unknown command 'toString'; replaystack --help lists the commands"],
    [['inbox', '--colour'], "Unknown option '--colour'"],
    [['inbox', 'file'], "Unexpected argument 'file'"],
    [['inbox', '--port', '70000'], '--port must be a number from 0 to 65535, got 70000'],
    [['inbox', '--port', 'a\u001b[2J'], '--port must be a number from 0 to 65535, got a\\u001b[2J'],
    [['inbox', '--db', ''], '--db needs the path of a file'],
    [['inbox', '--key', ''], '--key must not be empty'],
    [['tail', '--status', 'ok'], '--status must be one of success, failed, warning, pending'],
    [['tail', '--inbox', 'localhost'], '--inbox must be an http URL, got localhost'],
    [['tail', '--inbox'], "Option '--inbox <value>' argument missing"],
  ])('%j is refused in one line', async (args, message) => {
    const running = run(...args)
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    expect(running.stdout()).toBe('')
    expect(running.stderr().split('\n')).toEqual([expect.stringContaining(`replaystack: ${message}`), ''])
  })

  it('says in one line that Node is too old', async () => {
    const running = runCommand(command.file, ['inbox', '--port', '0'], ['--no-experimental-sqlite'])
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    expect(running.stderr()).toBe(
      `replaystack: The inbox keeps its events with node:sqlite, whose full-text search needs Node 22.16 or newer; this is Node ${process.version}\n`,
    )
  })
})

describe('replaystack inbox', () => {
  it('prints what an app needs, then a line for each event', async () => {
    const { running, url } = await startInboxCommand()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(running.stdout()).toContain(`REPLAYSTACK_ENDPOINT=${url}\nREPLAYSTACK_API_KEY=local\n`)
    const id = await send(url, createSampleEvent({ endpoint: '/pay\u001b[2J' }))
    const [line] = await running.waitFor('stdout', new RegExp(`^.* ${id.slice(0, 8)}$`, 'm'))
    expect(line).toContain('/pay\\u001b[2J')
    expect(running.stdout()).not.toContain('\u001b')
    expect(running.stderr()).toBe('')
  })

  it('prints and takes only its own key', async () => {
    const { running, url } = await startInboxCommand('--key', 'mine')
    expect(running.stdout()).toContain('REPLAYSTACK_API_KEY=mine\n')
    await expect(send(url)).rejects.toThrow('Invalid API key')
    await send(url, createSampleEvent(), 'mine')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly on %s, also while one follows', async signal => {
    const file = join(createTemporaryFolder(), 'events.db')
    const { running, url } = await startInboxCommand('--db', file)
    const stream = await fetch(`${url}/api/v1/stream`)
    const ended = expect(stream.text()).rejects.toThrow()
    const id = await send(url)
    running.process.kill(signal)
    expect(await running.exit()).toEqual({ code: 0, signal: null })
    await ended
    const store = openSqliteStore({ file })
    onTestFinished(() => store.close())
    expect(store.list().events.map(event => event.id)).toEqual([id])
  })

  it('has every event it has answered after kill -9', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const { running, url } = await startInboxCommand('--db', file)
    const answered: string[] = []
    const senders = Array.from({ length: 4 }, async () => {
      for (;;) answered.push(await send(url))
    })
    const stopped = Promise.allSettled(senders)
    await running.waitFor('stdout', /(?:^.* api .* [\da-f]{8}\n){40}/m)
    running.process.kill('SIGKILL')
    expect(await running.exit()).toEqual({ code: null, signal: 'SIGKILL' })
    await stopped
    const store = openSqliteStore({ file })
    onTestFinished(() => store.close())
    expect(answered.length).toBeGreaterThan(20)
    expect(answered.filter(id => !store.get(id))).toEqual([])
    expect(store.insert({ event: createSampleEvent(), json: '{}' }).created).toBe(true)
  })

  it('says in one line that its port is in use', async () => {
    const other = await startInbox()
    onTestFinished(() => other.close())
    const running = run('inbox', '--port', String(other.port))
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    const again = `npx replaystack inbox --port ${other.port + 1}`
    expect(running.stderr()).toBe(
      `replaystack: An inbox is already running at ${other.url}. Another one beside it: ${again}\n`,
    )
  })

  it('says in one line that its file is no database', async () => {
    const file = join(createTemporaryFolder(), 'notes.txt')
    writeFileSync(file, 'These are notes.\n'.repeat(100))
    const running = run('inbox', '--port', '0', '--db', file)
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    expect(running.stderr()).toBe(
      `replaystack: ${file} cannot be opened as the inbox's database: file is not a database\n`,
    )
  })
})

describe('replaystack tail', () => {
  it('prints a line for each event, without colours when nobody sees them', async () => {
    const inbox = await startInbox()
    onTestFinished(() => inbox.close())
    const running = run('tail', '--inbox', `${inbox.url}/`)
    await running.waitFor('stderr', new RegExp(`^Following ${inbox.url}\n`))
    const id = await send(inbox.url, createSampleEvent({ status: 'failed', errorMessage: 'a\u001b[2J' }))
    await running.waitFor('stdout', /\n/)
    expect(running.stdout()).toMatch(/^\d\d:\d\d:\d\d {2}api .*201 failed .*a\\u001b\[2J +[\da-f]{8}\n$/)
    expect(running.stdout()).toContain(` ${id.slice(0, 8)}\n`)
    running.process.kill('SIGINT')
    expect(await running.exit()).toEqual({ code: 0, signal: null })
  })

  it('prints only the status that is asked for, as JSON when that is', async () => {
    const inbox = await startInbox()
    onTestFinished(() => inbox.close())
    const running = run('tail', '--inbox', inbox.url, '--status', 'failed', '--json')
    await running.waitFor('stderr', /Following/)
    await send(inbox.url, createSampleEvent({ traceId: 'fine' }))
    await send(inbox.url, createSampleEvent({ traceId: 'broken', status: 'failed', errorMessage: 'a\u009b' }))
    await running.waitFor('stdout', /\n/)
    expect(running.stdout()).not.toContain('\u009b')
    const [row] = inbox.store.list({ status: 'failed' }).events
    expect(JSON.parse(running.stdout())).toMatchObject(JSON.parse(JSON.stringify(row)))
  })

  it('waits for an inbox, says when it is lost, and misses nothing of what it still knows', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const first = await startInbox({ file })
    const { port, url } = first
    await first.close()
    const running = run('tail', '--inbox', url)
    await running.waitFor('stderr', /cannot be reached; trying again\n/)
    const second = await startInbox({ file, port })
    await running.waitFor('stderr', /Following/)
    const before = (await send(url)).slice(0, 8)
    await running.waitFor('stdout', new RegExp(`${before}\n`))
    await second.close()
    await running.waitFor('stderr', /was lost; trying again\n/)
    const store = openSqliteStore({ file })
    const meanwhile = store.insert({ event: createSampleEvent(), json: '{}' }).summary.id.slice(0, 8)
    store.close()
    const third = await startInbox({ file, port })
    onTestFinished(() => third.close())
    await running.waitFor('stdout', new RegExp(`${before}\n.*${meanwhile}\n`))
    expect(running.stderr().trim().split('\n')).toEqual([
      `${url} cannot be reached; trying again`,
      `Following ${url}`,
      `The connection to ${url} was lost; trying again`,
      `Following ${url}`,
    ])
  })

  it('says in one line that what answers is no inbox', async () => {
    const other = createServer((_request, response) => response.end('Hello')).listen(0, '127.0.0.1')
    onTestFinished(() => {
      other.close()
    })
    await once(other, 'listening')
    const address = other.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    const running = run('tail', '--inbox', url)
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    expect(running.stderr()).toBe(`replaystack: ${url} is not a ReplayStack inbox: it answered 200\n`)
  })
})
