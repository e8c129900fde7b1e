/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { formatDuration } from '../format-values.ts'
import { EventText } from './event-text.tsx'
import { InlineJson } from './json-view.tsx'
import { formatCount } from './size-text.ts'
import { buildTimeLine, type Moment } from './time-line.ts'

/** What each kind of moment is called. */
const KINDS: Readonly<Record<Moment['kind'], string>> = {
  start: 'request',
  breadcrumb: 'breadcrumb',
  log: 'log',
  error: 'error',
  end: 'response',
}

/** Width of a moment's track, in its own units. */
const TRACK = 100

export interface TimeLineSectionProps {
  event: ReplayStackEvent
  receivedAt: string
  rawUrl: string
}

/** Request, breadcrumbs, log lines, error and response on one line of time. */
export function TimeLineSection({ event, receivedAt, rawUrl }: TimeLineSectionProps) {
  const { moments, length, omitted } = buildTimeLine(event, receivedAt)
  return (
    <section class="panel" aria-labelledby="time-line-title">
      <div class="panel-head">
        <h2 id="time-line-title">
          Time line <span class="panel-note">{formatDuration(length)}</span>
        </h2>
      </div>
      <ol class="time-line">
        {moments.map(moment => (
          <MomentRow moment={moment} length={length} eventType={event.eventType} />
        ))}
      </ol>
      {omitted > 0 && (
        <p class="show-all">
          {formatCount(omitted, 'more entry', 'more entries')}. <a href={rawUrl}>Show all as raw JSON</a>
        </p>
      )}
    </section>
  )
}

function MomentRow({
  moment: { kind, offset, level, category, message, metadata },
  length,
  eventType,
}: {
  moment: Moment
  length: number
  eventType: ReplayStackEvent['eventType']
}) {
  const label =
    kind === 'start' && eventType !== 'api' ? 'start' : kind === 'end' && eventType !== 'api' ? 'end' : KINDS[kind]
  return (
    <li class={`moment ${kind} level-${level}`}>
      <span class="moment-offset">{formatOffset(offset)}</span>
      <Track at={length > 0 ? Math.min(Math.max(offset / length, 0), 1) : 0} />
      <span class="moment-kind">
        {kind === 'log' ? `${level} log` : category ? <EventText text={category} maxLength={60} /> : label}
      </span>
      <span class="moment-text">
        {kind === 'breadcrumb' && level !== 'info' && <strong class="level">{level} </strong>}
        <EventText text={message} maxLength={1000} />
        {isShown(metadata) && (
          <>
            {' '}
            <InlineJson value={metadata} />
          </>
        )}
      </span>
    </li>
  )
}

/** Where in the event's time the moment is. */
function Track({ at }: { at: number }) {
  return (
    <svg class="track" viewBox={`0 0 ${TRACK} 8`} preserveAspectRatio="none" aria-hidden="true">
      <rect class="track-line" x="0" y="3.5" width={TRACK} height="1" />
      <rect class="track-mark" x={(at * (TRACK - 3)).toFixed(2)} y="0" width="3" height="8" />
    </svg>
  )
}

function formatOffset(milliseconds: number): string {
  return milliseconds < 0 ? `−${formatDuration(-milliseconds)}` : `+${formatDuration(milliseconds)}`
}

/** What came from JSON is JSON. */
function isShown(metadata: unknown): metadata is JsonValue {
  return metadata !== undefined
}
