/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { formatDuration } from '../format-values.ts'
import type { QueryError } from '../query/query-error.ts'
import type { RouteNumbers } from '../store.ts'
import { hashText } from '../text-hash.ts'
import { EventText } from './event-text.tsx'
import { Layout } from './layout.tsx'
import { eventUrl } from './list-url.ts'
import { LiveState } from './live-state.tsx'
import { QueryProblem } from './query-problem.tsx'
import { QuerySearch } from './query-search.tsx'
import { type RouteListConditions, type RouteSort, routeEventsUrl, routesUrl } from './routes-url.ts'

/** Milliseconds from which on a duration is marked, and the route whose p95 it is. */
const SLOW_MS = 1000

/** Lengths of time that a click chooses. */
const TIMES: readonly (readonly [since: string | undefined, name: string])[] = [
  ['1h', '1 hour'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  [undefined, 'all'],
]
const SINCE = /(?:^|\s)since:(\S+)/i

const COLUMNS: readonly (readonly [sort: RouteSort, name: string])[] = [
  ['route', 'Route'],
  ['count', 'Events'],
  ['failures', 'Failed'],
  ['p50', 'p50'],
  ['p95', 'p95'],
  ['p99', 'p99'],
]

export interface RoutesPageProps {
  conditions: RouteListConditions
  /** What is wrong with the query that was written. */
  queryError: QueryError | undefined
  /** In the order that the conditions ask for. */
  routes: readonly RouteNumbers[]
}

/** `/routes`: how each route does. */
export function RoutesPage({ conditions, queryError, routes }: RoutesPageProps) {
  const { queryText, sort } = conditions
  return (
    <Layout title="Routes · ReplayStack inbox" page="routes" skipTo="Skip to the routes" actions={<LiveState />}>
      <h1 class="visually-hidden">Routes</h1>
      <div class="filters">
        <TimeTabs conditions={conditions} />
        <search class="filter-form">
          <form action="/routes" method="get" id="filters">
            {sort !== 'count' && <input type="hidden" name="sort" value={sort} />}
            <QuerySearch label="Search routes" value={queryText} />
            <button type="submit" class="button unscripted">
              Filter
            </button>
            <a class={queryText ? 'clear-filters' : 'clear-filters idle'} id="clear-filters" href="/routes">
              Clear filters
            </a>
          </form>
        </search>
      </div>
      <div id="list">
        {queryError ? (
          <QueryProblem error={queryError} query={queryText ?? ''} />
        ) : routes.length > 0 ? (
          <RouteTable conditions={conditions} routes={routes} />
        ) : (
          <NoRoutes isFiltered={Boolean(queryText)} />
        )}
      </div>
    </Layout>
  )
}

/** Of how long ago the numbers are: what `since:` says in the query. */
function TimeTabs({ conditions }: Pick<RoutesPageProps, 'conditions'>) {
  const { queryText = '' } = conditions
  const rest = queryText.replace(SINCE, '').trim()
  const since = SINCE.exec(queryText)?.[1]
  return (
    <nav class="tabs" id="tabs" aria-label="Time">
      {TIMES.map(([time, name]) => {
        const current = time === since ? ({ 'aria-current': 'true' } as const) : {}
        const text = [rest, time && `since:${time}`].filter(part => part).join(' ')
        return (
          <a class="tab" href={routesUrl({ ...conditions, queryText: text })} data-filter="" {...current}>
            {name}
          </a>
        )
      })}
    </nav>
  )
}

function RouteTable({ conditions, routes }: Omit<RoutesPageProps, 'queryError'>) {
  return (
    <table class="events routes" id="routes">
      <caption>
        <span class="visually-hidden">Routes with their durations and failures</span>
      </caption>
      <thead>
        <tr>
          {COLUMNS.map(([sort, name]) => (
            <th
              scope="col"
              class={`cell-${sort}`}
              aria-sort={conditions.sort === sort ? (sort === 'route' ? 'ascending' : 'descending') : 'none'}
            >
              <a href={routesUrl({ ...conditions, sort })} id={`sort-${sort}`} data-filter="">
                {name}
              </a>
            </th>
          ))}
          <th scope="col" class="cell-slowest">
            Slowest
          </th>
        </tr>
      </thead>
      <tbody id="rows">
        {routes.map(route => (
          <RouteRow route={route} queryText={conditions.queryText} />
        ))}
      </tbody>
    </table>
  )
}

function RouteRow({ route, queryText }: { route: RouteNumbers; queryText: string | undefined }) {
  const { method, count, failures, p50, p95, p99, slowestEventId } = route
  const name = [method, route.route].filter(part => part).join(' ')
  const id = hashText(name)
  return (
    <tr class="row route-row" id={`route-${id}`}>
      <td class="cell-route">
        <a class="row-link" href={routeEventsUrl(route, queryText)} id={`to-${id}`}>
          {method !== undefined && (
            <span class="method">
              <EventText text={method} maxLength={20} />
            </span>
          )}{' '}
          <span class="endpoint">
            <EventText text={route.route} maxLength={200} />
          </span>
        </a>
        {isSlow(p95) && (
          <span class="slow" title={`One in twenty takes ${formatDuration(p95)} or longer`}>
            slow
          </span>
        )}
      </td>
      <td class="cell-count">
        {count.toLocaleString('en-US')}
        <span class="cell-unit"> {count === 1 ? 'event' : 'events'}</span>
      </td>
      <td class="cell-failures">
        {failures > 0 ? (
          <a href={routeEventsUrl(route, queryText, 'is:failed')} class="failures">
            {failures.toLocaleString('en-US')} <span class="cell-unit">failed, </span>
            <span class="share">{formatShare(failures / count)}</span>
          </a>
        ) : (
          <span class="muted">
            0<span class="cell-unit"> failed</span>
          </span>
        )}
      </td>
      <Duration name="p50" milliseconds={p50} />
      <Duration name="p95" milliseconds={p95} />
      <Duration name="p99" milliseconds={p99} />
      <td class="cell-slowest">
        {slowestEventId !== undefined && (
          <a href={eventUrl(slowestEventId)} aria-label={`Slowest event of ${name.slice(0, 100)}`}>
            <span class="cell-unit">slowest </span>event
          </a>
        )}
      </td>
    </tr>
  )
}

function Duration({ name, milliseconds }: { name: string; milliseconds: number | undefined }) {
  return (
    <td class={isSlow(milliseconds) ? `cell-${name} slow-time` : `cell-${name}`}>
      <span class="cell-unit">{name} </span>
      {formatDuration(milliseconds)}
    </td>
  )
}

function isSlow(milliseconds: number | undefined): boolean {
  return milliseconds !== undefined && milliseconds >= SLOW_MS
}

/** `12 %`, and `<1 %` for what is there at all. */
function formatShare(share: number): string {
  return share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`
}

function NoRoutes({ isFiltered }: { isFiltered: boolean }) {
  return (
    <div class="nothing-found">
      <h2>{isFiltered ? 'No event with a route matches this query' : 'No routes yet'}</h2>
      <p>
        {isFiltered ? (
          <a href="/routes">Clear filters</a>
        ) : (
          <>
            <a href="/">Connect an application</a>: the routes of its requests appear here, with how long they take and
            how often they fail.
          </>
        )}
      </p>
    </div>
  )
}
