import { diffArrays } from 'diff'
import { type Difference, MAX_DIFFERENCES, shorten } from './compare-json.ts'
import { matchesMasked } from './masked-text.ts'

/** Lines that may come or go before the lines are no longer matched up: the work grows with their square. */
const MAX_EDITS = 500

/** What differs between two texts, by lines; a mask in the first equals anything. At most one more than {@link MAX_DIFFERENCES}. */
export function compareText(original: string, replayed: string): Difference[] {
  // As a whole first: what was masked may have had several lines.
  if (matchesMasked(original, replayed)) return []
  const [before, after] = [splitLines(original), splitLines(replayed)]
  const changes = diffArrays(before, after, { comparator: matchesMasked, maxEditLength: MAX_EDITS })
  if (!changes) return [firstDifference(before, after)]
  const differences: Difference[] = []
  let line = 1
  for (const [index, change] of changes.entries()) {
    if (differences.length > MAX_DIFFERENCES) break
    const next = changes[index + 1]
    if (change.removed) {
      differences.push(describe(line, change.value, next?.added ? next.value : []))
      line += change.count
    } else if (!change.added) line += change.count
    else if (!changes[index - 1]?.removed) differences.push(describe(line, [], change.value))
  }
  return differences
}

function firstDifference(before: readonly string[], after: readonly string[]): Difference {
  const index = before.findIndex((line, at) => !matchesMasked(line, after[at] ?? ''))
  const at = index < 0 ? before.length : index
  return describe(at + 1, before.slice(at, at + 1), after.slice(at, at + 1))
}

/** @param line the captured text's, from 1 */
function describe(line: number, before: readonly string[], after: readonly string[]): Difference {
  return {
    path: `body line ${line}`,
    kind: before.length === 0 ? 'added' : after.length === 0 ? 'removed' : 'changed',
    original: shorten(before.join('\n')),
    replayed: shorten(after.join('\n')),
  }
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.split('\n')
}
