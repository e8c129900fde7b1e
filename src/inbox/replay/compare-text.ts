import { diffArrays } from 'diff'
import { type Difference, MAX_DIFFERENCES, shorten } from './compare-json.ts'
import { matchesMasked } from './masked-text.ts'

/** Lines that may come or go before the lines are no longer matched up: the work grows with their square. */
const MAX_EDITS = 500

/** Of each line by its place, the words that are left out, by theirs. */
type LeftOut = ReadonlyMap<number, ReadonlySet<number>>

interface Line {
  text: string
  leftOut: ReadonlySet<number> | undefined
}

/**
 * What differs between two texts, by lines; a mask in the first equals anything. At most one more than {@link MAX_DIFFERENCES}.
 *
 * @param leftOut words of either text that may differ
 */
export function compareText(
  original: string,
  replayed: string,
  leftOut: { original?: LeftOut | undefined; replayed?: LeftOut | undefined } = {},
): Difference[] {
  // As a whole first: what was masked may have had several lines.
  if (matchesMasked(original, replayed)) return []
  const before = readLines(original, leftOut.original)
  const after = readLines(replayed, leftOut.replayed)
  const changes = diffArrays(before, after, { comparator: isSameLine, maxEditLength: MAX_EDITS })
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

function firstDifference(before: readonly Line[], after: readonly Line[]): Difference {
  const index = before.findIndex((line, at) => !isSameLine(line, after[at] ?? NO_LINE))
  const at = index < 0 ? before.length : index
  return describe(at + 1, before.slice(at, at + 1), after.slice(at, at + 1))
}

const NO_LINE: Line = { text: '', leftOut: undefined }

function readLines(text: string, leftOut: LeftOut | undefined): Line[] {
  return splitLines(text).map((line, index) => ({ text: line, leftOut: leftOut?.get(index) }))
}

function isSameLine(original: Line, replayed: Line): boolean {
  if (matchesMasked(original.text, replayed.text)) return true
  if (!original.leftOut && !replayed.leftOut) return false
  const [before, after] = [splitWords(original.text), splitWords(replayed.text)]
  const isLeftOut = (place: number) => original.leftOut?.has(place) === true || replayed.leftOut?.has(place) === true
  return before.length === after.length && before.every((word, place) => word === after[place] || isLeftOut(place))
}

/** A UUID, a time or base64 is one word, so that what is around it still counts. */
export function splitWords(line: string): string[] {
  return line.match(/[\w+/=-]+|[^\w+/=-]/gu) ?? []
}

/** @param line the captured text's, from 1 */
function describe(line: number, before: readonly Line[], after: readonly Line[]): Difference {
  const join = (lines: readonly Line[]) => shorten(lines.map(({ text }) => text).join('\n'))
  return {
    path: `body line ${line}`,
    kind: before.length === 0 ? 'added' : after.length === 0 ? 'removed' : 'changed',
    original: join(before),
    replayed: join(after),
  }
}

export function splitLines(text: string): string[] {
  return text === '' ? [] : text.split('\n')
}
