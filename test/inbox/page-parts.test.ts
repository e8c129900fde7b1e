import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEvent } from '../../src/inbox/format-event.ts'
import { readJsonLines } from '../../src/inbox/page/json-lines.ts'
import { formatSize } from '../../src/inbox/page/size-text.ts'
import { buildTimeLine } from '../../src/inbox/page/time-line.ts'
import { formatAge, formatSpan } from '../../src/inbox/page/time-text.ts'
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
