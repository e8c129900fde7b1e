/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventSummary } from '../store.ts'
import { EventName } from './event-rows.tsx'
import { EventTime } from './event-time.tsx'
import { StatusCode } from './icons.tsx'
import { eventUrl } from './list-url.ts'

/** Replays of an event that its page names. */
export const MAX_REPLAYS = 20

export interface ReplayLinksProps {
  /** The id of the event that this one is a replay of. */
  originalId: string | undefined
  /** The events of its own replays, newest first. */
  replays: readonly EventSummary[]
  now: number
}

/** From a replay to its original, and from an event to its replays. */
export function ReplayLinks({ originalId, replays, now }: ReplayLinksProps) {
  return (
    <>
      {originalId !== undefined && (
        <p>
          This event comes of a replay of <a href={eventUrl(originalId)}>another</a>.
        </p>
      )}
      {replays.length > 0 && (
        <>
          <h3>{replays.length === MAX_REPLAYS ? `The newest ${MAX_REPLAYS} replays` : 'Replays'}</h3>
          <ol class="replays">
            {replays.map(event => (
              <li>
                <a href={eventUrl(event.id)}>
                  <StatusCode status={event.status} code={event.statusCode} /> <EventName event={event} />
                </a>{' '}
                <span class="muted">
                  <EventTime time={event.receivedAt} now={now} />
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  )
}
