/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Issue } from '../issues/issue.ts'
import { EventText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { Histogram } from './histogram.tsx'
import { describePlace, IssueLink } from './issue-rows.tsx'
import { StateBadges } from './issue-state.tsx'
import { formatCount } from './size-text.ts'

/** Issues that stand above the events. */
export const MAX_OPEN_ISSUES = 3

export interface OpenIssuesProps {
  /** The latest of them, {@link MAX_OPEN_ISSUES} at most. */
  issues: readonly Issue[]
  /** All that are open. */
  count: number
  now: number
}

/** What has failed and nobody has dealt with, above the events: the first thing to see. */
export function OpenIssues({ issues, count, now }: OpenIssuesProps) {
  return (
    <section class="open-issues" id="open-issues" aria-labelledby="open-issues-title" hidden={issues.length === 0}>
      <h2 id="open-issues-title">
        <a href="/issues" id="all-issues">
          {formatCount(count, 'open issue')}
        </a>
      </h2>
      <ul>
        {issues.map(issue => (
          <li class="open-issue">
            <span class="open-issue-name">
              <IssueLink issue={issue} />
              <StateBadges issue={issue} />
              <span class="issue-culprit">
                <EventText text={describePlace(issue)} maxLength={120} />
              </span>
            </span>
            <Histogram histogram={issue.histogram} />
            <span class="open-issue-count">{issue.count.toLocaleString('en-US')}×</span>
            <EventTime time={issue.lastSeen} now={now} />
          </li>
        ))}
      </ul>
    </section>
  )
}
