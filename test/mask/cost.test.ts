/**
 * No text costs more than in proportion to its length. A search for expensive texts: it makes some at random, and goes on
 * from what was dear. Costs are this process's own CPU time, compared with that of a text a quarter as long, so that a busy
 * machine changes nothing; what looks steep is measured again.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { maskStrings } from '../../src/mask/json.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { maskText } from '../../src/mask/text.ts'
import { runs } from '../support/fuzz.ts'
import { TEXT_PIECES } from '../support/text-pieces.ts'

const names = compileMaskNames(['*x*x*x*'])
const SHORT = 16_384
const LONG = SHORT * 4
/** Four times as long may take this much more: four, and what caches and garbage add. */
const MAX_RATIO = 9
/** Milliseconds that tell nothing. */
const MIN_MS = 16

function cost(text: string): number {
  const json = JSON.stringify(text)
  let best = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 2; turn++) {
    const { user, system } = process.cpuUsage()
    maskText(text, names)
    maskStrings(json, names)
    const used = process.cpuUsage()
    best = Math.min(best, (used.user - user + used.system - system) / 1000)
  }
  return best
}

const textOf = (pieces: readonly string[], length: number): string => {
  const whole = pieces.join('')
  return whole.repeat(Math.ceil(length / whole.length)).slice(0, length)
}

function ratio(pieces: readonly string[]): number {
  const long = cost(textOf(pieces, LONG))
  return long < MIN_MS ? 0 : long / Math.max(cost(textOf(pieces, SHORT)), MIN_MS / 8)
}

it('no text costs more than in proportion', () => {
  /** What was dear: half of the texts are made of these and something new. */
  const dear: { pieces: readonly string[]; ms: number }[] = []
  const piece = fc.constantFrom(...TEXT_PIECES)
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.nat(), fc.boolean(), (fresh, seed, isGrown) => {
      const from = isGrown ? (dear[seed % Math.max(1, dear.length)]?.pieces ?? []) : []
      const pieces = [...from, ...fresh].slice(-6)
      dear.push({ pieces, ms: cost(textOf(pieces, SHORT)) })
      dear.sort((one, other) => other.ms - one.ms)
      dear.length = Math.min(dear.length, 16)
      // A collection of garbage does not come four times.
      for (let turn = 0; ratio(pieces) > MAX_RATIO; turn++) expect(turn, JSON.stringify(pieces)).toBeLessThan(4)
    }),
    { ...runs(60), endOnFailure: true },
  )
})
