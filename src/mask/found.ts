/** Where secrets stand in a text, and the text without them. */
import { MASKED } from './masked.ts'

/** Where a secret begins and ends, and what stands there instead. */
export type Span = [start: number, end: number, instead: string]

/** Is called with each secret that a search finds, in any order and also over one another; {@link MASKED} stands there instead. */
export type Found = (start: number, end: number, instead?: string) => void

/** A list of what is found. */
export function spanList(): { spans: Span[]; found: Found } {
  const spans: Span[] = []
  return { spans, found: (start, end, instead = MASKED) => void (end > start && spans.push([start, end, instead])) }
}

/** `text` with something else in each place; what begins inside another place is part of it, and may reach further. */
export function replaceSpans(text: string, spans: Span[], write: (span: Span) => string): string {
  const parts: string[] = []
  let from = 0
  let last: Span = [0, 0, '']
  for (const span of spans.sort((one, other) => one[0] - other[0] || other[1] - one[1])) {
    if (span[0] < last[1]) last[1] = Math.max(last[1], span[1])
    else {
      parts.push(text.slice(from, last[0]), write(last))
      from = last[1]
      last = span
    }
  }
  // Joined at once, for a text that grows piece by piece costs half as much again.
  return parts.join('') + text.slice(from, last[0]) + write(last) + text.slice(last[1])
}

/** What a sticky or global expression finds from a place on. */
export function execFrom(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

/** Where a sticky expression ends that is at `from`; `from` where it is not. */
export function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

/** Calls `take` with each match of a global expression, and where it ends; it may set where the next is looked for. */
export function eachMatch(pattern: RegExp, text: string, take: (match: RegExpExecArray, end: number) => void): void {
  for (let match = execFrom(pattern, text, 0); match; match = pattern.exec(text)) take(match, pattern.lastIndex)
}
