import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/inbox/local/command-line.ts'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { startReplayServer } from './replay-server.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

const ORDER = createSampleEvent({ requestUrl: 'http://h/orders', requestPayload: { a: 1 }, responsePayload: { b: 2 } })

async function openInbox(event = ORDER): Promise<{ inbox: RunningInbox; id: string }> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  return { inbox, id: inbox.store.insert({ event, json: JSON.stringify(event) }).summary.id }
}

function startApp(body: string, statusCode = 201) {
  return startReplayServer((_request, response) => {
    response.writeHead(statusCode, { 'content-type': 'application/json' }).end(body)
  })
}

describe('a command that nobody reads', () => {
  it.each([
    ['they differ', '{"b":3}', 1],
    ['they are the same', '{"b":2}', 0],
  ])('still tells by its exit code that %s', async (_what, body, code) => {
    const { inbox, id } = await openInbox()
    const app = await startApp(body)
    const running = runCommand(command.file, ['replay', id, '--to', app.url, '--inbox', inbox.url])
    running.process.stdout.destroy()
    expect(await running.exit()).toEqual({ code, signal: null })
    expect(app.requests).toHaveLength(1)
  })

  it('tail ends well', async () => {
    const { inbox } = await openInbox()
    const running = runCommand(command.file, ['tail', '--inbox', inbox.url])
    await running.waitFor('stderr', /Following/)
    running.process.stdout.destroy()
    const summary = inbox.store.insert({ event: ORDER, json: JSON.stringify(ORDER) }).summary
    inbox.feed.publish(summary)
    expect(await running.exit()).toEqual({ code: 0, signal: null })
  })
})

describe('a command that fails for a reason of its own', () => {
  it('ends with 2, and says why in one line', async () => {
    const { inbox, id } = await openInbox()
    const said: string[] = []
    const code = await runCommandLine(
      ['test', id, '--out', join(createTemporaryFolder(), 'a.test.ts'), '--inbox', inbox.url],
      {
        print: () => {
          throw new TypeError('first\nsecond\u001b[2J')
        },
        printError: line => said.push(line),
        color: false,
        interrupted: new AbortController().signal,
      },
    )
    expect({ code, said }).toEqual({ code: 2, said: ['replaystack: TypeError: first\\nsecond\\u001b[2J'] })
  })

  it.skipIf(!existsSync('/dev/full'))('ends with 2 also when its output cannot be written', async () => {
    const full = createWriteStream('/dev/full')
    await once(full, 'open')
    onTestFinished(() => void full.destroy())
    const child = spawn(process.execPath, [command.file, '--help'], { stdio: ['ignore', full, 'pipe'] })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [code] = await once(child, 'close')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^replaystack: .*ENOSPC.*\n$/)
  })
})

describe('replaystack replay with nothing to compare', () => {
  it('exits with 2 and says so', async () => {
    const { statusCode: _code, responsePayload: _payload, ...event } = ORDER
    const { inbox, id } = await openInbox(event)
    const app = await startApp('{}')
    const running = runCommand(command.file, ['replay', id, '--to', app.url, '--inbox', inbox.url])
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    expect(running.stdout()).toContain('Nothing was compared: the captured answer has no status')
  })

  it('waits for no end of what was captured as a stream', async () => {
    const event = { ...ORDER, responsePayload: { captured: false, reason: 'Streaming response body not captured' } }
    const { inbox, id } = await openInbox(event)
    const app = await startReplayServer((_request, response) => void response.writeHead(201).write('data: 1\n\n'))
    const running = runCommand(command.file, ['replay', id, '--to', app.url, '--inbox', inbox.url])
    expect(await running.exit()).toEqual({ code: 0, signal: null })
    expect(running.stdout()).toContain('The answers are the same: status; the body was not compared.')
    const time = /^time .* (\d+) ms$/m.exec(running.stdout())?.[1]
    expect(Number(time)).toBeLessThan(30_000)
  })
})
