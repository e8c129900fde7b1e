/** All that a store keeps, out of it and into it again. */
import {
  type BackedUpEvent,
  type BackedUpIssue,
  type BackupPage,
  writeEventLines,
  writeIssueLine,
} from '../backup/backup.ts'
import { ISSUE_STATES } from '../issues/issue.ts'
import type { Row, SqlDriver } from './driver.ts'
import { readJson } from './event-json.ts'
import { addReplay, listReplays } from './replay-queries.ts'
import { readOneOf, readOptionalNumber, readOptionalText, readText } from './rows.ts'

/** Characters after which a page ends, and rows that it has at most. */
const PAGE_LENGTH = 2_000_000
const PAGE_ROWS = 500
const MAX_REPLAYS = 100

/** @param after the cursor of the page before. `event:SEQUENCE` and `issue:ID` say what came last. */
export function readBackupPage(driver: SqlDriver, after = 'event:0'): BackupPage {
  const [, kind, last = ''] = /^(event|issue):(.*)$/s.exec(after) ?? []
  return kind === 'issue' ? readIssuePage(driver, last) : readEventPage(driver, Number(last) || 0)
}

function readEventPage(driver: SqlDriver, after: number): BackupPage {
  const rows = driver.query('SELECT * FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?', after, PAGE_ROWS)
  const lines: string[] = []
  let length = 0
  for (const row of rows) {
    const text = writeEventLines(readEventRow(driver, row))
    lines.push(text)
    length += text.length
    if (length >= PAGE_LENGTH) return { lines: lines.join(''), next: `event:${row['sequence']}` }
  }
  const last = rows.at(-1)
  return { lines: lines.join(''), next: rows.length === PAGE_ROWS ? `event:${last?.['sequence']}` : 'issue:' }
}

function readEventRow(driver: SqlDriver, row: Row): Omit<BackedUpEvent, 'event'> {
  const id = readText(row, 'id')
  const { json, sources } = readJson(driver, Number(row['sequence']))
  const replays = listReplays(driver, id, MAX_REPLAYS).map(({ replayEvent: _, ...replay }) => replay)
  return {
    id,
    receivedAt: Number(row['received_at']),
    idempotencyKey: readOptionalText(row, 'idempotency_key'),
    pinned: row['pinned'] === 1 || undefined,
    note: readOptionalText(row, 'note'),
    replayOf: readOptionalText(row, 'replay_of'),
    sources,
    replays: replays.length > 0 ? replays : undefined,
    json,
  }
}

function readIssuePage(driver: SqlDriver, after: string): BackupPage {
  const rows = driver.query('SELECT * FROM issues WHERE issue_id > ? ORDER BY issue_id LIMIT ?', after, PAGE_ROWS)
  const lines = rows.map(row => writeIssueLine(readIssueRow(driver, row)))
  const last = rows.at(-1)
  return { lines: lines.join(''), ...(rows.length === PAGE_ROWS && { next: `issue:${last?.['issue_id']}` }) }
}

function readIssueRow(driver: SqlDriver, row: Row): BackedUpIssue {
  const issueId = readText(row, 'issue_id')
  const hours = driver.query('SELECT hour, count FROM issue_hours WHERE issue_id = ? ORDER BY hour', issueId)
  const names = driver.query('SELECT * FROM issue_names WHERE issue_id = ? ORDER BY name, value', issueId)
  return {
    issueId,
    title: readText(row, 'title'),
    errorName: readOptionalText(row, 'error_name'),
    errorMessage: readOptionalText(row, 'error_message'),
    culprit: readText(row, 'culprit'),
    route: readOptionalText(row, 'route'),
    state: readOneOf(row, 'state', ISSUE_STATES),
    count: Number(row['count']),
    firstSeen: Number(row['first_seen']),
    lastSeen: Number(row['last_seen']),
    regressedAt: readOptionalNumber(row, 'regressed_at'),
    regressedIn: readOptionalText(row, 'regressed_in'),
    hours: hours.map(({ hour, count }) => ({ hour: Number(hour), count: Number(count) })),
    names: names.map(name => ({
      name: readText(name, 'name'),
      value: readText(name, 'value'),
      count: Number(name['count']),
      firstSeen: Number(name['first_seen']),
    })),
  }
}

/** The ids of those that are there already. */
export function findKnownIds(driver: SqlDriver, ids: readonly string[]): Set<string> {
  const sql = 'SELECT id FROM events WHERE id IN (SELECT value FROM json_each(?))'
  return new Set(driver.query(sql, JSON.stringify(ids)).map(row => readText(row, 'id')))
}

/** What an event has beside what arrived with it. To be called in a transaction. */
export function restoreMarks(driver: SqlDriver, { id, pinned, note, replayOf, replays = [] }: BackedUpEvent): void {
  if (pinned || note !== undefined || replayOf !== undefined) {
    const sql = "UPDATE events SET pinned = ?, note = nullif(?, ''), replay_of = ? WHERE id = ?"
    driver.query(sql, Number(pinned ?? false), note ?? '', replayOf ?? null, id)
  }
  // The newest last: it is what is kept where there are too many.
  for (const replay of [...replays].reverse()) addReplay(driver, { ...replay, eventId: id })
}

/**
 * Takes over an issue's books, which count what was pruned before the backup. What is there already and higher stays, and so does
 * what somebody decided of it here. To be called in a transaction, after its events.
 */
export function restoreIssue(driver: SqlDriver, issue: BackedUpIssue): void {
  const { issueId } = issue
  driver.query(
    `INSERT INTO issues (issue_id, title, error_name, error_message, culprit, route, state, count, first_seen, last_seen,
        regressed_at, regressed_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (issue_id) DO UPDATE SET
        state = CASE WHEN state = 'open' AND last_seen <= excluded.last_seen THEN excluded.state ELSE state END,
        regressed_at = coalesce(regressed_at, excluded.regressed_at),
        regressed_in = coalesce(regressed_in, excluded.regressed_in),
        count = max(count, excluded.count), first_seen = min(first_seen, excluded.first_seen),
        last_seen = max(last_seen, excluded.last_seen)`,
    issueId,
    issue.title,
    issue.errorName ?? null,
    issue.errorMessage ?? null,
    issue.culprit,
    issue.route ?? null,
    issue.state,
    issue.count,
    issue.firstSeen,
    issue.lastSeen,
    issue.regressedAt ?? null,
    issue.regressedIn ?? null,
  )
  for (const { hour, count } of issue.hours) {
    const sql = `INSERT INTO issue_hours (issue_id, hour, count) VALUES (?, ?, ?)
      ON CONFLICT (issue_id, hour) DO UPDATE SET count = max(count, excluded.count)`
    driver.query(sql, issueId, hour, count)
  }
  for (const { name, value, count, firstSeen } of issue.names) {
    const sql = `INSERT INTO issue_names (issue_id, name, value, count, first_seen) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (issue_id, name, value) DO UPDATE SET count = max(count, excluded.count),
        first_seen = min(first_seen, excluded.first_seen)`
    driver.query(sql, issueId, name, value, count, firstSeen)
  }
}
