import { MASKED } from '../../mask/text.ts'
import type { JsonValue } from '../../types.ts'
import { memberPath } from './json-path.ts'
import { hasMask, matchesMasked } from './masked-text.ts'

/** One thing in which two answers differ. */
export interface Difference {
  /** `status`, `header content-type`, `body.items[2].price`, `body line 3`. */
  path: string
  kind: 'changed' | 'added' | 'removed'
  /** JSON text in a JSON body, else the text itself; empty where there was nothing. At most 500 characters. */
  original: string
  /** As `original`. */
  replayed: string
}

/** How many differences of one comparison are shown. */
export const MAX_DIFFERENCES = 200

const SHOWN_CHARACTERS = 500

/**
 * What differs between a captured JSON value and a replayed one, in the order of the captured one; at most one more
 * than {@link MAX_DIFFERENCES}. A mask equals anything.
 *
 * @param leftOut paths whose values, and what is in them, may differ
 */
export function compareJson(
  original: JsonValue,
  replayed: JsonValue,
  leftOut: ReadonlySet<string> = new Set(),
): Difference[] {
  const differences: Difference[] = []
  for (const change of readJsonChanges(original, replayed, leftOut)) {
    differences.push(describeChange(change))
    if (differences.length > MAX_DIFFERENCES) break
  }
  return differences
}

/** All that differs. Linear, and without recursion: both may be nested at will. */
export function* readJsonChanges(
  original: JsonValue,
  replayed: JsonValue,
  leftOut: ReadonlySet<string> = new Set(),
): Generator<Step> {
  const waiting: Step[] = [{ path: 'body', original, replayed }]
  for (let step = waiting.pop(); step; step = waiting.pop()) {
    if (leftOut.has(step.path)) continue
    const members = readMembers(step)
    if (members) for (const member of members.reverse()) waiting.push(member)
    else if (!isSame(step.original, step.replayed)) yield step
  }
}

/** Two values in the same place; one that is not there is `undefined`. */
export interface Step {
  /** Whole, where a difference shows the beginning of a long one. */
  path: string
  /** The name of a member of two objects. */
  name?: string
  original: JsonValue | undefined
  replayed: JsonValue | undefined
}

/** The members of two lists or two objects; `undefined` for what is compared as a whole. */
export function readMembers({ path, original, replayed }: Step): Step[] | undefined {
  if (typeof original !== 'object' || typeof replayed !== 'object' || original === null || replayed === null)
    return undefined
  if (Array.isArray(original) && Array.isArray(replayed)) {
    const length = Math.max(original.length, replayed.length)
    return Array.from({ length }, (_, index) => ({
      path: memberPath(path, index),
      original: original[index],
      replayed: replayed[index],
    }))
  }
  if (Array.isArray(original) || Array.isArray(replayed)) return undefined
  const [before, after] = [new Map(Object.entries(original)), new Map(Object.entries(replayed))]
  const names = [...before.keys()]
  const added = [...after.keys()].filter(name => !before.has(name))
  // A name that was masked stands for one that cannot be told from what was added.
  const known = names.some(hasMask) ? names.filter(name => !hasMask(name)) : [...names, ...added]
  return known.map(name => ({
    path: memberPath(path, name),
    name,
    original: before.get(name),
    replayed: after.get(name),
  }))
}

/** Whether two values that have no members are the same; a mask is the same as anything. */
export function isSame(original: JsonValue | undefined, replayed: JsonValue | undefined): boolean {
  if (typeof original !== 'string' || !hasMask(original)) return original === replayed
  // A secret that is no text, or is no more, was masked all the same.
  return original === MASKED
    ? replayed !== undefined
    : typeof replayed === 'string' && matchesMasked(original, replayed)
}

/** A change as it is shown. */
export function describeChange({ path, original, replayed }: Step): Difference {
  return {
    path: shorten(path),
    kind: original === undefined ? 'added' : replayed === undefined ? 'removed' : 'changed',
    original: showJson(original),
    replayed: showJson(replayed),
  }
}

/** JSON text, cut to what is shown of one. */
export function showJson(value: JsonValue | undefined): string {
  if (value === undefined) return ''
  try {
    return shorten(JSON.stringify(value))
  } catch {
    return '(nested too deeply to be shown)'
  }
}

/** The text, cut to what is shown of one. */
export function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS
    ? `${text.slice(0, SHOWN_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`
    : text
}
