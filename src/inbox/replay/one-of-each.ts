import { read } from '../../safe-read.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { readTruncated } from './payload-kind.ts'
import { findHeader, readHeaderPairs } from './request-headers.ts'

/** How deep, and how wide, the form of a body is looked at. */
const MAX_DEPTH = 6
const MAX_MEMBERS = 200

/** What stands in a path for one of many: a number, a UUID, another long id. */
const ID = /^(?:\d+|[\da-f]{8}-[\da-f-]{27}|[\da-f]{16,}|(?=.*\d)[\w-]{20,})$/i

/** The route of an event: its pattern where that is known, else its path with its ids taken out. */
export function readRoute({ metadata, endpoint = '', eventType }: ReplayStackEvent): string {
  const route = read(metadata, 'route')
  if (typeof route === 'string' && route !== '') return route
  if (!endpoint.startsWith('/')) return endpoint || eventType
  return endpoint
    .split('/')
    .map(segment => (ID.test(segment) ? ':id' : segment))
    .join('/')
}

/**
 * What two events have alike that are replayed for the same reason: type, method, route, status, and the form of the
 * request: its content type, the names in its query and in its body, and whether it had credentials.
 */
export function kindOf(event: ReplayStackEvent): string {
  const { eventType, method, status, statusCode, authMode, requestUrl = '', requestHeaders, requestPayload } = event
  const [, query = ''] = requestUrl.split('?', 2)
  const names = [...new URLSearchParams(query.split('#', 1)[0]).keys()].sort()
  const type = findHeader(readHeaderPairs(requestHeaders), 'content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  const form = requestPayload === undefined ? '' : formOf(requestPayload, 0)
  const parts = [eventType, method, readRoute(event), statusCode ?? status, authMode ?? 'none', type, names, form]
  return JSON.stringify(parts)
}

/** A value without what it holds: its names and the types of their values. */
function formOf(value: JsonValue, depth: number): string {
  if (readTruncated(value)) return 'truncated'
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  if (depth >= MAX_DEPTH) return 'object'
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value
    return `[${[...new Set(items.slice(0, MAX_MEMBERS).map(item => formOf(item, depth + 1)))].sort().join('|')}]`
  }
  const members = Object.entries(value).slice(0, MAX_MEMBERS)
  return `{${members
    .map(([name, member]) => `${JSON.stringify(name)}:${formOf(member, depth + 1)}`)
    .sort()
    .join(',')}}`
}

/** The first of each kind, in their order, and how many there are of it. */
export function pickOneOfEach<Kept extends { event: ReplayStackEvent }>(
  events: readonly Kept[],
): { kept: Kept; count: number }[] {
  const picked = new Map<string, { kept: Kept; count: number }>()
  for (const kept of events) {
    const kind = kindOf(kept.event)
    const known = picked.get(kind)
    if (known) known.count++
    else picked.set(kind, { kept, count: 1 })
  }
  return [...picked.values()]
}
