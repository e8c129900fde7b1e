/** Long, for each outcome needs a real inbox, a real app and a real process. */
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import { formatReplay } from '../../src/inbox/replay/format-replay.ts'
import type { ReplayResult } from '../../src/inbox/replay/replay-result.ts'
import { displayWidth } from '../../src/inbox/terminal-text.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { startReplayServer } from './replay-server.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

const ORDER: Partial<ReplayStackEvent> = {
  traceId: 'trace-of-the-order',
  requestUrl: 'https://api.example.com/orders?ref=email',
  requestHeaders: { 'content-type': 'application/json' },
  requestPayload: { item: 'book' },
  responseHeaders: { 'content-type': 'application/json' },
  responsePayload: { id: 7, total: 12 },
}

const MASKED: Partial<ReplayStackEvent> = {
  ...ORDER,
  requestUrl: 'https://api.example.com/orders?token=[MASKED]',
  requestHeaders: { 'content-type': 'application/json', authorization: '[MASKED]' },
  requestPayload: { "it's": { pin: '[MASKED]' } },
}

async function openInbox(fields: Partial<ReplayStackEvent> = ORDER): Promise<{ inbox: RunningInbox; id: string }> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  return { inbox, id: keep(inbox, fields) }
}

function keep(inbox: RunningInbox, fields: Partial<ReplayStackEvent>): string {
  const event = createSampleEvent(fields)
  return inbox.store.insert({ event, json: JSON.stringify(event) }).summary.id
}

/** An app that answers every request so. */
function startApp(answer: unknown, status = 201) {
  return startReplayServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
}

