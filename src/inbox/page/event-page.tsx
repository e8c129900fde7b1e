/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { read } from '../../safe-read.ts'
import { isTape } from '../../tape/player.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { readIngestWarnings } from '../complete-event.ts'
import type { EditorLinks } from '../editor-links.ts'
import type { ExportFormat } from '../export/export-events.ts'
import type { ReplayPlan } from '../replay/plan.ts'
import type { KeptReplay } from '../replay/replay-record.ts'
import type { SourceMaps } from '../source-maps.ts'
import type { EventSummary, StoredEvent } from '../store.ts'
import { CopyButton } from './copy-button.tsx'
import { ErrorSection } from './error-section.tsx'
import { EventActions } from './event-actions.tsx'
import { readErrors, readOtherMetadata } from './event-errors.ts'
import { EventFacts } from './event-facts.tsx'
import { describeCode, EventHead, IngestWarnings } from './event-head.tsx'
import { EventText, lineText } from './event-text.tsx'
import { ExportLinks } from './export-links.tsx'
import { NamedIcon } from './icons.tsx'
import { type EventIssue, IssuePlaceNavigation } from './issue-place.tsx'
import { isMarker, isObject } from './json-kinds.ts'
import { JsonView, ShowAll } from './json-view.tsx'
import { Layout } from './layout.tsx'
import { compareUrl, eventUrl, rawEventUrl } from './list-url.ts'
import { LiveState } from './live-state.tsx'
import { MessageSection, NamedValues } from './message-section.tsx'
import { Neighbour } from './neighbour.tsx'
import { NoteSection } from './note-section.tsx'
import { PayloadView } from './payload-view.tsx'
import { ReplayOf } from './replay-of.tsx'
import { ReplaySection } from './replay-section.tsx'
import { type EventTest, TestSection } from './test-section.tsx'
import { TimeLineSection } from './time-line-section.tsx'
import { TraceSection } from './trace-section.tsx'

/** UTF-16 units of a command line that the page shows. */
const MAX_CURL_LENGTH = 8000

export interface EventPageProps {
  now: number
  stored: StoredEvent
  event: ReplayStackEvent
  /** The event as JSON, also with the fields that are not known. */
  raw: JsonValue
  /** The event that was accepted next, if any. */
  newer: EventSummary | undefined
  /** The event that was accepted before, if any. */
  older: EventSummary | undefined
  /** All events of its trace, itself included, oldest first. */
  trace: readonly EventSummary[]
  plan: ReplayPlan
  /** Where a replay goes by default, if that is known. */
  replayTarget: string | undefined
  /** The event that it is a replay of, where that is still there. */
  original: EventSummary | undefined
  /** Its own replays, newest first. */
  replays: readonly KeptReplay[]
  /** Left out when it is large; an event that can be replayed has one all the same. */
  curl: string | undefined
  /** Absent where it cannot be kept as one. */
  test: EventTest | undefined
  /** The last success of the same route; absent for what did not fail, and where there is none. */
  lastSuccess: EventSummary | undefined
  /** The issue that it belongs to, and its place there. */
  eventIssue: EventIssue | undefined
  sourceMaps: SourceMaps | undefined
  editor: EditorLinks | undefined
  inboxUrl: string
  /** Whether replays can be sent from here. */
  sendsReplays: boolean
  /** Whether the event is cut because all of it would be too much for a page. */
  isShortened?: boolean | undefined
}

