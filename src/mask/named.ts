/** Secrets that the name before them tells: in JSON, queries, forms, cookies, header dumps, settings, code and SQL, whole or cut. */
import type { Found } from './found.ts'
import { MASKED } from './masked.ts'
import type { Hides, MaskNames } from './names.ts'
import { endOf } from './schemes.ts'
import { bracketEnd, isNothing, isRandom, parameterEnd, plainEnd, quotationEnd, quotations } from './values.ts'

/** A name stands before each. */
const SIGNS = /[:=]/g

/** Characters that no name without quotes has. */
const NO_NAME = /[\s"'&;,:=?#<>(){}/\\|!@*`^~]/

/** Nothing is a name that has more characters. */
const MAX_NAME_LENGTH = 256

/** Between a sign and its value: white space, also as JSON or a form write it, and a terminal's colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const GAP = /(?:\s|\\+[nrt]|\+|(?:\x1b|\\+u001b)\[\d*m)*/y
const SPACES = /[ \t]*/y
const QUOTE = /(\\*)("\1"\1"|["'`])/y
const LITERAL = /[^\s,"'}\])\\&]*/y
/** What tells that a closing quote really ended a value. */
const AFTER_QUOTE = /[\s,;:)\]}>&<\\/]|$/y
/** A constructor or variant around a text: `Some("…")`. */
const WRAPPER = /(?!Symbol)[A-Z]\w{0,30}\((?=\\*["'])/y
/** A list of texts and numbers alone. */
const LITERALS = /\[(?:\\*["'][^"'[\]{}]*["']|[\d.,\s-])*(?:\]|$)/y
/** The headers whose values have words and signs of their own, up to the end of their line; a scheme is shown. */
const WHOLE_LINE = /(?:authorization|cookie)$/i
const SCHEME = /(?:Bearer|Basic|Token|Digest|Negotiate|ApiKey|Api-Key|AWS4-HMAC-SHA256|[A-Z][\w-]{2,20})[ \t]+(?=\S)/y
/** A call or an index, which is code. */
const CALL = /[\w$.]*[([{]/y
const LINE_END = /[\n\r]/g
/** What credentials and cookies have, and words have not. */
const RANDOM = /[\d=]|[a-z][A-Z]/g

/** Where a pattern is found first, from a place on; the text's length where it is not. */
function placeOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}

/** In front of a name that begins a line, a member or an argument. */
const FIELD = /(?:^|[\n{([,;&|"'`>-]|\\n)[ \t]*$/

/** Where the name begins that ends at `end`. */
function nameStart(text: string, end: number): number {
  let start = end
  while (start > 0 && end - start < MAX_NAME_LENGTH && !NO_NAME.test(text.charAt(start - 1))) start--
  return start
}

/** Where a name begins after its quote; -1 where no quote is before it. */
function quotedStart(text: string, end: number): number {
  for (let at = end - 1; at >= 0 && end - at <= MAX_NAME_LENGTH; at--) {
    const one = text[at]
    if (one === '"' || one === "'" || one === '`') return at + 1
    if (one === '\n') return -1
  }
  return -1
}

/** A name whose separators are encoded, as in `api+key` and `api%20key`. */
const decoded = (name: string): string => name.replace(/%(?:25)*[2-5][\dA-Fa-f]|\+/g, ' ')

export class NamedValues {
  readonly text: string
  readonly names: MaskNames
  readonly found: Found
  /** By quote, whether one is open at a place. */
  readonly open: Readonly<Record<string, (place: number) => boolean>>
  /** Where the line ends, and where something random comes, after the place that was asked for last. */
  lineEnd = -1
  random = -1
  /** Nothing before is looked at again: it is a value. */
  from = 0
  #isGrant: boolean | undefined

  constructor(text: string, names: MaskNames, found: Found) {
    this.text = text
    this.names = names
    this.found = found
    this.open = { '"': quotations(text, '"'), "'": quotations(text, "'") }
  }

  find(): void {
    const { text } = this
    SIGNS.lastIndex = 0
    for (let at = text.search(SIGNS); at >= 0; ) {
      const next = Math.max(this.sign(at), at + 1)
      SIGNS.lastIndex = next
      at = SIGNS.test(text) ? SIGNS.lastIndex - 1 : -1
    }
  }

  /** RFC 6749 §4.1: a `code` is a secret beside a `state` or `grant_type`. */
  hides(name: string): Hides {
    if (name !== 'code') return this.names.hides(name)
    this.#isGrant ??= /[?&#\s"']state=|grant_type/.test(this.text)
    return this.#isGrant && 'all'
  }

  /** Reads what is around a sign. @returns where to go on */
  sign(at: number): number {
    const { text } = this
    const after = text[at + 1]
    const before = text[at - 1]
    if (text[at] === '=') {
      if (after === '=' || before === '=' || before === '!' || before === ':') return at + 1
      if (before === ')') return after === '(' ? this.columns(at) : at + 1
    } else if (after === ':' || before === ':' || (after === '/' && text[at + 2] === '/')) return at + 1
    let end = at
    while (end > 0 && at - end < MAX_NAME_LENGTH && /\s/.test(text.charAt(end - 1))) end--
    const quote = text[end - 1]
    if (quote === '"' || quote === "'" || quote === '`') return this.afterQuoted(at, end - 1)
    const start = nameStart(text, end)
    const isArrow = text[at] === '=' && after === '>'
    // An arrow is code, but for Ruby's `:name=>`. After `//` it is a URL's user or host.
    if (start === end || (isArrow && text[start - 1] !== ':') || (text[start - 1] === '/' && text[start - 2] === '/'))
      return at + 1
    const name = text.slice(start, end)
    const hidden = this.hides(decoded(name))
    if (!hidden) return at + 1
    if (text[at] === '=' && end === at && !isArrow && !/\s/.test(after ?? '')) return this.parameter(at + 1, hidden)
    return this.property(start, at + (isArrow || (text[at] === ':' && after === '=') ? 2 : 1), name, hidden)
  }

  /** `"name": value`, `"name" => value`. */
  afterQuoted(at: number, quoteAt: number): number {
    const { text } = this
    let end = quoteAt
    while (text[end - 1] === '\\') end--
    const start = quotedStart(text, end)
    if (start < 0 || start === end) return at + 1
    const hidden = this.hides(decoded(text.slice(start, end)))
    if (!hidden) return at + 1
    const escapes = quoteAt - end
    const from = endOf(GAP, text, text[at + 1] === '>' ? at + 2 : at + 1)
    const quoted = this.quotation(from)
    if (quoted > from) return quoted
    if (text[from] === '{' || text[from] === '[') return this.add(from, bracketEnd(text, from, escapes), escapes)
    const wrapped = endOf(WRAPPER, text, from)
    if (wrapped > from) return this.quotation(wrapped)
    const literal = endOf(LITERAL, text, from)
    return this.literal(from, literal, hidden, escapes)
  }

  /** A number or word; with quotes around what stands instead, so that JSON stays JSON. */
  literal(from: number, end: number, hidden: Hides, escapes: number): number {
    const word = this.text.slice(from, end)
    if (isNothing(word) || (hidden === 'texts' && /^[-+\d.e]+$/i.test(word))) return end
    return this.add(from, end, escapes)
  }

  add(from: number, end: number, escapes: number): number {
    const quote = `${'\\'.repeat(escapes)}"`
    this.found.add(from, end, quote + MASKED + quote)
    return end
  }

  /** Masks the text between the quotes at `from`. @returns where it ends; `from` where there are none */
  quotation(from: number): number {
    const { text } = this
    QUOTE.lastIndex = from
    const match = QUOTE.exec(text)
    if (!match) return from
    const [opening, escapes = '', quote = ''] = match
    const start = from + opening.length
    const end = quotationEnd(text, start, escapes.length, quote)
    const closing = text.startsWith(opening, end - opening.length) && end - opening.length >= start ? opening.length : 0
    this.found.add(start, end - closing, closing > 0 ? MASKED : MASKED + opening)
    return end
  }

  /** `name=value`, as queries, forms, cookies, connection strings and attributes write it. */
  parameter(from: number, hidden: Hides): number {
    const { text } = this
    QUOTE.lastIndex = from
    const [opening = '', escapes = '', quote = ''] = QUOTE.exec(text) ?? []
    let end = from
    if (quote) {
      end = quotationEnd(text, from + opening.length, escapes.length, quote)
      // Connection strings double a quote that is part of the value.
      while (!escapes && text[end] === quote) end = quotationEnd(text, end + 1, escapes.length, quote)
    } else if (text[from] === '{' || text[from] === '[') end = bracketEnd(text, from, 0)
    AFTER_QUOTE.lastIndex = end
    const isWhole = quote !== '' && AFTER_QUOTE.test(text)
    if (!isWhole) end = parameterEnd(text, end, last => this.open[last]?.(from - 1) ?? false)
    const inner = text.slice(from, end)
    if (isNothing(inner) || (isWhole && inner.length === 2 * opening.length)) return end
    if (hidden === 'texts' && /^\d+$/.test(inner)) return end
    this.found.add(from, end, opening + MASKED + opening)
    return end
  }

  /** `name: value` and `name = value`, with quotes or without. */
  property(start: number, sign: number, name: string, hidden: Hides): number {
    const { text } = this
    const from = endOf(GAP, text, sign)
    const quoted = this.quotation(from)
    if (quoted > from) return quoted
    const wrapped = endOf(WRAPPER, text, from)
    if (wrapped > from) return this.quotation(wrapped)
    const list = endOf(LITERALS, text, from)
    if (list > from) return this.add(from, list, 0)
    const plain = endOf(SPACES, text, sign)
    const isField = FIELD.test(text.slice(Math.max(0, start - 8), start))
    if (WHOLE_LINE.test(name) && text[sign - 1] === ':' && (isField || text.startsWith('Digest ', plain)))
      return this.line(start, plain)
    const end = plainEnd(text, plain, isField && plain > sign, hidden === 'all')
    this.found.add(plain, end, MASKED)
    return Math.max(end, sign)
  }

  /** The rest of a header's line, or of the quotation that it stands in. */
  line(start: number, from: number): number {
    const { text } = this
    const value = endOf(SCHEME, text, from)
    if (endOf(CALL, text, value) > value) return from
    // Both are kept, for a line may have many such names.
    if (this.lineEnd < value) this.lineEnd = placeOf(LINE_END, text, value)
    if (this.random < value) this.random = placeOf(RANDOM, text, value)
    const quote = text.charAt(start - 1)
    const opening =
      quote === '"' || quote === "'" ? (/\\*.$/.exec(text.slice(Math.max(0, start - 16), start))?.[0] ?? quote) : ''
    const close = opening ? quotationEnd(text, value, opening.length - 1, quote) : text.length
    const end = Math.min(
      text.startsWith(opening, close - opening.length) ? close - opening.length : close,
      this.lineEnd,
    )
    // Words alone are prose.
    if (value === from && this.random >= end) return from
    this.found.add(value, end, MASKED)
    return end
  }

  /** PostgreSQL: `Key (tenant, reset_token)=(1, …) already exists`. */
  columns(at: number): number {
    const { text } = this
    const start = text.lastIndexOf('(', at)
    if (start < 0 || at - start > MAX_NAME_LENGTH) return at + 1
    const hides = text
      .slice(start + 1, at - 1)
      .split(/[,\s]+/)
      .some(name => this.hides(name))
    if (!hides) return at + 1
    const close = text.indexOf(')', at + 2)
    const end = close < 0 ? text.length : close
    this.found.add(at + 2, end, MASKED)
    return end
  }
}

/** `'x-api-key', 'value'`: a list of names and values, as `rawHeaders` is. */
const PAIR = /(\\*["'])([\w.-]{2,64})\1\s*,\s*\1/g
/** MySQL. The name of a key may be that of an index. */
const DUPLICATE = /Duplicate entry '([^\n]{0,256}?)' for key '([^'\n]{1,200})'/g
const PASSWORD = /\b(?:PASSWORD|IDENTIFIED BY|identified by)\s+(?=')/g
const OPTION = /(?<=\s)--([\w-]{2,64})[ \t]+(?=[^\s-])/g

/** A field of a multipart body (RFC 7578 §4.2), also in a JSON string. */
const FORM_DATA = /form-data; name=\\*"([\w.[\]-]{1,64})\\*"(?:\r?\n|\\+r\\+n){2}/g

/** The rest: what has no sign between name and value. */
export function findPairs(text: string, names: MaskNames, found: Found): void {
  const values = new NamedValues(text, names, found)
  const each = (pattern: RegExp, take: (match: RegExpExecArray, end: number) => void): void => {
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) take(match, pattern.lastIndex)
  }
  if (/["']\s*,/.test(text)) {
    each(PAIR, ([, quote = '', name = ''], end) => {
      if (!names.hides(name)) return
      const close = quotationEnd(text, end, quote.length - 1, quote.slice(-1))
      const value = text.slice(end, close - quote.length)
      if (isRandom(value) || value.includes(' ') || value.length > 24) found.add(end, close - quote.length, MASKED)
    })
  }
  if (text.includes('Duplicate entry')) {
    each(DUPLICATE, (match, end) => {
      const [whole, entry = '', key = ''] = match
      if (!names.hides(key.replace(/_(?:unique|uniq|idx|index|key)$/i, ''))) return
      const start = end - whole.length + "Duplicate entry '".length
      found.add(start, start + entry.length, MASKED)
    })
  }
  each(FORM_DATA, ([, name = ''], end) => {
    if (names.hides(name)) found.add(end, endOf(/[^\r\n\\]+/y, text, end), MASKED)
  })
  each(PASSWORD, (_, end) => void values.quotation(end))
  if (text.includes('--')) {
    each(OPTION, ([, name = ''], end) => {
      if (names.hides(name)) values.quotation(end) > end || found.add(end, endOf(/\S+/y, text, end), MASKED)
    })
  }
}
