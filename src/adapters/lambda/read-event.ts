/** How events are read: by what they have, for a test or a caller may hand over anything. */
import { read } from '../../safe-read.ts'

/** The text at the end of a path of members; nothing where there is none, or an empty one. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = read(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** The list at the end of a path of members; an empty one where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = read(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The members that have a value. */
export function known(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
}
