import type { ReplayStackEvent } from '../../types.ts'
import { readRoute } from '../event-columns.ts'
import type { IssueKind } from '../issues/fingerprint.ts'
import type { SqlDriver } from './driver.ts'

export const HOUR_MS = 3_600_000

/** Of one failure: what its issue counts. */
export interface IssueEvent {
  receivedAt: number
  method: string | undefined
  route: string | undefined
  service: string | undefined
  environment: string | undefined
  /** Its application version; where there is none, its commit. */
  version: string | undefined
}

export function readIssueEvent(event: ReplayStackEvent, receivedAt: number): IssueEvent {
  const { method, serviceName, environment, appVersion, commitHash } = event
  const route = readRoute(event)
  return { receivedAt, method, route, service: serviceName, environment, version: appVersion || commitHash }
}

/** Counts a failure to its issue. A resolved one is open again, and remembers when and in which version. */
export function countToIssue(driver: SqlDriver, kind: IssueKind, event: IssueEvent): void {
  const { issueId, title, errorName = null, errorMessage = null, culprit } = kind
  const { receivedAt, version = null } = event
  driver.query(
    `INSERT INTO issues (issue_id, title, error_name, error_message, culprit, route, state, count, first_seen, last_seen)
      VALUES (?, ?, ?, ?, ?, ?, 'open', 1, ?, ?)
      ON CONFLICT (issue_id) DO UPDATE SET count = count + 1, route = excluded.route,
        last_seen = max(last_seen, excluded.last_seen),
        regressed_at = CASE state WHEN 'resolved' THEN excluded.last_seen ELSE regressed_at END,
        regressed_in = CASE state WHEN 'resolved' THEN ? ELSE regressed_in END,
        state = CASE state WHEN 'resolved' THEN 'open' ELSE state END`,
    issueId,
    title,
    errorName,
    errorMessage,
    culprit,
    [event.method, event.route].filter(part => part).join(' ') || null,
    receivedAt,
    receivedAt,
    version,
  )
  driver.query(
    `INSERT INTO issue_hours (issue_id, hour, count) VALUES (?, ?, 1)
      ON CONFLICT (issue_id, hour) DO UPDATE SET count = count + 1`,
    issueId,
    Math.floor(receivedAt / HOUR_MS),
  )
  for (const [name, value] of namesOf(event)) {
    driver.query(
      `INSERT INTO issue_names (issue_id, name, value, count, first_seen) VALUES (?, ?, ?, 1, ?)
        ON CONFLICT (issue_id, name, value) DO UPDATE SET count = count + 1`,
      issueId,
      name,
      value,
      receivedAt,
    )
  }
}

/** Takes failures away that somebody deletes. An issue without any is gone. To be called before they are deleted. */
export function discountFromIssues(driver: SqlDriver, sequences: readonly number[]): void {
  const list = JSON.stringify(sequences)
  const groups = driver.query(
    `SELECT issue_id, received_at / ${HOUR_MS} AS hour, service_name, environment, coalesce(nullif(app_version, ''), commit_hash) AS version,
        count(*) AS count
      FROM events WHERE sequence IN (SELECT value FROM json_each(?)) AND issue_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5`,
    list,
  )
  for (const row of groups) {
    const [issueId, count] = [String(row['issue_id']), Number(row['count'])]
    driver.query('UPDATE issues SET count = count - ? WHERE issue_id = ?', count, issueId)
    driver.query(
      'UPDATE issue_hours SET count = count - ? WHERE issue_id = ? AND hour = ?',
      count,
      issueId,
      Number(row['hour']),
    )
    for (const [name, value] of [
      ['service', row['service_name']],
      ['environment', row['environment']],
      ['version', row['version']],
    ]) {
      if (typeof name !== 'string' || typeof value !== 'string') continue
      driver.query(
        'UPDATE issue_names SET count = count - ? WHERE issue_id = ? AND name = ? AND value = ?',
        count,
        issueId,
        name,
        value,
      )
    }
  }
  driver.query('DELETE FROM issues WHERE count <= 0')
  for (const table of ['issue_hours', 'issue_names']) {
    driver.query(`DELETE FROM ${table} WHERE count <= 0`)
  }
}

/** Forgets every issue. */
export function clearIssues(driver: SqlDriver): void {
  for (const table of ['issue_hours', 'issue_names', 'issues']) driver.query(`DELETE FROM ${table}`)
}

function namesOf({ service, environment, version }: IssueEvent): [name: string, value: string][] {
  const names: [string, string | undefined][] = [
    ['service', service],
    ['environment', environment],
    ['version', version],
  ]
  return names.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []))
}
