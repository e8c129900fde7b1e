/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventSummary } from '../store.ts'
import { EventName } from './event-rows.tsx'
import { EventTime } from './event-time.tsx'
import { NamedIcon, StatusCode } from './icons.tsx'
import { compareUrl, eventUrl } from './list-url.ts'

/** From the event of a replay to the event that was sent again. */
export function ReplayOf({
  id,
  originalId,
  original,
  now,
}: {
  id: string
  originalId: string
  /** Absent where it was removed. */
  original: EventSummary | undefined
  now: number
}) {
  return (
    <p class="replay-of" id="replay-of">
      <NamedIcon name="replay" /> Replay of{' '}
      {original ? (
        <>
          <a href={eventUrl(originalId)}>
            <EventName event={original} />
          </a>{' '}
          <StatusCode status={original.status} code={original.statusCode} />{' '}
          <span class="muted">
            <EventTime time={original.receivedAt} now={now} />
          </span>{' '}
          <a href={compareUrl(originalId, id)}>Compare</a>
        </>
      ) : (
        'an event that is no longer here'
      )}
    </p>
  )
}