async function replay(...args: string[]) {
  const running = runCommand(command.file, ['replay', ...args])
  const { code } = await running.exit()
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

describe('replaystack replay', () => {
  it('exits with 0 when status and body are the same', async () => {
    const { inbox, id } = await openInbox()
    const app = await startApp({ total: 12, id: 7 })
    const { code, stdout, stderr } = await replay(id, '--to', app.url, '--inbox', `${inbox.url}/`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^status {6}201 {11}201$/m)
    expect(stdout).toContain('The answers are the same: status and body.\n')
    expect(app.requests).toMatchObject([{ method: 'POST', url: '/orders?ref=email', body: '{"item":"book"}' }])
    expect(app.header('x-replaystack-replay')).toBe(id)
    expect(stdout).toContain(`trace id  ${app.header('x-trace-id')}\n`)
  })

  it('exits with 1 when they differ, and tells in what', async () => {
    const { inbox, id } = await openInbox()
    const app = await startApp({ id: 7, total: '12\u001b[2J', new: [] }, 200)
    const { code, stdout } = await replay(id, '--to', app.url, '--inbox', inbox.url)
    expect(code).toBe(1)
    expect(stdout.split('\n').slice(7)).toEqual([
      'The answers differ.',
      '',
      'status',
      '  - 201',
      '  + 200',
      '',
      'body.total',
      '  - 12',
      '  + "12\\u001b[2J"',
      '',
      'body.new',
      '  + []',
      '',
    ])
    expect(stdout).not.toContain('\u001b')
  })

  it('--json prints the outcome as one line, with nothing that a terminal obeys', async () => {
    const { inbox, id } = await openInbox()
    const app = await startApp({ id: 7, total: '\u202e\u009b' })
    const { code, stdout } = await replay(id, '--to', app.url, '--inbox', inbox.url, '--json')
    expect(code).toBe(1)
    expect(stdout).not.toMatch(/[\u202e\u009b]/)
    expect(JSON.parse(stdout)).toMatchObject({
      id,
      same: false,
      request: { method: 'POST', url: `${app.url}/orders?ref=email` },
      original: { statusCode: 201, body: '{"id":7,"total":12}' },
      replayed: { statusCode: 201, body: '{"id":7,"total":"\u202e\u009b"}' },
      differences: [{ path: 'body.total', kind: 'changed', original: '12', replayed: '"\u202e\u009b"' }],
    })
  })

  it('goes to where the event was captured, if that is this machine', async () => {
    const app = await startApp({ id: 7, total: 12 })
    const { inbox, id } = await openInbox({
      ...MASKED,
      requestHeaders: {},
      requestPayload: {},
      authMode: 'none',
      requestUrl: `${app.url}/orders/7`,
    })
    expect((await replay(id, '--inbox', inbox.url)).stderr).toBe('')
    expect(app.requests).toHaveLength(1)
  })

  it('goes to where the last replay of its service went', async () => {
    const app = await startApp({ id: 7, total: 12 })
    const { inbox, id } = await openInbox({ ...ORDER, serviceName: 'shop' })
    const later = keep(inbox, { ...ORDER, serviceName: 'shop', requestUrl: 'http://127.0.0.1:1/orders' })
    expect(await replay(id, '--to', app.url, '--inbox', inbox.url)).toMatchObject({ code: 0 })
    expect(await replay(later, '--inbox', inbox.url)).toMatchObject({ code: 0, stderr: '' })
    expect(app.requests).toHaveLength(2)
  })

  it('names the way to another server where nothing listens at the one it chose', async () => {
    const { inbox, id } = await openInbox({ ...ORDER, requestUrl: 'http://127.0.0.1:1/orders' })
    expect(await replay(id, '--inbox', inbox.url)).toEqual({
      code: 2,
      stdout: '',
      stderr: `replaystack: Nothing listens at http://127.0.0.1:1; if your app listens elsewhere:\n  npx replaystack replay ${id} --inbox ${inbox.url} --to http://127.0.0.1:8787\n`,
    })
  })

  it('asks for a server where it was captured elsewhere, with the whole command', async () => {
    const { inbox, id } = await openInbox({ ...MASKED, requestUrl: 'https://shop.example/orders/7' })
    expect(await replay(id, '--inbox', inbox.url)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `  npx replaystack replay ${id} --inbox ${inbox.url} --to http://127.0.0.1:8787\n`,
      ),
    })
  })

  it('asks for each value that is missing, by the flag to give it with', async () => {
    const { inbox, id } = await openInbox(MASKED)
    const app = await startApp({ id: 7, total: 12 })
    const first = await replay(id, '--to', app.url, '--inbox', inbox.url)
    expect(first).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'replaystack: The event does not hold 3 values that the request needs; write each in the place of its …:',
        `  npx replaystack replay ${id} --to ${app.url} --inbox ${inbox.url} --header 'authorization: …' --value 'body["it'\\''s"].pin=…' --value 'query.token=…'`,
        '      authorization: The header was masked when the event was captured.',
        `      body["it's"].pin: This part of the body was masked when the event was captured.`,
        '      query.token: The query parameter was masked when the event was captured.',
        '',
      ].join('\n'),
    })
    expect(app.requests).toEqual([])
    const given = [
      '--header',
      'Authorization: Bearer x',
      '--value',
      `body["it's"].pin:=12`,
      '--value',
      'query.token=a=b',
    ]
    const second = await replay(id, '--to', app.url, '--inbox', inbox.url, ...given)
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(app.requests).toMatchObject([{ url: '/orders?token=a%3Db', body: `{"it's":{"pin":12}}` }])
    expect(app.header('authorization')).toBe('Bearer x')
  })

  it('finds an event by the beginning of its id and by its trace id', async () => {
    const { inbox, id } = await openInbox()
    const app = await startApp({ id: 7, total: 12 })
    expect(await replay(id.slice(0, -1), '--to', app.url, '--inbox', inbox.url)).toMatchObject({ code: 0 })
    expect(await replay('trace-of-the-order', '--to', app.url, '--inbox', inbox.url)).toMatchObject({ code: 0 })
    const other = keep(inbox, ORDER)
    const several = await replay('trace-of-the-order', '--to', app.url, '--inbox', inbox.url)
    expect(several).toMatchObject({ code: 2, stdout: '' })
    expect(several.stderr).toContain(`2 events match trace-of-the-order; give the id of one: ${other}, ${id}`)
    expect(app.requests).toHaveLength(2)
  })

  it.each<[string, Partial<ReplayStackEvent>, string]>([
    [
      'a body that was truncated',
      { ...ORDER, requestPayload: { __truncated: true, originalSizeBytes: 9, maxSizeBytes: 1, preview: '{' } },
      'The request body was too large to be captured whole, so it cannot be replayed.',
    ],
    [
      'a stream',
      { ...ORDER, requestPayload: { captured: false, reason: 'Streaming request body not captured' } },
      'Streaming request body not captured, so it cannot be replayed.',
    ],
    ['a cron run', { eventType: 'cron', endpoint: 'n' }, 'This is a cron event without an HTTP request to replay.'],
  ])('exits with 2 and the reason for %s', async (_name, fields, reason) => {
    const { inbox, id } = await openInbox(fields)
    const app = await startApp({})
    const outcome = await replay(id, '--to', app.url, '--inbox', inbox.url)
    expect(outcome).toEqual({ code: 2, stdout: '', stderr: `replaystack: ${reason}\n` })
    expect(app.requests).toEqual([])
  })

  it('goes to this machine alone, but for hosts that are allowed', async () => {
    const { inbox, id } = await openInbox()
    const args = [id, '--to', 'http://198.51.100.7:9', '--inbox', inbox.url]
    expect(await replay(...args)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'replaystack: 198.51.100.7 is not loopback; a replay goes there only from a terminal: npx replaystack replay … --allow-host 198.51.100.7\n',
    })
    expect((await replay(...args, '--allow-host', '198.51.100.8')).stderr).toContain('is not loopback')
    // No loopback address, and yet this machine.
    const app = await startApp({ id: 7, total: 12 })
    const unspecified = [id, '--to', `http://0.0.0.0:${app.port}`, '--inbox', inbox.url]
    expect((await replay(...unspecified)).stderr).toContain('0.0.0.0 is not loopback')
    expect(app.requests).toEqual([])
    expect(await replay(...unspecified, '--allow-host', 'h', '--allow-host', '0.0.0.0')).toMatchObject({ code: 0 })
    expect(app.requests).toHaveLength(1)
  })

  it('does not follow a redirect', async () => {
    const { inbox, id } = await openInbox()
    const app = await startReplayServer((_request, response) => response.writeHead(302, { location: '/login' }).end())
    const { code, stdout } = await replay(id, '--to', app.url, '--inbox', inbox.url)
    expect(code).toBe(1)
    expect(stdout).toContain('  - 201\n  + 302\n')
    expect(app.requests).toHaveLength(1)
  })

  it('says in one line that an inbox, an event or an app is not there', async () => {
    const { inbox, id } = await openInbox()
    const app = await startReplayServer((_request, response) => void response.destroy())
    const stranger = createServer((_request, response) => response.end('hello'))
    await new Promise<void>(resolve => stranger.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void stranger.close())
    const address = stranger.address()
    const strangerUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const outcomes = [
      await replay('nobody\u001b[2J', '--to', app.url, '--inbox', inbox.url),
      await replay(id, '--to', app.url, '--inbox', inbox.url),
      await replay(id, '--to', app.url, '--inbox', 'http://127.0.0.1:1'),
      await replay(id, '--to', app.url, '--inbox', strangerUrl),
    ]
    expect(outcomes).toEqual(
      [
        `${inbox.url} has no event nobody\\u001b[2J`,
        `${app.url} closed the connection without a whole answer`,
        'http://127.0.0.1:1 cannot be reached; replaystack inbox starts one',
        `${strangerUrl} is not a ReplayStack inbox: it answered 200`,
      ].map(message => ({ code: 2, stdout: '', stderr: `replaystack: ${message}\n` })),
    )
  })

  it.each([
    [[], "An event's ID is missing"],
    [['a', 'b', '--to', 'http://h'], "Unexpected argument 'b'"],
    [['a', '--to', ''], '--to needs the URL of a server, such as http://127.0.0.1:8787'],
    [['a', '--to', 'x', '--header', 'none'], "--header must be 'name: value', got none"],
    [['a', '--to', 'x', '--value', 'none'], "--value must be 'name=value', got none"],
    [['a', '--to', 'x', '--value', 'a:={'], '--value with := must be JSON, got a:={'],
    [['a', '--to', 'x', '--inbox', 'h'], '--inbox must be an http URL, got h'],
    [['a', '--too', 'x'], "Unknown option '--too'"],
  ])('%j is refused in one line', async (args, message) => {
    const { code, stdout, stderr } = await replay(...args)
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `replaystack: ${message}\n` })
  })
})