/** `/events/:id`: one event, whole. */
export function EventPage(props: EventPageProps) {
  const {
    now,
    stored,
    event,
    raw,
    newer,
    older,
    trace,
    plan,
    replayTarget,
    replays,
    curl,
    test,
    lastSuccess,
    sourceMaps,
    inboxUrl,
    sendsReplays,
  } = props
  const rawUrl = rawEventUrl(stored.id)
  const name = [event.method, event.endpoint].filter(part => part).join(' ') || event.eventType
  const metadata = readOtherMetadata(event)
  const canReplay = plan.refusal === undefined
  const isWholeCurl = curl !== undefined && curl.length <= MAX_CURL_LENGTH
  return (
    <Layout title={`${lineText(name, 80)} · ReplayStack inbox`} page="event" actions={<LiveState />}>
      <nav class="event-nav" aria-label="Events">
        <a href="/" id="back">
          ← Events
        </a>
        <span class="event-steps">
          <Neighbour id="newer" rel="prev" to={newer}>
            ↑ Newer
          </Neighbour>
          <Neighbour id="older" rel="next" to={older}>
            ↓ Older
          </Neighbour>
        </span>
      </nav>
      <EventHead event={event} receivedAt={stored.receivedAt} now={now} />
      {stored.summary.replayOf !== undefined && (
        <ReplayOf id={stored.id} originalId={stored.summary.replayOf} original={props.original} now={now} />
      )}
      {props.eventIssue && <IssuePlaceNavigation {...props.eventIssue} />}
      <IngestWarnings warnings={readIngestWarnings(raw)} />
      {props.isShortened && <ShowAll rawUrl={rawUrl} />}
      <div class="actions">
        {canReplay && (
          <a class="button primary small" href="#replay">
            <NamedIcon name="replay" /> Replay
          </a>
        )}
        {canReplay && (
          <CopyButton
            id="copy-curl"
            from="curl"
            fromUrl={isWholeCurl ? undefined : `${eventUrl(stored.id)}/curl`}
            text="Copy as cURL"
          />
        )}
        {lastSuccess && (
          <a class="button small" id="compare-success" href={compareUrl(lastSuccess.id, stored.id)}>
            Compare with the last success
          </a>
        )}
        <CopyButton from="trace-id" text="Copy trace id" />
        <ExportLinks url={`${rawEventUrl(stored.id)}/export`} formats={exportFormats(event, canReplay)} />
        <EventActions summary={stored.summary} />
        {test !== undefined && (
          <a class="button small" href="#test">
            Keep as a test
          </a>
        )}
      </div>
      <div class="event-layout">
        <div class="event-error">
          {/* What comes of a replay stands beside the form that sent it. */}
          <div id="replay-result" aria-live="polite" />
          <ErrorSection errors={readErrors(event)} sourceMaps={sourceMaps} rawUrl={rawUrl} editor={props.editor} />
        </div>
        <aside class="event-side" aria-label="Replay and details">
          <ReplaySection
            id={stored.id}
            plan={plan}
            target={replayTarget}
            hasTape={isTape(read(event.metadata, 'tape'))}
            replays={replays}
            now={now}
            inboxUrl={inboxUrl}
            sendsReplays={sendsReplays}
          />
          <EventFacts event={event} receivedAt={stored.receivedAt} lastSuccess={lastSuccess} />
          <NoteSection summary={stored.summary} />
          {canReplay && (
            <section class="panel" aria-labelledby="curl-title">
              <details>
                <summary>
                  <h2 id="curl-title">cURL</h2>
                </summary>
                {curl !== undefined && (
                  <pre id="curl" class="code wrapped">
                    <EventText text={curl} maxLength={MAX_CURL_LENGTH} />
                  </pre>
                )}
                {!isWholeCurl && (
                  <p class="show-all">
                    <a href={`${eventUrl(stored.id)}/curl`}>Show all of it</a>
                  </p>
                )}
              </details>
            </section>
          )}
        </aside>
        <div class="event-main">
          <TimeLineSection event={event} receivedAt={stored.receivedAt} rawUrl={rawUrl} />
          <TraceSection events={trace} id={stored.id} />
          {hasRequest(event) && (
            <MessageSection
              title="Request"
              id="request"
              headers={event.requestHeaders}
              payload={event.requestPayload}
              query={readQuery(event.requestUrl)}
              rawUrl={rawUrl}
              bodyUrl={`${eventUrl(stored.id)}/request-body`}
              note={[
                event.method,
                event.authMode && event.authMode !== 'none' && `authenticated by ${describeAuth(event)}`,
              ]
                .filter(part => part)
                .join(' · ')}
            />
          )}
          {hasResponse(event) && (
            <MessageSection
              title="Response"
              id="response"
              headers={event.responseHeaders}
              payload={event.responsePayload}
              rawUrl={rawUrl}
              bodyUrl={`${eventUrl(stored.id)}/response-body`}
              note={describeCode(event.statusCode)}
            />
          )}
          {test !== undefined && <TestSection id={stored.id} test={test} rawUrl={rawUrl} inboxUrl={inboxUrl} />}
          {metadata !== undefined && !(isObject(metadata) && Object.keys(metadata).length === 0) && (
            <section class="panel" aria-labelledby="metadata-title">
              <h2 id="metadata-title">Metadata</h2>
              {isObject(metadata) && !isMarker(metadata) ? (
                <NamedValues caption="Metadata" entries={Object.entries(metadata)} rawUrl={rawUrl} />
              ) : (
                <PayloadView value={metadata} id="metadata" label="Metadata" rawUrl={rawUrl} />
              )}
            </section>
          )}
          <section class="panel" aria-labelledby="raw-title">
            <details>
              <summary>
                <h2 id="raw-title">Raw JSON</h2>
              </summary>
              <JsonView value={raw} id="raw" label="The event as raw JSON" rawUrl={rawUrl} />
              <p class="show-all">
                <a href={rawUrl}>As the inbox keeps it</a>
              </p>
            </details>
          </section>
        </div>
      </div>
    </Layout>
  )
}

/** What the event can be written as. */
function exportFormats({ method }: ReplayStackEvent, canReplay: boolean): ExportFormat[] {
  return [...(canReplay ? (['curl', 'fetch'] as const) : []), ...(method ? (['har'] as const) : []), 'json']
}

function hasRequest({ requestHeaders, requestPayload, eventType }: ReplayStackEvent): boolean {
  return requestHeaders !== undefined || requestPayload !== undefined || eventType === 'api'
}

function hasResponse({ responseHeaders, responsePayload, statusCode, eventType }: ReplayStackEvent): boolean {
  return (
    responseHeaders !== undefined || responsePayload !== undefined || (eventType === 'api' && statusCode !== undefined)
  )
}

function describeAuth({ authMode, authScheme }: ReplayStackEvent): string {
  const mode = authMode === 'api_key' ? 'API key' : (authMode ?? 'other')
  return authScheme && authScheme.toLowerCase() !== mode ? `${mode} (${authScheme.slice(0, 60)})` : mode
}

function readQuery(url: string | undefined): [name: string, value: string][] {
  return url !== undefined && URL.canParse(url) ? [...new URL(url).searchParams] : []
}
