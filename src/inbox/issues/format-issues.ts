import { escapeControlCharacters } from '../terminal-text.ts'
import type { Issue } from './issue.ts'

/** UTF-16 units that {@link formatIssues} needs for an issue at most, whatever is in it. */
export const MAX_ISSUE_CHARACTERS = 1_000

/** Issues as texts of a few lines each, with the ids that other commands need. Without a newline at its end. */
export function formatIssues(issues: readonly Issue[]): string {
  return issues.map(formatIssue).join('\n')
}

function formatIssue(issue: Issue): string {
  const { title, culprit, route, count, firstSeen, lastSeen, histogram, issueId, latestEventId } = issue
  const lastDay = histogram.counts.reduce((sum, failures) => sum + failures, 0)
  const failures = count === 1 ? '1 failure' : `${count} failures`
  const names = [
    formatNames('services', issue.services),
    formatNames('environments', issue.environments),
    formatNames('versions', issue.versions.slice(-5)),
  ]
  const lines = [
    `in ${shorten(culprit, 120)}${route === undefined || route === culprit ? '' : `, route ${shorten(route, 100)}`}`,
    `${formatState(issue)}; ${failures}, ${lastDay} in the last 24 hours; first ${firstSeen}, last ${lastSeen}`,
    names.filter(part => part !== '').join('; '),
    `issue ${issueId}, newest event ${latestEventId ?? 'pruned'}`,
  ]
  return [shorten(title, 200), ...lines.filter(line => line !== '').map(line => `  ${line}`)].join('\n')
}

function formatState({ state, regressed }: Issue): string {
  if (!regressed) return state
  const version = regressed.version === undefined ? '' : ` in ${shorten(regressed.version, 40)}`
  return `${state}, came back ${regressed.at}${version}`
}

function formatNames(title: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${title} ${shorten(names.join(', '), 60)}`
}

/** In one line, and no longer than `maximum` once its control characters are escaped. */
function shorten(text: string, maximum: number): string {
  const escaped = escapeControlCharacters(text)
  return escaped.length > maximum ? `${escaped.slice(0, maximum - 1).replace(/[\ud800-\udbff]$/, '')}…` : escaped
}
