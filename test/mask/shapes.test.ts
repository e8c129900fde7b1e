import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCards, isCardNumber } from '../../src/mask/cards.ts'
import { lookFor } from '../../src/mask/look.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { hasPrefix, PREFIXES } from '../../src/mask/shapes.ts'
import { MASKED, maskText } from '../../src/mask/text.ts'
import { runs } from '../support/fuzz.ts'

const names = compileMaskNames()
const mask = (text: string): string => maskText(text, names)

/** What a row's first letter stands for. */
const ALPHABETS: Readonly<Record<string, string>> = {
  h: '0123456789abcdef',
  u: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  a: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  w: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-',
  b: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/',
  d: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-',
}

/** What an expression for a prefix matches. */
const prefixesOf = (expression: string): readonly string[] => {
  const matching = fc.stringMatching(new RegExp(`^${expression.replace(/[.$]/g, '\\$&')}$`))
  return [...new Set(fc.sample(matching, { numRuns: 60, seed: 1 }))]
}

const rows = PREFIXES.flatMap(row => {
  const [kind = '', ...expressions] = row.split(' ')
  const prefixes = expressions.flatMap(prefixesOf)
  const alphabet = ALPHABETS[kind.charAt(0).toLowerCase()] ?? ''
  const length = Number(kind.slice(1))
  return prefixes.map(prefix => ({ prefix, alphabet, length, needsDigit: /[A-Z]/.test(kind.charAt(0)) }))
})

/** A body of a row's alphabet that begins with a digit, and ends in what may end a word. */
const bodyOf = (alphabet: string, length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length + 8 })
    .map(characters => `${characters.slice(0, -2).join('')}7${/[a-z]/.test(alphabet) ? 'b' : 'B'}`)

describe('a token of the table', () => {
  it.each(['glpat-', 'glrt-', 'ghu_', 'xoxb-', 'dp.scim.', 'shpca_', 'hvs.', 'NRAK-', 'sk-svcacct-'])(
    'is of %s',
    prefix => {
      expect(rows.map(row => row.prefix)).toContain(prefix)
      expect(hasPrefix(`a ${prefix}b`)).toBe(true)
    },
  )

  it.each(rows)('$prefix…', ({ prefix, alphabet, length }) => {
    fc.assert(
      fc.property(bodyOf(alphabet, length), body => {
        const token = prefix + body
        if (token.length < 16) return
        for (const text of [token, `refused ${token}, then`, `"${token}"`, `/a/${token}/b`, `x=${token}&y=1`]) {
          expect(mask(text)).not.toContain(body)
          expect(lookFor(JSON.stringify({ a: text }), names)(0)).toBeLessThan(Number.POSITIVE_INFINITY)
        }
        expect(mask(`before ${token} after`)).toBe(`before ${MASKED} after`)
      }),
      runs(4),
    )
  })

  it.each(rows)('$prefix and too little stays', ({ prefix, alphabet, length }) => {
    const short = prefix + (alphabet.includes('a') ? 'a' : 'A').repeat(Math.max(1, Math.min(length - 1, 6)))
    expect(mask(`a word such as ${short} here`)).toBe(`a word such as ${short} here`)
  })
})

it('a token may be of capitals and then letters', () => {
  expect(mask('a key sk_test_LDTCDDXzbgryst here')).toBe(`a key ${MASKED} here`)
})

describe('what is no token', () => {
  it('goes on in characters that the token has not', () => {
    const text = 'a constant AKIAIOSFODNN7EXAMPLEofNothing here'
    expect(mask(text)).toBe(text)
    expect(mask('a key AKIAIOSFODNN7EXAMPLE here')).toBe(`a key ${MASKED} here`)
  })

  it.each([
    ...['sk_test_score', 'ASIAPACIFICREGION', 'sk-learn-model-v2-random-forest', 'rs_prod_replica', 'pk_test_users'],
    ...['sk-SK-translation-bundle-file', 'npm_package_dependencies_typescript', 'key-value-store-implementation'],
    ...['api-gateway-configuration-service', 'shipping_address_line_one', 'test_live_production_release_candidate'],
    ...['f4b1d4e3-0000-4000-8000-0123456789ab', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ...['da39a3ee5e6b4b0d3255bfef95601890afd80709', 'VXNlcjoxMjM0NTY3ODk=', 'YXJyYXljb25uZWN0aW9uOjEwMA=='],
    ...['getElementsByClassNameAndAttribute', 'cus_NffrFeUfNV2Hib', 'pm_1N8sQ2eZvKYlo2C', 'req_8KhjZ2LqWmNsRt'],
  ])('%s', text => {
    for (const around of [text, `in ${text}.`, `/a/${text}/b`]) expect(mask(around)).toBe(around)
  })
})

describe('card numbers', () => {
  it.each([
    ...['4242424242424242', '4242 4242 4242 4242', '4242-4242-4242-4242', '5555555555554444', '2223003122003222'],
    ...['378282246310005', '3782 822463 10005', '6011111111111117', '30569309025904', '3530111333300000'],
    ...['6200000000000005', '4000056655665556'],
  ])('%s', number => {
    expect(isCardNumber(number)).toBe(true)
    expect(mask(`paid with ${number} today`)).toBe(`paid with ${MASKED} today`)
    expect(lookFor(JSON.stringify({ a: number }), names)(0)).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  it.each(['1200 4242 4242 4242 4242', '2026-11-28 4242424242424242', '12 378282246310005'])(
    '%s, after a number',
    text => {
      const [, before] = /^(\d+(?:-\d+-\d+)?) /.exec(text) ?? []
      expect(mask(text)).toBe(`${before} ${MASKED}`)
    },
  )

  it.each([
    ...['4242424242424241', '1704067200000', '1234567812345678', '4242 4242 4242', '0000000000000000', '9'.repeat(16)],
    ...['id4242424242424242', '4242424242424242.5', '42424242424242424242424242424242'],
  ])('%s is none', text => {
    const found: number[] = []
    findCards(text, start => found.push(start))
    expect(found).toEqual([])
    expect(mask(`a ${text} b`)).toBe(`a ${text} b`)
  })
})
