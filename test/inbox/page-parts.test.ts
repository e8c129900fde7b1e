import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEvent } from '../../src/inbox/format-event.ts'
import { readJsonLines } from '../../src/inbox/page/json-lines.ts'
import { formatSize } from '../../src/inbox/page/size-text.ts'
import { buildTimeLine } from '../../src/inbox/page/time-line.ts'
import { formatAge, formatSpan } from '../../src/inbox/page/time-text.ts'
import { buildTraceTree } from '../../src/inbox/page/trace-tree.ts'
import { chooseSpan } from '../../src/inbox/page/volume-strip.tsx'
import type { JsonValue } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { createSampleEvent } from './sample-event.ts'

const joinLines = (value: JsonValue): string =>
  readJsonLines(value)
    .lines.map(({ depth, tokens }) => '  '.repeat(depth) + tokens.map(({ text }) => text).join(''))
    .join('\n')

describe('readJsonLines', () => {
  it('is JSON.stringify in lines', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), generated => {
        const value: JsonValue = JSON.parse(JSON.stringify(generated))
        expect(joinLines(value)).toBe(JSON.stringify(value, null, 2))
      }),
      runs(),
    )
  })

  it('says what it left out, and where', () => {
    const { lines, complete } = readJsonLines({ list: [1, 2, 3, 4], text: 'abcdef' }, { maxLines: 4 })
    expect(complete).toBe(false)
    expect(lines.map(({ tokens }) => tokens.map(({ text }) => text).join(''))).toEqual([
      '{',
      '"list": [',
      '1,',
      '2,',
      '2 more',
      '],',
      '1 more',
      '}',
    ])
  })

  it('cuts strings to the room that there is, never inside a code point', () => {
    const { lines } = readJsonLines(['ab😀cd'], { maxCharacters: 3 })
    expect(lines[1]?.tokens.map(({ text }) => text)).toEqual(['"ab"', '4 more characters'])
  })
})

describe('the time line', () => {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString()

  it('begins where the SDK said that the request did', () => {
    const { moments, length } = buildTimeLine(
      createSampleEvent({
        executionTimeMs: 50,
        breadcrumbs: [
          { message: 'HTTP request started', category: 'http', level: 'info', timestamp: time(5000) },
          { message: 'mine', level: 'info', timestamp: time(5010) },
          { message: 'HTTP request finished', category: 'http', level: 'info', timestamp: time(5050) },
        ],
      }),
      // It waited in a queue for a minute.
      time(65_000),
    )
    expect(moments.map(({ kind, offset }) => [kind, offset])).toEqual([
      ['start', 0],
      ['breadcrumb', 10],
      ['end', 50],
    ])
    expect(length).toBe(50)
  })

  it('reckons back from when it came, where that is plausible', () => {
    const event = createSampleEvent({
      executionTimeMs: 50,
      breadcrumbs: [{ message: 'mine', level: 'info', timestamp: time(980) }],
    })
    const offsetOf = (receivedAt: number) =>
      buildTimeLine(event, time(receivedAt)).moments.find(({ kind }) => kind === 'breadcrumb')?.offset
    expect(offsetOf(1000)).toBe(30)
    expect(offsetOf(90_000)).toBe(0)
    expect(offsetOf(0)).toBe(0)
  })

  it('takes as many breadcrumbs as ingest does', () => {
    const breadcrumbs = Array.from({ length: 200_000 }, (_, index) => ({
      message: 'm',
      level: 'info' as const,
      timestamp: time(5000 + index),
    }))
    const { executionTimeMs: _duration, ...event } = createSampleEvent({ breadcrumbs })
    expect(buildTimeLine(event, time(9000))).toMatchObject({ length: 199_999, omitted: 199_702 })
    expect(formatEvent(event)).toContain('+3 m 20 s')
  })

  it('has two ends without breadcrumbs or a duration', () => {
    const { moments } = buildTimeLine(
      { traceId: 't', eventType: 'cron', endpoint: 'daily', status: 'success' },
      time(0),
    )
    expect(moments.map(({ kind, offset, message }) => [kind, offset, message])).toEqual([
      ['start', 0, 'daily started'],
      ['end', 0, 'Finished'],
    ])
  })
})

