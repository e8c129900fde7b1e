/** A route's pattern in Next.js's form, which is nowhere to be read: from a path, and the parameters that were found in it. */
import { normalizeEndpoint } from '../event/url.ts'

/** A path's segment as it was sent, and decoded. */
type Segment = readonly [sent: string, decoded: string]

function readSegment(sent: string): Segment {
  try {
    return [sent, decodeURIComponent(sent)]
  } catch {
    return [sent, sent]
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The first place of each value, one after the other; `undefined` where one is missing. */
function findInOrder(segments: readonly Segment[], values: readonly string[]): number[] | undefined {
  const places: number[] = []
  for (const value of values) {
    const from = (places.at(-1) ?? -1) + 1
    const place = segments.findIndex((segment, index) => index >= from && segment.includes(value))
    if (place < 0) return undefined
    places.push(place)
  }
  return places
}

/**
 * `/orders/7` with `{ id: '7' }` is `/orders/[id]`; a list is a catch-all, the end of its route. `undefined` without
 * parameters, and where they fit in no place or in more than one: `/users/users`.
 * @param url a path, or an absolute URL; its query does not count
 * @param params in the order of the route
 */
export function routeFromParams(url: string, params: unknown): string | undefined {
  const entries: [string, unknown][] = Object.entries(Object(params))
  const names = entries.filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
  const segments = normalizeEndpoint(url).replace(/\/$/, '').split('/').map(readSegment)
  const shown = segments.map(([sent]) => sent)

  const [catchAll, rest] = names.at(-1) ?? []
  if (Array.isArray(rest)) {
    names.pop()
    const end = segments.splice(-rest.length)
    if (end.length < rest.length || !end.every((segment, index) => segment.includes(rest[index]))) return undefined
    shown.splice(-rest.length, rest.length, `[...${catchAll}]`)
  } else if (names.length === 0) return undefined

  const values = names.map(([, value]) => value).filter(isText)
  const first = findInOrder(segments, values)
  const last = findInOrder([...segments].reverse(), [...values].reverse())?.map(place => segments.length - 1 - place)
  if (!first || !last || values.length < names.length) return undefined
  for (const [index, place] of first.entries()) {
    if (last.at(-1 - index) !== place) return undefined
    shown[place] = `[${names[index]?.[0]}]`
  }
  return shown.join('/')
}
