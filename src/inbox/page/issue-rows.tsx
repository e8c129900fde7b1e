/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Issue } from '../issues/issue.ts'
import { EventText, lineText } from './event-text.tsx'
import { EventTime } from './event-time.tsx'
import { Histogram } from './histogram.tsx'
import { StateBadges, StateForm } from './issue-state.tsx'
import { issueUrl } from './issue-url.ts'

/** Names of one kind that a row shows. */
const MAX_TAGS = 2

const COLUMNS = [
  ['issue', 'Issue'],
  ['trend', 'Last 24 hours'],
  ['count', 'Events'],
  ['seen', 'Seen'],
  ['state', 'State'],
] as const

/** Issues as a table, one a row. */
export function IssueTable({ issues, now, back }: { issues: readonly Issue[]; now: number; back: string }) {
  return (
    <table class="events issues" id="issues">
      <caption>
        <span class="visually-hidden">Issues</span>
      </caption>
      <thead>
        <tr>
          {COLUMNS.map(([name, title]) => (
            <th scope="col" class={`cell-${name}`}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody id="rows">
        {issues.map(issue => (
          <tr id={`issue-${issue.issueId}`} class={`row issue-row ${issue.state}`}>
            <td class="cell-issue">
              <span class="issue-name">
                <IssueLink issue={issue} isRow />
                <StateBadges issue={issue} />
              </span>
              <span class="issue-about">
                <span class="issue-culprit">
                  <EventText text={describePlace(issue)} maxLength={200} />
                </span>
                <IssueTags issue={issue} />
              </span>
            </td>
            <td class="cell-trend">
              <Histogram histogram={issue.histogram} />
            </td>
            <td class="cell-count">
              {issue.count.toLocaleString('en-US')}
              <span class="cell-unit"> {issue.count === 1 ? 'event' : 'events'}</span>
            </td>
            <td class="cell-seen">
              <EventTime time={issue.lastSeen} now={now} />
              <span class="first-seen">
                since <EventTime time={issue.firstSeen} now={now} />
              </span>
            </td>
            <td class="cell-state">
              <StateForm issue={issue} back={back} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The title of an issue, which leads to its page; the keyboard walks through those in rows. */
export function IssueLink({ issue: { issueId, title }, isRow = false }: { issue: Issue; isRow?: boolean }) {
  return (
    <a
      class={isRow ? 'row-link issue-title' : 'issue-title'}
      id={`to-${issueId}`}
      href={issueUrl(issueId)}
      title={lineText(title)}
    >
      <EventText text={title.replace(/\s+/g, ' ')} maxLength={200} />
    </a>
  )
}

/** Where it goes wrong, and on which route where that says more. */
export function describePlace({ culprit, route }: Pick<Issue, 'culprit' | 'route'>): string {
  return route === undefined || route === culprit ? culprit : `${culprit} · ${route}`
}

function IssueTags({ issue: { services, environments, versions } }: { issue: Issue }) {
  const groups = [
    ['Service', services],
    ['Environment', environments],
    ['Version', versions.slice(-MAX_TAGS)],
  ] as const
  return (
    <span class="tags">
      {groups.flatMap(([kind, names]) =>
        names.slice(0, MAX_TAGS).map((name, index) => (
          <span class="tag" title={kind}>
            {lineText(name, 40)}
            {index === MAX_TAGS - 1 && names.length > MAX_TAGS && ` +${names.length - MAX_TAGS}`}
          </span>
        )),
      )}
    </span>
  )
}
