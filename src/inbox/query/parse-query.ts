import type { Query, QueryTerm } from './query.ts'
import { QueryError } from './query-error.ts'
import { QUERY_FIELDS } from './query-fields.ts'
import { type QueryWord, splitQuery } from './query-words.ts'

/** UTF-16 units of a query. */
export const MAX_QUERY_LENGTH = 1000
/** Terms of a query: each is a part of one SQL statement, whose depth and length have limits. */
export const MAX_QUERY_TERMS = 30
/** Bytes of a text with `*`: SQLite in a Durable Object refuses longer patterns. */
const MAX_PATTERN_BYTES = 50

export interface ParseQueryOptions {
  /** Milliseconds since the epoch: what `since:1h` counts back from. @default Date.now() */
  now?: number | undefined
}

/**
 * Reads a query: words, `"phrases"` and `field:value`, each with `-` before it where it must not be met, with `OR`
 * between two of which either is enough. An empty text asks for everything.
 *
 * @throws QueryError naming the term that is wrong, and its place
 * @example
 * parseQuery('is:failed service:shop status:500 OR status:502 -"card declined"')
 */
export function parseQuery(text: string, { now = Date.now() }: ParseQueryOptions = {}): Query {
  if (text.length > MAX_QUERY_LENGTH) {
    const end = MAX_QUERY_LENGTH
    throw new QueryError(text, { start: 0, end }, `is too long: a query has at most ${end} characters`)
  }
  const words = splitQuery(text)
  const clauses: QueryTerm[][] = []
  let joins = false
  for (const [index, word] of words.entries()) {
    if (isOr(word)) {
      const isBetween = index > 0 && !joins && words[index + 1] !== undefined
      if (!isBetween)
        throw new QueryError(text, word, 'must stand between two terms; write "OR" to search for the word')
      joins = true
      continue
    }
    const term = readTerm(text, word, now)
    const last = clauses.at(-1)
    if (joins && last) last.push(term)
    else clauses.push([term])
    joins = false
    if (clauses.flat().length > MAX_QUERY_TERMS) {
      throw new QueryError(text, word, `is too much: a query has at most ${MAX_QUERY_TERMS} terms`)
    }
  }
  return { clauses }
}

/** Two queries of which both must be met. */
export function joinQueries(first: Query, second: Query): Query {
  return { clauses: [...first.clauses, ...second.clauses] }
}

function isOr({ field, value, isQuoted, isNegated }: QueryWord): boolean {
  return value === 'OR' && field === undefined && !isQuoted && !isNegated
}

function readTerm(text: string, word: QueryWord, now: number): QueryTerm {
  const { start, end, isNegated, value, isQuoted, isOpen } = word
  if (isOpen) throw new QueryError(text, word, 'has no closing quote')
  if (word.field === undefined) {
    if (!/[\p{L}\p{N}]/u.test(value)) throw new QueryError(text, word, 'has no letter or digit to search for')
    return { condition: { field: 'text', value, isPhrase: isQuoted }, isNegated, start, end }
  }
  const name = word.field.toLowerCase()
  const field = Object.hasOwn(QUERY_FIELDS, name) ? QUERY_FIELDS[name] : undefined
  if (!field) throw new QueryError(text, word, `has no field that is known: ${describeUnknown(name, value)}`)
  if (value === '') throw new QueryError(text, word, `needs a value: ${field.expects}`)
  const condition = field.read(value, { isQuoted, now })
  if (!condition)
    throw new QueryError(text, word, `has a value that ${name} does not have: it must be ${field.expects}`)
  if ('hasWildcard' in condition && condition.hasWildcard) checkPattern(text, word, value)
  return { condition, isNegated, start, end }
}

function checkPattern(text: string, word: QueryWord, value: string): void {
  // `[*]`, `[?]` and `[[]` stand for the character itself.
  const escaped = value.replace(/[[?]/g, '[$&]')
  if (new TextEncoder().encode(escaped).byteLength > MAX_PATTERN_BYTES) {
    throw new QueryError(text, word, `is too long: a value with * has at most ${MAX_PATTERN_BYTES} bytes`)
  }
}

function describeUnknown(name: string, value: string): string {
  const names = Object.keys(QUERY_FIELDS)
  const near = names.filter(known => known.startsWith(name.slice(0, 3)) || name.startsWith(known))
  return `${near.length > 0 ? `did you mean ${near.join(' or ')}` : `there are ${names.join(', ')}`}? To search for the text, write "${name}:${value.slice(0, 40)}"`
}
