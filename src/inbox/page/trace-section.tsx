/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { formatDuration } from '../format-values.ts'
import type { EventSummary } from '../store.ts'
import { EventName } from './event-rows.tsx'
import { EventText } from './event-text.tsx'
import { StatusCode } from './icons.tsx'
import { eventUrl } from './list-url.ts'
import { formatCount } from './size-text.ts'
import { TimeTrack } from './time-track.tsx'
import { buildTraceTree } from './trace-tree.ts'

/** Events of a trace that a page lists. */
export const MAX_TRACE_EVENTS = 50

/** Steps to the right that a page shows. */
const MAX_DEPTH = 5

export interface TraceSectionProps {
  /** Oldest first. */
  events: readonly EventSummary[]
  /** The event whose page this is. */
  id: string
}

/** The events of one trace as a tree, with a bar each on one clock. */
export function TraceSection({ events, id }: TraceSectionProps) {
  if (events.length < 2) return null
  const { nodes, length } = buildTraceTree(events)
  return (
    <section class="panel" aria-labelledby="trace-title">
      <h2 id="trace-title">
        Trace{' '}
        <span class="panel-note">
          {events.length === MAX_TRACE_EVENTS
            ? `first ${MAX_TRACE_EVENTS} events`
            : `${formatCount(events.length, 'event')} in ${formatDuration(length)}`}
        </span>
      </h2>
      <ol class="trace">
        {nodes.map(({ event, depth, start, end }) => {
          const current = event.id === id ? ({ 'aria-current': 'page' } as const) : {}
          return (
            <li class={event.status}>
              <a href={eventUrl(event.id)} {...current}>
                <span class={`trace-name depth-${Math.min(depth, MAX_DEPTH)}`}>
                  <StatusCode status={event.status} code={event.statusCode} /> <EventName event={event} />
                  {event.serviceName && (
                    <span class="muted">
                      {' '}
                      <EventText text={event.serviceName} maxLength={60} />
                    </span>
                  )}
                </span>
                <span class="trace-time muted">
                  +{formatDuration(start)} · {formatDuration(end - start)}
                </span>
                <TimeTrack from={start} to={end} length={length} />
              </a>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
