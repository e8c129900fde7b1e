import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskStrings } from '../../src/mask/json.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { maskText } from '../../src/mask/text.ts'
import { runs } from '../support/fuzz.ts'
import { DOCUMENTED_SHAPES, PUBLIC_SHAPES, PUBLIC_SHAPES_IN_CONTEXT } from './public-rules.ts'

const names = compileMaskNames()

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const KINDS: Readonly<Record<string, string>> = {
  d: DIGITS,
  h: `${DIGITS}abcdef`,
  l: LOWER + DIGITS,
  u: LOWER.toUpperCase() + DIGITS,
  L: LOWER + LOWER.toUpperCase(),
  a: LOWER + LOWER.toUpperCase() + DIGITS,
  w: `${LOWER}${LOWER.toUpperCase()}${DIGITS}_-`,
  b: `${LOWER}${LOWER.toUpperCase()}${DIGITS}+/`,
}
const UUID = '{h8}-{h4}-{h4}-{h4}-{h12}'

/** Tokens of a form, and of each the parts that were made up. A token ends in what may end a word. */
function tokensOf(form: string): fc.Arbitrary<{ token: string; secrets: string[] }> {
  const parts = form.replaceAll('{g}', UUID).split(/(\{[A-Za-z]\d+\})/)
  const made = parts.map(part => {
    const [, kind = '', length = ''] = /^\{([A-Za-z])(\d+)\}$/.exec(part) ?? []
    const alphabet = KINDS[kind]
    if (!alphabet) return fc.constant(part)
    const of = (characters: string) => fc.constantFrom(...characters)
    const size = Number(length)
    const inner = fc.array(of(alphabet), { minLength: size - 2, maxLength: size - 2 })
    const edge = of(alphabet.replace(/[^A-Za-z\d]/g, ''))
    return size < 3
      ? fc.array(edge, { minLength: size, maxLength: size }).map(characters => characters.join(''))
      : fc.tuple(edge, inner, edge).map(([first, middle, last]) => first + middle.join('') + last)
  })
  return fc.tuple(...made).map(texts => ({
    token: texts.join(''),
    secrets: texts.filter((text, place) => place % 2 === 1 && text.length >= 8),
  }))
}

const all = [...PUBLIC_SHAPES, ...PUBLIC_SHAPES_IN_CONTEXT, ...DOCUMENTED_SHAPES].flatMap(([rule, ...forms]) =>
  forms.map(form => [rule, form] as const),
)

/** What is told by more than its length: a name, a URL's user, a first line. */
const TOLD_OTHERWISE = /^(?:_gitlab_session|https:\/\/\{h8\}:|-----BEGIN|eyJhbGci|ZXlK)/

describe('a token by a public rule', () => {
  it.each(all)('%s: %s', (_, form) => {
    fc.assert(
      fc.property(tokensOf(form), ({ token, secrets }) => {
        for (const text of [token, `upstream refused ${token} here`, `{"a":"${token}"}`, `x=${token}`]) {
          const masked = maskText(text, names)
          const inJson = maskStrings(JSON.stringify({ a: [text] }), names)
          expect(masked).toContain('[MASKED]')
          for (const secret of [token, ...secrets]) {
            expect(masked).not.toContain(secret)
            expect(inJson).not.toContain(secret)
          }
        }
      }),
      runs(10),
    )
  })

  it.each(all.filter(([, form]) => !TOLD_OTHERWISE.test(form)))('%s: %s, without most of it, is none', (_, form) => {
    const start = form.replaceAll('{g}', UUID).split(/(\{[A-Za-z]\d+\})/)
    fc.assert(
      fc.property(tokensOf(form), ({ token }) => {
        const [before = '', first = ''] = start
        const length = Math.min(Number(/\d+/.exec(first)?.[0]) - 1, 6)
        const text = `see ${token.slice(0, before.length + length)} there`
        expect(maskText(text, names)).toBe(text)
      }),
      runs(10),
    )
  })

  it('is one of as many as the rules describe by a form of their own', () => {
    expect(PUBLIC_SHAPES).toHaveLength(new Set(PUBLIC_SHAPES.map(([rule]) => rule)).size)
    expect(PUBLIC_SHAPES.length).toBeGreaterThanOrEqual(111)
  })
})
