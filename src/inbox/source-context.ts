import type { SourceLine } from './source-maps.ts'

const CONTEXT_LINES = 3
const MAX_TEXT_LENGTH = 1000

/** A source's lines around one that counts from 0. None, when there is no such line: it is not the text that the map was made of. */
export function readContext(lines: readonly string[], line: number): SourceLine[] {
  if (line >= lines.length) return []
  const first = Math.max(0, line - CONTEXT_LINES)
  return lines
    .slice(first, line + CONTEXT_LINES + 1)
    .map((text, index) => ({ line: first + index + 1, text: text.slice(0, MAX_TEXT_LENGTH) }))
}

/** A source's text, line by line. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n?|\n/)
}
