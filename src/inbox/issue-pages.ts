import { type Context, Hono } from 'hono'
import type { EditorLinks } from './editor-links.ts'
import type { EventFeed } from './event-feed.ts'
import { readEventFilter, readOneOf, tryQuery } from './event-filter.ts'
import { formatEventTable } from './format.ts'
import { asksForHtml, respondHtml } from './html-response.ts'
import { assertEvent } from './ingest.ts'
import { readIssueFilter } from './issue-filter.ts'
import { formatIssues } from './issues/format-issues.ts'
import { ISSUE_STATES, type Issue, type IssueState } from './issues/issue.ts'
import { showSources } from './kept-sources.ts'
import { readLimitedBody } from './limited-body.ts'
import { inboxUrlOf } from './loopback.ts'
import type { IssuePageProps, LatestEvent } from './page/issue-page.tsx'
import { type IssueListConditions, issuesUrl, issueUrl, readIssueTrail } from './page/issue-url.ts'
import { readTrail } from './page/list-url.ts'
import { renderIssuePage, renderIssuesPage } from './page/page-views.tsx'
import { MAX_PAGE_LENGTH, shortenJson } from './page/shorten-json.ts'
import { joinQueries, parseQuery } from './query/parse-query.ts'
import type { Query } from './query/query.ts'
import { planEvent } from './replay/handler-plan.ts'
import { writeTestFile } from './replay/test-file.ts'
import type { EventStore } from './store.ts'
import { readStoredEvent } from './stored-event.ts'
import { respondText } from './text-response.ts'

/** Bytes of a form that changes a state. */
const MAX_FORM_BYTES = 8192

/** Issues, and events of one issue, on a page. */
const ISSUES_ON_PAGE = 50
const EVENTS_ON_PAGE = 25

export interface IssuePagesOptions {
  store: EventStore
  feed: EventFeed
  now: () => number
  /** Opens stack frames in an editor. @default none */
  editor?: EditorLinks | undefined
  /** The project's name, in a team's inbox. @default it is the inbox of one machine */
  project?: string | undefined
}

/** The pages of issues: their list, one issue, and the form that changes a state. */
export function createIssuePages({ store, feed, now, editor, project }: IssuePagesOptions): Hono {
  const pages = new Hono()

  pages.get('/', context => {
    const { query: queryText, ...parameters } = context.req.query()
    const { queryError, query = EVERYTHING } = tryQuery(queryText)
    const state = readState(parameters, query)
    const { before, sort } = readIssueFilter(parameters)
    if (queryError && !asksForHtml(context)) throw queryError
    const asked = state === undefined ? query : joinQueries(query, parseQuery(`is:${state}`))
    const page = queryError
      ? { issues: [], next: null }
      : store.issues({ query: asked, sort, limit: ISSUES_ON_PAGE, before })
    const conditions: IssueListConditions = { state, queryText, sort }
    if (!asksForHtml(context)) return respondText(context, writeIssueList(page.issues, conditions))
    const html = renderIssuesPage({
      now: now(),
      conditions,
      queryError,
      place: before === undefined ? undefined : { before, trail: readIssueTrail(context.req.query('trail')) },
      page,
      counts: queryError ? NONE : store.issueCounts(query),
      hasEvents: store.count() > 0,
    })
    return respondHtml(context, html, queryError ? 400 : 200, { hasWritingForms: true })
  })

  pages.get('/:id', context => {
    const issue = store.issue(context.req.param('id'))
    if (!issue) return context.notFound()
    const { before } = readEventFilter({ before: context.req.query('before') ?? '' })
    const events = store.list({ query: parseQuery(`issue:${issue.issueId}`), limit: EVENTS_ON_PAGE, before })
    if (!asksForHtml(context)) {
      return respondText(context, `${formatIssues([issue])}\n\n${formatEventTable(events.events)}\n`)
    }
    const props: IssuePageProps = {
      now: now(),
      issue,
      latest: readLatest(store, issue, { inboxUrl: inboxUrlOf(context.req, project), editor }),
      place: before === undefined ? undefined : { before, trail: readTrail(context.req.query('trail')) },
      events,
    }
    const html = renderIssuePage(props)
    const shown = html.length > MAX_PAGE_LENGTH ? renderIssuePage(shortenLatest(props)) : html
    return respondHtml(context, shown, 200, { hasWritingForms: true })
  })

  // For a reader without a script: everyone else has PATCH /api/v1/issues/:id.
  pages.post('/:id/state', async context => {
    if (!isOwnForm(context)) return context.json({ success: false, message: "The form must be the inbox's own" }, 403)
    const form = new URLSearchParams(await readLimitedBody(context.req.raw, MAX_FORM_BYTES))
    const state = readOneOf(Object.fromEntries(form), 'state', ISSUE_STATES)
    const issueId = context.req.param('id')
    const issue = state === undefined ? store.issue(issueId) : store.setIssueState(issueId, state)
    if (!issue) return context.notFound()
    if (state !== undefined) feed.publishIssue(issue)
    const back = form.get('back') ?? ''
    return context.redirect(/^\/issues(?:[/?][\w\-./?=&%+]*)?$/.test(back) ? back : issueUrl(issueId), 303)
  })

  return pages
}

const EVERYTHING: Query = { clauses: [] }
const NONE: Readonly<Record<IssueState, number>> = { open: 0, resolved: 0, ignored: 0 }

/** The state that an address asks for: open issues, unless it or its query says otherwise. */
function readState(parameters: Readonly<Record<string, string>>, { clauses }: Query): IssueState | undefined {
  const state = readOneOf(parameters, 'state', [...ISSUE_STATES, 'all'])
  if (state === 'all') return undefined
  const isAsked = clauses.flat().some(({ condition }) => condition.field === 'is' && isState(condition.value))
  return state ?? (isAsked ? undefined : 'open')
}

function isState(value: string): boolean {
  return value === 'regressed' || ISSUE_STATES.some(state => state === value)
}

function writeIssueList(issues: readonly Issue[], conditions: IssueListConditions): string {
  const { state } = conditions
  const title = `ReplayStack inbox: ${state ? `${state} ` : ''}issues`
  const all = state === undefined ? '' : `\nIssues of every state: ${issuesUrl({ ...conditions, state: undefined })}\n`
  return `${title}\n\n${issues.length > 0 ? formatIssues(issues) : 'None.'}\n${all}`
}

function readLatest(
  store: EventStore,
  { latestEventId }: Issue,
  shown: Pick<LatestEvent, 'inboxUrl' | 'editor'>,
): LatestEvent | undefined {
  const stored = latestEventId === undefined ? undefined : store.get(latestEventId)
  const place = stored && store.issuePlace(stored.id)
  if (!stored || !place) return undefined
  const { id, receivedAt, sources } = stored
  const { event, raw } = readStoredEvent(stored)
  return {
    id,
    receivedAt,
    event,
    raw,
    sourceMaps: showSources(sources),
    place,
    canReplay: planEvent(event).refusal === undefined,
    canTest: !('refusal' in writeTestFile({ id, receivedAt, event })),
    ...shown,
  }
}

/** A page of an issue whose newest event would be too much. */
function shortenLatest(props: IssuePageProps): IssuePageProps {
  if (!props.latest) return props
  const event: unknown = shortenJson(props.latest.raw)
  assertEvent(event)
  return { ...props, latest: { ...props.latest, event } }
}

/** Whether a form was sent by a page of the inbox: any page of the web can send one that looks the same. */
function isOwnForm({ req }: Context): boolean {
  return req.header('origin') === new URL(req.url).origin || req.header('sec-fetch-site') === 'same-origin'
}
