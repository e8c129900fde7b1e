import { quoteValue } from '../query/query-words.ts'
import type { RouteNumbers } from '../store.ts'
import { listUrl } from './list-url.ts'

export const ROUTE_SORTS = ['count', 'failures', 'p50', 'p95', 'p99', 'route'] as const

/** By which column routes are sorted: numbers the highest first, routes in alphabetical order. */
export type RouteSort = (typeof ROUTE_SORTS)[number]

export interface RouteListConditions {
  queryText?: string | undefined
  sort: RouteSort
}

/** The address of the list of routes that these conditions make. */
export function routesUrl({ queryText, sort }: RouteListConditions): string {
  const parameters = new URLSearchParams()
  if (queryText) parameters.set('query', queryText)
  if (sort !== 'count') parameters.set('sort', sort)
  return parameters.size > 0 ? `/routes?${parameters}` : '/routes'
}

/** The list of a route's events, of those that a query finds. */
export function routeEventsUrl(
  { method, route }: RouteNumbers,
  ...queryTexts: readonly (string | undefined)[]
): string {
  const terms = [
    method === undefined ? '' : `method:${/^[A-Z]+$/.test(method) ? method : quoteValue(method)}`,
    `route:${quoteValue(route)}`,
  ]
  return listUrl({ queryText: [...queryTexts, ...terms].filter(text => text).join(' ') })
}
