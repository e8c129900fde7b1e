/** Takes a person out of all that a store keeps, in steps. */
import { PersonMatcher, type PersonStep, type PersonStepOptions } from '../person.ts'
import type { SqlDriver } from './driver.ts'
import { readJson } from './event-json.ts'
import { discountFromIssues } from './issue-tables.ts'
import { deleteEvents } from './pruning.ts'
import { readOptionalText, readText } from './rows.ts'

/** Events that one step looks at, and characters of them after which it ends. */
const STEP_ROWS = 1000
const STEP_LENGTH = 8_000_000

/** Columns of which a row goes that mentions somebody. */
const REST = [
  ['replays', 'target'],
  ['replays', 'verdict'],
  ['replay_targets', 'target'],
  ['issue_names', 'value'],
  ['alerts', 'name'],
  ['alerts', 'query'],
  ['alerts', 'url'],
  ['alerts', 'failure'],
] as const

/** Looks at the events after a cursor, and removes those that mention somebody. To be called in a transaction. */
export function forgetSome(driver: SqlDriver, { person, isRemoving, after = '0' }: PersonStepOptions): PersonStep {
  const matcher = new PersonMatcher(person)
  const sql = 'SELECT sequence, id, trace_id, note FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?'
  const rows = driver.query(sql, Number(after) || 0, STEP_ROWS)
  const found: number[] = []
  let length = 0
  let last: number | undefined
  for (const row of rows) {
    last = Number(row['sequence'])
    const { json } = readJson(driver, last)
    length += json.length
    const about = [row['id'], row['trace_id'], row['note']]
    if (matcher.isIn(about) || matcher.isIn(JSON.parse(json))) found.push(last)
    if (length >= STEP_LENGTH) break
  }
  if (isRemoving && found.length > 0) {
    discountFromIssues(driver, found)
    deleteEvents(driver, found)
  }
  const isLast = last === undefined || (last === rows.at(-1)?.['sequence'] && rows.length < STEP_ROWS)
  if (isLast && isRemoving) forgetRest(driver, matcher)
  return { found: found.length, ...(!isLast && { next: String(last) }) }
}

/** What is kept beside events: of some that are pruned already, too. */
function forgetRest(driver: SqlDriver, matcher: PersonMatcher): void {
  const columns = ['title', 'error_message', 'culprit', 'route']
  for (const row of driver.query(`SELECT issue_id, ${columns.join(', ')} FROM issues`)) {
    for (const column of columns) {
      const text = readOptionalText(row, column)
      if (text === undefined || !matcher.isInText(text)) continue
      const sql = `UPDATE issues SET ${column} = ? WHERE issue_id = ?`
      driver.query(sql, matcher.removeFrom(text), readText(row, 'issue_id'))
    }
  }
  for (const [table, column] of REST) {
    for (const row of driver.query(`SELECT DISTINCT ${column} FROM ${table}`)) {
      const text = readOptionalText(row, column)
      if (text !== undefined && matcher.isInText(text)) driver.query(`DELETE FROM ${table} WHERE ${column} = ?`, text)
    }
  }
  for (const row of driver.query('SELECT delivery_id, body FROM alert_deliveries')) {
    const id = readText(row, 'delivery_id')
    // A message for a chat has a backslash before what the chat would read as a format.
    const body: unknown = JSON.parse(readText(row, 'body').replace(/\\\\/g, ''))
    if (matcher.isIn(body)) driver.query('DELETE FROM alert_deliveries WHERE delivery_id = ?', id)
  }
  // The words of deleted events stay in the index until its parts are merged.
  driver.query("INSERT INTO event_text (event_text) VALUES ('optimize')")
}
