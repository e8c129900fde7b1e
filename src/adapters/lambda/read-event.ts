/** How events are read: by what they have, for a test or a caller may hand over anything. */
import { entriesOf, read } from '../../safe-read.ts'

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

/** A message's headers by their lower-case names; of lists, those that hold one value as that. */
export function messageHeaders(message: unknown, cookieName = 'cookie'): Record<string, unknown> {
  const parts = ['headers', 'multiValueHeaders'].flatMap(name => entriesOf(read(message, name)))
  const headers = parts.map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  ])
  const cookies = listAt(message, 'cookies')
  return {
    ...Object.fromEntries(headers),
    ...(cookies.length > 0 && { [cookieName]: cookieName === 'cookie' ? cookies.join('; ') : cookies }),
  }
}
