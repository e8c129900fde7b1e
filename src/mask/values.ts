/** Where the value ends that stands after a name: quotations, JSON's objects and lists, what has no quotes. */

/** Where a value without quotes ends: a character that belongs to it only if no other name follows, or nothing does. A quote before a `&` does. */
const VALUE_END = /[\s&]|[;#?](?=\s*[^\s"'&;,:=?#<>]+=)|(?<!\\)\\*["'](?=[\s,;:)\]}>\\]|$)|<(?=[/!])/g

const BRACKET = /[[\]{}]|(?<!\\)(\\*)(["'])/g

function find(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

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
    const match = find(BRACKET, text, at)
    if (!match) return text.length
    const [sign, escapes = '', quote] = match
    at = match.index + sign.length
    if (quote && escapes.length < around) return match.index
    if (quote) at = quotationEnd(text, at, escapes.length, quote)
    else depth += sign === '{' || sign === '[' ? 1 : -1
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
  for (let at = from; ; ) {
    const match = find(VALUE_END, text, at)
    if (!match) return text.length
    const last = match[0].slice(-1)
    if ((last !== '"' && last !== "'") || isOpen(last)) return match.index
    at = match.index + match[0].length
  }
}

/** What holds no secret, as JSON, JavaScript, Python, Ruby and YAML write it; and a place for one, in SQL. */
const NOTHING = /^(?:true|false|null|undefined|none|nil|\$\d+|\?)$/i

export const isNothing = (text: string): boolean => text === '' || NOTHING.test(text)

/** Whether a word of a text looks made up: digits among letters, or signs that no word has. */
export function isRandom(word: string): boolean {
  return (
    (/\d/.test(word) && /[a-z]/i.test(word)) ||
    /^\d{3,}$/.test(word) ||
    (/[a-z][A-Z]|[A-Z]{2}[a-z]/.test(word) && word.length >= 16)
  )
}

/** Code that yields a value: a call, an index, a type with arguments, members of something, a typed array. */
const CODE =
  /^(?:[A-Za-z_$][\w$.?!]*[([{<]|[A-Za-z_$][\w$]*(?:[?!]?\.[A-Za-z_$]+)+[,;)\]}]*$|[$%]?[{(]|\w*Array\b|=>|\/\/|\/\*)/

/** What stands after such a name in prose, and in code as a type. */
const WORDS =
  /^(?:string|number|boolean|object|any|unknown|never|void|bytes|buffer|text|str|int|expired?|invalid|missing|required|wrong|incorrect|not|must|is|was|has|the|a|an|no|new|optional|empty|set|unset|ok|failed|unauthorized|denied|try|please|expected|await|async|function|const|let|return|import|include|omit|same-origin|read|write|redacted|hidden|secret|password|token)\b/i

/** Characters of a word that is looked at. */
const MAX_WORD_LENGTH = 256

const isSpace = (code: number): boolean => code <= 32 || (code >= 160 && /\s/.test(String.fromCharCode(code)))

function spaceAfter(text: string, from: number): number {
  let end = from
  while (end < text.length && !isSpace(text.charCodeAt(end))) end++
  return end
}

/**
 * Where a value ends that has neither quotes nor signs around it, as in `Name: value` and `name = value`; `from` where
 * what stands there is prose or code.
 * @param isField whether its name begins a line or a member, so that a plain word is a value too
 */
export function plainEnd(text: string, from: number, isField: boolean, takesNumbers: boolean): number {
  let end = from
  while (end < text.length && end - from < MAX_WORD_LENGTH && !isSpace(text.charCodeAt(end))) end++
  const beginning = text.slice(from, end)
  if (beginning.startsWith('[MASKED]') || CODE.test(beginning)) return from
  // Nobody writes such a word: what it says is not looked at, for the next name may be in it.
  if (end - from === MAX_WORD_LENGTH) return spaceAfter(text, end)
  const word = beginning.replace(/(?:["'`]?[,;)\]}]+|["'`.:!?])+$/, '')
  if (isNothing(word)) return from
  if (/^\d+$/.test(word)) return takesNumbers && word.length > 2 ? from + word.length : from
  if (isRandom(word) && !/^\d+:\d+/.test(word)) return from + word.length
  const isAlone = /^["'`]?\s*?(?:\n|$)/.test(text.slice(from + word.length, from + word.length + 20))
  return isField && isAlone && word.length > 3 && !WORDS.test(word) ? from + word.length : from
}
