import type { JsonValue } from '../../types.ts'

/** What a part of a line is, and so how it is coloured. */
export type TokenKind = 'key' | 'string' | 'number' | 'literal' | 'mark' | 'omitted'

export interface Token {
  kind: TokenKind
  /** As it stands in JSON text; for `omitted`, what is missing. */
  text: string
}

export interface JsonLine {
  depth: number
  tokens: Token[]
}

export interface JsonLines {
  lines: JsonLine[]
  /** `false`: something was left out, and says so where it was. */
  complete: boolean
}

export interface JsonLimits {
  /** @default 400 */
  maxLines?: number | undefined
  /** UTF-16 units of all strings together. @default 60000 */
  maxCharacters?: number | undefined
}

const MAX_DEPTH = 40

/** UTF-16 units of one string or key. */
const MAX_STRING_LENGTH = 4000

const MAX_KEY_LENGTH = 300

/** A value as JSON in lines, two sizes bounded: what a browser is handed stays small whatever the value is. */
export function readJsonLines(
  value: JsonValue,
  { maxLines = 400, maxCharacters = 60_000 }: JsonLimits = {},
): JsonLines {
  const lines: JsonLine[] = []
  let charactersLeft = maxCharacters
  let complete = true

  const omit = (text: string): Token => {
    complete = false
    return { kind: 'omitted', text }
  }

  /** Quoted as JSON quotes it, or as much of it as there is room for. */
  const quote = (text: string, kind: 'key' | 'string', maxLength: number): Token[] => {
    const length = Math.min(text.length, maxLength, Math.max(charactersLeft, 0))
    charactersLeft -= length
    const kept = text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
    const token: Token = { kind, text: JSON.stringify(kept) }
    return kept.length === text.length ? [token] : [token, omit(`${text.length - kept.length} more characters`)]
  }

  const write = (part: JsonValue, depth: number, before: Token[], isLast: boolean): void => {
    const end: Token[] = isLast ? [] : [{ kind: 'mark', text: ',' }]
    if (typeof part !== 'object' || part === null) {
      lines.push({ depth, tokens: [...before, ...readScalar(part), ...end] })
      return
    }
    const [open, close] = Array.isArray(part) ? ['[', ']'] : ['{', '}']
    // Keys and places alone are listed: a value that is not shown is not touched.
    const names = Object.keys(part)
    if (names.length === 0 || depth === MAX_DEPTH) {
      const inside = names.length === 0 ? [] : [omit('nested deeper')]
      lines.push({ depth, tokens: [...before, mark(open), ...inside, mark(close), ...end] })
      return
    }
    lines.push({ depth, tokens: [...before, mark(open)] })
    for (const [index, name] of names.entries()) {
      if (lines.length >= maxLines || charactersLeft <= 0) {
        lines.push({ depth: depth + 1, tokens: [omit(`${names.length - index} more`)] })
        break
      }
      const key = Array.isArray(part) ? [] : [...quote(name, 'key', MAX_KEY_LENGTH), mark(': ')]
      const entry: JsonValue | undefined = readEntry(part, name)
      if (entry !== undefined) write(entry, depth + 1, key, index === names.length - 1)
    }
    lines.push({ depth, tokens: [mark(close), ...end] })
  }

  const readScalar = (part: string | number | boolean | null): Token[] => {
    if (typeof part === 'string') return quote(part, 'string', MAX_STRING_LENGTH)
    return [{ kind: typeof part === 'number' ? 'number' : 'literal', text: String(part) }]
  }

  write(value, 0, [], true)
  return { lines, complete }
}

function mark(text: string): Token {
  return { kind: 'mark', text }
}

function readEntry(part: object, name: string): JsonValue | undefined {
  return Object.getOwnPropertyDescriptor(part, name)?.value
}
