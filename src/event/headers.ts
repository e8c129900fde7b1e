import { entriesOf, read } from '../safe-read.ts'
import type { EventInput, HeaderEntries } from '../types.ts'

/** Headers as any host has them: a `Headers`, a list of names and values, or an object. */
export type HeaderInput = NonNullable<EventInput['requestHeaders']>

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

/** Headers that were read once: names in lower case, in their order. A name that repeats has a list. */
export class HeaderList extends Array<readonly [string, unknown]> {
  /** A header's first value, `undefined` where it is absent or no text. */
  get(name: string): string | undefined {
    for (const [known, value] of this) {
      if (known !== name) continue
      const first: unknown = Array.isArray(value) ? value[0] : value
      return typeof first === 'string' ? first : undefined
    }
    return undefined
  }
}

/**
 * Reads headers of any form. A name that repeats becomes a list: joining `set-cookie` by commas would destroy it (RFC 6265
 * §3). What cannot be read is left out.
 */
export function readHeaders(headers: HeaderInput): HeaderList {
  try {
    if (headers instanceof HeaderList) return headers
    if (!(headers instanceof Headers)) return readEntries(headers)
    // The runtime's own have names in lower case, of which only `set-cookie` can repeat: half of the time.
    const list = new HeaderList()
    let cookies: [string, unknown] | undefined
    // A third of the time that iterating takes on workerd.
    headers.forEach((value, name) => {
      if (name !== 'set-cookie') list.push([name, value])
      else if (!cookies) {
        cookies = [name, value]
        list.push(cookies)
      }
    })
    const all = cookies ? headers.getSetCookie() : []
    if (cookies && all.length > 1) cookies[1] = all
    return list
  } catch {
    return readEntries(headers)
  }
}

function readEntries(headers: HeaderInput): HeaderList {
  const lists = new Map<string, unknown[]>()
  try {
    const entries = isIterable(headers) ? headers : entriesOf(headers, MAX_HEADERS)
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
  const entries = new HeaderList()
  for (const [name, list] of lists) entries.push([name, list.length > 1 ? list.flatMap(valuesOf) : list[0]])
  return entries
}

/**
 * Headers of any form as an object: names in lower case, and a list where a name repeats. Nothing is masked. Never throws.
 */
export function headersToObject(headers?: HeaderInput | null): Record<string, string | string[]> {
  const entries = Array.from(readHeaders(headers ?? {}), ([name, value]) => {
    return [name, Array.isArray(value) ? valuesOf(value).map(textOf) : textOf(value)] as const
  })
  return Object.fromEntries(entries)
}

function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}
