import { type Context, Hono } from 'hono'
import { createAssetRoutes } from './asset-routes.ts'
import { curlCommand } from './curl.ts'
import type { EditorLinks } from './editor-links.ts'
import { readEventFilter, tryQuery } from './event-filter.ts'
import { formatEvent, formatEventTable } from './format.ts'
import { asksForHtml, respondHtml } from './html-response.ts'
import { assertEvent } from './ingest.ts'
import { showSources } from './kept-sources.ts'
import { inboxUrlOf } from './loopback.ts'
import type { EventPageProps } from './page/event-page.tsx'
import type { EventIssue } from './page/issue-place.tsx'
import { listUrl, readTrail } from './page/list-url.ts'
import { MAX_OPEN_ISSUES } from './page/open-issues.tsx'
import { renderEventPage, renderListPage, renderMessagePage } from './page/page-views.tsx'
import { payloadText } from './page/payload-text.ts'
import { MAX_REPLAYS } from './page/replay-history.tsx'
import { MAX_PAGE_LENGTH, shortenJson } from './page/shorten-json.ts'
import { MAX_TRACE_EVENTS } from './page/trace-section.tsx'
import { chooseSpan, VOLUME_BUCKETS } from './page/volume-strip.tsx'
import { parseQuery } from './query/parse-query.ts'
import { findDefaultTarget } from './replay/default-target.ts'
import { planEvent } from './replay/handler-plan.ts'
import { writeTestFile } from './replay/test-file.ts'
import { findLastSuccess } from './replay-routes.ts'
import type { EventConditions, EventStore, EventVolume } from './store.ts'
import { readStoredEvent } from './stored-event.ts'
import { respondText } from './text-response.ts'

/** What an application's key is set to when the inbox takes any. */
const ANY_KEY = 'local'

const ADDRESSES = `GET    /api/v1/events?query=&limit=&before=
GET    /api/v1/events/:id
PATCH  /api/v1/events/:id
DELETE /api/v1/events/:id
DELETE /api/v1/events?query=
GET    /api/v1/stream
POST   /api/v1/ingest/events
POST   /api/v1/ingest/bulk-events`

/** UTF-16 units of an event whose command line is made only when it is asked for: quoting megabytes takes its time. */
const MAX_INLINE_CURL = 1_000_000

export interface PageRoutesOptions {
  store: EventStore
  /** The only API key that ingest takes. @default any key */
  key?: string | undefined
  /** Opens stack frames in an editor. @default none */
  editor?: EditorLinks | undefined
  /** The project's name, in a team's inbox. @default it is the inbox of one machine */
  project?: string | undefined
  /** Whether replays can be sent from here. @default false */
  sendsReplays?: boolean | undefined
  /** Milliseconds since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

export interface PageRoutes {
  routes: Hono
  /** A page that says only this, for whoever asked for a page; `undefined` for anyone else, and below `/api/`. */
  answerMessage(context: Context, status: 400 | 404 | 413 | 500 | 503, text: string): Response | undefined
}

/**
 * The pages: the list, one event, and what they load. Who does not ask for HTML (`curl`) is answered the same as plain
 * text.
 */
