import { describe, expect, it } from 'vitest'
import { readHeaders } from '../../src/event/headers.ts'

const asObject = (headers: ReturnType<typeof readHeaders>): Record<string, unknown> => Object.fromEntries(headers)

/** What is no header map at all, as an application without types may hand it over. */
const wrong = (value: unknown): Record<string, unknown> => value as Record<string, unknown>

describe('headers that were read', () => {
  it('has lower-case names, from a record, pairs, a Map and Headers', () => {
    const expected = { 'content-type': 'a', 'x-b': 'c' }
    expect(asObject(readHeaders({ 'Content-Type': 'a', 'X-B': 'c' }))).toEqual(expected)
    const pairs: [string, string][] = [
      ['Content-Type', 'a'],
      ['X-B', 'c'],
    ]
    expect(asObject(readHeaders(pairs))).toEqual(expected)
    expect(asObject(readHeaders(new Map(pairs)))).toEqual(expected)
    expect(asObject(readHeaders(new Headers(pairs)))).toEqual(expected)
  })

  it('keeps a name that repeats as a list, in order', () => {
    const headers = new Headers([
      ['set-cookie', 'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
      ['set-cookie', 'b=2'],
      ['set-cookie', 'c=3'],
    ])
    const cookies = ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2', 'c=3']
    expect(asObject(readHeaders(headers))['set-cookie']).toEqual(cookies)
    expect(asObject(readHeaders({ 'Set-Cookie': cookies }))['set-cookie']).toEqual(cookies)
    expect(asObject(readHeaders(new Headers({ 'set-cookie': 'a=1' })))['set-cookie']).toBe('a=1')
    const twice = asObject(readHeaders({ 'Set-Cookie': cookies, 'set-cookie': 'd=4' }))
    expect(twice['set-cookie']).toEqual([...cookies, 'd=4'])
  })

  it('does not change what it is given', () => {
    const cookies = Object.freeze(['a=1'])
    const headers = Object.freeze({ 'Set-Cookie': cookies, 'set-cookie': 'b=2' })
    readHeaders(headers)
    expect(headers).toEqual({ 'Set-Cookie': ['a=1'], 'set-cookie': 'b=2' })
  })

  it('keeps __proto__ and constructor as data', () => {
    const headers = readHeaders([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect([...headers]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Reflect.get({}, 'x')).toBe(undefined)
  })

  it('leaves out what cannot be read, and keeps the rest', () => {
    const headers = {
      a: '1',
      get b(): string {
        throw new Error('no')
      },
      c: '2',
    }
    expect(asObject(readHeaders(headers))).toStrictEqual({ a: '1', c: '2' })
    function* broken(): Generator<[string, string]> {
      yield ['a', '1']
      throw new Error('no')
    }
    expect(asObject(readHeaders(broken()))).toEqual({ a: '1' })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(asObject(readHeaders(proxy))).toEqual({})
  })

  it.each([['a text'], [1], [true], [Symbol('s')], [() => {}]])('is empty for %s', value => {
    expect([...readHeaders(wrong(value))]).toEqual([])
  })

  it('takes names that are no text', () => {
    expect(
      asObject(
        readHeaders(
          wrong([
            [1, 'a'],
            [null, 'b'],
          ]),
        ),
      ),
    ).toEqual({ 1: 'a', null: 'b' })
  })

  it('ends where its source does not, and takes ten thousand of one name', () => {
    function* endless(): Generator<[string, string]> {
      for (;;) yield ['a', '1']
    }
    expect(asObject(readHeaders(endless()))['a']).toHaveLength(10_000)
    const sparse: string[] = []
    sparse.length = 2 ** 32 - 1
    expect(asObject(readHeaders({ a: sparse, A: 'x' }))['a']).toEqual(['x'])
    expect(asObject(readHeaders({ a: Array(100_000).fill('1'), A: 'x' }))['a']).toHaveLength(10_001)
  })
})

describe('a header’s text', () => {
  it.each([
    [{ a: 'x' }, 'x'],
    [{ a: ['x', 'y'] }, 'x'],
    [{ a: '' }, ''],
    [{ a: [] }, undefined],
    [{ a: 1 }, undefined],
    [{ a: [1] }, undefined],
    [{}, undefined],
  ])('of %j is %j', (headers, expected) => {
    expect(readHeaders(headers).get('a')).toBe(expected)
  })

  it('is not inherited from Object', () => {
    expect(readHeaders({}).get('constructor')).toBe(undefined)
  })
})
