/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Issue, IssueState } from '../issues/issue.ts'
import { lineText } from './event-text.tsx'
import { issueUrl } from './issue-url.ts'
import { formatExactTime } from './time-text.ts'

const ACTIONS: Readonly<Record<IssueState, readonly (readonly [state: IssueState, name: string])[]>> = {
  open: [
    ['resolved', 'Resolve'],
    ['ignored', 'Ignore'],
  ],
  resolved: [['open', 'Reopen']],
  ignored: [['open', 'Reopen']],
}

/** What an issue's state can become. Works by itself as a form; with a script, without leaving the page. */
export function StateForm({ issue: { issueId, state, title }, back }: { issue: Issue; back: string }) {
  return (
    <form class="state-form" method="post" action={`${issueUrl(issueId)}/state`} data-issue={issueId}>
      <input type="hidden" name="back" value={back} />
      {ACTIONS[state].map(([next, name]) => (
        <button
          type="submit"
          class="button small"
          name="state"
          value={next}
          id={`${next}-${issueId}`}
          aria-label={`${name}: ${lineText(title, 80)}`}
        >
          {name}
        </button>
      ))}
    </form>
  )
}

/** An issue's state where it is not open, and that it came back where it did. */
export function StateBadges({ issue: { state, regressed } }: { issue: Issue }) {
  return (
    <>
      {state !== 'open' && <span class={`badge ${state}`}>{state}</span>}
      {regressed && (
        <span class="badge regressed" title={`Seen again ${formatExactTime(Date.parse(regressed.at))}`}>
          regressed
          {regressed.version !== undefined && <span class="badge-version"> in {lineText(regressed.version, 40)}</span>}
        </span>
      )}
    </>
  )
}
