/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventStatus } from '../../types.ts'
import type { QueryError } from '../query/query-error.ts'
import type { EventPage, EventVolume } from '../store.ts'
import { EventTable } from './event-rows.tsx'
import { ExportLinks } from './export-links.tsx'
import { FilterForm } from './filter-form.tsx'
import { Layout } from './layout.tsx'
import { exportUrl, isFiltered, type ListConditions, type ListPlace, listUrl } from './list-url.ts'
import { LiveState } from './live-state.tsx'
import { OpenIssues, type OpenIssuesProps } from './open-issues.tsx'
import { QueryProblem } from './query-problem.tsx'
import { formatCount } from './size-text.ts'
import { VolumeStrip } from './volume-strip.tsx'
import { Welcome } from './welcome.tsx'

export interface ListPageProps {
  now: number
  conditions: ListConditions
  /** What is wrong with the query that was written. */
  queryError: QueryError | undefined
  /** Where in the list the page is; `undefined` for the first. */
  place: ListPlace | undefined
  page: EventPage
  /** The newest event that the conditions let through, on whatever page. */
  newestId: string | undefined
  volume: readonly EventVolume[]
  /** Milliseconds that the volume covers. */
  span: number
  openIssues: Omit<OpenIssuesProps, 'now'>
  counts: Readonly<Record<EventStatus, number>>
  services: readonly string[]
  /** All events that there are. */
  total: number
  inboxUrl: string
  apiKey: string
  /** The project's name, in a team's inbox. */
  project?: string | undefined
}

/** `/`: the events. */
export function ListPage(props: ListPageProps) {
  const { total } = props
  return (
    <Layout title="ReplayStack inbox" page="list" skipTo="Skip to the events" actions={<LiveState />}>
      <h1 class="visually-hidden">Events</h1>
      {total === 0 ? (
        <Welcome inboxUrl={props.inboxUrl} apiKey={props.apiKey} project={props.project} now={props.now} />
      ) : (
        <Events {...props} />
      )}
      <ClearDialog total={total} />
    </Layout>
  )
}

function Events(props: ListPageProps) {
  const { conditions, counts, services, volume, span, page, place, newestId, now, queryError, openIssues } = props
  const next =
    page.next === null ? undefined : { before: page.next, trail: place ? [...place.trail, place.before] : [] }
  return (
    <>
      <OpenIssues {...openIssues} now={now} />
      <VolumeStrip volume={volume} span={span} />
      <FilterForm conditions={conditions} counts={counts} services={services} />
      <p class="news">
        <a class="pill" id="news" href={listUrl(conditions)} hidden>
          New events
        </a>
      </p>
      <div id="list" data-first-page={place ? undefined : ''} data-newest={newestId ?? ''}>
        {place && (
          <nav class="pager" aria-label="Back">
            <Back conditions={conditions} place={place} />
          </nav>
        )}
        {queryError ? (
          <QueryProblem error={queryError} query={conditions.queryText ?? ''} />
        ) : page.events.length > 0 ? (
          <EventTable events={page.events} now={now} />
        ) : (
          <NothingFound conditions={conditions} isLater={place !== undefined} />
        )}
        <nav class="pager" id="pages" aria-label="Pages">
          {place && <Back conditions={conditions} place={place} />}
          {next && (
            <a href={listUrl(conditions, next)} rel="next">
              Older events →
            </a>
          )}
          {page.events.length > 0 && (
            <ExportLinks url={exportUrl(conditions)} formats={['curl', 'fetch', 'har', 'json', 'openapi']} />
          )}
          <button type="button" class="button quiet danger scripted" data-opens="clear">
            Delete all events
          </button>
        </nav>
      </div>
    </>
  )
}

/** The way to the page before, and to the first. */
function Back({ conditions, place: { trail } }: { conditions: ListConditions; place: ListPlace }) {
  const before = trail.at(-1)
  return (
    <>
      <a
        href={listUrl(conditions, before === undefined ? undefined : { before, trail: trail.slice(0, -1) })}
        rel="prev"
      >
        ← Newer events
      </a>
      {before !== undefined && <a href={listUrl(conditions)}>Newest events</a>}
    </>
  )
}

function NothingFound({ conditions, isLater }: { conditions: ListConditions; isLater: boolean }) {
  return (
    <div class="nothing-found">
      <h2>{isLater ? 'No older events' : isFiltered(conditions) ? 'No event matches these filters' : 'No events'}</h2>
      <p>
        {isFiltered(conditions) ? (
          <>
            New ones that match appear here by themselves. <a href="/">Clear filters</a>
          </>
        ) : (
          <a href="/">Newest events</a>
        )}
      </p>
    </div>
  )
}

function ClearDialog({ total }: { total: number }) {
  return (
    <dialog id="clear" aria-labelledby="clear-title">
      <form method="dialog">
        <h2 id="clear-title">Delete all events?</h2>
        <p>
          <span id="clear-count">{formatCount(total, 'event')}</span> will be removed from this inbox, also those that
          the filters hide. This cannot be undone.
        </p>
        <div class="dialog-actions">
          <button type="submit" class="button" value="keep">
            Keep them
          </button>
          <button type="submit" class="button danger" value="delete" id="clear-confirm">
            Delete all
          </button>
        </div>
      </form>
    </dialog>
  )
}
