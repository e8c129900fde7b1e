import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskJsonNames } from '../../src/mask/json-text.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { runs } from '../support/fuzz.ts'
import { plain } from '../support/plain-data.ts'

const names = compileMaskNames(['ssn'])
const mask = (json: string): string | undefined => maskJsonNames(json, names)

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON as people write it: none, some or all of it spread out. */
const jsonText = fc
  .tuple(plain, fc.constantFrom('', ' ', '  ', '\n', '\t'), fc.constantFrom('\n', ' ', '\r\n'))
  .map(([value, indent, lineEnd]) => JSON.stringify(value, null, indent).replaceAll('\n', lineEnd))

/** Characters of which JSON is made, and of which it is not. */
const characters = fc.constantFrom(...'{}[]",:0123456789.-+eEtruefalsn \\\n\t\u00e9x')
const broken = fc
  .tuple(jsonText, fc.nat(), fc.nat(3), fc.string({ unit: characters, maxLength: 3 }))
  .map(([json, at, length, more]) => {
    const start = at % (json.length + 1)
    return json.slice(0, start) + more + json.slice(start + length)
  })

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

/** What a value's names hide, by what the rule says of each. */
function hidden(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const [name, second] = value
    const isPair = value.length === 2 && value.every(one => typeof one === 'string')
    if (isPair && /^[A-Za-z][\w .[\]-]*$/.test(name) && name.length <= 64 && names.hides(name) && second !== '')
      return [name, '[MASKED]']
    return value.map(hidden)
  }
  const isHidden = (name: string, one: unknown): boolean =>
    names.hides(name) && one !== '' && one !== null && typeof one !== 'boolean' && !isEmptyList(one)
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, isHidden(name, one) ? '[MASKED]' : hidden(one)]),
  )
}

describe('a JSON text', () => {
  it('loses what its names hide, and nothing else', () => {
    // Neither names and values in turn nor a card's number.
    const withoutTurns = jsonText.filter(
      json => !/\[[^[\]{}]*(,[^[\]{}]*){3}\]|"(value|path|key|name)"|\d{13}/i.test(json),
    )
    fc.assert(
      fc.property(withoutTurns, json => {
        expect(JSON.parse(mask(json) ?? '')).toEqual(hidden(JSON.parse(json)))
      }),
      runs(3_000),
    )
  })

  it('is JSON here where it is JSON to the runtime', () => {
    fc.assert(
      fc.property(fc.oneof(jsonText, broken, fc.string({ unit: characters, maxLength: 12 })), json => {
        expect(mask(json) !== undefined).toBe(isJson(json))
      }),
      runs(10_000),
    )
  })

  it.each([
    ['{"a":1.10,"id":12345678901234567890,"x":-0,"y":1E400}', '{"a":1.10,"id":12345678901234567890,"x":-0,"y":1E400}'],
    ['{"password" : {"a":[1,{"password":2}]}, "b": 1}', '{"password" : "[MASKED]", "b": 1}'],
    [
      '{"pin":1,"pin":"x","a":[{"pin":null},{"a":{"pin":[[]]}},{"pin":""},{"pin":true},{"pin":[ ]}]}',
      '{"pin":"[MASKED]","pin":"[MASKED]","a":[{"pin":null},{"a":{"pin":"[MASKED]"}},{"pin":""},{"pin":true},{"pin":[ ]}]}',
    ],
    [
      '[{"a":1,"b":2},{"a":1,"ssn":2,"b":3},{"ssn":4,"a":5},{"b":6}]',
      '[{"a":1,"b":2},{"a":1,"ssn":"[MASKED]","b":3},{"ssn":"[MASKED]","a":5},{"b":6}]',
    ],
    ['{"pass\\u0077ord":"x","a":"\\"}"}', '{"pass\\u0077ord":"[MASKED]","a":"\\"}"}'],
    ['{\n  "a": "x\\ny",\n  "password": "x\\\\"\n}', '{\n  "a": "x\\ny",\n  "password": "[MASKED]"\n}'],
    [
      '[{"value":{"password":1},"name":"cookie"},{"name":"city","value":{"password":1}}]',
      '[{"value":"[MASKED]","name":"cookie"},{"name":"city","value":{"password":"[MASKED]"}}]',
    ],
    [
      '{"value":[1],"ssn":2,"name":"pass\\u0077ord","a":{"ssn":3}}',
      '{"value":"[MASKED]","ssn":"[MASKED]","name":"pass\\u0077ord","a":{"ssn":"[MASKED]"}}',
    ],
    [' [ ] ', ' [ ] '],
    ['{ }', '{ }'],
    ['"token"', '"token"'],
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
    ...['tru', 'nulll', 'NaN', '"a', '1 1', '{}{}', '\ufeff{}', '"a\tb"', '"\\x"', '"\\u12"', '\u00a01', '"a\\"'],
    ...['['.repeat(1_000_000), '{"a":'.repeat(1_000_000), `${'['.repeat(200)}${']'.repeat(199)}`],
  ])('that is none is noticed: %j', json => {
    expect(mask(json)).toBeUndefined()
  })

  it('has no value deeper than a receiver can read', () => {
    const deep = (levels: number): string => `${'{"a":['.repeat(levels)}{"password":"]}hunter2"}${']}'.repeat(levels)}`
    expect(mask(deep(49))).toBe(deep(49).replace(']}hunter2', '[MASKED]'))
    expect(mask(deep(100_000))).toBe(`${'{"a":['.repeat(50)}"[Too deep]"${']}'.repeat(50)}`)
  })
})
