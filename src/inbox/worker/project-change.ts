import { readAll } from '../../safe-read.ts'
import { InvalidInputError } from '../invalid-input.ts'
import type { ProjectChange, ProjectLimits } from './directory-store.ts'

const LIMITS = ['month', 'second'] as const

/**
 * What is decided about a project: `{ enabled, limits: { month, second } }`, of which each may be absent.
 *
 * @throws InvalidInputError naming the field, and what it may be
 */
export function readProjectChange({ enabled, limits }: Record<string, unknown>): ProjectChange {
  if (enabled === undefined && limits === undefined) throw new InvalidInputError('body must have enabled or limits')
  if (enabled !== undefined && typeof enabled !== 'boolean') {
    throw new InvalidInputError('enabled must be true or false')
  }
  return { enabled, limits: limits === undefined ? undefined : readLimits(limits) }
}

function readLimits(value: unknown): Partial<ProjectLimits> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInputError('limits must be an object with month, second or both')
  }
  const given: Record<string, unknown> = { ...readAll(value) }
  const unknown = Object.keys(given).find(name => !LIMITS.some(known => known === name))
  if (unknown !== undefined) throw new InvalidInputError(`limits must have month, second or both, got ${unknown}`)
  const limits: Partial<ProjectLimits> = {}
  for (const name of LIMITS) {
    const limit = given[name]
    if (limit === undefined) continue
    if (limit !== null && !(typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1)) {
      throw new InvalidInputError(`limits.${name} must be an integer of 1 or more, or null for none`)
    }
    limits[name] = limit
  }
  return limits
}
