/** A piece of a query between white space, before anything is known of its meaning. */
export interface QueryWord {
  start: number
  end: number
  isNegated: boolean
  /** The name before the first colon, if there is one. */
  field: string | undefined
  /** What stands after it, without quotes and escapes. */
  value: string
  isQuoted: boolean
  /** A quote that nothing ends. */
  isOpen: boolean
}

/** `field:`, unless a `//` follows, as in an address. */
const FIELD = /^([A-Za-z]+):(?!\/\/)/

/** Cuts a query at its white space; what stands in double quotes is one piece. */
export function splitQuery(query: string): QueryWord[] {
  const words: QueryWord[] = []
  let index = 0
  while (index < query.length) {
    if (/\s/.test(query.charAt(index))) {
      index++
      continue
    }
    const word = readWord(query, index)
    words.push(word)
    index = word.end
  }
  return words
}

function readWord(query: string, start: number): QueryWord {
  const isNegated = query[start] === '-' && /\S/.test(query.charAt(start + 1))
  const first = isNegated ? start + 1 : start
  const field = FIELD.exec(query.slice(first, first + 40))?.[1]
  const valueStart = field === undefined ? first : first + field.length + 1
  const value =
    query[valueStart] === '"' ? readQuoted(query, valueStart) : { ...readBare(query, valueStart), isOpen: false }
  return { start, isNegated, field, isQuoted: query[valueStart] === '"', ...value }
}

function readBare(query: string, start: number) {
  const value = /^\S*/.exec(query.slice(start))?.[0] ?? ''
  return { value, end: start + value.length }
}

/** Between the quotes, `\"` is a quote and `\\` a backslash; any other backslash is itself. */
function readQuoted(query: string, start: number) {
  let value = ''
  for (let index = start + 1; index < query.length; index++) {
    const character = query.charAt(index)
    if (character === '"') return { value, end: index + 1, isOpen: false }
    const next = query.charAt(index + 1)
    const isEscape = character === '\\' && (next === '"' || next === '\\')
    value += isEscape ? next : character
    if (isEscape) index++
  }
  return { value, end: query.length, isOpen: true }
}

/** A text as a query has it, whatever is in it. */
export function quoteValue(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
