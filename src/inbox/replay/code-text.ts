/** Event content as TypeScript source: none of it can end the literal or comment that it stands in. */
import type { JsonValue } from '../../types.ts'
import type { Part, Placeholder } from './placeholders.ts'

/** Columns of a line, as the formatter of this package counts. */
const LINE_WIDTH = 120

/**
 * What does not stand in source as it is: control, format and unassigned characters, line separators, the beginnings of
 * HTML's script and comment ends, and what test runners and source-map readers look for anywhere in a file.
 */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]|<(?=\/script|!--)|@(?=vitest-|jest-|ts-)|[#@](?=\s*source(?:Mapping)?URL)/giu

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A string literal, in the quotes that need fewer escapes. */
export function writeString(text: string): string {
  const quote = text.split("'").length > text.split('"').length ? '"' : "'"
  return quote + escapeUnsafe(text.replace(/\\/g, '\\\\').replaceAll(quote, `\\${quote}`)) + quote
}

/** A string or template literal of parts, with an expression for each placeholder. */
export function writeParts(parts: readonly Part[], express: (placeholder: Placeholder) => string): string {
  const [only = ''] = parts
  if (parts.length <= 1) return typeof only === 'string' ? writeString(only) : express(only)
  const content = parts.map(part =>
    typeof part === 'string' ? escapeUnsafe(part.replace(/[\\`]|\$(?=\{)/g, '\\$&')) : `\${${express(part)}}`,
  )
  return `\`${content.join('')}\``
}

/** A line of a comment, without its `//`. */
export function writeComment(text: string): string {
  const line = escapeUnsafe(text).replaceAll('*/', '* /')
  return line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH)}…` : line
}

/** A JSON value as source, in lines that are indented by `indent` spaces but for the first. */
export function writeJson(value: JsonValue, indent: number, writeText: (text: string) => string): string {
  if (typeof value === 'string') return writeText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Array.isArray(value)
    ? value.map((member: JsonValue) => writeJson(member, indent + 2, writeText))
    : Object.entries(value).map(([key, member]) => `${writeKey(key)}: ${writeJson(member, indent + 2, writeText)}`)
  return Array.isArray(value) ? writeList(members, indent, value) : writeLines('{', members, '}', indent)
}

function writeList(members: readonly string[], indent: number, values: readonly JsonValue[]): string {
  const line = `[${members.join(', ')}]`
  const isMatrix = values.length > 1 && values.every(value => Array.isArray(value) && value.length > 1)
  // Room for a key and a comma; the formatter has the last word.
  if (!isMatrix && !line.includes('\n') && indent + line.length < LINE_WIDTH - 30) return line
  return writeLines('[', members, ']', indent)
}

function writeLines(open: string, members: readonly string[], close: string, indent: number): string {
  if (members.length === 0) return open + close
  const margin = ' '.repeat(indent)
  return `${open}\n${members.map(member => `${margin}  ${member},\n`).join('')}${margin}${close}`
}

/** In brackets, `__proto__` is a name like any other. */
function writeKey(key: string): string {
  if (key === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : writeString(key)
}

function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, character => {
    const code = (character.codePointAt(0) ?? 0).toString(16)
    return SHORT_ESCAPES[character] ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`)
  })
}
