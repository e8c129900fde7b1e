import { joinId } from '../event-words.ts'
import type {
  AmountCondition,
  FieldCondition,
  IssueStateName,
  Query,
  QueryCondition,
  QueryTerm,
  TextCondition,
} from '../query/query.ts'
import type { SqlValue } from './driver.ts'

/** A query as parts of a statement over `events`. */
export interface QueryConditions {
  /** What the full-text index finds: `undefined` where it is not asked. */
  match: string | undefined
  /** Each must be met. */
  conditions: string[]
  /** For the `?` of the conditions, in their order. */
  values: SqlValue[]
}

/** The column of each field that is a text. */
const COLUMNS: Readonly<Record<FieldCondition['field'], string>> = {
  method: 'upper(method)',
  route: 'route',
  endpoint: 'endpoint',
  service: 'service_name',
  env: 'environment',
  version: 'app_version',
  commit: 'commit_hash',
  error: 'error_name',
  trace: 'trace_id',
  issue: 'issue_id',
}

const AMOUNT_COLUMNS: Readonly<Record<AmountCondition['field'], string>> = {
  duration: 'execution_time_ms',
  size: 'size_bytes',
}

const ISSUE_CONDITIONS: Readonly<Record<IssueStateName, string>> = {
  open: "state = 'open'",
  resolved: "state = 'resolved'",
  ignored: "state = 'ignored'",
  regressed: "state = 'open' AND regressed_at IS NOT NULL",
}

const PARTS = { calls: 'has_calls = 1', error: 'error_name IS NOT NULL', note: 'note IS NOT NULL' } as const

/** Words that must be there, and must not, are looked up at once: the index finds the newest without a sort. */
export function readConditions({ clauses }: Query): QueryConditions {
  const wanted: string[] = []
  const unwanted: string[] = []
  const rest: (readonly QueryTerm[])[] = []
  for (const clause of clauses) {
    const texts = clause.flatMap(({ condition, isNegated }) =>
      condition.field === 'text' ? [{ words: matchOf(condition), isNegated }] : [],
    )
    const [only] = texts
    if (texts.length < clause.length) rest.push(clause)
    else if (texts.every(({ isNegated }) => !isNegated)) wanted.push(anyOf(texts.map(({ words }) => words)))
    else if (only && texts.length === 1) unwanted.push(only.words)
    else rest.push(clause)
  }
  const values: SqlValue[] = []
  const conditions = rest.map(clause => anyOf(clause.map(term => writeTerm(term, values))))
  if (wanted.length === 0 && unwanted.length > 0) {
    conditions.push('events.sequence NOT IN (SELECT rowid FROM event_text WHERE event_text MATCH ?)')
    values.push(anyOf(unwanted))
    return { match: undefined, conditions, values }
  }
  const without = unwanted.length > 0 ? ` NOT ${anyOf(unwanted)}` : ''
  return { match: wanted.length > 0 ? wanted.join(' AND ') + without : undefined, conditions, values }
}

function anyOf(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' OR ')})`
}

function writeTerm({ condition, isNegated }: QueryTerm, values: SqlValue[]): string {
  const written = writeCondition(condition, values)
  // An event without the field does not meet the condition, and so meets its negation.
  return isNegated ? `(${written}) IS NOT TRUE` : written
}

/** Numbers are written as they are; only texts are values, so that no query has more than SQLite takes. */
function writeCondition(condition: QueryCondition, values: SqlValue[]): string {
  switch (condition.field) {
    case 'text':
      values.push(matchOf(condition))
      return 'events.sequence IN (SELECT rowid FROM event_text WHERE event_text MATCH ?)'
    case 'status':
      return `status_code BETWEEN ${condition.from} AND ${condition.to}`
    case 'is':
      if (condition.value === 'pinned') return 'pinned = 1'
      if (condition.value === 'replay') return 'replay_of IS NOT NULL'
      if (isIssueState(condition)) {
        return `issue_id IN (SELECT issue_id FROM issues WHERE ${writeIssueState(condition.value)})`
      }
      values.push(condition.value)
      return 'status = ?'
    case 'type':
      values.push(condition.value)
      return 'event_type = ?'
    case 'duration':
    case 'size':
      return `${AMOUNT_COLUMNS[condition.field]} ${condition.operator} ${condition.value}`
    case 'since':
      return `received_at >= ${condition.time}`
    case 'until':
      return `received_at < ${condition.time}`
    case 'has':
      return PARTS[condition.value]
    default:
      return writeField(condition, values)
  }
}

/** Whether it asks for the state of an issue, not of an event. */
export function isIssueState(condition: QueryCondition): condition is { field: 'is'; value: IssueStateName } {
  return condition.field === 'is' && Object.hasOwn(ISSUE_CONDITIONS, condition.value)
}

/** As a condition on `issues`. */
export function writeIssueState(state: IssueStateName): string {
  return ISSUE_CONDITIONS[state]
}

function writeField({ field, value, hasWildcard }: FieldCondition, values: SqlValue[]): string {
  const column = COLUMNS[field]
  const start = value.slice(0, -1)
  if (hasWildcard && value.endsWith('*') && !start.includes('*')) {
    // A range is found in an index, where a pattern is not.
    values.push(start, `${start}\u{10ffff}`)
    return `(${column} >= ? AND ${column} < ?)`
  }
  values.push(hasWildcard ? value.replace(/[[?]/g, '[$&]') : value)
  return `${column} ${hasWildcard ? 'GLOB' : '='} ?`
}

/** A text in the language of FTS5. */
function matchOf({ value, isPhrase }: TextCondition): string {
  // The index has no words of punctuation alone.
  if (!/[\p{L}\p{N}]/u.test(value)) return '""'
  // A word that ends in punctuation has ended; any beginning of one letter would be found almost everywhere.
  const isWhole = isPhrase || !/[\p{L}\p{N}]$/u.test(value) || /^[\p{L}\p{N}]$/u.test(value)
  const write = (text: string) => (isWhole ? quote(text) : `${quote(text)} *`)
  // It may be an id, which the index has without its `-`.
  return value.includes('-') ? `(${write(value)} OR ${write(joinId(value))})` : write(value)
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""').replaceAll('\0', ' ')}"`
}
