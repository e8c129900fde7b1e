import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileMaskNames } from '../../src/mask/names.ts'
import { plainJson } from '../../src/mask/plain.ts'
import { maskText, mayHoldSecret } from '../../src/mask/text.ts'
import { maskValue } from '../../src/mask/value.ts'
import { runs } from '../support/fuzz.ts'
import { plain, text } from '../support/plain-data.ts'

const names = compileMaskNames(['ssn'])
const BUDGET = 1_000_000
const long = (value: unknown): string | undefined => JSON.stringify(maskValue(value, names, BUDGET).value)

describe('plain data', () => {
  it('comes to the same text the short way and the long way', () => {
    fc.assert(
      fc.property(plain, value => {
        const short = plainJson(value, names, BUDGET)
        // A key that looks like a secret leaves it to the long way.
        if (short === undefined) expect(hasSuspectKey(value)).toBe(true)
        else expect(short).toBe(long(value))
      }),
      runs(2_000),
    )
  })

  it('is not changed, and what a masked name hides is not read', () => {
    const value = Object.freeze({
      a: Object.freeze([1, Object.freeze({ b: 'Bearer abcdef' })]),
      get password(): string {
        throw new Error('read')
      },
    })
    expect(plainJson(value, names, BUDGET)).toBe('{"a":[1,{"b":"Bearer [MASKED]"}],"password":"[MASKED]"}')
  })

  it('keeps masking records whose keys stand where those of another stood', () => {
    const list = [
      { a: 1, b: 'x' },
      { a: 2, password: 'y', b: 'z' },
      { password: 'y', a: 3 },
      { b: 'x', a: 4, ssn: 5 },
    ]
    expect(plainJson(list, names, BUDGET)).toBe(long(list))
  })
})

function hasSuspectKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSuspectKey)
  if (typeof value !== 'object' || value === null || value instanceof Date) return false
  return Object.entries(value).some(([key, member]) => mayHoldSecret(JSON.stringify(key)) || hasSuspectKey(member))
}

describe('what takes the long way', () => {
  class Order {
    id = 1
  }
  const withWriter = Object.assign([1], { toJSON: () => 'secret' })
  const hidden = Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 'secret' })
  const cycle: unknown[] = []
  cycle.push(cycle)
  let deep: unknown = 'x'
  for (let level = 0; level < 150; level++) deep = [deep]

  it.each([
    ['a class', new Order()],
    ['a Map', { map: new Map([['a', 1]]) }],
    ['an error', [new Error('x')]],
    ['bytes', { bytes: new Uint8Array(2) }],
    ['a function', { run: () => {} }],
    ['a BigInt', [1n]],
    ['a symbol', [Symbol('x')]],
    ['a list that writes itself', [withWriter]],
    ['an object that writes itself, out of sight', hidden],
    ['a cycle', cycle],
    ['a hundred and fifty levels', deep],
    [
      'a getter that throws',
      Object.defineProperty({}, 'a', {
        enumerable: true,
        get: () => {
          throw new Error('x')
        },
      }),
    ],
    ['a sparse list of a billion', Object.assign([], { length: 1_000_000_000 })],
    [
      'more than it may hold',
      'x'
        .repeat(10)
        .split('')
        .map(() => 'y'.repeat(BUDGET / 9)),
    ],
    ['nothing', undefined],
  ])('%s', (_, value) => {
    expect(plainJson(value, names, BUDGET)).toBeUndefined()
  })
})

it('texts that may hold a secret are found by one look at the whole', () => {
  fc.assert(
    fc.property(text, fc.string(), (secret, around) => {
      const value = around + secret + around
      const json = plainJson([value], names, BUDGET)
      expect(json).toBe(JSON.stringify([maskText(value, names)]))
    }),
    runs(2_000),
  )
})