describe('recorded calls', () => {
  const call = (fields: object) => ({ kind: 'kv', target: 'CACHE', method: 'get', ordinal: 0, ...fields })
  const buildCalls = (calls: JsonValue[], executionTimeMs: number) =>
    buildTimeLine(
      createSampleEvent({ executionTimeMs, metadata: { tape: { version: 1, complete: true, calls } } }),
      '2026-03-01T10:00:00Z',
    )

  it('stand on the time line as long as they took, by what they called', () => {
    const { moments, length } = buildCalls(
      [
        call({ startedMs: 5, durationMs: 10, output: 'v' }),
        call({ kind: 'd1', target: 'DB', method: 'first', input: { sql: 'SELECT 1' }, startedMs: 15, durationMs: 20 }),
        call({
          kind: 'fetch',
          target: 'https://b',
          method: 'POST',
          input: { url: 'https://b/c' },
          startedMs: 16,
          error: 'x',
        }),
        'no call',
      ],
      40,
    )
    const calls = moments.filter(({ kind }) => kind === 'call')
    expect(
      calls.map(({ offset, duration, category, message, level }) => [offset, duration, category, message, level]),
    ).toEqual([
      [5, 10, 'kv', 'CACHE.get', 'info'],
      [15, 20, 'd1', 'DB: SELECT 1', 'info'],
      [16, undefined, 'fetch', 'POST https://b/c', 'error'],
    ])
    expect(length).toBe(40)
  })

  it('are not gaps: only time in which nothing was going on is', () => {
    const { moments } = buildCalls(
      [call({ startedMs: 100, durationMs: 700 }), call({ startedMs: 810, durationMs: 5 })],
      1000,
    )
    expect(moments.map(({ offset, gap }) => [offset, gap])).toEqual([
      [0, undefined],
      [100, undefined],
      [810, undefined],
      [1000, 185],
    ])
  })
})

describe('a trace as a tree', () => {
  const summary = (id: string, endedAt: number, executionTimeMs: number) => ({
    id,
    receivedAt: new Date(endedAt).toISOString(),
    traceId: 't',
    eventType: 'api' as const,
    status: 'success' as const,
    executionTimeMs,
  })

  it('has an event inside the one in whose time it lies, and what came after under the first', () => {
    const { nodes, length } = buildTraceTree([
      summary('inner', 1400, 100),
      summary('service', 1500, 400),
      summary('later', 1700, 100),
      summary('request', 1510, 510),
      summary('message', 3000, 50),
    ])
    expect(nodes.map(({ event, depth, start, end }) => [event.id, depth, start, end])).toEqual([
      ['request', 0, 0, 510],
      ['service', 1, 100, 500],
      ['inner', 2, 300, 400],
      ['later', 1, 600, 700],
      ['message', 1, 1950, 2000],
    ])
    expect(length).toBe(2000)
  })

  it('is one event, and as long as it', () => {
    expect(buildTraceTree([summary('only', 50, 20)])).toMatchObject({ length: 20, nodes: [{ depth: 0, start: 0 }] })
  })
})

describe('words for numbers', () => {
  it.each([
    [-5000, 'now'],
    [0, 'now'],
    [999, 'now'],
    [1000, '1 s ago'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [3_600_000, '1 h ago'],
    [86_400_000 * 40, '40 d ago'],
  ])('says %d ms ago as %s', (age, text) => expect(formatAge(1e12 - age, 1e12)).toBe(text))

  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [524_288, '512 KiB'],
    [1_048_576, '1.0 MiB'],
    [5e12, '4657 GiB'],
  ])('says %d bytes as %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))

  it.each([
    [undefined, '5 minutes'],
    [4 * 60_000, '5 minutes'],
    [6 * 60_000, '15 minutes'],
    [3_600_000, 'hour'],
    [2 * 3_600_000, '6 hours'],
    [23 * 3_600_000, 'day'],
    [8 * 86_400_000, '30 days'],
    [9999 * 86_400_000, '365 days'],
  ])('covers %s ms in the last %s', (age, text) =>
    expect(formatSpan(chooseSpan(age === undefined ? undefined : 1e15 - age, 1e15))).toBe(text),
  )
})
