/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { formatDuration } from '../format-values.ts'
import { EventText } from './event-text.tsx'
import { InlineJson } from './json-view.tsx'
import { type RecordedCall, readTapeGaps } from './recorded-calls.ts'
import { formatCount } from './size-text.ts'
import { buildTimeLine, type Moment } from './time-line.ts'
import { TimeTrack } from './time-track.tsx'

/** What each kind of moment is called. */
const KINDS: Readonly<Record<Moment['kind'], string>> = {
  start: 'request',
  breadcrumb: 'breadcrumb',
  log: 'log',
  call: 'call',
  error: 'error',
  end: 'response',
}

/** Reasons why a tape is not complete that a page shows. */
const MAX_REASONS = 10

export interface TimeLineSectionProps {
  event: ReplayStackEvent
  receivedAt: string
  rawUrl: string
}

/** Request, breadcrumbs, calls, log lines, error and response on one line of time. */
export function TimeLineSection({ event, receivedAt, rawUrl }: TimeLineSectionProps) {
  const { moments, length, omitted } = buildTimeLine(event, receivedAt)
  const reasons = readTapeGaps(event)
  return (
    <section class="panel" aria-labelledby="time-line-title">
      <div class="panel-head">
        <h2 id="time-line-title">
          Timeline <span class="panel-note">{formatDuration(length)}</span>
        </h2>
      </div>
      <ol class="time-line">
        {moments.map(moment => (
          <>
            {moment.gap !== undefined && <li class="gap">{formatDuration(moment.gap)} with nothing recorded</li>}
            <MomentRow moment={moment} length={length} eventType={event.eventType} />
          </>
        ))}
      </ol>
      {omitted > 0 && (
        <p class="show-all">
          {formatCount(omitted, 'more entry', 'more entries')}. <a href={rawUrl}>Show all as raw JSON</a>
        </p>
      )}
      {reasons.length > 0 && (
        <ul class="notes">
          {reasons.slice(0, MAX_REASONS).map(reason => (
            <li>
              Not every call can be played back: <EventText text={reason} maxLength={300} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function MomentRow({
  moment,
  length,
  eventType,
}: {
  moment: Moment
  length: number
  eventType: ReplayStackEvent['eventType']
}) {
  const { kind, offset, duration, level, category, message, metadata, call } = moment
  const label =
    kind === 'start' && eventType !== 'api' ? 'start' : kind === 'end' && eventType !== 'api' ? 'end' : KINDS[kind]
  const text = (
    <>
      {kind === 'breadcrumb' && level !== 'info' && <strong class="level">{level} </strong>}
      <EventText text={message} maxLength={1000} />
      {duration !== undefined && <span class="moment-duration"> {formatDuration(duration)}</span>}
    </>
  )
  return (
    <li class={`moment ${kind} level-${level}`}>
      <span class="moment-offset">{formatOffset(offset)}</span>
      <span class="moment-kind">
        {kind === 'log' ? `${level} log` : category ? <EventText text={category} maxLength={60} /> : label}
      </span>
      <div class="moment-text">
        {call ? <Call call={call} summary={text} /> : text}
        {isShown(metadata) && (
          <>
            {' '}
            <InlineJson value={metadata} />
          </>
        )}
      </div>
      <TimeTrack from={offset} to={offset + (duration ?? 0)} length={length} />
    </li>
  )
}

/** A call; opened, what it was given and what it gave. */
function Call({ call: { input, output, error, durationMs }, summary }: { call: RecordedCall; summary: Child }) {
  return (
    <details class="call">
      <summary>{summary}</summary>
      {input !== undefined && (
        <p>
          <span class="muted">input</span> <InlineJson value={input} />
        </p>
      )}
      {output !== undefined && (
        <p>
          <span class="muted">output</span> <InlineJson value={output} />
        </p>
      )}
      {error !== undefined && (
        <p>
          <span class="muted">error</span> <InlineJson value={error} />
        </p>
      )}
      {durationMs === undefined && <p class="muted">It had not ended when the event was made.</p>}
    </details>
  )
}

function formatOffset(milliseconds: number): string {
  return milliseconds < 0 ? `−${formatDuration(-milliseconds)}` : `+${formatDuration(milliseconds)}`
}

/** What came from JSON is JSON. */
function isShown(metadata: unknown): metadata is JsonValue {
  return metadata !== undefined
}
