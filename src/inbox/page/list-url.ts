import type { EventConditions } from '../store.ts'

/** The address of the list that these conditions make. */
export function listUrl(conditions: EventConditions, before?: number | null): string {
  const parameters = new URLSearchParams()
  for (const name of ['status', 'type', 'service', 'q'] as const) {
    const value = conditions[name]
    if (value) parameters.set(name, value)
  }
  if (before) parameters.set('before', String(before))
  const query = parameters.toString()
  return query ? `/?${query}` : '/'
}

/** The address of an event. */
export function eventUrl(id: string): string {
  return `/events/${encodeURIComponent(id)}`
}

/** Where an event's own JSON is. */
export function rawEventUrl(id: string): string {
  return `/api/v1/events/${encodeURIComponent(id)}`
}

/** Whether a list holds only some of the events. */
export function isFiltered({ status, type, service, q }: EventConditions): boolean {
  return Boolean(status || type || service || q)
}
