import type { AlertNews } from './event-feed.ts'
import type { Issue } from './issues/issue.ts'
import type { ReplayNews } from './replay/replay-record.ts'
import type { EventStore, EventSummary, MonthUsage } from './store.ts'
import { findTopFrame } from './top-frame.ts'

/**
 * One event as server-sent events: `event.created`, and for a failed one `event.failed` and the `error_group.updated` of its
 * issue besides. Their data is the contract's, with the rest of the list's row. The id is on an event's last message: a
 * listener cut off between two is sent all again.
 */
export function formatStreamMessages(event: EventSummary, store: EventStore, projectId: string): string {
  const isFailed = event.status === 'failed'
  const topFrame = isFailed ? findTopFrame(store, event.id) : undefined
  const data = { ...event, projectId, eventId: event.id, topFrame, createdAt: event.receivedAt }
  const types = isFailed ? ['event.created', 'event.failed'] : ['event.created']
  const messages = types.map(type => formatMessage(type, data))
  const issue = event.issueId === undefined ? undefined : store.issue(event.issueId)
  if (issue) messages.push(formatMessage('error_group.updated', { ...describeIssue(issue, projectId), ...data }))
  return `${messages.join('\n')}id: ${event.id}\n\n`
}

/** An issue that somebody changed as a server-sent event, without an id: who missed it reads the issue. */
export function formatIssueMessage(issue: Issue, projectId: string): string {
  return `${formatMessage('error_group.updated', describeIssue(issue, projectId))}\n`
}

/** A replay that begins or is over as a server-sent event, without an id: who missed it reads the event's replays. */
export function formatReplayMessage({ type, record, event }: ReplayNews, projectId: string): string {
  const { status, endpoint, statusCode, errorName, errorMessage } = event
  const { eventId, startedAt, statusCode: replayedStatusCode, ...rest } = record
  const data = { projectId, eventId, status, endpoint, statusCode, errorName, errorMessage }
  return `${formatMessage(type, { ...rest, ...data, replayedStatusCode, createdAt: startedAt })}\n`
}

/** An alert that was triggered as a server-sent event, without an id: who missed it reads the list of alerts. */
export function formatAlertMessage(alert: AlertNews, projectId: string): string {
  return `${formatMessage('alert.triggered', { projectId, ...alert })}\n`
}

/** What a project has taken in this month as a server-sent event, without an id: the next one has all of it. */
export function formatUsageMessage(usage: MonthUsage, projectId: string, now: number): string {
  return `${formatMessage('usage.updated', { projectId, ...usage, createdAt: new Date(now).toISOString() })}\n`
}

function formatMessage(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ ...data, type })}\n`
}

function describeIssue(issue: Issue, projectId: string) {
  const { issueId, title, count, state, regressed, culprit, errorName, errorMessage, latestEventId, lastSeen } = issue
  return {
    projectId,
    issueId,
    eventId: latestEventId,
    title,
    culprit,
    count,
    state,
    regressed,
    errorName,
    errorMessage,
    createdAt: lastSeen,
  }
}
