import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskStrings } from '../../src/mask/json.ts'
import { lookFor } from '../../src/mask/look.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { maskText } from '../../src/mask/text.ts'
import { personalData } from '../../src/masks/index.ts'
import { runs } from '../support/fuzz.ts'
import { text } from '../support/plain-data.ts'
import { TEXT_PIECES } from '../support/text-pieces.ts'
import { TEXTS } from './cases.ts'

const names = compileMaskNames()

/** Texts of the pieces that a search for secrets finds hard, and whole secrets among them. */
const hardText = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...TEXT_PIECES) }, text), { maxLength: 8 })
  .map(pieces => pieces.join(''))

describe('a look over a JSON text', () => {
  it('misses no string in which there is a secret, and leaves the others as they are', () => {
    fc.assert(
      fc.property(fc.array(hardText, { minLength: 1, maxLength: 4 }), texts => {
        const masked: unknown = JSON.parse(maskStrings(JSON.stringify(texts), names))
        expect(masked).toEqual(texts.map(one => maskText(one, names)))
      }),
      runs(3_000),
    )
  })

  it.each([
    '://a12:34:56:78',
    'https://u:80@h',
    '(x://h:80)a@b)',
    'run -u a:b2',
    'run\n--pin a1',
    'x -----BEGIN A PRIVATE KEY-----a',
  ])('stops where a search finds: %s', secret => {
    expect(maskText(secret, names)).not.toBe(secret)
    expect(lookFor(JSON.stringify([secret]), names)(0)).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  const CARDS = ['4242424242424242', '4242 4242 4242 4242', '4242-4242-4242-4242', '378282246310005']
  const PERSONAL = [
    'ann@example.com',
    '+49 30 123456',
    'Tel. 98765 43210',
    'DE89 3704 0044 0532 0130 00',
    '203.0.113.7',
  ]

  // Of a line break's escape a letter stands before what follows.
  it.each([...TEXTS.map(([, one]) => one), ...CARDS, ...PERSONAL])('finds after a line break: %j', secret => {
    const all = compileMaskNames([], [personalData()])
    for (const one of [`a\n${secret}`, `a\r\n\t${secret}\r\nb`, `\b${secret}`, `\f${secret}`, `\\${secret}`]) {
      const masked = maskText(one, all)
      expect(JSON.parse(maskStrings(JSON.stringify(['b', one]), all))).toEqual(['b', masked])
      if (!one.startsWith('\\')) expect(masked).not.toBe(one)
    }
  })

  it('misses no string after something outside of strings that a mask finds', () => {
    const sevens = {
      find(text: string, found: (start: number, end: number) => void) {
        for (const { index } of text.matchAll(/7/g)) found(index, index + 1)
      },
    }
    const json = '[7,"password=hunter2",{"a":7,"password=hunter2":["x"]}]'
    const masked = maskStrings(json, compileMaskNames([], [sevens]))
    expect(masked).toBe('[7,"password=[MASKED]",{"a":7,"password=[MASKED]":["x"]}]')
  })

  it('takes nothing outside of strings for a part of one', () => {
    const json = '{"a":[1234567890123456,"x",-1e30],"b" : 4012888888881881 ,"c=d":true}'
    expect(maskStrings(json, names)).toBe(json)
  })

  it.each([
    'https://cdn.shop.example/img/7.png?w=200&h=100',
    'see http://localhost:8787/orders for more',
    'First line\nSecond "line"\nThird',
    '2026-11-28T13:22:07.123Z',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    'Order 17 of 2026: paid, by "Ada"',
    'TypeError: x is not a function\n    at check (file:///app/a.js:1:2)',
  ])('does not stop at what is no secret: %s', ordinary => {
    const json = JSON.stringify({ ordinary })
    // A port may be a password.
    if (!ordinary.includes('localhost')) expect(lookFor(json, names)(0)).toBe(Number.POSITIVE_INFINITY)
    expect(maskStrings(json, names)).toBe(json)
  })
})
