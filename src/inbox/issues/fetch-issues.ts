import type { JsonValue } from '../../types.ts'
import { InboxError } from '../inbox-error.ts'
import { fetchJson, notAnInbox } from '../replay/fetch-json.ts'
import { textsOf } from '../replay/hermetic.ts'
import { isJsonObject, type JsonObject } from '../replay/payload-kind.ts'
import { ISSUE_STATES, type Issue, type IssueHistogram, type IssuePage } from './issue.ts'

/** Which page is fetched; what is absent or empty is as the inbox has it. */
export interface FetchIssuesOptions {
  query?: string | undefined
  sort?: string | undefined
  before?: string | undefined
  limit: number
}

/**
 * Fetches a page of the issues that have events which a query finds.
 *
 * @throws InboxError with the inbox's own words for what it refuses
 */
export async function fetchIssues(
  inbox: string,
  { query = '', sort = '', before = '', limit }: FetchIssuesOptions,
  signal: AbortSignal,
): Promise<IssuePage> {
  const parameters = new URLSearchParams({ query, sort, before, limit: String(limit) })
  const { status, value } = await fetchJson(`${inbox}/api/v1/issues?${parameters}`, inbox, { signal })
  const { issues, next, message } = isJsonObject(value) ? value : {}
  if (status === 400 && typeof message === 'string') throw new InboxError(message)
  if (status !== 200 || !Array.isArray(issues)) throw notAnInbox(inbox, status)
  return {
    issues: issues.flatMap((row: JsonValue) => readIssue(row) ?? []),
    next: typeof next === 'string' ? next : null,
  }
}

/** An issue, read from an inbox's JSON; `undefined` when it is not one. */
function readIssue(row: JsonValue): Issue | undefined {
  if (!isJsonObject(row)) return undefined
  const text = (name: string) => readText(row, name)
  const [issueId, title, culprit, firstSeen, lastSeen] = [
    text('issueId'),
    text('title'),
    text('culprit'),
    text('firstSeen'),
    text('lastSeen'),
  ]
  const state = ISSUE_STATES.find(name => name === row['state'])
  const histogram = readHistogram(row['histogram'])
  const count = row['count']
  if (issueId === undefined || title === undefined || culprit === undefined) return undefined
  if (firstSeen === undefined || lastSeen === undefined) return undefined
  if (!state || !histogram || typeof count !== 'number') return undefined
  return {
    issueId,
    title,
    errorName: text('errorName'),
    errorMessage: text('errorMessage'),
    culprit,
    route: text('route'),
    count,
    firstSeen,
    lastSeen,
    services: textsOf(row['services']),
    environments: textsOf(row['environments']),
    versions: textsOf(row['versions']),
    state,
    regressed: readRegression(row['regressed']),
    histogram,
    latestEventId: text('latestEventId'),
  }
}

function readRegression(value: JsonValue | undefined): Issue['regressed'] {
  if (!isJsonObject(value)) return undefined
  const at = readText(value, 'at')
  return at === undefined ? undefined : { at, version: readText(value, 'version') }
}

function readHistogram(value: JsonValue | undefined): IssueHistogram | undefined {
  if (!isJsonObject(value)) return undefined
  const { bucketMs, counts } = value
  const from = readText(value, 'from')
  if (from === undefined || typeof bucketMs !== 'number' || !Array.isArray(counts)) return undefined
  return { from, bucketMs, counts: counts.map(Number) }
}

function readText(row: JsonObject, name: string): string | undefined {
  const value = row[name]
  return typeof value === 'string' ? value : undefined
}
