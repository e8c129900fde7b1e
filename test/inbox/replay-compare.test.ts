import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareAnswers } from '../../src/inbox/replay/compare.ts'
import type { ReplayedAnswer } from '../../src/inbox/replay/replayed-answer.ts'
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { createSampleEvent } from './sample-event.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

function answer(body: string, fields: Partial<ReplayedAnswer> = {}): ReplayedAnswer {
  const sizeBytes = Buffer.byteLength(body)
  return { statusCode: 201, headers: JSON_TYPE, body, sizeBytes, isText: true, durationMs: 1, ...fields }
}

function captured(responsePayload?: JsonValue, fields: Partial<ReplayStackEvent> = {}): ReplayStackEvent {
  const payload = responsePayload === undefined ? {} : { responsePayload }
  return createSampleEvent({ responseHeaders: JSON_TYPE, ...payload, ...fields })
}

function compare(payload: JsonValue, body: string, fields: Partial<ReplayedAnswer> = {}) {
  return compareAnswers(captured(payload), answer(body, fields))
}

describe('JSON bodies', () => {
  it('differ by the path of each member', () => {
    const original = { id: 1, items: [{ price: 5 }, { price: 6 }, 'gone'], 'a b': null, same: { deep: [1] } }
    const replayed = { items: [{ price: 5 }, { price: '6', tax: 1 }], id: 1, 'a b': false, same: { deep: [1] } }
    expect(compare(original, JSON.stringify(replayed, null, 2))).toMatchObject({
      same: false,
      notes: [],
      differences: [
        { path: 'body.items[1].price', kind: 'changed', original: '6', replayed: '"6"' },
        { path: 'body.items[1].tax', kind: 'added', original: '', replayed: '1' },
        { path: 'body.items[2]', kind: 'removed', original: '"gone"', replayed: '' },
        { path: 'body["a b"]', kind: 'changed', original: 'null', replayed: 'false' },
      ],
    })
  })

  it('have another kind of value in a place as one difference', () => {
    expect(compare({ a: [1] }, '{"a":{"0":1}}').differences).toEqual([
      { path: 'body.a', kind: 'changed', original: '[1]', replayed: '{"0":1}' },
    ])
    expect(compare({ a: 1 }, 'null').differences).toMatchObject([
      { path: 'body', original: '{"a":1}', replayed: 'null' },
    ])
    expect(compare(JSON.parse('{"__proto__":1}'), '{"__proto__":2}').differences).toMatchObject([
      { path: 'body.__proto__', original: '1', replayed: '2' },
    ])
  })

  it('may have anything in the place of a mask, but not nothing', () => {
    const original = { token: '[MASKED]', session: '[MASKED]', note: 'Bearer [MASKED]!', 'key [MASKED]': 1 }
    expect(compare(original, '{"token":"x","session":{"a":1},"note":"Bearer abc!","key sk_live":1}').same).toBe(true)
    expect(compare(original, '{"session":null,"note":"Basic abc!"}').differences).toEqual([
      { path: 'body.token', kind: 'removed', original: '"[MASKED]"', replayed: '' },
      { path: 'body.note', kind: 'changed', original: '"Bearer [MASKED]!"', replayed: '"Basic abc!"' },
    ])
  })

  it('that are one string are the same as that string, and as their text', () => {
    expect(compare('hello', '"hello"').same).toBe(true)
    expect(compare('{"a":', '{"a":').same).toBe(true)
    expect(compare('hello', '"other"').same).toBe(false)
  })

  it('against what is no JSON are told whole', () => {
    expect(compare({ a: 1 }, '<h1>Oops</h1>').differences).toEqual([
      { path: 'body', kind: 'changed', original: '{"a":1}', replayed: '<h1>Oops</h1>' },
    ])
    expect(compare({ a: 1 }, '', { isText: false, sizeBytes: 3 }).differences).toMatchObject([
      { path: 'body', replayed: '3 bytes that are no text' },
    ])
  })

  it('equal themselves, whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const payload: JsonValue = JSON.parse(JSON.stringify(value))
        expect(compare(payload, JSON.stringify(payload))).toMatchObject({ same: true, differences: [], notes: [] })
      }),
      runs(),
    )
  })

  it('of any depth and size are compared, and the first 200 differences told', () => {
    const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`
    expect(compare(JSON.parse(deep), deep).same).toBe(true)
    const other = compare(JSON.parse(deep), deep.replace('1', '2'))
    expect(other.differences).toMatchObject([{ original: '1', replayed: '2' }])
    expect(other.differences[0]?.path.length).toBe(500)
    const long = Array.from({ length: 100_000 }, (_, index) => index)
    const { same, differences, notes } = compare(long, JSON.stringify(long.map(number => number + 1)))
    expect({ same, count: differences.length, notes }).toEqual({
      same: false,
      count: 200,
      notes: ['There are more differences; the first 200 are told.'],
    })
  })
})

describe('text bodies', () => {
  const text = (original: string, replayed: string) =>
    compareAnswers(
      captured(original, { responseHeaders: { 'content-type': 'text/plain' } }),
      answer(replayed, { headers: { 'content-type': 'text/plain' } }),
    )

  it('differ by lines', () => {
    expect(text('one\ntwo\nthree\nfour', 'zero\none\n2\nthree').differences).toEqual([
      { path: 'body line 1', kind: 'added', original: '', replayed: 'zero' },
      { path: 'body line 2', kind: 'changed', original: 'two', replayed: '2' },
      { path: 'body line 4', kind: 'removed', original: 'four', replayed: '' },
    ])
  })

  it('may have anything in the place of a mask, lines too', () => {
    expect(text('key: [MASKED]\nend', 'key: a\nb\nc\nend').same).toBe(true)
    expect(text('a [MASKED] c\nend', 'a b c\nEND').differences).toMatchObject([
      { path: 'body line 2', original: 'end' },
    ])
    expect(text('a [MASKED] c', 'a c').same).toBe(false)
  })

  it('that have nothing in common cost no more for being long', () => {
    const lines = (word: string) => Array.from({ length: 50_000 }, (_, index) => `${word} ${index}`).join('\n')
    expect(text(lines('a'), lines('b')).differences).toEqual([
      { path: 'body line 1', kind: 'changed', original: 'a 0', replayed: 'b 0' },
    ])
    expect(text(`${'[MASKED]a'.repeat(2000)}x`, 'a'.repeat(200_000)).same).toBe(false)
  })
})

describe('status and headers', () => {
  it('a status that differs makes the answers differ', () => {
    expect(compareAnswers(captured({ a: 1 }, { statusCode: 500 }), answer('{"a":1}'))).toMatchObject({
      same: false,
      differences: [{ path: 'status', kind: 'changed', original: '500', replayed: '201' }],
      notes: [],
    })
  })

  it('headers that differ are told, and leave the answers the same', () => {
    const responseHeaders = { 'content-type': 'application/json', 'x-version': '1', 'x-old': '1', 'x-key': '[MASKED]' }
    const headers = { 'content-type': 'text/html', 'x-version': '2', 'x-new': '1', 'x-key': 'k' }
    const result = compareAnswers(captured({ a: 1 }, { responseHeaders }), answer('{"a":1}', { headers }))
    expect(result.same).toBe(true)
    expect(result.differences).toEqual([
      { path: 'header content-type', kind: 'changed', original: 'application/json', replayed: 'text/html' },
      { path: 'header x-version', kind: 'changed', original: '1', replayed: '2' },
      { path: 'header x-old', kind: 'removed', original: '1', replayed: '' },
      { path: 'header x-new', kind: 'added', original: '', replayed: '1' },
    ])
  })

  it('headers that vary by their nature are not compared', () => {
    const varying = [
      'date',
      'x-trace-id',
      'etag',
      'cf-ray',
      'age',
      'connection',
      'keep-alive',
      'content-length',
      'set-cookie',
    ]
    const before = Object.fromEntries(varying.map(name => [name, 'before']))
    const after = Object.fromEntries(varying.map(name => [name, 'after']))
    const event = captured(
      { a: 1 },
      { responseHeaders: { 'content-type': 'application/json;charset=UTF-8', ...before } },
    )
    const replayed = answer('{"a":1}', { headers: { 'content-type': 'Application/JSON; charset=utf-8', ...after } })
    expect(compareAnswers(event, replayed)).toMatchObject({ same: true, differences: [], notes: [] })
  })

  it.each([
    'up-date',
    'date-of-order',
    'my-connection',
    'connection-id',
    'not-x-trace-id',
    'x-trace-id-hash',
    'my-cf-ray',
  ])('a header that only has such a name in it, %s, is compared', name => {
    const event = captured({ a: 1 }, { responseHeaders: { ...JSON_TYPE, [name]: 'before' } })
    const replayed = answer('{"a":1}', { headers: { ...JSON_TYPE, [name]: 'after' } })
    expect(compareAnswers(event, replayed).differences).toMatchObject([{ path: `header ${name}` }])
  })

  it('headers that were not captured are not compared', () => {
    const event = createSampleEvent({ responsePayload: { a: 1 } })
    expect(compareAnswers(event, answer('{"a":1}')).differences).toEqual([])
  })
})

describe('bodies that are not wholly known', () => {
  const truncated = (preview: string) => ({ __truncated: true, originalSizeBytes: 9e6, maxSizeBytes: 5e5, preview })

  it.each([
    ['{"a":"long…', '{"a":"long…er"}'],
    ['{"token":"[MASKED]","b', '{ "token": "x", "b": 1 }'],
    ['{"token":"[MASK', '{"token":"other"}'],
    ['plain te', 'plain text'],
    ['"plain\\nte', 'plain\ntext'],
  ])('a truncated one is compared as far as it goes: %s', (preview, body) => {
    const { same, notes } = compare(truncated(preview), body)
    expect(same).toBe(true)
    expect(notes).toEqual([
      expect.stringMatching(/too large to be captured whole: its first \d+ characters were compared\.$/),
    ])
    expect(compare(truncated(preview), `#${body}`).same).toBe(false)
  })

  it.each<[string, ReplayStackEvent, string]>([
    ['truncated to nothing', captured(truncated('')), 'was too large to be captured: its body was not compared'],
    [
      'a stream',
      captured({ captured: false, reason: 'Streaming response body not captured' }),
      'Streaming response body not captured: it was not compared.',
    ],
    ['none', captured(), 'The captured answer has no body: it was not compared.'],
    ['none, but a length', captured(undefined, { responseHeaders: { 'content-length': '8' } }), 'no body: it was not'],
    ['none, nor headers', createSampleEvent(), 'The captured answer has no body: it was not compared.'],
  ])('%s: only the status decides, and it says so', (_name, event, note) => {
    expect(compareAnswers(event, answer('anything'))).toMatchObject({
      same: true,
      notes: [expect.stringContaining(note)],
    })
    expect(compareAnswers(event, answer('anything', { statusCode: 500 })).same).toBe(false)
  })

  it('a binary one is compared by its size', () => {
    const event = captured({ captured: false, reason: 'Binary response body not captured', sizeBytes: 3 })
    expect(compareAnswers(event, answer('', { isText: false, sizeBytes: 3 })).same).toBe(true)
    expect(compareAnswers(event, answer('', { isText: false, sizeBytes: 4 })).differences).toEqual([
      { path: 'body size', kind: 'changed', original: '3 bytes', replayed: '4 bytes' },
    ])
  })

  it.each<[Partial<ReplayStackEvent>]>([
    [{ statusCode: 204 }],
    [{ method: 'HEAD' }],
    [{ responseHeaders: { 'content-length': '0' } }],
    [{ responseHeaders: { location: '/' } }],
  ])('one that is known to be empty is compared: %j', fields => {
    const event = captured(undefined, fields)
    const statusCode = event.statusCode ?? 0
    expect(compareAnswers(event, answer('', { statusCode }))).toMatchObject({ same: true, notes: [] })
    expect(compareAnswers(event, answer('more', { statusCode })).same).toBe(false)
  })

  it('a replay that was cut says so', () => {
    expect(compare('short', 'short and more', { cut: 'size' })).toMatchObject({
      same: false,
      notes: ["The replay's body was read to its first 14 bytes."],
    })
  })
})

describe('a response that the host made of an error', () => {
  const thrown = { statusCode: 500, errorName: 'RangeError', errorMessage: 'no stock' }
  const { responseHeaders: _, ...withoutHeaders } = captured({ message: 'no stock' }, thrown)

  it('is compared by its status alone: no event has its body', () => {
    expect(compareAnswers(withoutHeaders, answer('<h1>Error</h1>', { statusCode: 500 }))).toMatchObject({
      same: true,
      compared: { status: true, body: 'none' },
      differences: [],
      notes: ['The handler threw: what its host responded with is in no event, and was not compared.'],
    })
  })

  it.each([
    ['another body', captured({ message: 'no stock', code: 7 }, { statusCode: 500, errorMessage: 'no stock' })],
    ['headers', captured({ message: 'no stock' }, { statusCode: 500, errorMessage: 'no stock' })],
  ])('is none where the event has %s', (_what, event) => {
    expect(compareAnswers(event, answer('{"message":"sold out"}', { statusCode: 500 }))).toMatchObject({
      same: false,
      compared: { body: 'whole' },
    })
  })
})
