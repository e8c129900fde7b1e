import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import { compareEvents } from '../../src/inbox/replay/compare-events.ts'
import { formatComparison } from '../../src/inbox/replay/format-comparison.ts'
import { displayWidth } from '../../src/inbox/terminal-text.ts'
import type { Tape, TapeCall } from '../../src/tape/format.ts'
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

const keep = (fields: Partial<ReplayStackEvent>, id = '11111111-aaaa-4bbb-8ccc-000000000000') => ({
  id,
  receivedAt: '2026-03-01T10:00:00.000Z',
  event: createSampleEvent({ responseHeaders: JSON_TYPE, requestHeaders: JSON_TYPE, ...fields }),
})

const compare = (one: Partial<ReplayStackEvent>, other: Partial<ReplayStackEvent>) =>
  compareEvents(keep(one), keep(other, '22222222-aaaa-4bbb-8ccc-000000000000'))

function call(method: string, input: JsonValue, output: JsonValue): TapeCall {
  return { kind: 'd1', target: 'DB', method, input, output, ordinal: 0, startedMs: 0, durationMs: 1 }
}

function taped(calls: readonly TapeCall[]): Partial<ReplayStackEvent> {
  const tape: Tape = { version: 1, complete: true, calls }
  return { metadata: { tape: JSON.parse(JSON.stringify(tape)) } }
}

describe('two events', () => {
  it('that are alike but for ids and times do not differ', () => {
    const fields = { requestPayload: { item: 'book' }, responsePayload: { id: 7 } }
    const comparison = compare(
      { ...fields, traceId: 'one', executionTimeMs: 5, requestUrl: 'http://localhost:8787/orders?a=1' },
      {
        ...fields,
        traceId: 'two',
        executionTimeMs: 9,
        requestUrl: 'http://localhost:8788/orders?a=1',
        responseHeaders: { ...JSON_TYPE, date: 'now', 'x-trace-id': 'two' },
      },
    )
    expect(comparison).toMatchObject({ same: true, notes: [] })
    expect(Object.values(comparison.parts)).toEqual([[], [], [], [], []])
  })

  it('differ part by part', () => {
    const { same, parts } = compare(
      { appVersion: '1', requestPayload: { item: 'book', quantity: 2 }, responsePayload: { id: 7 } },
      {
        appVersion: '2',
        requestUrl: 'https://shop.example/orders?coupon=x',
        requestPayload: { item: 'pen' },
        status: 'failed',
        statusCode: 500,
        errorName: 'TypeError',
        errorMessage: 'order is undefined',
        stackFrames: [{ functionName: 'load', fileName: 'src/orders.ts', lineNumber: 3, raw: 'at load' }],
        responsePayload: 'Internal Server Error',
      },
    )
    const changed = (path: string, original: string, replayed: string) => ({
      path,
      kind: 'changed',
      original,
      replayed,
    })
    const added = (path: string, replayed: string) => ({ path, kind: 'added', original: '', replayed })
    expect(same).toBe(false)
    expect(parts).toEqual({
      build: [changed('appVersion', '1', '2')],
      request: [
        changed('url', '/orders', '/orders?coupon=x'),
        changed('body.item', '"book"', '"pen"'),
        { path: 'body.quantity', kind: 'removed', original: '2', replayed: '' },
      ],
      calls: [],
      error: [
        added('errorName', 'TypeError'),
        added('errorMessage', 'order is undefined'),
        added('first frame', 'load (src/orders.ts:3)'),
      ],
      response: [
        changed('status', 'success', 'failed'),
        changed('statusCode', '201', '500'),
        changed('body', '{"id":7}', '"Internal Server Error"'),
      ],
    })
  })

  it('do not differ in what was masked in either', () => {
    const masked = {
      requestHeaders: { ...JSON_TYPE, 'x-key': '[MASKED]' },
      requestPayload: { pin: '[MASKED]', name: 'a [MASKED]' },
    }
    const open = { requestHeaders: { ...JSON_TYPE, 'x-key': 'k' }, requestPayload: { pin: 1, name: 'a secret' } }
    expect(compare(masked, open).same).toBe(true)
    expect(compare(open, masked).same).toBe(true)
    expect(compare({ responsePayload: 'a [MASKED]' }, { responsePayload: 'a b' }).same).toBe(true)
    expect(compare({ responsePayload: 'a b' }, { responsePayload: 'a [MASKED]' }).same).toBe(true)
    expect(compare({ responsePayload: 'a b' }, { responsePayload: 'c [MASKED]' }).same).toBe(false)
  })

  it('say which of their calls came, went or were answered otherwise', () => {
    const insert = call('run', ['INSERT'], { success: true })
    const { parts } = compare(
      taped([call('first', ['SELECT 1'], { id: 1 }), call('first', ['SELECT 2'], null), insert]),
      taped([call('first', ['SELECT 1'], { id: 2 }), insert, call('run', ['DELETE'], { success: true })]),
    )
    expect(parts.calls).toEqual([
      {
        path: 'call 1',
        kind: 'changed',
        original: 'd1 DB.first ["SELECT 1"] → {"id":1}\nd1 DB.first ["SELECT 2"] → null',
        replayed: 'd1 DB.first ["SELECT 1"] → {"id":2}',
      },
      { path: 'call 4', kind: 'added', original: '', replayed: 'd1 DB.run ["DELETE"] → {"success":true}' },
    ])
    expect(compare(taped([insert]), {}).notes).toEqual([
      'The calls of one event were not recorded: they were not compared.',
    ])
  })

  it('say what of them was not captured', () => {
    const reason = 'Streaming response body not captured'
    const truncated = { __truncated: true, originalSizeBytes: 9_000_000, maxSizeBytes: 10, preview: '{"a":1' }
    const { parts, notes } = compare(
      { responsePayload: { captured: false, reason }, requestPayload: truncated },
      { responsePayload: { a: 1 }, requestPayload: truncated },
    )
    expect(parts.request).toEqual([])
    expect(parts.response).toMatchObject([{ path: 'body', original: `(${reason})` }])
    expect(notes).toEqual([
      'A request body was too large: only its beginning was compared.',
      `A response body was not captured: ${reason}.`,
    ])
  })

  it('show as many differences of a part as can be read, and say that there are more', () => {
    const list = (value: number) => Array.from({ length: 500 }, () => value)
    const { parts, notes } = compare({ responsePayload: list(1) }, { responsePayload: list(2) })
    expect(parts.response).toHaveLength(200)
    expect(notes).toEqual(['There are more differences in the response; the first 200 are shown.'])
  })
})

