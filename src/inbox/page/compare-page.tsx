/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { JsonValue } from '../../types.ts'
import { formatDuration } from '../format-values.ts'
import { type AlignedLine, alignBodies } from '../replay/align-bodies.ts'
import { showBody } from '../replay/compare.ts'
import { type ComparedPart, type EventComparison, PARTS } from '../replay/compare-events.ts'
import type { Difference } from '../replay/compare-json.ts'
import { isLikelyNoise } from '../replay/likely-noise.ts'
import type { KeptEvent } from '../replay/test-file.ts'
import { AlignedBodies, DifferenceRow } from './aligned-rows.tsx'
import { EventName } from './event-rows.tsx'
import { EventText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { StatusCode } from './icons.tsx'
import { Layout } from './layout.tsx'
import { compareUrl, eventUrl } from './list-url.ts'
import { Notes } from './notes.tsx'
import { formatCount } from './size-text.ts'

/** UTF-16 units of a body that is shown line by line: of a longer one, the differences alone are. */
const MAX_BODY_LENGTH = 200_000

/** Fields of an event, as its page calls them. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  serviceName: 'service',
  appVersion: 'version',
  commitHash: 'commit',
  eventType: 'type',
  authMode: 'auth',
  errorName: 'error',
  errorMessage: 'message',
  statusCode: 'code',
}

export interface ComparePageProps {
  first: KeptEvent
  second: KeptEvent
  comparison: EventComparison
  now: number
}

/** `/events/:id/compare/:other`: two events side by side, what differs marked in its place. */
export function ComparePage({ first, second, comparison, now }: ComparePageProps) {
  const { parts, noise, notes } = comparison
  const equal = PARTS.flatMap(([part, title]) => (parts[part].length === 0 ? [title.toLowerCase()] : []))
  return (
    <Layout title="Two events · ReplayStack inbox" page="compare">
      <nav class="event-nav" aria-label="Events">
        <a href={eventUrl(second.id)} id="back">
          ← Event
        </a>
        <span class="event-steps">
          <a href={compareUrl(second.id, first.id)} id="swap">
            ⇄ Swap sides
          </a>
        </span>
      </nav>
      <section class="panel compare-panel" aria-labelledby="compare-title">
        <h1 id="compare-title">Two events side by side</h1>
        <CompareVerdict comparison={comparison} />
        <table class="aligned compared">
          <caption>
            <span class="visually-hidden">What differs between the two events</span>
          </caption>
          <thead>
            <tr>
              <th scope="col" class="aligned-name">
                <span class="visually-hidden">What differs</span>
              </th>
              <th scope="col">
                <ComparedHead kept={first} now={now} />
              </th>
              <th scope="col">
                <ComparedHead kept={second} now={now} />
              </th>
            </tr>
          </thead>
          {PARTS.map(([part, title]) => (
            <ComparedRows part={part} title={title} differences={parts[part]} first={first} second={second} />
          ))}
        </table>
        {equal.length > 0 && !comparison.same && <p class="hint">No difference in: {equal.join(', ')}.</p>}
        {noise.length > 0 && (
          <p class="hint">
            Ids and times, by their looks: <EventText text={noise.join(', ')} maxLength={2000} />.
          </p>
        )}
        <Notes notes={notes} />
      </section>
    </Layout>
  )
}

function CompareVerdict({ comparison: { same, parts, noise } }: { comparison: EventComparison }) {
  if (same) return <p class="verdict same">Nothing differs, as far as both events were captured.</p>
  const count = Object.values(parts).reduce((sum, differences) => sum + differences.length, 0) - noise.length
  const beside = noise.length > 0 ? `, beside ${formatCount(noise.length, 'id or time', 'ids and times')}` : ''
  return (
    <p class={`verdict ${count === 0 ? 'same' : 'different'}`}>
      {count === 0 ? 'Only ids and times differ.' : `${formatCount(count, 'difference')}${beside}`}
    </p>
  )
}

function ComparedHead({ kept: { id, receivedAt, event }, now }: { kept: KeptEvent; now: number }) {
  return (
    <>
      <a href={eventUrl(id)}>
        <EventName event={event} />
      </a>
      <span class="compared-facts">
        <StatusCode status={event.status} code={event.statusCode} /> {formatDuration(event.executionTimeMs)}{' '}
        <EventTime time={receivedAt} now={now} />
      </span>
    </>
  )
}

interface ComparedRowsProps {
  part: ComparedPart
  title: string
  differences: readonly Difference[]
  first: KeptEvent
  second: KeptEvent
}

function ComparedRows({ part, title, differences, first, second }: ComparedRowsProps) {
  if (differences.length === 0) return null
  const lines = readLines(part, differences, first, second)
  // The lines show those in their place.
  const rows = lines ? differences.filter(({ path }) => !path.startsWith('body')) : differences
  return (
    <>
      <tbody>
        <tr class="compared-part">
          <th scope="rowgroup" colspan={3}>
            {title}
          </th>
        </tr>
        {rows.map(difference => (
          <DifferenceRow
            difference={difference}
            name={FIELD_NAMES[difference.path]}
            isNoise={isLikelyNoise(difference)}
          />
        ))}
      </tbody>
      {lines && <AlignedBodies lines={lines} />}
    </>
  )
}

/** Both bodies line by line, where they differ and were captured whole. */
function readLines(
  part: ComparedPart,
  differences: readonly Difference[],
  { event: one }: KeptEvent,
  { event: other }: KeptEvent,
): AlignedLine[] | undefined {
  const inBody = differences.filter(({ path }) => path.startsWith('body'))
  if (inBody.length === 0 || (part !== 'request' && part !== 'response')) return undefined
  const field = part === 'request' ? 'requestPayload' : 'responsePayload'
  const [before, after] = [readBody(one[field]), readBody(other[field])]
  if (before === undefined || after === undefined) return undefined
  return alignBodies({
    original: { body: before },
    replayed: { body: after },
    compared: { status: true, body: 'whole' },
    leftOut: inBody.filter(isLikelyNoise).map(({ path }) => path),
  })
}

function readBody(payload: JsonValue | undefined): string | undefined {
  const body = showBody(payload)
  return payload === undefined || body.length > MAX_BODY_LENGTH ? undefined : body
}