export function createPageRoutes({
  store,
  key,
  editor,
  project,
  sendsReplays = false,
  now = Date.now,
}: PageRoutesOptions): PageRoutes {
  const routes = new Hono()

  routes.get('/', context => {
    const { query: queryText, ...parameters } = context.req.query()
    const { queryError, query } = tryQuery(queryText)
    if (queryError && !asksForHtml(context)) throw queryError
    const { before, ...filter } = { ...readEventFilter(parameters), query }
    if (!asksForHtml(context)) {
      const { events } = store.list({ before, ...filter, limit: filter.limit ?? 20 })
      return respondText(context, `ReplayStack inbox\n\n${formatEventTable(events)}\n\n${ADDRESSES}\n`)
    }
    const { limit, ...conditions } = filter
    const time = now()
    const span = chooseSpan(store.range()?.first, time)
    const readVolume = (asked: EventConditions) =>
      store.volume(asked, { from: time - span, to: time, buckets: VOLUME_BUCKETS })
    const page = queryError ? NO_EVENTS : store.list({ ...conditions, limit, before })
    const newest = before === undefined ? page.events[0] : store.list({ ...conditions, limit: 1 }).events[0]
    const html = renderListPage({
      now: time,
      conditions: { ...conditions, queryText },
      queryError,
      place: before === undefined ? undefined : { before, trail: readTrail(context.req.query('trail')) },
      page,
      newestId: newest?.id,
      volume: readVolume(conditions),
      span,
      openIssues: {
        issues: store.issues({ query: parseQuery('is:open'), limit: MAX_OPEN_ISSUES }).issues,
        count: store.issueCounts().open,
      },
      counts: countStatuses(readVolume({ ...conditions, status: undefined })),
      services: store.serviceNames(),
      total: store.count(),
      inboxUrl: new URL(context.req.url).origin,
      apiKey: key ?? ANY_KEY,
      project,
    })
    return respondHtml(context, html, queryError ? 400 : 200)
  })

  routes.get('/events', context => context.redirect(listUrl({}), 302))

  routes.get('/events/:id', context => {
    const stored = store.get(context.req.param('id'))
    if (!stored) return context.notFound()
    const { event, raw } = readStoredEvent(stored)
    if (!asksForHtml(context))
      return respondText(context, `${formatEvent(event, { sourceMaps: showSources(stored.sources) })}\n`)
    const lastSuccess = findLastSuccess(store, event)
    const statusCode = lastSuccess?.statusCode
    const test = writeTestFile({ id: stored.id, receivedAt: stored.receivedAt, event }, { statusCode })
    const props = {
      now: now(),
      stored,
      event,
      raw,
      newer: store.listAfter(stored.id, 1)[0],
      older: store.listBefore(stored.id, 1)[0],
      trace: store.listByTrace(event.traceId, MAX_TRACE_EVENTS),
      plan: planEvent(event),
      replayTarget: findDefaultTarget(store, event),
      original: stored.summary.replayOf === undefined ? undefined : store.get(stored.summary.replayOf)?.summary,
      replays: store.replays(stored.id, MAX_REPLAYS),
      curl: stored.json.length > MAX_INLINE_CURL ? undefined : curlCommand(event),
      test: 'refusal' in test ? undefined : test,
      lastSuccess,
      eventIssue: findEventIssue(store, stored.id),
      sourceMaps: showSources(stored.sources),
      editor,
      inboxUrl: inboxUrlOf(context.req, project),
      sendsReplays,
    }
    const html = renderEventPage(props)
    return respondHtml(context, html.length > MAX_PAGE_LENGTH ? renderEventPage(shortenProps(props)) : html)
  })

  routes.get('/events/:id/curl', context => {
    const stored = store.get(context.req.param('id'))
    const command = stored && curlCommand(readStoredEvent(stored).event)
    return command === undefined ? context.notFound() : respondText(context, `${command}\n`)
  })

  // What is copied: a page shows long bodies cut.
  for (const [name, field] of [
    ['request-body', 'requestPayload'],
    ['response-body', 'responsePayload'],
  ] as const) {
    routes.get(`/events/:id/${name}`, context => {
      const stored = store.get(context.req.param('id'))
      const payload = stored && readStoredEvent(stored).event[field]
      return payload === undefined ? context.notFound() : respondText(context, payloadText(payload))
    })
  }

  routes.route('/', createAssetRoutes())

  return {
    routes,
    answerMessage: (context, status, text) => {
      if (!asksForHtml(context) || context.req.path.startsWith('/api/')) return undefined
      return respondHtml(context, renderMessagePage({ ...TITLES[status], text }), status)
    },
  }
}

const NO_EVENTS = { events: [], next: null }

const TITLES = {
  400: { title: 'This address asks for something the inbox does not have' },
  404: { title: 'Not found' },
  413: { title: 'Too large' },
  500: { title: 'Something went wrong inside the inbox' },
  503: { title: 'The inbox cannot use its database' },
} as const

/** A page of an event of which all would be too much. */
function shortenProps(props: EventPageProps): EventPageProps {
  const event: unknown = shortenJson(props.raw)
  assertEvent(event)
  return { ...props, event, curl: undefined, isShortened: true }
}

function findEventIssue(store: EventStore, id: string): EventIssue | undefined {
  const place = store.issuePlace(id)
  const issue = place && store.issue(place.issueId)
  return issue && { issue, place }
}

function countStatuses(volume: readonly EventVolume[]): Counts {
  const counts: Counts = { success: 0, warning: 0, failed: 0, pending: 0 }
  for (const part of volume) {
    for (const status of ['success', 'warning', 'failed', 'pending'] as const) counts[status] += part[status]
  }
  return counts
}

type Counts = Record<'success' | 'warning' | 'failed' | 'pending', number>
