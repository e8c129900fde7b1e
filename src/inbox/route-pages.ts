import { Hono } from 'hono'
import { readOneOf, tryQuery } from './event-filter.ts'
import { formatRoutes } from './format-routes.ts'
import { asksForHtml, respondHtml } from './html-response.ts'
import { renderRoutesPage } from './page/page-views.tsx'
import { ROUTE_SORTS, type RouteSort } from './page/routes-url.ts'
import type { EventStore, RouteNumbers } from './store.ts'
import { respondText } from './text-response.ts'

/** The page of routes and their numbers. */
export function createRoutePages(store: EventStore): Hono {
  const pages = new Hono()

  pages.get('/', context => {
    const { query: queryText, ...parameters } = context.req.query()
    const { queryError, query } = tryQuery(queryText)
    if (queryError && !asksForHtml(context)) throw queryError
    const sort = readOneOf(parameters, 'sort', ROUTE_SORTS) ?? 'count'
    const routes = queryError ? [] : sortRoutes(store.routes({ query }), sort)
    if (!asksForHtml(context)) return respondText(context, `${formatRoutes(routes)}\n`)
    const html = renderRoutesPage({ conditions: { queryText, sort }, queryError, routes })
    return respondHtml(context, html, queryError ? 400 : 200)
  })

  return pages
}

/** Routes with the same number stay in the order they have: those with the most events first. */
function sortRoutes(routes: readonly RouteNumbers[], sort: RouteSort): RouteNumbers[] {
  const byName = (one: RouteNumbers, other: RouteNumbers) =>
    one.route.localeCompare(other.route) || (one.method ?? '').localeCompare(other.method ?? '')
  const byNumber = (one: RouteNumbers, other: RouteNumbers) =>
    sort === 'route' ? 0 : (other[sort] ?? -1) - (one[sort] ?? -1)
  return [...routes].sort(sort === 'route' ? byName : byNumber)
}
