/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import type { EditorLinks } from '../editor-links.ts'
import type { Issue, IssuePlace } from '../issues/issue.ts'
import type { SourceMaps } from '../source-maps.ts'
import type { EventPage } from '../store.ts'
import { ErrorSection } from './error-section.tsx'
import { readErrors } from './event-errors.ts'
import { EventName, EventTable } from './event-rows.tsx'
import { EventText, lineText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { NamedIcon } from './icons.tsx'
import { IssueFacts } from './issue-facts.tsx'
import { describePlace } from './issue-rows.tsx'
import { StateBadges, StateForm } from './issue-state.tsx'
import { issueUrl } from './issue-url.ts'
import { Layout } from './layout.tsx'
import { compareUrl, eventUrl, type ListPlace, listUrl, rawEventUrl } from './list-url.ts'
import { LiveState } from './live-state.tsx'
import { formatCount } from './size-text.ts'

/** An issue's newest event. */
export interface LatestEvent {
  id: string
  receivedAt: string
  event: ReplayStackEvent
  raw: JsonValue
  sourceMaps: SourceMaps | undefined
  editor: EditorLinks | undefined
  place: IssuePlace
  canReplay: boolean
  canTest: boolean
  /** The inbox's own address. */
  inboxUrl: string
}

export interface IssuePageProps {
  now: number
  issue: Issue
  /** Absent where all its events were pruned. */
  latest: LatestEvent | undefined
  /** Where in its events the page is; `undefined` for the newest. */
  place: ListPlace | undefined
  events: EventPage
}

/** `/issues/:id`: failures of one kind. */
export function IssuePage({ now, issue, latest, place, events }: IssuePageProps) {
  const { issueId, title, state } = issue
  return (
    <Layout title={`${lineText(title, 80)} · ReplayStack inbox`} page="issue" actions={<LiveState />}>
      <nav class="event-nav" aria-label="Issues">
        <a href="/issues" id="back">
          ← Issues
        </a>
      </nav>
      <div id="issue-head">
        <header class={`event-head issue-head ${state}`}>
          <h1>
            <EventText text={title.replace(/\s+/g, ' ')} maxLength={200} />
          </h1>
          <p class="event-summary">
            <span class="mono">
              <EventText text={describePlace(issue)} maxLength={300} />
            </span>
            <StateBadges issue={issue} />
          </p>
        </header>
        <div class="actions">
          <StateForm issue={issue} back={issueUrl(issueId, place)} />
          {latest && <LatestLinks latest={latest} />}
        </div>
      </div>
      <div class="event-layout">
        <div class="event-error" id="latest" data-event={latest?.id ?? ''}>
          {latest ? <Latest latest={latest} now={now} /> : <p class="muted">All its events were pruned.</p>}
        </div>
        <aside class="event-side" aria-label="Details" id="issue-facts">
          <IssueFacts issue={issue} now={now} />
        </aside>
        <section class="event-main" aria-labelledby="events-title">
          <h2 id="events-title" class="list-title">
            Events
          </h2>
          <div id="list" data-first-page={place ? undefined : ''}>
            <IssueEvents issue={issue} events={events} place={place} now={now} />
          </div>
        </section>
      </div>
    </Layout>
  )
}

/** What is done with an issue by way of its newest event. */
function LatestLinks({ latest: { id, canReplay, canTest } }: { latest: LatestEvent }) {
  return (
    <>
      {canReplay && (
        <a class="button primary small" id="replay-latest" href={`${eventUrl(id)}#replay`}>
          <NamedIcon name="replay" /> Replay the latest
        </a>
      )}
      {canTest && (
        <a class="button small" id="test-latest" href={`${eventUrl(id)}#test`}>
          Keep as a test
        </a>
      )}
    </>
  )
}

function Latest({ latest, now }: { latest: LatestEvent; now: number }) {
  const { id, receivedAt, event, sourceMaps, editor, place } = latest
  const errors = readErrors(event)
  return (
    <>
      <nav class="latest" aria-label="Latest event">
        <a id="latest-event" href={eventUrl(id)}>
          Latest event
        </a>
        <span>
          <EventName event={event} />
        </span>
        <EventTime time={receivedAt} now={now} />
        <span class="event-steps">
          {place.olderId !== undefined && (
            <a id="older" href={eventUrl(place.olderId)}>
              ↓ The one before it
            </a>
          )}
          {place.firstId !== id && (
            <a id="first-event" href={eventUrl(place.firstId)}>
              Oldest event
            </a>
          )}
        </span>
      </nav>
      <ErrorSection errors={errors} sourceMaps={sourceMaps} rawUrl={rawEventUrl(id)} editor={editor} />
      {errors.length === 0 && (
        <p class="panel muted">
          These failures say no error: see <a href={eventUrl(id)}>the latest</a>.
        </p>
      )}
      {place.firstId !== id && (
        <p class="compare">
          <a href={compareUrl(place.firstId, id)}>Compare the oldest with the latest</a>
        </p>
      )}
    </>
  )
}

function IssueEvents({ issue, events, place, now }: Omit<IssuePageProps, 'latest'>) {
  const { issueId, count } = issue
  const before = place?.trail.at(-1)
  return (
    <>
      {events.events.length > 0 ? (
        <EventTable events={events.events} now={now} />
      ) : (
        <p class="muted">{place ? 'No older events.' : 'None of its events is kept.'}</p>
      )}
      <nav class="pager" id="pages" aria-label="Pages">
        {place && (
          <a
            rel="prev"
            href={issueUrl(issueId, before === undefined ? undefined : { before, trail: place.trail.slice(0, -1) })}
          >
            ← Newer events
          </a>
        )}
        {events.next !== null && (
          <a
            rel="next"
            href={issueUrl(issueId, { before: events.next, trail: place ? [...place.trail, place.before] : [] })}
          >
            Older events →
          </a>
        )}
        <a href={listUrl({ queryText: `issue:${issueId}` })}>All {formatCount(count, 'event')} in the list</a>
      </nav>
    </>
  )
}
