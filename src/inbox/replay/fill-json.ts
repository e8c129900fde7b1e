import { MASKED } from '../../mask/text.ts'
import type { JsonValue } from '../../types.ts'
import { memberPath } from './json-path.ts'
import { hasMask } from './masked-text.ts'
import { MASK_REASONS, type Needs, ReplayRefusal } from './needs.ts'

/** Far from any stack's end, and further than what the SDK captures. */
const MAX_DEPTH = 500

/** Where the SDK's walk ends and leaves its marker. */
const CAPTURED_DEPTH = 100

/** A JSON value with what was given in the place of each mask, also in JSON inside its strings. */
export function fillJson(value: JsonValue, path: string, needs: Needs, depth = 0): JsonValue {
  if (depth > MAX_DEPTH) throw new ReplayRefusal('The body is nested too deeply to be replayed.')
  const fillMember = (member: JsonValue, key: string | number): JsonValue =>
    // Most members are what they are: making a path for each takes seconds where they are many.
    isSettled(member) ? member : fillJson(member, memberPath(path, key), needs, depth + 1)
  if (typeof value === 'string') {
    if (depth === CAPTURED_DEPTH && value === '[Too deep]') {
      throw new ReplayRefusal('The body is nested deeper than is captured, so it cannot be replayed.')
    }
    if (value === MASKED) return needs.ask(path, 'body', MASK_REASONS.body) ?? MASKED
    if (!value.includes(MASKED)) return value
    const inner = parseContainer(value)
    return inner === undefined
      ? needs.fillText(value, path, 'body')
      : JSON.stringify(fillJson(inner, path, needs, depth + 1))
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(fillMember)
  // Entries keep `__proto__` a name like any other.
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (hasMask(key)) throw new ReplayRefusal('A name in the body was masked, so the body cannot be replayed.')
      return [key, fillMember(member, key)]
    }),
  )
}

/** Whether a value has nothing in it to be filled or refused. */
function isSettled(value: JsonValue): boolean {
  if (typeof value === 'string') return !value.includes(MASKED) && value !== '[Too deep]'
  return typeof value !== 'object' || value === null
}

/** An object or list that a string holds as JSON. */
function parseContainer(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