describe('the outcome', () => {
  const result: ReplayResult = {
    request: { method: 'POST', url: `http://127.0.0.1:8787/${'long/'.repeat(40)}`, traceId: 't' },
    original: { headers: {}, body: '' },
    replayed: { statusCode: 200, headers: {}, body: '', durationMs: 1234 },
    comparedWith: 'capture',
    runs: [{ traceId: 't', statusCode: 200, durationMs: 1234 }],
    leftOut: [],
    same: false,
    compared: { status: true, body: 'part' },
    verdict: 'The answers differ.',
    differences: [
      { path: `body.${'a'.repeat(200)}`, kind: 'changed', original: '日本'.repeat(100), replayed: 'x\n'.repeat(20) },
    ],
    notes: ['The captured answer was too large to be captured whole: its first 2000 characters were compared.'],
  }

  it('fits 80 columns, whatever it holds', () => {
    const lines = formatReplay(result).split('\n')
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80)
    expect(lines).toContain('    … 13 more lines')
    expect(lines).toContain('status      –             200')
  })

  it('has nothing that a terminal obeys, wherever it comes from', () => {
    const hostile = 'a\u001b[2J\u009b\u202e'
    const shown = formatReplay({
      ...result,
      request: { method: hostile, url: hostile, traceId: 't' },
      differences: [{ path: hostile, kind: 'changed', original: hostile, replayed: hostile }],
      notes: [hostile],
    })
    expect(shown).not.toMatch(/[\u009b\u202e]|\p{Cc}(?<!\n)/u)
    expect(shown).toContain('  - a\\u001b[2J\\u009b\\u202e\n')
  })

  it('has colours for a terminal that takes them', () => {
    expect(formatReplay(result, { color: true })).toContain('\u001b[31mThe answers differ.\u001b[39m')
    expect(formatReplay(result)).not.toContain('\u001b')
  })
})
