/**
 * How far the properties are taken. `npm test` takes the short run, always of the same cases: chance decides on no change.
 * `FUZZ_RUNS=50` takes every property fifty times as far, each run with a seed of its own, and `FUZZ_SEED` repeats the run
 * whose seed a failure has printed.
 */
import type { Parameters } from 'fast-check'

/** What an environment variable says, where it is a whole number. */
function numberOf(variable: string): number | undefined {
  const text = process.env[variable] ?? ''
  if (text === '') return undefined
  const number = Number(text)
  if (!Number.isInteger(number)) throw new TypeError(`${variable} must be a whole number; got ${text}.`)
  return number
}

/** The seed of the short run. */
const SEED = 20_261_128

/**
 * The parameters of a property for `fc.assert`.
 * @param count cases of the short run
 */
export function runs(count = 100): Pick<Parameters, 'numRuns' | 'seed'> {
  const times = numberOf('FUZZ_RUNS')
  const seed = numberOf('FUZZ_SEED') ?? (times === undefined ? SEED : undefined)
  return { numRuns: count * Math.max(1, times ?? 1), ...(seed !== undefined && { seed }) }
}
