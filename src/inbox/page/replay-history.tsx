/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { formatDuration } from '../format-values.ts'
import type { KeptReplay, ReplayOutcomeName } from '../replay/replay-record.ts'
import { EventText, lineText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { compareUrl, eventUrl } from './list-url.ts'

/** Replays of an event that its page names. */
export const MAX_REPLAYS = 20

const OUTCOMES: Readonly<Record<ReplayOutcomeName, string>> = {
  fixed: 'fixed ✓',
  same: 'same',
  different: 'different',
  uncompared: 'not compared',
  unanswered: 'no response',
}

export interface ReplayHistoryProps {
  eventId: string
  /** Newest first. */
  replays: readonly KeptReplay[]
  now: number
}

/** The replays of an event: what each came to, where it went, and when. The script keeps it live. */
export function ReplayHistoryList({ eventId, replays, now }: ReplayHistoryProps) {
  return (
    <div id="replays" data-event={eventId}>
      <p class="replay-running" id="replay-running" role="status" hidden>
        Replaying…
      </p>
      {replays.length > 0 && (
        <>
          <h3>{replays.length === MAX_REPLAYS ? `The newest ${MAX_REPLAYS} replays` : 'Replays'}</h3>
          <ol class="replays">
            {replays.map(replay => (
              <ReplayEntry replay={replay} now={now} />
            ))}
          </ol>
        </>
      )}
    </div>
  )
}

function ReplayEntry({ replay, now }: { replay: KeptReplay; now: number }) {
  const { outcome, verdict, target, replayEvent, eventId, startedAt, durationMs } = replay
  return (
    <li class={`replay-entry ${outcome ?? 'unknown'}`} title={verdict && lineText(verdict)}>
      <span class="replay-outcome">
        {describeStatus(replay)} {outcome && <strong>{OUTCOMES[outcome]}</strong>}
      </span>{' '}
      <span class="muted">
        {target && <EventText text={target.replace(/^https?:\/\//, '')} maxLength={120} />}{' '}
        {durationMs !== undefined && `${formatDuration(durationMs)} `}
        <EventTime time={startedAt} now={now} />
      </span>
      {replayEvent && (
        <span class="replay-links">
          <a href={eventUrl(replayEvent.id)}>Its event</a> <a href={compareUrl(eventId, replayEvent.id)}>Compare</a>
        </span>
      )}
    </li>
  )
}

/** `500 → 201`. */
function describeStatus({ originalStatusCode, statusCode }: KeptReplay): string {
  return [originalStatusCode, statusCode].filter(code => code !== undefined).join(' → ')
}
