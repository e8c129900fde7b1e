/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { formatDuration } from '../format-values.ts'
import type { EventSummary } from '../store.ts'
import { EventText, lineText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { Pin, StatusCode } from './icons.tsx'
import { eventUrl } from './list-url.ts'

const COLUMNS = ['Status', 'Event', 'Duration', 'Service', 'Received'] as const

/** Events as a table, one a row. The column of services is there only where an event has one. */
export function EventTable({ events, now }: { events: readonly EventSummary[]; now: number }) {
  return (
    <table class={events.some(event => event.serviceName) ? 'events' : 'events no-service'} id="events">
      <caption>
        <span class="visually-hidden">Events, the newest first</span>
      </caption>
      <thead>
        <tr>
          {COLUMNS.map(name => (
            <th scope="col" class={`cell-${name.toLowerCase()}`}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody id="rows">
        {events.map(event => (
          <EventRow event={event} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function EventRow({ event, now }: { event: EventSummary; now: number }) {
  const { id, status, statusCode, executionTimeMs, serviceName, receivedAt } = event
  const error = [event.errorName, event.errorMessage].filter(part => part).join(': ')
  return (
    <tr id={`event-${id}`} class={`row ${status}`}>
      <td class="cell-status">
        <StatusCode status={status} code={statusCode} />
      </td>
      <td class="cell-event">
        <a class="row-link" id={`to-${id}`} href={eventUrl(id)}>
          <EventName event={event} />
        </a>
        {event.urlQuery && (
          <span class="url-query" title={lineText(event.urlQuery)}>
            <EventText text={`?${event.urlQuery}`} maxLength={120} />
          </span>
        )}
        {event.pinned && <Pin />}
        {error && (
          <span class="row-error" title={lineText(error)}>
            <EventText text={error.slice(0, 300).replace(/\s+/g, ' ')} maxLength={300} />
          </span>
        )}
      </td>
      <td class="cell-duration">{formatDuration(executionTimeMs)}</td>
      <td class="cell-service">{serviceName && <EventText text={serviceName} maxLength={80} />}</td>
      <td class="cell-received">
        <EventTime time={receivedAt} now={now} />
      </td>
    </tr>
  )
}

/** What an event is called: its method, or its type where it has none, and its endpoint. */
export function EventName({ event }: { event: Pick<EventSummary, 'eventType' | 'method' | 'endpoint'> }) {
  const { eventType, method, endpoint } = event
  return (
    <>
      {eventType !== 'api' && <span class={`type type-${eventType}`}>{eventType}</span>}{' '}
      {method && (
        <span class="method">
          <EventText text={method} maxLength={20} />
        </span>
      )}{' '}
      {endpoint ? (
        <span class="endpoint">
          <EventText text={endpoint} maxLength={300} />
        </span>
      ) : (
        !method && eventType === 'api' && <span class="endpoint">(no endpoint)</span>
      )}
    </>
  )
}
