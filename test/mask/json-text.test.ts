import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskJsonText } from '../../src/mask/json-text.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { plainJson } from '../../src/mask/plain.ts'
import { runs } from '../support/fuzz.ts'
import { plain } from '../support/plain-data.ts'

const names = compileMaskNames(['ssn'])
const mask = (json: string): string | undefined => maskJsonText(json, names)

/** What a parser makes of a text; nothing where it is no JSON. */
function parse(json: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(json) }
  } catch {
    return undefined
  }
}

/** JSON as people write it: none, some or all of it spread out. */
const jsonText = fc
  .tuple(plain, fc.constantFrom('', ' ', '  ', '\n'), fc.boolean())
  .map(([value, indent, isPython]) => {
    const json = JSON.stringify(value, null, indent)
    return isPython ? json.replaceAll('\n', ' ') : json
  })

/** Signs of which JSON is made, and of which it is not. */
const signs = fc.constantFrom(...'{}[]",:0123456789.-+eEtruefalsn \\\n\t\u00e9x')
const broken = fc
  .tuple(jsonText, fc.nat(), fc.nat(3), fc.string({ unit: signs, maxLength: 3 }))
  .map(([json, at, length, more]) => {
    const start = at % (json.length + 1)
    return json.slice(0, start) + more + json.slice(start + length)
  })

describe('a JSON text', () => {
  it('comes to what its value comes to', () => {
    fc.assert(
      fc.property(jsonText, json => {
        const masked = mask(json)
        if (masked === undefined) return
        expect(JSON.parse(masked)).toEqual(JSON.parse(plainJson(JSON.parse(json), names, 1_000_000) ?? ''))
      }),
      runs(3_000),
    )
  })

  it('is taken by a parser too, where it is taken here', () => {
    fc.assert(
      fc.property(fc.oneof(broken, fc.string({ unit: signs, maxLength: 12 })), json => {
        if (mask(json) !== undefined) expect(parse(json)).toBeDefined()
      }),
      runs(10_000),
    )
  })

  it('is read here wherever there is no escape, no line break and no name that looks like a secret', () => {
    fc.assert(
      fc.property(jsonText, json => {
        if (/[\\\n]|\de[+-]?\d/.test(json) || plainJson(JSON.parse(json), names, 1_000_000) === undefined) return
        expect(mask(json)).toBeDefined()
      }),
      runs(3_000),
    )
  })

  it.each([
    ['{"a":1.10,"id":12345678901234567890,"x":-0,"y":0.0}', '{"a":1.10,"id":12345678901234567890,"x":-0,"y":0.0}'],
    [
      '{"password": {"a":[1,{"password":2}]}, "b": "Bearer abcdef"}',
      '{"password": "[MASKED]", "b": "Bearer [MASKED]"}',
    ],
    [
      '{"pin":1,"pin":"x","a":[{"pin":null},{"a":{"pin":[]}}]}',
      '{"pin":"[MASKED]","pin":"[MASKED]","a":[{"pin":"[MASKED]"},{"a":{"pin":"[MASKED]"}}]}',
    ],
    [
      '[{"a":1,"b":2},{"a":1,"ssn":2,"b":3},{"ssn":4,"a":5},{"b":6}]',
      '[{"a":1,"b":2},{"a":1,"ssn":"[MASKED]","b":3},{"ssn":"[MASKED]","a":5},{"b":6}]',
    ],
    [' [ ] ', ' [ ] '],
    ['{ }', '{ }'],
    ['"token=abc"', '"token=[MASKED]"'],
    ['null', 'null'],
  ])('%s becomes %s', (json, expected) => {
    expect(mask(json)).toBe(expected)
  })

  it.each([
    ...[
      '',
      ' ',
      '{',
      '[1',
      '[1,]',
      '{"a":1,}',
      '{"a"}',
      '{a:1}',
      "{'a':1}",
      '[1 2]',
      '01',
      '1.',
      '.5',
      '+1',
      '1e',
      '-',
    ],
    ...[
      '1e5',
      '1E400',
      '1'.repeat(41),
      'tru',
      'nulll',
      'NaN',
      '"a',
      '1 1',
      '{}{}',
      '\ufeff{}',
      '{"a" :1}',
      '"a\tb"',
      '"\\n"',
      '[\n1]',
      '\u00a01',
    ],
    ...['{"Bearer abcdef":1}', `${'['.repeat(200)}${']'.repeat(200)}`],
  ])('%j is left to a parser', json => {
    expect(mask(json)).toBeUndefined()
  })

  it('is left to a parser where it is endlessly deep', () => {
    expect(mask('['.repeat(1_000_000))).toBeUndefined()
    expect(mask('{"a":'.repeat(1_000_000))).toBeUndefined()
  })
})
