import type { JsonValue } from '../../types.ts'

/** Characters of a page: a browser shows it at once, whatever the event is. */
export const MAX_PAGE_LENGTH = 900_000

/** Entries of each list and object that are kept, and UTF-16 units of each text. */
const MAX_ENTRIES = 20
const MAX_TEXT_LENGTH = 500

/** Deeper values are left out. */
const MAX_DEPTH = 6

/** A value with its lists, objects and texts cut: what is shown of an event that is too large for a page. */
export function shortenJson(value: JsonValue, depth = 0): JsonValue {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT_LENGTH).replace(/[\uD800-\uDBFF]$/, '')
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return null
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map(entry => shortenJson(entry, depth + 1))
  // The event's own fields all stay.
  const entries = Object.entries(value).slice(0, depth === 0 ? 100 : MAX_ENTRIES)
  return Object.fromEntries(entries.map(([name, member]) => [name, shortenJson(member, depth + 1)]))
}
