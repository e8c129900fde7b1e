/** What differs between two events though nothing is wrong: ids and times. It stays a difference; it is only named so. */
import { readMessageKind } from '../issues/message-kind.ts'
import type { Difference } from './compare-json.ts'

/** Values that are made anew each time. Two of one shape say nothing. */
const SHAPES: readonly RegExp[] = [
  /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i,
  // A date with its time, and milliseconds or seconds since the epoch in this century.
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?$/,
  /^1\d{12}$|^1\d{9}$/,
  // A long token, also after a prefix: `ord_7f3a9c2e41d0`.
  /^(?:[a-z]{1,12}[_-])?(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{12,100}$/i,
]

export function isLikelyNoise({ path, kind, original, replayed }: Difference): boolean {
  if (kind !== 'changed') return false
  if (path === 'errorMessage') return readMessageKind(original) === readMessageKind(replayed)
  if (!path.startsWith('body') && !path.startsWith('header ')) return false
  const [one, other] = [unquote(original), unquote(replayed)]
  return SHAPES.some(shape => shape.test(one) && shape.test(other) && prefixOf(one) === prefixOf(other))
}

/** A string in a JSON body has its quotes. */
function unquote(text: string): string {
  return /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text
}

/** `ord` of `ord_7f3a9c2e41d0`: ids of two kinds are a difference. */
function prefixOf(text: string): string | undefined {
  return /^([a-z]{1,12})[_-]/i.exec(text)?.[1]
}
