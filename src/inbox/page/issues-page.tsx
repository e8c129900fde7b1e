/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { PropsWithChildren } from 'hono/jsx'
import { ISSUE_STATES, type IssuePage, type IssueSort, type IssueState } from '../issues/issue.ts'
import type { QueryError } from '../query/query-error.ts'
import { IssueTable } from './issue-rows.tsx'
import { type IssueListConditions, type IssueListPlace, issuesUrl } from './issue-url.ts'
import { Layout } from './layout.tsx'
import { LiveState } from './live-state.tsx'
import { QueryProblem } from './query-problem.tsx'
import { QuerySearch } from './query-search.tsx'

const SORTS: readonly (readonly [sort: IssueSort, name: string])[] = [
  ['lastSeen', 'last seen'],
  ['firstSeen', 'first seen'],
  ['count', 'events'],
]

export interface IssuesPageProps {
  now: number
  conditions: IssueListConditions
  /** What is wrong with the query that was written. */
  queryError: QueryError | undefined
  /** Where in the list the page is; `undefined` for the first. */
  place: IssueListPlace | undefined
  page: IssuePage
  /** Issues of each state that the query lets through. */
  counts: Readonly<Record<IssueState, number>>
  /** Whether the inbox has any event. */
  hasEvents: boolean
}

/** `/issues`: failures by their kind. */
export function IssuesPage(props: IssuesPageProps) {
  const { now, conditions, queryError, place, page } = props
  const next =
    page.next === null ? undefined : { before: page.next, trail: place ? [...place.trail, place.before] : [] }
  return (
    <Layout title="Issues · ReplayStack inbox" page="issues" skipTo="Skip to the issues" actions={<LiveState />}>
      <h1 class="visually-hidden">Issues</h1>
      <IssueFilter conditions={conditions} counts={props.counts} />
      <p class="news">
        <a class="pill" id="news" href={issuesUrl(conditions)} hidden>
          New issues
        </a>
      </p>
      <div id="list" data-first-page={place ? undefined : ''}>
        {place && (
          <nav class="pager" aria-label="Back">
            <Back conditions={conditions} place={place} />
          </nav>
        )}
        {queryError ? (
          <QueryProblem error={queryError} query={conditions.queryText ?? ''} />
        ) : page.issues.length > 0 ? (
          <IssueTable issues={page.issues} now={now} back={issuesUrl(conditions, place)} />
        ) : (
          <NoIssues {...props} />
        )}
        <nav class="pager" id="pages" aria-label="Pages">
          {place && <Back conditions={conditions} place={place} />}
          {next && (
            <a href={issuesUrl(conditions, next)} rel="next">
              More issues →
            </a>
          )}
        </nav>
      </div>
    </Layout>
  )
}

function IssueFilter({ conditions, counts }: Pick<IssuesPageProps, 'conditions' | 'counts'>) {
  const { state, queryText, sort = 'lastSeen' } = conditions
  const isIdle = !queryText && state === 'open'
  return (
    <div class="filters">
      <nav class="tabs" id="tabs" aria-label="State">
        {[...ISSUE_STATES, undefined].map(name => {
          const current = name === state ? ({ 'aria-current': 'true' } as const) : {}
          const count = name ? counts[name] : ISSUE_STATES.reduce((sum, one) => sum + counts[one], 0)
          return (
            <a class="tab" href={issuesUrl({ ...conditions, state: name })} data-filter="" {...current}>
              {name ?? 'all'} <span class="count">{count.toLocaleString('en-US')}</span>
            </a>
          )
        })}
      </nav>
      <search class="filter-form">
        <form action="/issues" method="get" id="filters">
          {state !== 'open' && <input type="hidden" name="state" value={state ?? 'all'} />}
          <QuerySearch label="Search issues" value={queryText} />
          <label class="pick">
            <span class="pick-name">Sort by</span>
            <select name="sort" id="sort">
              {SORTS.map(([value, name]) => (
                <option value={value === 'lastSeen' ? '' : value} selected={value === sort}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="button unscripted">
            Filter
          </button>
          <a class={isIdle ? 'clear-filters idle' : 'clear-filters'} id="clear-filters" href="/issues">
            Clear filters
          </a>
        </form>
      </search>
    </div>
  )
}

/** The way to the page before, and to the first. */
function Back({ conditions, place: { trail } }: { conditions: IssueListConditions; place: IssueListPlace }) {
  const before = trail.at(-1)
  return (
    <>
      <a
        href={issuesUrl(conditions, before === undefined ? undefined : { before, trail: trail.slice(0, -1) })}
        rel="prev"
      >
        ← Previous issues
      </a>
      {before !== undefined && <a href={issuesUrl(conditions)}>First issues</a>}
    </>
  )
}

/** Why there is none, and what to do about it. */
function NoIssues({ conditions, counts, hasEvents, place }: IssuesPageProps) {
  const { state, queryText } = conditions
  const others = ISSUE_STATES.filter(name => name !== state && counts[name] > 0)
  if (place) {
    return (
      <NothingHere title="No more issues">
        <a href={issuesUrl(conditions)}>First issues</a>
      </NothingHere>
    )
  }
  if (!hasEvents) {
    return (
      <NothingHere title="No events yet">
        <a href="/">Connect an application</a>: its failures appear here, one row for each kind.
      </NothingHere>
    )
  }
  return (
    <NothingHere
      title={queryText ? 'No issue has an event that matches this query' : `No ${state ? `${state} ` : ''}issues`}
    >
      {others.length > 0 ? (
        others.map((name, index) => (
          <>
            {index > 0 && ' · '}
            <a href={issuesUrl({ ...conditions, state: name })} data-filter="">
              {counts[name].toLocaleString('en-US')} {name}
            </a>
          </>
        ))
      ) : (
        <>
          {state === 'open' || state === undefined
            ? 'Failures appear here by themselves, one row for each kind. '
            : `Issues that you ${state === 'resolved' ? 'resolve' : 'ignore'} are kept here. `}
          <a href="/">All events</a>
        </>
      )}
    </NothingHere>
  )
}

function NothingHere({ title, children }: PropsWithChildren<{ title: string }>) {
  return (
    <div class="nothing-found">
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  )
}
