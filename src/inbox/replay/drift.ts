/** What differs between the answers that one build gives to one request: ids, times. A verdict does not rest on it. */
import type { JsonValue } from '../../types.ts'
import { readJsonChanges } from './compare-json.ts'
import { splitLines, splitWords } from './compare-text.ts'
import { readFields } from './payload-kind.ts'
import type { ReplayedAnswer } from './replayed-answer.ts'

/** What is left out of a verdict. */
export interface Drift {
  /** Lower-case names. */
  headers: ReadonlySet<string>
  /** Paths in a JSON body or a form: `body.id`. */
  paths: ReadonlySet<string>
  /** Of a body that is text: of each line, the words of it that differ, by their place. */
  lines: ReadonlyMap<number, ReadonlySet<number>>
  /** Whether the body's size differs. */
  size: boolean
  /** Status codes in the order of the runs, where they differ: those are never left out. */
  statuses: readonly number[]
  notes: readonly string[]
}

export const NO_DRIFT: Drift = {
  headers: new Set(),
  paths: new Set(),
  lines: new Map(),
  size: false,
  statuses: [],
  notes: [],
}

/** What differs between the first of these answers and any other of them. */
export function measureDrift([first, ...others]: readonly ReplayedAnswer[]): Drift {
  if (!first) return NO_DRIFT
  const statuses = [first, ...others].map(({ statusCode }) => statusCode)
  const headers = new Set<string>()
  const paths = new Set<string>()
  const lines = new Map<number, Set<number>>()
  const notes = new Set<string>()
  for (const other of others) {
    for (const name of new Set([...Object.keys(first.headers), ...Object.keys(other.headers)])) {
      if (first.headers[name] !== other.headers[name]) headers.add(name)
    }
    if (first.cut || other.cut || first.body === other.body) continue
    const [before, after] = [readFields(first), readFields(other)]
    if (before !== undefined && after !== undefined) addPaths(before, after, paths, notes)
    addLines(first.body, other.body, lines, before === undefined ? notes : undefined)
  }
  return {
    headers,
    paths,
    lines,
    size: others.some(({ sizeBytes }) => sizeBytes !== first.sizeBytes),
    statuses: new Set(statuses).size > 1 ? statuses : [],
    notes: [...notes],
  }
}

/** What differs on either side of a comparison. */
export interface JoinedDrift extends Omit<Drift, 'lines' | 'statuses'> {
  lines: { original: Drift['lines']; replayed: Drift['lines'] }
  statuses: { original: Drift['statuses']; replayed: Drift['statuses'] }
}

export function joinDrift(original: Drift, replayed: Drift): JoinedDrift {
  return {
    headers: new Set([...original.headers, ...replayed.headers]),
    paths: new Set([...original.paths, ...replayed.paths]),
    size: original.size || replayed.size,
    notes: [...new Set([...original.notes, ...replayed.notes])],
    lines: { original: original.lines, replayed: replayed.lines },
    statuses: { original: original.statuses, replayed: replayed.statuses },
  }
}

function addPaths(before: JsonValue, after: JsonValue, paths: Set<string>, notes: Set<string>): void {
  for (const { path, original, replayed } of readJsonChanges(before, after)) {
    // A body of another kind is no field of one.
    if (path === 'body' && (typeof original !== typeof replayed || typeof original === 'object')) {
      notes.add('The runs gave bodies of different kinds: nothing of them was left out.')
    } else paths.add(path)
  }
}

function addLines(one: string, other: string, lines: Map<number, Set<number>>, notes: Set<string> | undefined): void {
  const [before, after] = [splitLines(one), splitLines(other)]
  if (before.length !== after.length) {
    notes?.add('The runs gave bodies of different numbers of lines: nothing of them was left out.')
    return
  }
  for (const [index, line] of before.entries()) {
    const [words, others] = [splitWords(line), splitWords(after[index] ?? '')]
    if (words.length !== others.length) continue
    for (const [place, word] of words.entries()) {
      if (word === others[place]) continue
      lines.set(index, (lines.get(index) ?? new Set()).add(place))
    }
  }
}
