/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Issue } from '../issues/issue.ts'
import { quoteValue } from '../query/query-words.ts'
import { EventText, lineText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { Histogram } from './histogram.tsx'
import { listUrl } from './list-url.ts'
import { formatCount } from './size-text.ts'
import { formatClock } from './time-text.ts'

/** How often an issue was seen, when and where. */
export function IssueFacts({ issue, now }: { issue: Issue; now: number }) {
  const { issueId, count, firstSeen, lastSeen, regressed, histogram } = issue
  const lastDay = histogram.counts.reduce((sum, failures) => sum + failures, 0)
  return (
    <>
      <section class="panel" aria-labelledby="trend-title">
        <div class="panel-head">
          <h2 id="trend-title">Last 24 hours</h2>
          <span class="panel-note">{formatCount(lastDay, 'failure')}</span>
        </div>
        <Histogram histogram={histogram} hasTitles />
        <div class="volume-axis" aria-hidden="true">
          <span>{formatClock(new Date(histogram.from)).slice(0, 5)}</span>
          <span>now</span>
        </div>
      </section>
      <section class="panel" aria-labelledby="facts-title">
        <h2 id="facts-title">Details</h2>
        <dl class="facts">
          <div>
            <dt>Events</dt>
            <dd>{count.toLocaleString('en-US')}</dd>
          </div>
          <div>
            <dt>Last seen</dt>
            <dd>
              <EventTime time={lastSeen} now={now} />
            </dd>
          </div>
          <div>
            <dt>First seen</dt>
            <dd>
              <EventTime time={firstSeen} now={now} />
            </dd>
          </div>
          {regressed && (
            <div>
              <dt>Regressed</dt>
              <dd>
                <EventTime time={regressed.at} now={now} />
                {regressed.version !== undefined && (
                  <>
                    {' in '}
                    <EventText text={regressed.version} maxLength={100} />
                  </>
                )}
              </dd>
            </div>
          )}
          <Names title="Versions" field="version" names={issue.versions} issueId={issueId} />
          <Names title="Services" field="service" names={issue.services} issueId={issueId} />
          <Names title="Environments" field="env" names={issue.environments} issueId={issueId} />
          <div>
            <dt>Issue id</dt>
            <dd class="mono">
              <EventText text={issueId} maxLength={80} />
            </dd>
          </div>
        </dl>
      </section>
    </>
  )
}

/** Each leads to the events that have it. */
function Names({
  title,
  field,
  names,
  issueId,
}: {
  title: string
  field: 'version' | 'service' | 'env'
  names: readonly string[]
  issueId: string
}) {
  if (names.length === 0) return null
  return (
    <div>
      <dt>{title}</dt>
      <dd class="tags">
        {names.map(name => (
          <a class="tag" href={listUrl({ queryText: `issue:${issueId} ${field}:${quoteValue(name)}` })}>
            {lineText(name, 60)}
          </a>
        ))}
      </dd>
    </div>
  )
}
