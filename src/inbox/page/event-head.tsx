/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { ReplayStackEvent } from '../../types.ts'
import { formatDuration } from '../format-values.ts'
import { hasMask } from '../replay/masked-text.ts'
import { EventName } from './event-rows.tsx'
import { EventText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { StatusBadge } from './icons.tsx'
import { STATUS_TEXTS } from './status-texts.ts'

/** Warnings that the page shows. */
const MAX_WARNINGS = 20

/** What of the event was not taken as it was sent: whoever wrote its sender must see it. */
export function IngestWarnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null
  return (
    <section class="ingest-warnings" aria-labelledby="ingest-warnings-title">
      <h2 id="ingest-warnings-title">Not taken as it was sent</h2>
      <ul>
        {warnings.slice(0, MAX_WARNINGS).map(warning => (
          <li>
            <EventText text={warning} maxLength={200} />
          </li>
        ))}
      </ul>
      {warnings.length > MAX_WARNINGS && <p>And {warnings.length - MAX_WARNINGS} more, in the raw JSON.</p>}
      <p class="muted">The ReplayStack backend may refuse the whole event.</p>
    </section>
  )
}

/** What it was, and how it went. */
export function EventHead({ event, receivedAt, now }: { event: ReplayStackEvent; receivedAt: string; now: number }) {
  const { status, statusCode, executionTimeMs, serviceName, environment, requestUrl } = event
  return (
    <header class={`event-head ${status}`}>
      <h1>
        <EventName event={event} />
      </h1>
      <p class="event-summary">
        <StatusBadge status={status} />
        {statusCode !== undefined && <strong class="code-number">{describeCode(statusCode)}</strong>}
        {executionTimeMs !== undefined && <span>{formatDuration(executionTimeMs)}</span>}
        <EventTime time={receivedAt} now={now} />
        {serviceName && (
          <span>
            <EventText text={serviceName} maxLength={80} />
          </span>
        )}
        {environment && (
          <span class="muted">
            <EventText text={environment} maxLength={60} />
          </span>
        )}
      </p>
      {requestUrl && (
        <p class="event-url">
          <EventUrl url={requestUrl} />
        </p>
      )}
    </header>
  )
}

/** Only http leads anywhere, and only where nothing of the address was masked. */
function EventUrl({ url }: { url: string }) {
  const text = <EventText text={url} maxLength={1000} />
  const isLink = /^https?:\/\//i.test(url) && URL.canParse(url) && !hasMask(url)
  return isLink ? (
    <a href={url} rel="noopener noreferrer nofollow" target="_blank">
      {text}
    </a>
  ) : (
    text
  )
}

/** `404 Not Found`. */
export function describeCode(code: number | undefined): string | undefined {
  return code === undefined ? undefined : [code, STATUS_TEXTS[code]].filter(part => part !== undefined).join(' ')
}
