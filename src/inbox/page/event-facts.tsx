/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { ReplayStackEvent } from '../../types.ts'
import type { EventSummary } from '../store.ts'
import { EventText } from './event-text.tsx'
import { isObject } from './json-kinds.ts'
import { eventUrl } from './list-url.ts'
import { formatExactTime } from './time-text.ts'

/** What is known of an event beside what it did: who, where, which version. */
export function EventFacts({
  event,
  receivedAt,
  lastSuccess,
}: {
  event: ReplayStackEvent
  receivedAt: string
  /** Of the same route, of an event that failed. */
  lastSuccess: EventSummary | undefined
}) {
  const route = isObject(event.metadata) ? event.metadata['route'] : undefined
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Type', event.eventType],
    ['Route', typeof route === 'string' ? route : undefined],
    ['Service', event.serviceName],
    ['Environment', event.environment],
    ['Version', event.appVersion],
    ['Commit', event.commitHash],
    ['Source IP', event.sourceIp],
    ['User agent', event.userAgent],
  ]
  return (
    <section class="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">Details</h2>
      <dl class="facts">
        <div>
          <dt>Received</dt>
          <dd>
            <time datetime={receivedAt}>{formatExactTime(Date.parse(receivedAt))}</time>
          </dd>
        </div>
        <div>
          <dt>Trace id</dt>
          <dd id="trace-id" class="mono">
            <EventText text={event.traceId} maxLength={300} />
          </dd>
        </div>
        {lastSuccess && (
          <div>
            <dt>Last success</dt>
            <dd>
              <a href={eventUrl(lastSuccess.id)}>
                <time datetime={lastSuccess.receivedAt}>{formatExactTime(Date.parse(lastSuccess.receivedAt))}</time>
              </a>
            </dd>
          </div>
        )}
        {facts.map(
          ([name, value]) =>
            value && (
              <div>
                <dt>{name}</dt>
                <dd>
                  <EventText text={value} maxLength={500} />
                </dd>
              </div>
            ),
        )}
      </dl>
    </section>
  )
}
