import type { Issue, IssueFilter, IssuePage, IssuePlace, IssueSort, IssueState } from '../issues/issue.ts'
import { ISSUE_STATES } from '../issues/issue.ts'
import type { Query, QueryTerm } from '../query/query.ts'
import type { Row, SqlDriver, SqlValue } from './driver.ts'
import { HOUR_MS } from './issue-tables.ts'
import { selectEvents } from './queries.ts'
import { isIssueState, writeIssueState } from './query-conditions.ts'
import { readOptionalText, readText } from './rows.ts'

const HISTOGRAM_HOURS = 24
/** Services, environments and versions that one issue names. */
const MAX_NAMES = 20

const SORT_COLUMNS: Readonly<Record<IssueSort, string>> = {
  lastSeen: 'last_seen',
  firstSeen: 'first_seen',
  count: 'count',
}

export function listIssues(
  driver: SqlDriver,
  { query = { clauses: [] }, sort = 'lastSeen', limit = 50, before }: IssueFilter,
  now: number,
): IssuePage {
  const column = SORT_COLUMNS[sort]
  const { conditions, values } = readIssueConditions(query)
  const cursor = /^(\d{1,16})-([\da-f]{1,64})$/.exec(before ?? '')
  if (cursor) {
    conditions.push(`(${column}, issue_id) < (${cursor[1]}, ?)`)
    values.push(cursor[2] ?? '')
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  const rows = driver.query(
    `SELECT * FROM issues ${where} ORDER BY ${column} DESC, issue_id DESC LIMIT ${limit + 1}`,
    ...values,
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next = rows.length > limit && last ? `${Number(last[column])}-${readText(last, 'issue_id')}` : null
  return { issues: readIssues(driver, page, now), next }
}

export function getIssue(driver: SqlDriver, issueId: string, now: number): Issue | undefined {
  return readIssues(driver, driver.query('SELECT * FROM issues WHERE issue_id = ?', issueId), now)[0]
}

export function countIssues(driver: SqlDriver, query: Query = { clauses: [] }): Record<IssueState, number> {
  const { conditions, values } = readIssueConditions(query)
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  const rows = driver.query(`SELECT state, count(*) AS count FROM issues ${where} GROUP BY state`, ...values)
  const countOf = (state: IssueState) => Number(rows.find(row => row['state'] === state)?.['count'] ?? 0)
  return { open: countOf('open'), resolved: countOf('resolved'), ignored: countOf('ignored') }
}

export function findIssuePlace(driver: SqlDriver, id: string): IssuePlace | undefined {
  const [row] = driver.query(
    `SELECT issue_id, count, (SELECT count(*) FROM events WHERE issue_id = own.issue_id AND sequence > own.sequence) AS newer,
        (SELECT id FROM events WHERE issue_id = own.issue_id AND sequence > own.sequence ORDER BY sequence LIMIT 1) AS newer_id,
        (SELECT id FROM events WHERE issue_id = own.issue_id AND sequence < own.sequence ORDER BY sequence DESC LIMIT 1) AS older_id,
        (SELECT id FROM events WHERE issue_id = own.issue_id ORDER BY sequence LIMIT 1) AS first_id
      FROM (SELECT issue_id, sequence FROM events WHERE id = ?) AS own JOIN issues USING (issue_id)`,
    id,
  )
  if (!row) return undefined
  const count = Number(row['count'])
  return {
    issueId: readText(row, 'issue_id'),
    // What is pruned is older than what is there.
    position: count - Number(row['newer']),
    count,
    newerId: readOptionalText(row, 'newer_id'),
    olderId: readOptionalText(row, 'older_id'),
    firstId: readText(row, 'first_id'),
  }
}

/** @returns whether there is such an issue */
export function setIssueState(driver: SqlDriver, issueId: string, state: IssueState): boolean {
  const sql = 'UPDATE issues SET state = ?, regressed_at = NULL, regressed_in = NULL WHERE issue_id = ? RETURNING 1'
  return driver.query(sql, state, issueId).length > 0
}

/** States are asked of the issue itself, all else of its events. */
function readIssueConditions({ clauses }: Query): { conditions: string[]; values: SqlValue[] } {
  const isStates = (terms: readonly QueryTerm[]) => terms.every(({ condition }) => isIssueState(condition))
  const conditions = clauses.filter(isStates).map(terms => {
    const states = terms.map(({ condition, isNegated }) =>
      isIssueState(condition) ? `${isNegated ? 'NOT ' : ''}(${writeIssueState(condition.value)})` : 'FALSE',
    )
    return `(${states.join(' OR ')})`
  })
  const ofEvents = clauses.filter(terms => !isStates(terms))
  if (ofEvents.length === 0) return { conditions, values: [] }
  const { sql, values } = selectEvents(
    'issue_id',
    { query: { clauses: ofEvents } },
    { and: 'issue_id IS NOT NULL', tail: '' },
  )
  return { conditions: [...conditions, `issue_id IN (${sql})`], values }
}

function readIssues(driver: SqlDriver, rows: readonly Row[], now: number): Issue[] {
  if (rows.length === 0) return []
  const ids = JSON.stringify(rows.map(row => readText(row, 'issue_id')))
  const ofThese = 'issue_id IN (SELECT value FROM json_each(?))'
  const names = driver.query(`SELECT issue_id, name, value FROM issue_names WHERE ${ofThese} ORDER BY first_seen`, ids)
  const firstHour = Math.floor(now / HOUR_MS) - HISTOGRAM_HOURS + 1
  const hours = driver.query(
    `SELECT issue_id, hour, count FROM issue_hours WHERE hour >= ${firstHour} AND ${ofThese}`,
    ids,
  )
  const latest = driver.query(
    `SELECT value AS issue_id, (SELECT id FROM events WHERE issue_id = value ORDER BY sequence DESC LIMIT 1) AS id
      FROM json_each(?)`,
    ids,
  )
  return rows.map(row => {
    const issueId = readText(row, 'issue_id')
    const own = (some: readonly Row[]) => some.filter(other => other['issue_id'] === issueId)
    const valuesOf = (name: string) =>
      own(names)
        .filter(other => other['name'] === name)
        .slice(0, MAX_NAMES)
        .map(other => readText(other, 'value'))
    const counts = Array.from({ length: HISTOGRAM_HOURS }, () => 0)
    for (const { hour, count } of own(hours)) counts[Number(hour) - firstHour] = Number(count)
    return {
      issueId,
      title: readText(row, 'title'),
      errorName: readOptionalText(row, 'error_name'),
      errorMessage: readOptionalText(row, 'error_message'),
      culprit: readText(row, 'culprit'),
      route: readOptionalText(row, 'route'),
      count: Number(row['count']),
      firstSeen: new Date(Number(row['first_seen'])).toISOString(),
      lastSeen: new Date(Number(row['last_seen'])).toISOString(),
      services: valuesOf('service').sort(),
      environments: valuesOf('environment').sort(),
      versions: valuesOf('version'),
      state: ISSUE_STATES.find(state => state === row['state']) ?? 'open',
      regressed: readRegression(row),
      histogram: {
        from: new Date(firstHour * HOUR_MS).toISOString(),
        bucketMs: HOUR_MS,
        counts: counts.slice(0, HISTOGRAM_HOURS),
      },
      latestEventId: readOptionalText(own(latest)[0] ?? {}, 'id'),
    }
  })
}

function readRegression(row: Row): Issue['regressed'] {
  const at = row['regressed_at']
  return typeof at === 'number'
    ? { at: new Date(at).toISOString(), version: readOptionalText(row, 'regressed_in') }
    : undefined
}
