/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Issue, IssuePlace } from '../issues/issue.ts'
import { EventText } from './event-text.tsx'
import { StateBadges } from './issue-state.tsx'
import { issueUrl } from './issue-url.ts'
import { eventUrl } from './list-url.ts'
import { formatOrdinal } from './size-text.ts'

export interface EventIssue {
  issue: Issue
  place: IssuePlace
}

/** Of which issue an event is, and the way to the issue's other events. */
export function IssuePlaceNavigation({ issue, place }: EventIssue) {
  const { position, count, newerId, olderId } = place
  return (
    <nav class={issue.state === 'open' ? 'issue-place' : 'issue-place settled'} aria-label="Issue">
      <span>
        {formatOrdinal(position)} of {count.toLocaleString('en-US')} in{' '}
        <a id="issue" href={issueUrl(issue.issueId)}>
          <EventText text={issue.title.replace(/\s+/g, ' ')} maxLength={120} />
        </a>{' '}
        <StateBadges issue={issue} />
      </span>
      <span class="event-steps">
        {newerId !== undefined && (
          <a id="issue-newer" rel="prev" href={eventUrl(newerId)}>
            ↑ Next of its kind
          </a>
        )}
        {olderId !== undefined && (
          <a id="issue-older" rel="next" href={eventUrl(olderId)}>
            ↓ Previous of its kind
          </a>
        )}
      </span>
    </nav>
  )
}
