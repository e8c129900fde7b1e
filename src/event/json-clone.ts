import { callMember, isFunction, read } from '../safe-read.ts'

/** Deeper than any real value; what reads the copy has to survive it too. */
const MAX_DEPTH = 100

/**
 * A copy of `value` as JSON would hold it, and nothing of it masked. Never throws: a cycle becomes `[Circular]`, a BigInt a
 * string; what has no JSON, what cannot be read and what is more than 100 levels deep is left out.
 */
export function safeJsonClone(value: unknown): unknown {
  return clone(value, new Set())
}

function clone(given: unknown, ancestors: Set<unknown>): unknown {
  const value = isFunction(read(given, 'toJSON')) ? callMember(given, 'toJSON') : given
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (ancestors.has(value)) return '[Circular]'
  if (ancestors.size === MAX_DEPTH) return undefined
  ancestors.add(value)
  try {
    if (Array.isArray(value)) return Array.from(value, member => clone(member, ancestors) ?? null)
    const entries = Object.keys(value).map(name => [name, clone(read(value, name), ancestors)] as const)
    return Object.fromEntries(entries.filter(([, member]) => member !== undefined))
  } catch {
    // A Proxy that refuses to be listed.
    return undefined
  } finally {
    ancestors.delete(value)
  }
}
