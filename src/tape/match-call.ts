/** Whether a call is one that is on the tape. */
import { matchesParts } from '../mask/names.ts'
import { MASKED } from '../mask/text.ts'
import { read } from '../safe-read.ts'
import type { JsonValue } from '../types.ts'
import type { TapeCall, TapeKind } from './format.ts'

/** A call as it is asked for. */
export interface Asked {
  readonly kind: TapeKind
  readonly target: string
  readonly method: string
  readonly input: JsonValue
}

/** Of calls with the same key the tape has one for each time that they were made. */
export const keyOf = ({ kind, target, method, input }: Asked | TapeCall): string =>
  `${kind} ${target} ${method} ${JSON.stringify(sorted(input))}`

/** With the members of each object in one order. */
function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one: JsonValue) => sorted(one))
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]))
}

/** Whether a call on the tape is the one that is asked for, with anything where it was masked. */
export const hasMasksFor = (call: TapeCall, asked: Asked): boolean =>
  call.kind === asked.kind &&
  call.method === asked.method &&
  matchesText(call.target, asked.target) &&
  matches(call.input, asked.input)

function matchesText(recorded: string, asked: string): boolean {
  if (recorded === asked) return true
  const parts = recorded.split(MASKED)
  return parts.length > 1 && matchesParts(asked, parts)
}

function matches(recorded: JsonValue, asked: JsonValue | undefined): boolean {
  if (recorded === MASKED || read(recorded, '$') === 'missing') return true
  if (typeof recorded === 'string') return typeof asked === 'string' && matchesText(recorded, asked)
  if (typeof recorded !== 'object' || recorded === null) return recorded === asked
  if (typeof asked !== 'object' || asked === null || Array.isArray(recorded) !== Array.isArray(asked)) return false
  const names = Object.keys(recorded)
  const given: { readonly [name: string]: JsonValue } = Object(asked)
  return (
    names.length === Object.keys(given).length &&
    Object.entries(recorded).every(([name, member]) => Object.hasOwn(given, name) && matches(member, given[name]))
  )
}

/** Characters of an input that are shown. */
const MAX_SHOWN = 600

export function describe({ kind, target, method, input }: Asked | TapeCall): string {
  const json = JSON.stringify(input)
  const shown = json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json
  return `${kind} ${target}.${method}(${shown.replace(/^\[(.*)\]$/s, '$1')})`
}

/** From 0 to 1: how much of two texts is alike, from both ends. */
export function likeness(one: string, other: string): number {
  const length = Math.max(one.length, other.length, 1)
  const least = Math.min(one.length, other.length)
  let start = 0
  while (start < least && one[start] === other[start]) start++
  let end = 0
  while (end < least - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end++
  return (start + end) / length
}
