/** Where the value ends that stands after a name: quotations, JSON's objects and lists, what has no quotes. */
import { execFrom } from './found.ts'

/** Where a value without quotes ends: a character that belongs to it only if no other name follows, or nothing does. A quote before a `&` does. */
const VALUE_END = /[\s&]|[;#?](?=\s*[^\s"'&;,:=?#<>]+=)|(?<!\\)\\*["'](?=[\s,;:)\]}>\\]|$)|<(?=[/!])/g

const BRACKET = /[[\]{}]|(?<!\\)(\\*)(["'])/g

/**
 * Where a quotation ends that `escapes` backslashes and `quote` opened before `from`. JSON in JSON doubles them and
 * adds one at each level, which tells its quotes from those inside its strings.
 */
export function quotationEnd(text: string, from: number, escapes: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    let before = 0
    while (text[at - 1 - before] === '\\') before++
    // A quote of less depth ends what is around: here the text inside was cut.
    if (before < escapes) return at - before
    if (before % (2 * escapes + 2) === escapes) return at + quote.length
  }
  return text.length
}

/** Where the object or list at `from` ends, or the quotation around it (`around` backslashes deep) where it was cut, or the text. */
export function bracketEnd(text: string, from: number, around: number): number {
  let depth = 0
  for (let at = from; ; ) {
    const match = execFrom(BRACKET, text, at)
    if (!match) return text.length
    const [sign, escapes = '', quote] = match
    at = match.index + sign.length
    if (quote && escapes.length < around) return match.index
    if (quote) at = quotationEnd(text, at, escapes.length, quote)
    else depth += /[[{]/.test(sign) ? 1 : -1
    if (depth <= 0) return at
  }
}

/** Whether, of places further and further on, the last `quote` before one opens a quotation: an apostrophe has a letter before it. */
export function quotations(text: string, quote: string): (place: number) => boolean {
  let last = -1
  let seen = 0
  return place => {
    const found = text.slice(seen, place).lastIndexOf(quote)
    if (found >= 0) last = seen + found
    seen = place
    return last >= 0 && !/\w/.test(text[last - 1] ?? '')
  }
}

/** Where a value without quotes ends: at a quote only if one was opened before its name. */
export function parameterEnd(text: string, from: number, isOpen: (quote: string) => boolean): number {
  for (let match = execFrom(VALUE_END, text, from); match; match = VALUE_END.exec(text)) {
    const last = match[0].slice(-1)
    if (!/["']/.test(last) || isOpen(last)) return match.index
  }
  return text.length
}

/** What holds no secret, as JSON, JavaScript, Python, Ruby and YAML write it; and a place for one, in SQL and templates. */
export const isNothing = (text: string): boolean =>
  /^(?:true|false|null|undefined|none|nil|\$\d+|\$\{[\w.]*\}?|…|\?|\[\s*\])?$/i.test(text)

/** Whether a word of a text looks made up: digits among letters, or signs that no word has. */
export const isRandom = (word: string): boolean =>
  (/\d/.test(word) && /[a-z]|^\d{3,}$/i.test(word)) || (word.length >= 16 && /[a-z][A-Z]|[A-Z]{2}[a-z]/.test(word))

/** Code that yields a value: a call, an index, a type with arguments, members of something, a typed array. */
const CODE =
  /^(?:\[MASKED\]|[A-Za-z_$][\w$.?!]*[([{<]|[A-Za-z_$][\w$]*(?:[?!]?\.[A-Za-z_$]+)+[,;)\]}]*$|[$%]?[{(]|\w*Array\b|=>|\/\/|\/\*)/

/** What stands after a secret's name, or after `Bearer`, in prose, and in code as a type. */
const PROSE =
  /^(?:string|number|boolean|object|unknown|never|void|bytes|buffer|text|expired?|invalid|missing|required|wrong|incorrect|not|must|should|is|was|has|if|and|or|of|in|for|to|with|from|the|a|optional|empty|unset|failed|unauthorized|denied|please|expected|await|async|function|const|return|import|include|omit|same-origin|read|write|redacted|hidden|secret|password|tokens?|auth[a-z]*|headers?|schemes?|credentials?|format|prefix|type|value|(?:token|auth)-[a-z]+)$/i

/** Whether a word is one of prose or code, and no value. */
export const isProse = (word: string): boolean => PROSE.test(word)

/** Characters of a word that is looked at. */
const MAX_WORD_LENGTH = 256

/**
 * Where a value ends that has neither quotes nor signs around it, as in `Name: value` and `name = value`; `from` where
 * what stands there is prose or code.
 * @param isField whether its name begins a line or a member, so that a plain word is a value too
 */
export function plainEnd(text: string, from: number, isField: boolean, takesNumbers: boolean): number {
  const [beginning = ''] = /^[^\s\0-\x20]*/.exec(text.slice(from, from + MAX_WORD_LENGTH)) ?? []
  if (CODE.test(beginning)) return from
  // Nobody writes such a word: what it says is not looked at, for the next name may be in it.
  if (beginning.length === MAX_WORD_LENGTH) return execFrom(/[\s\0-\x20]|$/g, text, from)?.index ?? from
  const word = beginning.replace(/(?:["'`]?[,;)\]}]+|["'`.:!?])+$/, '')
  const end = from + word.length
  const isNumber = /^\d+$/.test(word)
  if (isNumber ? takesNumbers && word.length > 2 : isRandom(word) && !/^\d+:\d+/.test(word)) return end
  const isAlone = isField && !isNumber && word.length > 3 && /^["'`]?\s*?(?:\n|$)/.test(text.slice(end, end + 20))
  return isAlone && !isNothing(word) && !isProse(word) ? end : from
}
