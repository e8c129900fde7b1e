import type { EventInput, HeaderEntries } from '../types.ts'
import { read } from './read.ts'

type HeaderInput = NonNullable<EventInput['requestHeaders']>

/** More than any server takes: what never ends has an end here. */
const MAX_HEADERS = 10_000

function isIterable(headers: object): headers is HeaderEntries {
  return typeof read(headers, Symbol.iterator) === 'function'
}

/** What stands under a name: a list's members, as far as it can be read and no further than any list of headers goes. */
function valuesOf(value: unknown): unknown[] {
  try {
    return Array.isArray(value) ? value.slice(0, MAX_HEADERS) : [value]
  } catch {
    return [value]
  }
}

/**
 * Headers as a plain map with lower-case names. A name that repeats becomes a list: joining `set-cookie` by commas
 * would destroy it (RFC 6265 §3). What cannot be read is left out.
 */
export function readHeaders(headers: HeaderInput): Record<string, unknown> {
  return readNative(headers) ?? readEntries(headers)
}

/** The runtime's own, whose names are in lower case and of which only `set-cookie` can repeat: half of the time. */
function readNative(headers: HeaderInput): Record<string, unknown> | undefined {
  try {
    if (!(headers instanceof Headers)) return undefined
    const map: Record<string, unknown> = Object.create(null)
    // A third of the time that iterating takes on workerd.
    headers.forEach((value, name) => {
      map[name] = value
    })
    const cookies = map['set-cookie'] === undefined ? [] : headers.getSetCookie()
    if (cookies.length > 1) map['set-cookie'] = cookies
    return map
  } catch {
    return undefined
  }
}

function readEntries(headers: HeaderInput): Record<string, unknown> {
  const lists = new Map<string, unknown[]>()
  try {
    const entries = isIterable(headers)
      ? headers
      : Object.keys(headers)
          .slice(0, MAX_HEADERS)
          .map(name => [name, read(headers, name)] as const)
    let count = 0
    for (const [name, value] of entries) {
      if (++count > MAX_HEADERS) break
      if (value === undefined) continue
      const key = String(name).toLowerCase()
      const list = lists.get(key)
      if (list) list.push(value)
      else lists.set(key, [value])
    }
  } catch {}
  const map: Record<string, unknown> = Object.create(null)
  for (const [name, list] of lists) map[name] = list.length > 1 ? list.flatMap(valuesOf) : list[0]
  return map
}

/** A header's first value, `undefined` where it is absent or no text. */
export function headerText(headers: Record<string, unknown>, name: string): string | undefined {
  const value = headers[name]
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' ? first : undefined
}
