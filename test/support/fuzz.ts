/**
 * How far the properties are taken. `npm test` takes the short run; `FUZZ_RUNS=50` takes every property fifty times as
 * far, and `FUZZ_SEED` repeats the run whose seed a failure has printed.
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

/**
 * The parameters of a property for `fc.assert`.
 * @param count cases of the short run
 */
export function runs(count = 100): Pick<Parameters, 'numRuns' | 'seed'> {
  const seed = numberOf('FUZZ_SEED')
  return { numRuns: count * Math.max(1, numberOf('FUZZ_RUNS') ?? 1), ...(seed !== undefined && { seed }) }
}
