import { EVENT_STATUSES, EVENT_TYPES } from '../event-values.ts'
import type { AmountCondition, FieldName, QueryCondition } from './query.ts'

export interface ReadContext {
  isQuoted: boolean
  /** Milliseconds since the epoch: what `1h` counts back from. */
  now: number
}

/** One field of the language. The table of them serves the parser, completion and the documentation. */
export interface QueryField {
  /** Examples, as they are written after the colon. */
  examples: readonly string[]
  /** The values, where there are no others. */
  values?: readonly string[]
  /** In one sentence, for a list of fields. */
  means: string
  /** @returns `undefined` for a value that the field does not have: `expects` says which it has */
  read(value: string, context: ReadContext): QueryCondition | undefined
  /** Completes "must be …". */
  expects: string
}

const IS_VALUES = [...EVENT_STATUSES, 'pinned', 'replay', 'open', 'resolved', 'ignored', 'regressed'] as const
const HAS_VALUES = ['calls', 'error', 'note'] as const

const DURATION_UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000 }
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, kib: 1024, mb: 1024 ** 2, mib: 1024 ** 2 }
const TIME_UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Every field, in the order in which they are listed. */
export const QUERY_FIELDS: Readonly<Record<string, QueryField>> = {
  is: {
    means: "The event's status, what was done with it, or the state of its issue",
    examples: ['failed', 'pinned'],
    values: IS_VALUES,
    expects: `one of ${IS_VALUES.join(', ')}`,
    read: value => findWord(IS_VALUES, value, found => ({ field: 'is', value: found })),
  },
  status: {
    means: 'The status code, or a class of them',
    examples: ['500', '5xx'],
    expects: 'a status code such as 500, or a class such as 5xx',
    read: readStatusCode,
  },
  type: {
    means: 'The type of event',
    examples: ['cron'],
    values: EVENT_TYPES,
    expects: `one of ${EVENT_TYPES.join(', ')}`,
    read: value => findWord(EVENT_TYPES, value, found => ({ field: 'type', value: found })),
  },
  method: {
    means: 'The HTTP method',
    examples: ['POST'],
    expects: 'an HTTP method',
    read: (value, context) => readField('method', value.toUpperCase(), context),
  },
  route: textField('route', "The route's pattern", ['/orders/:id']),
  endpoint: textField('endpoint', "The path, or the job's name", ['/orders/17', '/orders*']),
  service: textField('service', 'The service name', ['shop']),
  env: textField('env', 'The environment', ['production']),
  version: textField('version', 'The application version', ['1.4.2']),
  commit: textField('commit', 'The commit hash, or how it begins', ['3f2c1a*']),
  error: textField('error', "The error's name", ['TypeError']),
  trace: textField('trace', 'The trace id', ['4bf92f35*']),
  issue: textField('issue', "The issue's id", ['6f1c0b1e5a7d9c42']),
  duration: {
    means: 'How long it took, in milliseconds, seconds (`s`) or minutes (`m`)',
    examples: ['>500', '>=2s'],
    expects: 'a time such as >500, <=2s or 250ms',
    read: value => readAmount('duration', value, DURATION_UNITS),
  },
  size: {
    means: "The event's size, in bytes, `kb` or `mb`",
    examples: ['>10kb'],
    expects: 'a size such as >10kb, <1mb or 512',
    read: value => readAmount('size', value, SIZE_UNITS),
  },
  since: {
    means: 'Accepted at or after this time',
    examples: ['1h', '7d', '2026-01-31'],
    expects: 'a time such as 30m, 1h, 7d, 2026-01-31 or 2026-01-31T12:00:00Z',
    read: (value, { now }) => readTime('since', value, now),
  },
  until: {
    means: 'Accepted before this time',
    examples: ['1h', '2026-01-31'],
    expects: 'a time such as 30m, 1h, 7d, 2026-01-31 or 2026-01-31T12:00:00Z',
    read: (value, { now }) => readTime('until', value, now),
  },
  has: {
    means: 'What the event carries',
    examples: ['calls'],
    values: HAS_VALUES,
    expects: `one of ${HAS_VALUES.join(', ')}`,
    read: value => findWord(HAS_VALUES, value, found => ({ field: 'has', value: found })),
  },
}

function textField(field: FieldName, means: string, examples: readonly string[]): QueryField {
  return { means, examples, expects: 'a text', read: (value, context) => readField(field, value, context) }
}

function readField(field: FieldName, value: string, { isQuoted }: ReadContext): QueryCondition {
  return { field, value, hasWildcard: !isQuoted && value.includes('*') }
}

function findWord<Value extends string>(
  values: readonly Value[],
  given: string,
  toCondition: (value: Value) => QueryCondition,
): QueryCondition | undefined {
  const found = values.find(value => value === given.toLowerCase())
  return found && toCondition(found)
}

function readStatusCode(value: string): QueryCondition | undefined {
  const [, digit, rest] = /^([1-9])(\d\d|xx)$/i.exec(value) ?? []
  if (digit === undefined || rest === undefined) return undefined
  const isClass = rest.toLowerCase() === 'xx'
  const code = Number(digit + (isClass ? '00' : rest))
  return { field: 'status', from: code, to: isClass ? code + 99 : code }
}

function readAmount(
  field: AmountCondition['field'],
  value: string,
  units: Readonly<Record<string, number>>,
): QueryCondition | undefined {
  const [, sign = '', digits = '', unit = ''] = /^(>=|<=|>|<|=|)(\d{1,12}(?:\.\d{1,6})?)([a-z]*)$/i.exec(value) ?? []
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
  if (digits === '' || factor === undefined) return undefined
  const operators = ['>', '>=', '<', '<='] as const
  return { field, operator: operators.find(operator => operator === sign) ?? '=', value: Number(digits) * factor }
}

/** A date alone, and a time without a zone, are UTC: the same query finds the same events on every machine. */
function readTime(field: 'since' | 'until', value: string, now: number): QueryCondition | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/i.exec(value) ?? []
  const length = TIME_UNITS[unit.toLowerCase()]
  if (count !== undefined && length !== undefined) return { field, time: now - Number(count) * length }
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/i.test(value)) return undefined
  const isZoned = /(Z|[+-]\d\d:\d\d)$/i.test(value.slice(10))
  const time = Date.parse(value.length === 10 || isZoned ? value : `${value}Z`)
  return Number.isNaN(time) ? undefined : { field, time }
}
