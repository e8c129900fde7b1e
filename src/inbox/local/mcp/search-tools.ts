import { formatEventTable } from '../../format.ts'
import { fetchIssues } from '../../issues/fetch-issues.ts'
import { formatIssues, MAX_ISSUE_CHARACTERS } from '../../issues/format-issues.ts'
import { ISSUE_SORTS } from '../../issues/issue.ts'
import { fetchEvents } from '../../replay/fetch-event.ts'
import { fenceData, MAX_DATA_CHARACTERS } from './fence.ts'
import { readText, type Tool } from './tool.ts'

const QUERY = {
  type: 'string',
  description:
    'Words, "phrases" and terms: is:failed status:500 status:5xx method:POST route:/orders/:id endpoint:/orders* type:cron service: env: version: error:TypeError trace: issue: duration:>500 since:1h until:; - negates, OR joins',
  maxLength: 1_000,
} as const

export const listIssues: Tool = {
  name: 'list_issues',
  title: 'List issues',
  description:
    'Lists issues, which are failures of one kind: error, place, how many, since when, versions, and the newest event to read. Begin with query "is:open".',
  arguments: {
    query: {
      ...QUERY,
      description: `Issues that have an event which it finds. is:open is:resolved is:ignored is:regressed ask for their state. ${QUERY.description}`,
    },
    sort: {
      type: 'string',
      description: 'lastSeen, the latest first, without it; firstSeen: the newest kind first; count: the most frequent',
      enum: ISSUE_SORTS,
    },
    limit: {
      type: 'integer',
      description: 'How many at most; 20 without it',
      minimum: 1,
      // As many as are never cut: the cursor of the next page would pass over what was.
      maximum: Math.floor(MAX_DATA_CHARACTERS / MAX_ISSUE_CHARACTERS),
    },
    before: { type: 'string', description: 'The cursor of an earlier page, given with the same sort', maxLength: 100 },
  },
  required: [],
  isReadOnly: true,
  async run(given, { inbox, signal }) {
    const limit = typeof given['limit'] === 'number' ? given['limit'] : 20
    const [query, sort, before] = [readText(given, 'query'), readText(given, 'sort'), readText(given, 'before')]
    const { issues, next } = await fetchIssues(inbox, { query, sort, before, limit }, signal)
    if (issues.length === 0) return 'No issue was found. An empty query lists all.'
    const more = next === null ? 'There are no more.' : `For more, give before: "${next}".`
    const count = issues.length === 1 ? '1 issue' : `${issues.length} issues`
    return fenceData(
      `${count}. ${more} search_events with issue: and an issue's id lists its events.`,
      formatIssues(issues),
    )
  },
}

export const searchEvents: Tool = {
  name: 'search_events',
  title: 'Search events',
  description:
    'Lists recorded requests, cron runs and messages, newest first, with status, duration and error. Begin with query "is:failed".',
  arguments: {
    query: QUERY,
    limit: { type: 'integer', description: 'How many at most; 20 without it', minimum: 1, maximum: 100 },
    before: { type: 'string', description: 'The cursor of an earlier page, for older events', maxLength: 40 },
  },
  required: [],
  isReadOnly: true,
  async run(given, { inbox, signal }) {
    const limit = typeof given['limit'] === 'number' ? given['limit'] : 20
    const [query, before] = [readText(given, 'query'), readText(given, 'before')]
    const page = await fetchEvents(inbox, { query, before, limit }, signal)
    if (page.events.length === 0) return 'No event was found. An empty query lists all.'
    const more = page.next === undefined ? 'There are no older ones.' : `For older ones, give before: "${page.next}".`
    const count = page.events.length === 1 ? '1 event' : `${page.events.length} events`
    return fenceData(`${count}, newest first. ${more}`, formatEventTable(page.events))
  },
}
