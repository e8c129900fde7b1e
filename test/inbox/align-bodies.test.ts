import { describe, expect, it } from 'vitest'
import { alignBodies } from '../../src/inbox/replay/align-bodies.ts'
import type { ReplayResult } from '../../src/inbox/replay/replay-result.ts'

const align = (original: string, replayed: string, fields: Partial<ReplayResult> = {}) =>
  alignBodies({
    request: { method: 'GET', url: 'http://127.0.0.1/', traceId: 't' },
    comparedWith: 'capture',
    original: { headers: {}, body: original },
    replayed: { headers: {}, body: replayed },
    runs: [],
    same: false,
    compared: { status: true, body: 'whole' },
    verdict: '',
    differences: [],
    leftOut: [],
    notes: [],
    ...fields,
  }).map(({ kind, original, replayed, count }) =>
    count === undefined ? [kind, original ?? null, replayed ?? null] : [kind, count],
  )

const json = (value: unknown) => JSON.stringify(value)

describe('two JSON bodies, side by side', () => {
  it('stand line by line: what changed, came and went beside what it was', () => {
    expect(align(json({ a: 1, gone: [true], same: null }), json({ same: null, a: '1', fresh: {} }))).toEqual([
      ['same', '{', '{'],
      ['changed', '  "a": 1,', '  "a": "1",'],
      ['removed', '  "gone": [', null],
      ['removed', '    true', null],
      ['removed', '  ],', null],
      ['same', '  "same": null,', '  "same": null,'],
      ['added', null, '  "fresh": {}'],
      ['same', '}', '}'],
    ])
  })

  it('marks as noise what differs between the runs, and leaves masked values the same', () => {
    const [before, after] = [
      { id: 'a', token: '[MASKED]' },
      { id: 'b', token: 's3cret' },
    ]
    expect(align(json(before), json(after), { leftOut: ['body.id'] })).toEqual([
      ['same', '{', '{'],
      ['noise', '  "id": "a",', '  "id": "b",'],
      ['same', '  "token": "[MASKED]"', '  "token": "s3cret"'],
      ['same', '}', '}'],
    ])
  })

  it('shows of a long one what is around each difference', () => {
    const items = Array.from({ length: 20 }, (_, index) => index)
    expect(align(json(items), json(items.with(10, -1)))).toEqual([
      ['omitted', 8],
      ['same', '  7,', '  7,'],
      ['same', '  8,', '  8,'],
      ['same', '  9,', '  9,'],
      ['changed', '  10,', '  -1,'],
      ['same', '  11,', '  11,'],
      ['same', '  12,', '  12,'],
      ['same', '  13,', '  13,'],
      ['omitted', 7],
    ])
    expect(align(json(items), json(items))).toHaveLength(22)
  })

  it('is bounded, however much there is and however deep', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    expect(align(deep, deep).length).toBeLessThan(200)
    const long = Array.from({ length: 100_000 }, (_, index) => index)
    expect(align(json(long), json(long.map(index => index + 1))).length).toBeLessThan(6000)
  })
})

describe('two texts, side by side', () => {
  it('are matched up by lines', () => {
    expect(align('one\ntwo\nthree', 'one\n2\nthree\nfour')).toEqual([
      ['same', 'one', 'one'],
      ['changed', 'two', '2'],
      ['same', 'three', 'three'],
      ['added', null, 'four'],
    ])
    expect(align('at 10:00\nend', 'at 10:01\nend', { leftOut: ['words in body line 1'] })).toEqual([
      ['noise', 'at 10:00', 'at 10:01'],
      ['same', 'end', 'end'],
    ])
  })

  it('claims nothing of bodies that were not compared', () => {
    expect(align('{"a":1}', '{"a":2}', { compared: { status: true, body: 'none' } })).toEqual([
      ['plain', '{"a":1}', '{"a":2}'],
    ])
  })
})
