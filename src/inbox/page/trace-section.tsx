/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventSummary } from '../store.ts'
import { EventName } from './event-rows.tsx'
import { StatusBadge } from './icons.tsx'
import { eventUrl } from './list-url.ts'
import { formatCount } from './size-text.ts'
import { formatAge, formatExactTime } from './time-text.ts'

/** Events of a trace that a page lists. */
export const MAX_TRACE_EVENTS = 50

export interface TraceSectionProps {
  /** Oldest first. */
  events: readonly EventSummary[]
  /** The event whose page this is. */
  id: string
  now: number
}

/** The events of one trace, in their order. */
export function TraceSection({ events, id, now }: TraceSectionProps) {
  if (events.length < 2) return null
  return (
    <section class="panel" aria-labelledby="trace-title">
      <h2 id="trace-title">
        Trace{' '}
        <span class="panel-note">
          {events.length === MAX_TRACE_EVENTS
            ? `first ${MAX_TRACE_EVENTS} events`
            : formatCount(events.length, 'event')}
        </span>
      </h2>
      <ol class="trace">
        {events.map(event => {
          const current = event.id === id ? ({ 'aria-current': 'page' } as const) : {}
          return (
            <li>
              <a href={eventUrl(event.id)} {...current}>
                <StatusBadge status={event.status} />
                <span class="trace-name">
                  <EventName event={event} />
                </span>
                <span class="muted" title={formatExactTime(Date.parse(event.receivedAt))}>
                  {event.id === id ? 'this one' : formatAge(Date.parse(event.receivedAt), now)}
                </span>
              </a>
            </li>
          )
        })}
      </ol>
    </section>
  )
}
