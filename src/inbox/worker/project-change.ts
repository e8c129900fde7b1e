import { readAll } from '../../safe-read.ts'
import { InvalidInputError } from '../invalid-input.ts'
import type { ProjectChange } from './directory-store.ts'

/** The most that each may be: what an object holds, and ten years. */
const LIMITS = { month: Number.MAX_SAFE_INTEGER, second: Number.MAX_SAFE_INTEGER } as const
const RETENTION = { days: 3650, events: 10_000_000 } as const

/**
 * What is decided about a project: `{ enabled, limits: { month, second }, retention: { days, events } }`, of which each may be
 * absent.
 *
 * @throws InvalidInputError naming the field, and what it may be
 */
export function readProjectChange({ enabled, limits, retention }: Record<string, unknown>): ProjectChange {
  if (enabled === undefined && limits === undefined && retention === undefined) {
    throw new InvalidInputError('body must have enabled, limits or retention')
  }
  if (enabled !== undefined && typeof enabled !== 'boolean') {
    throw new InvalidInputError('enabled must be true or false')
  }
  return {
    enabled,
    limits: limits === undefined ? undefined : readNumbers('limits', limits, LIMITS),
    retention: retention === undefined ? undefined : readNumbers('retention', retention, RETENTION),
  }
}

/** Whole numbers by their names, `null` for one that is taken away. */
function readNumbers<Name extends string>(
  field: string,
  value: unknown,
  maximum: Readonly<Record<Name, number>>,
): Partial<Record<Name, number | null>> {
  const names = Object.keys(maximum).filter((name): name is Name => Object.hasOwn(maximum, name))
  const allowed = `${field} must have ${names.join(', ')} or both`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidInputError(allowed)
  const given: Record<string, unknown> = { ...readAll(value) }
  const unknown = Object.keys(given).find(name => !Object.hasOwn(maximum, name))
  if (unknown !== undefined) throw new InvalidInputError(`${allowed}, got ${unknown}`)
  const numbers: Partial<Record<Name, number | null>> = {}
  for (const name of names) {
    const number = given[name]
    if (number === undefined) continue
    const most = maximum[name]
    if (
      number !== null &&
      !(typeof number === 'number' && Number.isSafeInteger(number) && number >= 1 && number <= most)
    ) {
      const range = most === Number.MAX_SAFE_INTEGER ? 'of 1 or more' : `from 1 to ${most}`
      throw new InvalidInputError(`${field}.${name} must be an integer ${range}, or null for none`)
    }
    numbers[name] = number
  }
  return numbers
}