describe('a comparison in a terminal', () => {
  it('stays within 80 columns, and writes no control character of an event', () => {
    const hostile = `${'長'.repeat(60)}\u001b[2J`
    const text = formatComparison(
      compare(
        { endpoint: hostile, errorMessage: hostile },
        { appVersion: hostile, responsePayload: { [hostile]: hostile } },
      ),
      { color: false },
    )
    expect(text).not.toContain('\u001b')
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
  })

  it('looks so', () => {
    const text = formatComparison(
      compare({ responsePayload: { id: 7 } }, { status: 'failed', statusCode: 500, responsePayload: { id: 8 } }),
    )
    expect(text.split('\n').map(line => line.replace(/\d\d:\d\d:\d\d/, '10:00:00').trimEnd())).toEqual([
      'id          11111111                          22222222',
      'event       POST /orders                      POST /orders',
      'received    2026-03-01 10:00:00               2026-03-01 10:00:00',
      'status      201 success                       500 failed',
      'time        13 ms                             13 ms',
      '',
      'Response',
      'status',
      '  - success',
      '  + failed',
      'statusCode',
      '  - 201',
      '  + 500',
      'body.id',
      '  - 7',
      '  + 8',
      '',
      'No difference in: build, request, calls, error.',
    ])
  })
})

describe('replaystack compare', () => {
  let command: BuiltCommand

  beforeAll(async () => {
    command = await buildCommand()
  })

  afterAll(() => command.remove())

  it('exits with 0 when nothing differs, 1 when something does, 2 when it could not', async () => {
    const inbox = await startInbox()
    onTestFinished(() => inbox.close())
    const ids = [200, 200, 500].map((statusCode, index) => {
      const event = createSampleEvent({ statusCode, traceId: `trace-${index}` })
      return inbox.store.insert({ event, json: JSON.stringify(event) }).summary.id
    })
    const run = async (...args: string[]) => {
      const running = runCommand(command.file, ['compare', ...args, '--inbox', inbox.url])
      const { code } = await running.exit()
      return { code, stdout: running.stdout(), stderr: running.stderr() }
    }
    const [one = '', same = '', other = ''] = ids
    expect(await run(one, same)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('\nNothing differs, as far as both events were captured.\n'),
    })
    const differing = await run(one.slice(0, 8), 'trace-2', '--json')
    expect(differing).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(differing.stdout)).toMatchObject({
      same: false,
      first: { id: one },
      second: { id: other },
      parts: { response: [{ path: 'statusCode', original: '200', replayed: '500' }] },
    })
    expect(await run(one)).toEqual({ code: 2, stdout: '', stderr: "replaystack: The second event's ID is missing\n" })
    expect(await run(one, same, other)).toMatchObject({
      code: 2,
      stderr: `replaystack: Unexpected argument '${other}'\n`,
    })
  })
})
