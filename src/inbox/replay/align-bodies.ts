import { diffArrays } from 'diff'
import type { JsonValue } from '../../types.ts'
import { isSame, readMembers, type Step } from './compare-json.ts'
import { splitLines } from './compare-text.ts'
import { matchesMasked } from './masked-text.ts'
import { parseJson } from './payload-kind.ts'
import type { ReplayResult } from './replay-result.ts'

/** One line of two bodies, side by side. */
export interface AlignedLine {
  /** `noise` differs between runs of one build; `plain` was not compared; `omitted` stands for lines that are not shown. */
  kind: 'same' | 'changed' | 'added' | 'removed' | 'noise' | 'plain' | 'omitted'
  /** With its indentation; absent where the body has nothing there. */
  original?: string | undefined
  replayed?: string | undefined
  /** Of `omitted`: how many lines. */
  count?: number
}

/** Lines that are compared one by one: more would not be read. */
const MAX_LINES = 5000

/** Nesting that is followed. */
const MAX_DEPTH = 40

/** Objects and lists in one value that is written in several lines. */
const MAX_PARTS = 500

/** Equal lines that stay on each side of a difference. */
const CONTEXT = 3

/** Lines of text that may come or go before the rest is shown as it is: the work grows with their square. */
const MAX_EDITS = 500

/** Two bodies, and what is known of how they compare. */
export interface BodiesToAlign extends Pick<ReplayResult, 'compared' | 'leftOut'> {
  original: { body: string }
  replayed: { body: string }
}

/** Both bodies line by line, what differs beside what it was; long equal stretches are left out. */
export function alignBodies({ original, replayed, compared, leftOut }: BodiesToAlign): AlignedLine[] {
  const bodies = [original.body, replayed.body] as const
  if (compared.body !== 'whole') return zip(...splitBoth(...bodies), 'plain')
  const [before, after] = bodies.map(readJson)
  const noise = new Set(leftOut)
  const isJson = before !== undefined && after !== undefined
  return foldEqual(isJson ? alignJson(before, after, noise) : alignText(...bodies, noise))
}

/** A body that is an object or a list; other texts are compared as text. */
function readJson(text: string): JsonValue | undefined {
  const value = parseJson(text)
  return typeof value === 'object' && value !== null ? value : undefined
}

function alignJson(original: JsonValue, replayed: JsonValue, noise: ReadonlySet<string>): AlignedLine[] {
  const lines: AlignedLine[] = []
  const add = (step: Step, depth: number, isLast: boolean): void => {
    if (lines.length > MAX_LINES) return
    const kind = noise.has(step.path) ? 'noise' : kindOf(step)
    const members = kind === 'noise' || depth > MAX_DEPTH ? undefined : readMembers(step)
    if (!members?.length) {
      lines.push(...writeStep(step, kind, depth, isLast))
      return
    }
    const [open, close] = Array.isArray(step.original) ? ['[', ']'] : ['{', '}']
    const first = `${indent(depth)}${nameOf(step)}${open}`
    const last = `${indent(depth)}${close}${isLast ? '' : ','}`
    lines.push({ kind: 'same', original: first, replayed: first })
    for (const [index, member] of members.entries()) add(member, depth + 1, index === members.length - 1)
    lines.push({ kind: 'same', original: last, replayed: last })
  }
  add({ path: 'body', original, replayed }, 0, true)
  return lines
}

function kindOf({ original, replayed }: Step): AlignedLine['kind'] {
  if (original === undefined) return 'added'
  if (replayed === undefined) return 'removed'
  return areEmptyAlike(original, replayed) || isSame(original, replayed) ? 'same' : 'changed'
}

/** Two objects, or two lists, of which both hold nothing. */
function areEmptyAlike(original: JsonValue, replayed: JsonValue): boolean {
  const isEmpty = (value: JsonValue) => typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return isEmpty(original) && isEmpty(replayed) && Array.isArray(original) === Array.isArray(replayed)
}

/** Values that have no members in common, as JSON. */
function writeStep(step: Step, kind: AlignedLine['kind'], depth: number, isLast: boolean): AlignedLine[] {
  const write = (value: JsonValue | undefined) =>
    value === undefined
      ? []
      : `${nameOf(step)}${writeJson(value)}${isLast ? '' : ','}`.split('\n').map(line => indent(depth) + line)
  return zip(write(step.original), write(step.replayed), kind)
}

function writeJson(value: JsonValue): string {
  try {
    const text = JSON.stringify(value)
    // Indentation grows with the square of the depth.
    return text.split(/[[{]/, MAX_PARTS + 1).length > MAX_PARTS ? text : JSON.stringify(value, null, 2)
  } catch {
    return '(nested too deeply to be shown)'
  }
}

function nameOf({ name }: Step): string {
  return name === undefined ? '' : `${JSON.stringify(name)}: `
}

function indent(depth: number): string {
  return '  '.repeat(depth)
}

function alignText(original: string, replayed: string, noise: ReadonlySet<string>): AlignedLine[] {
  const [before, after] = splitBoth(original, replayed)
  const changes = diffArrays(before, after, { comparator: matchesMasked, maxEditLength: MAX_EDITS })
  if (!changes) return zip(before, after, 'plain')
  const lines: AlignedLine[] = []
  let place = 0
  let newPlace = 0
  for (const [index, change] of changes.entries()) {
    const next = changes[index + 1]
    if (change.removed) {
      const kind = noise.has(`words in body line ${place + 1}`) ? 'noise' : next?.added ? 'changed' : 'removed'
      const added = next?.added ? next.value : []
      lines.push(...zip(change.value, added, kind))
      place += change.value.length
    } else if (change.added) {
      if (!changes[index - 1]?.removed) lines.push(...zip([], change.value, 'added'))
      newPlace += change.value.length
    } else {
      const { length } = change.value
      lines.push(...zip(before.slice(place, place + length), after.slice(newPlace, newPlace + length), 'same'))
      place += length
      newPlace += length
    }
  }
  return lines
}

function splitBoth(original: string, replayed: string): [before: string[], after: string[]] {
  return [splitLines(original).slice(0, MAX_LINES), splitLines(replayed).slice(0, MAX_LINES)]
}

function zip(before: readonly string[], after: readonly string[], kind: AlignedLine['kind']): AlignedLine[] {
  const length = Math.max(before.length, after.length)
  return Array.from({ length }, (_, index) => ({ kind, original: before[index], replayed: after[index] }))
}

/** Keeps the differences and what is around them; two equal bodies whole. */
function foldEqual(lines: readonly AlignedLine[]): AlignedLine[] {
  if (lines.every(({ kind }) => kind === 'same')) return [...lines]
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ kind }) => kind !== 'same')
  const folded: AlignedLine[] = []
  for (const [index, line] of lines.entries()) {
    const last = folded.at(-1)
    if (isNear(index)) folded.push(line)
    else if (last?.kind === 'omitted') last.count = (last.count ?? 0) + 1
    else folded.push({ kind: 'omitted', count: 1 })
  }
  return folded
}
