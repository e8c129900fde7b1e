import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { replayQuery } from '../../src/inbox/local/commands/replay-query.ts'
import type { RunningInbox } from '../../src/inbox/local/server.ts'
import { formatGate } from '../../src/inbox/replay/format-gate.ts'
import type { GateEntry } from '../../src/inbox/replay/gate-result.ts'
import { writeJunit } from '../../src/inbox/replay/junit.ts'
import { kindOf, pickOneOfEach, readRoute } from '../../src/inbox/replay/one-of-each.ts'
import { displayWidth } from '../../src/inbox/terminal-text.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { openInbox } from './open-inbox.ts'
import { type ReplayedRequest, startReplayServer } from './replay-server.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

function order(fields: Partial<ReplayStackEvent> = {}): ReplayStackEvent {
  return createSampleEvent({
    requestUrl: `http://shop.example${fields.endpoint ?? '/orders'}`,
    requestHeaders: JSON_TYPE,
    requestPayload: { item: 'book' },
    responseHeaders: JSON_TYPE,
    responsePayload: { id: 7 },
    ...fields,
  })
}

const FAILED = { status: 'failed', statusCode: 500, responsePayload: 'Internal Server Error' } as const

/** An app that answers by its path. */
function startApp(answers: Readonly<Record<string, readonly [status: number, body: unknown]>>) {
  return startReplayServer(({ url = '' }: ReplayedRequest, response) => {
    const answer = answers[url]
    if (!answer) return response.destroy()
    const [status, body] = answer
    return response.writeHead(status, JSON_TYPE).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
}

describe('one event of a kind', () => {
  it('stands for all of the same type, method, route, status and form', () => {
    const same = [
      order({ endpoint: '/orders/1', requestPayload: { item: 'a', n: 1 } }),
      order({ endpoint: '/orders/2', requestPayload: { n: 2, item: 'b' } }),
      order({ endpoint: '/orders/6f1c1c2e-0000-4000-8000-000000000000', requestPayload: { item: '', n: 0 } }),
    ]
    expect(new Set(same.map(kindOf)).size).toBe(1)
    expect(pickOneOfEach(same.map((event, id) => ({ id, event })))).toMatchObject([{ kept: { id: 0 }, count: 3 }])
    const others: Partial<ReplayStackEvent>[] = [
      {},
      { method: 'PUT' },
      { statusCode: 200 },
      { endpoint: '/orders/7/items' },
      { requestPayload: { item: 'book', gift: true } },
      { requestPayload: { item: 7 } },
      { requestPayload: [{ item: 'book' }] },
      { requestHeaders: { 'content-type': 'text/plain' } },
      { requestUrl: 'http://shop.example/orders?dry=1' },
      { authMode: 'bearer' },
      { eventType: 'webhook' },
    ]
    expect(new Set(others.map(fields => kindOf(order(fields)))).size).toBe(others.length)
  })

  it.each([
    [{ metadata: { route: '/orders/:id' }, endpoint: '/orders/7' }, '/orders/:id'],
    [{ endpoint: '/users/42/files/d41d8cd98f00b204e9800998ecf8427e' }, '/users/:id/files/:id'],
    [{ endpoint: '/v2/orders/pen' }, '/v2/orders/pen'],
    [{ endpoint: '0 3 * * *', eventType: 'cron' }, '0 3 * * *'],
  ] as const)('has a route: %o', (fields, route) => {
    expect(readRoute(createSampleEvent(fields))).toBe(route)
  })
})

describe('replaystack replay --query', () => {
  let command: BuiltCommand

  beforeAll(async () => {
    command = await buildCommand()
  })

  afterAll(() => command.remove())

  const run = async (inbox: RunningInbox, ...args: string[]) => {
    const running = runCommand(command.file, ['replay', '--inbox', inbox.url, ...args])
    const { code } = await running.exit()
    return { code, stdout: running.stdout(), stderr: running.stderr() }
  }

  it('exits with 0 when each kind gave the same, though some cannot be replayed', async () => {
    const inbox = await openInbox(
      order(),
      order(),
      order({ endpoint: '/masked', requestHeaders: { ...JSON_TYPE, authorization: '[MASKED]' } }),
      createSampleEvent({ eventType: 'queue', endpoint: 'parcels', method: '' }),
    )
    const app = await startApp({ '/orders': [201, { id: 7 }] })
    const { code, stdout, stderr } = await run(inbox, '--query', '', '--to', app.url)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(app.requests).toHaveLength(1)
    expect(stdout).toMatch(/^same {7}POST \/orders +201 +2 +[\da-f]{8}$/m)
    expect(stdout).toMatch(/^Not replayed\nskipped {4}POST \/masked/m)
    expect(stdout).toContain("\n  It needs what was masked: --header 'authorization: …'\n")
    expect(stdout).toMatch(/4 events, 3 of a kind of their own: 1 same, 0 different, 2 not replayed/)
  })

  it('exits with 1 when one differs, or is not answered, and names what no longer fails', async () => {
    const inbox = await openInbox(
      order(),
      order({ endpoint: '/fixed', ...FAILED }),
      order({ endpoint: '/changed', responsePayload: { id: 7, total: 1, more: [] } }),
      order({ endpoint: '/dies' }),
    )
    const app = await startApp({
      '/orders': [201, { id: 7 }],
      '/fixed': [201, { id: 8 }],
      '/changed': [201, { id: 8, total: 2, other: 1 }],
    })
    const folder = mkdtempSync(join(tmpdir(), 'replaystack-gate-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const junit = join(folder, 'junit.xml')
    const { code, stdout } = await run(inbox, '--query', '', '--to', app.url, '--junit', junit)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^fixed {6}POST \/fixed +500 → 201 {2}1 +[\da-f]{8}$/m)
    expect(stdout).toMatch(/^differs {4}POST \/changed +201 .*\n {2}body\.id, body\.total, body\.more and 1 more$/m)
    expect(stdout).toMatch(/^no answer {2}POST \/dies .*\n {2}.*closed the connection/m)
    expect(stdout).toContain('1 same, 2 different (1 no longer fails), 1')
    const xml = readFileSync(junit, 'utf8')
    expect(xml).toContain('tests="4" failures="3" errors="0" skipped="0"')
    expect(xml.match(/<testcase /g)).toHaveLength(4)
    expect(xml).toContain('message="It failed when it was captured, and fails no more.')
  })

  it('compares two builds', async () => {
    const inbox = await openInbox(order({ responsePayload: { old: true } }))
    const [before, after] = [
      await startApp({ '/orders': [200, { v: 1 }] }),
      await startApp({ '/orders': [200, { v: 1 }] }),
    ]
    expect(await run(inbox, '--query', '', '--to', after.url, '--baseline', before.url)).toMatchObject({ code: 0 })
    const other = await startApp({ '/orders': [200, { v: 2 }] })
    const { code, stdout } = await run(inbox, '--query', '', '--to', other.url, '--baseline', before.url, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      query: '',
      target: other.url,
      baseline: before.url,
      found: 1,
      counts: { same: 0, different: 1, unanswered: 0, skipped: 0, fixed: 0 },
      entries: [{ title: 'POST /orders', outcome: 'different', result: { comparedWith: 'baseline' } }],
    })
  })

  it('gives each event the values that it needs', async () => {
    const inbox = await openInbox(order({ endpoint: '/pin', requestPayload: { pin: '[MASKED]' } }), order())
    const app = await startApp({ '/orders': [201, { id: 7 }], '/pin': [201, { id: 7 }] })
    expect(await run(inbox, '--query', '', '--to', app.url, '--value', 'body.pin=12')).toMatchObject({ code: 0 })
    expect(app.requests.map(({ body }) => body).sort()).toEqual(['{"item":"book"}', '{"pin":"12"}'])
  })

  it('exits with 2 when nothing could be replayed, and says why', async () => {
    const inbox = await openInbox(order())
    const gone = await startApp({})
    const cases: [args: string[], message: RegExp][] = [
      [['--query', 'is:failed', '--to', gone.url], /^replaystack: No event was found$/],
      [['--query', ''], /^replaystack: No event could be replayed$/],
      [['--query', '', '--to', 'http://127.0.0.1:1'], /^replaystack: Nothing listens at http:\/\/127\.0\.0\.1:1$/],
      [['--query', '', '--to', 'http://192.0.2.1'], /is not loopback/],
      [['--query', 'status:many', '--to', gone.url], /status:many at character 1 .*must be a status code/],
      [['--query', '', 'some-id'], /--query and an ID exclude each other/],
      [['some-id', '--junit', 'x.xml'], /--junit needs --query/],
      [[], /An event's ID is missing$/],
    ]
    for (const [args, message] of cases) {
      const { code, stderr } = await run(inbox, ...args)
      expect([args, code, stderr.trimEnd()]).toEqual([args, 2, expect.stringMatching(message)])
    }
  })

  it('replays one of 5,000 alike, and shows its progress to a terminal alone', async () => {
    const events = Array.from({ length: 5_000 }, (_, index) =>
      order({ traceId: `t${index}`, endpoint: `/orders/${index}` }),
    )
    const inbox = await openInbox(...events)
    const app = await startReplayServer((_request, response) => response.writeHead(201, JSON_TYPE).end('{"id":7}'))
    const progress: string[] = []
    const lines: string[] = []
    const code = await replayQuery(
      { query: '', inbox: inbox.url, to: app.url, json: false, junit: undefined, isHermetic: false },
      {
        print: line => lines.push(line),
        printError: line => lines.push(line),
        showProgress: line => progress.push(line),
        color: true,
        interrupted: new AbortController().signal,
      },
    )
    expect(code).toBe(0)
    expect(app.requests).toHaveLength(1)
    expect(progress).toContain('Reading events: 5000 of 5000')
    expect(progress).toContain('[....................] 0 of 1  POST /orders/:id')
    expect(progress.at(-1)).toBe('')
    for (const line of progress) expect(displayWidth(line)).toBeLessThan(80)
    const { stderr } = await run(inbox, '--query', '', '--to', app.url)
    expect(stderr).toBe('')
  })
})

describe('the table and the XML', () => {
  const hostile = '長い\u001b[2J]]><x a="b">&\u0000\ud800\uffff'
  const entries: GateEntry[] = (['skipped', 'unanswered'] as const).map(outcome => ({
    id: hostile,
    receivedAt: '2026-03-01T10:00:00.000Z',
    title: `POST /${hostile.repeat(20)}`,
    service: hostile,
    statusCode: 500,
    count: 100_000,
    outcome,
    reason: `${hostile} `.repeat(20),
    durationMs: 12,
  }))

  it('stay within 80 columns, and hold no control character', () => {
    const text = formatGate({ query: hostile.repeat(20), found: 100_000, entries })
    expect(text).not.toContain('\u001b')
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
  })

  it('are well-formed whatever an event holds', () => {
    const xml = writeJunit({ query: hostile, found: 2, entries })
    expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="replaystack replay" tests="2"/)
    // Each attribute and each text holds no markup, and no character that XML does not have.
    const rest = xml.replace(/ [\w]+="[^"<]*"/g, '').replace(/&(?:amp|lt|gt|quot);/g, '')
    expect(rest.replace(/<\/?(?:testsuites?|testcase|failure|skipped)\/?>/g, '')).toMatch(/^<\?xml[^<]*\?>\s*$/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\uffff]/)
  })
})
