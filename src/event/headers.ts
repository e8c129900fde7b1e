import type { EventInput, HeaderEntries } from '../types.ts'

type HeaderInput = NonNullable<EventInput['requestHeaders']>

function isIterable(headers: object): headers is HeaderEntries {
  return typeof Reflect.get(headers, Symbol.iterator) === 'function'
}

/**
 * Headers as a plain map with lower-case names. A name that repeats becomes a list: joining `set-cookie` by commas
 * would destroy it (RFC 6265 §3).
 */
export function readHeaders(headers: HeaderInput): Record<string, unknown> {
  const map: Record<string, unknown> = Object.create(null)
  const entries: HeaderEntries | [string, unknown][] = isIterable(headers) ? headers : Object.entries(headers)
  for (const [name, value] of entries) {
    const key = name.toLowerCase()
    const known = map[key]
    map[key] = known === undefined ? value : [known, value].flat()
  }
  return map
}

/** A header's first value, `undefined` where it is absent or no text. */
export function headerText(headers: Record<string, unknown>, name: string): string | undefined {
  const value = headers[name]
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' ? first : undefined
}
