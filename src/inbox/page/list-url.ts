import type { EventConditions } from '../store.ts'

/** Which events a list holds, and the query as it was written. */
export interface ListConditions extends EventConditions {
  queryText?: string | undefined
}

/** One page of a list. */
export interface ListPlace {
  /** Its cursor. */
  before: number
  /** The cursors of the pages between the first and this one, so that each has a way back. */
  trail: readonly number[]
}

/** Pages back that an address remembers. */
export const MAX_TRAIL = 40

/** The address of the list that these conditions make, or of a page of it. */
export function listUrl(conditions: ListConditions, place?: ListPlace): string {
  const parameters = new URLSearchParams()
  for (const name of ['status', 'type', 'service', 'q'] as const) {
    const value = conditions[name]
    if (value) parameters.set(name, value)
  }
  if (conditions.queryText) parameters.set('query', conditions.queryText)
  if (place) parameters.set('before', String(place.before))
  if (place && place.trail.length > 0) parameters.set('trail', place.trail.slice(-MAX_TRAIL).join('-'))
  const query = parameters.toString()
  return query ? `/?${query}` : '/'
}

/** Where the events of a list are written as a file. */
export function exportUrl(conditions: ListConditions): string {
  return `/api/v1/export${listUrl(conditions).slice(1)}`
}

/** The address of an event. */
export function eventUrl(id: string): string {
  return `/events/${encodeURIComponent(id)}`
}

/** The address of two events side by side. */
export function compareUrl(first: string, second: string): string {
  return `${eventUrl(first)}/compare/${encodeURIComponent(second)}`
}

/** Where an event's own JSON is. */
export function rawEventUrl(id: string): string {
  return `/api/v1/events/${encodeURIComponent(id)}`
}

/** Whether a list holds only some of the events. */
export function isFiltered({ status, type, service, q, queryText }: ListConditions): boolean {
  return Boolean(status || type || service || q || queryText)
}

/** The cursors that an address remembers; none where it says anything else. */
export function readTrail(text: string | undefined): number[] {
  return text && /^[1-9]\d{0,14}(-[1-9]\d{0,14})*$/.test(text) ? text.split('-').slice(-MAX_TRAIL).map(Number) : []
}
