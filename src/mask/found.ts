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
  const whole: Span[] = []
  for (const [start, end, instead] of spans.sort((one, other) => one[0] - other[0] || other[1] - one[1])) {
    const last = whole.at(-1)
    if (last && start < last[1]) last[1] = Math.max(last[1], end)
    else whole.push([start, end, instead])
  }
  let replaced = ''
  let from = 0
  for (const span of whole) {
    replaced += text.slice(from, span[0]) + write(span)
    from = span[1]
  }
  return replaced + text.slice(from)
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
