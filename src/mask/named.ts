/** Secrets that the name before them tells: in JSON, queries, forms, cookies, header dumps, settings, code and SQL, whole or cut. */
import { eachMatch, endOf, execFrom, type Found } from './found.ts'
import { MASKED } from './masked.ts'
import { isQuote, MAX_NAME_LENGTH, nameStart, quotedStart } from './name-before.ts'
import type { Hides, MaskNames } from './names.ts'
import { KEY_PARTS } from './pairs.ts'
import { bracketEnd, isNothing, isRandom, parameterEnd, plainEnd, quotationEnd, quotations } from './values.ts'

/** A name stands before each. */
const SIGN = /[:=]/g

/** Between a sign and its value: white space, also as JSON or a form write it, and a terminal's colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const GAP = /(?:\s|\\+[nrt]|\+|(?:\x1b|\\+u001b)\[\d*m)*/y
/** Spaces, and YAML's anchor. */
const SPACES = /[ \t]*(?:&\w{1,32}[ \t]+)?/y
const QUOTE = /(\\*)("\1"\1"|["'`])/y
const LITERAL = /[^\s,"'}\])\\&]*/y
/** What tells that a closing quote really ended a value. */
const AFTER_QUOTE = /[\s,;:)\]}>&<\\/]|$/y
/** A constructor or variant around a text: `Some("…")`; a type: `: string = "…"`. */
const WRAPPER = /(?:(?!Symbol)[A-Z]\w{0,30}\(|[A-Za-z][\w.<>[\] |]{0,64}?\s?=\s)(?=\\*["'])/y
/** YAML's block of lines (§8.1). */
const BLOCK = /[ \t]*[|>][-+\d]{0,2}[ \t]*(?:\n|\\+n)(?:[ \t]+[^\s\\"](?:[^\n\\"]|\\+[^n\\])*(?:\n|\\+n|$|(?=")))+/y
/** A list of texts and numbers alone. */
const LITERALS = /\[(?:\\*["'][^"'[\]{}]*["']|[\d.,\s-])*(?:\]|$)/y
/** The headers whose values have words and signs of their own, up to the end of their line; a scheme is shown. */
const WHOLE_LINE = /(?:authorization|cookie)$/i
const SCHEME = /(?:AWS4-HMAC-SHA256|[A-Z][\w-]{2,20})[ \t]+(?=\S)/y
/** A call or an index, which is code. */
const CALL = /[\w$.]*[([{]/y
const LINE_END = /[\n\r]|$/g
/** What credentials and cookies have, and words have not. */
const RANDOM = /[\d=]|[a-z][A-Z]|$/g
/** In front of a name that begins a line, a member or an argument. */
const FIELD = /(?:^|[\n{([,;&|"'`>-]|\\n)[ \t]*$/

/** `'x-api-key', 'value'`: a list of names and values, as `rawHeaders` is. */
const PAIR = /(?<!\\)(\\*["'])([\w.-]{2,64})\1\s*,\s*\1/g
/** PostgreSQL: `Key (tenant, reset_token)=(1, …) already exists`. */
const COLUMNS = /\(([^()]{1,256})\)=\(([^)]*)/g
/** MySQL. The name of a key may be that of an index. */
const DUPLICATE = /(Duplicate entry ')([^\n]{0,256}?)' for key '([^'\n]{1,200})'/g
/** `{ name: 'password', value: '…' }`, and the same in YAML and queries. */
const NAME_AND_VALUE =
  /\b(?:name|key)\\{0,8}["']?\s*[:=]\s*\\{0,8}["']?([\w.[\]-]{2,64})\\{0,8}["']?[,;&]?(?:\s|\\+n)*\\{0,8}["']?value\\{0,8}["']?\s*[:=]\s*/gi
/** A command's option, SQL's statement that sets a password, and commands whose short option is followed by one. */
const OPTION =
  /(?<=\s)--([\w-]{2,64})[ \t]+(?=[^\s-])|\b(?:(?:PASSWORD|IDENTIFIED BY|identified by)(?:\s+|\()(?=')|(?:(?:mysql|mariadb|mongo|sshpass|docker login)[^\n|;&]{0,200}?\s-p|redis-cli[^\n|;&]{0,200}?\s-a)[ =]?(?=[^\s-]))/g
/** Redis's and SMTP's command, alone or as Redis's MONITOR shows it. */
const AUTH = /(?<![\w-])AUTH(\\*")?[ \t]+(?:\\*"?(?:default|PLAIN)\\*"?[ \t]+)?/g

/** A field of a multipart body (RFC 7578 §4.2), also in a JSON string. */
const FORM_DATA =
  /form-data; name=\\*"([\w.[\]-]{1,64})\\*"(?:(?:\r?\n|\\+r\\+n)Content-T[^\r\n\\]{1,100})?(?:\r?\n|\\+r\\+n){2}/g

/** A name whose separators are encoded, as in `api+key` and `api%20key`. */
const decoded = (name: string): string => name.replace(/%(?:25)*[2-5][\dA-Fa-f]|\+/g, ' ')

export function findNamed(text: string, names: MaskNames, found: Found): void {
  /** By quote, whether one is open at a place. */
  const open = { '"': quotations(text, '"'), "'": quotations(text, "'") }
  /** Where the line ends, and where something random comes, after the place that was asked for last. */
  let lineEnd = -1
  let random = -1
  let isGrant: boolean | undefined
  let isKey: boolean | undefined

  /** RFC 6749 §4.1: a `code` is a secret beside a `state` or `grant_type`. */
  const hides = (name: string): Hides => {
    if (KEY_PARTS.has(name)) {
      isKey ??= /\bkty\W{0,9}[:=]\W{0,9}[A-Zo]/.test(text)
      return isKey && 'all'
    }
    if (name !== 'code') return names.hides(decoded(name))
    isGrant ??= /[?&#\s"']state=|grant_type/.test(text)
    return isGrant && 'all'
  }

  /** Masks a number, a list or an object; with quotes around what stands instead, so that JSON stays JSON. */
  const literal = (from: number, end: number, escapes: number): number => {
    const quote = `${'\\'.repeat(escapes)}"`
    if (!isNothing(text.slice(from, end))) found(from, end, quote + MASKED + quote)
    return end
  }

  /** Masks the text between the quotes at `from`, or in a constructor there. @returns where it ends; `from` where there are none */
  const quotation = (from: number): number => {
    const at = endOf(WRAPPER, text, from)
    const [opening, escapes = '', quote = ''] = execFrom(QUOTE, text, at) ?? []
    if (!opening) return from
    const start = at + opening.length
    const end = quotationEnd(text, start, escapes.length, quote)
    const isClosed = text.slice(start, end).endsWith(opening)
    found(start, isClosed ? end - opening.length : end, isClosed ? MASKED : MASKED + opening)
    return end
  }

  /** `"name": value`, `"name" => value`. */
  const afterQuoted = (at: number, quoteAt: number): number => {
    let end = quoteAt
    while (text[end - 1] === '\\') end--
    const start = quotedStart(text, end)
    const hidden = start >= 0 && start < end && hides(text.slice(start, end))
    if (!hidden) return at
    const escapes = quoteAt - end
    const from = endOf(GAP, text, text[at + 1] === '>' ? at + 2 : at + 1)
    const quoted = quotation(from)
    if (quoted > from) return quoted
    if (/[[{]/.test(text.charAt(from))) return literal(from, bracketEnd(text, from, escapes), escapes)
    const close = endOf(LITERAL, text, from)
    const word = text.slice(from, close)
    return isNothing(word) || (hidden === 'texts' && /^[-+\d.e]+$/i.test(word)) ? close : literal(from, close, escapes)
  }

  /** `name=value`, as queries, forms, cookies, connection strings and attributes write it. */
  const parameter = (from: number, hidden: Hides): number => {
    const [opening = '', escapes = '', quote = ''] = execFrom(QUOTE, text, from) ?? []
    let end = from
    if (quote) {
      end = quotationEnd(text, from + opening.length, escapes.length, quote)
      // Connection strings double a quote that is part of the value.
      while (!escapes && text[end] === quote) end = quotationEnd(text, end + 1, 0, quote)
    } else if (/[[{]/.test(text.charAt(from))) end = bracketEnd(text, from, 0)
    const isWhole = quote && execFrom(AFTER_QUOTE, text, end)
    if (!isWhole) end = parameterEnd(text, end, last => (last === '"' || last === "'") && open[last](from - 1))
    const inner = text.slice(from, end)
    const isEmpty = isNothing(inner) || (isWhole && inner.length === 2 * opening.length)
    if (!isEmpty && (hidden === 'all' || !/^\d+$/.test(inner))) found(from, end, opening + MASKED + opening)
    return end
  }

  /** The rest of a header's line, or of the quotation that it stands in. */
  const line = (start: number, from: number): number => {
    const value = endOf(SCHEME, text, from)
    if (execFrom(CALL, text, value)) return from
    // Both are kept, for a line may have many such names.
    if (lineEnd < value) lineEnd = execFrom(LINE_END, text, value)?.index ?? value
    if (random < value) random = execFrom(RANDOM, text, value)?.index ?? value
    const [opening = ''] = /\\*["']$/.exec(text.slice(Math.max(0, start - 16), start)) ?? []
    const close = opening ? quotationEnd(text, value, opening.length - 1, opening.slice(-1)) : text.length
    const isClosed = text.startsWith(opening, close - opening.length)
    const end = Math.min(isClosed ? close - opening.length : close, lineEnd)
    // Words alone are prose.
    if (value === from && random >= end) return from
    found(value, end)
    return end
  }

  const beginsField = (start: number): boolean => FIELD.test(text.slice(Math.max(0, start - 8), start))

  /** `name: value` and `name = value`, with quotes or without. */
  const property = (start: number, sign: number, name: string, hidden: Hides): number => {
    const from = endOf(GAP, text, sign)
    const quoted = quotation(from)
    if (quoted > from) return quoted
    const list = endOf(LITERALS, text, from)
    if (list > from) return literal(from, list, 0)
    const block = execFrom(BLOCK, text, sign)
    if (block) return literal(sign + 1, BLOCK.lastIndex, 0)
    const plain = endOf(SPACES, text, sign)
    const isField = beginsField(start)
    if (WHOLE_LINE.test(name) && text[sign - 1] === ':' && (isField || text.startsWith('Digest ', plain)))
      return line(start, plain)
    const end = plainEnd(text, plain, isField && plain > sign, hidden === 'all')
    found(plain, end)
    return end
  }

  /** Reads what is around a sign. @returns where its value ends */
  const value = (at: number): number => {
    const before = text[at - 1]
    const sign = text[at]
    const after = text[at + 1]
    if (sign === '=') {
      if (after === '=' || /[=!:]/.test(before ?? '')) return at
    } else if (after === ':' || before === ':' || text.startsWith('//', at + 1)) return at
    let end = at
    while (end > 0 && at - end < MAX_NAME_LENGTH && /\s/.test(text.charAt(end - 1))) end--
    if (text[end - 1] === ']' && isQuote(text[end - 2]) && /^\s{0,8}\\*["'`]/.test(text.slice(at + 1, at + 16))) end--
    if (isQuote(text[end - 1])) return afterQuoted(at, end - 1)
    const start = nameStart(text, end)
    const isArrow = sign === '=' && after === '>'
    // An arrow is code, but for Ruby's `:name=>` and PHP's `[name] =>`. After `//` it is a URL's user or host.
    if (
      start === end ||
      (isArrow && text[start - 1] !== ':' && text[start] !== '[') ||
      text.startsWith('//', start - 2)
    )
      return at
    const name = text.slice(start, end)
    const hidden = hides(name)
    if (!hidden) return at
    if (sign === '=' && end === at && !isArrow && /\S/.test(after ?? '')) return parameter(at + 1, hidden)
    return property(start, at + (isArrow || (sign === ':' && after === '=') ? 2 : 1), name, hidden)
  }

  SIGN.lastIndex = 0
  while (SIGN.test(text)) {
    const next = SIGN.lastIndex
    SIGN.lastIndex = Math.max(value(next - 1), next)
  }

  // The rest has no sign between name and value.
  eachMatch(PAIR, text, ([, quote = '', name = ''], from) => {
    if (!names.hides(name)) return
    const end = quotationEnd(text, from, quote.length - 1, quote.slice(-1)) - quote.length
    const inner = text.slice(from, end)
    if (isRandom(inner) || inner.includes(' ') || inner.length > 24) found(from, end)
  })
  eachMatch(COLUMNS, text, ([, columns = '', values = ''], end) => {
    if (columns.split(/[,\s]+/).some(hides)) found(end - values.length, end)
  })
  eachMatch(DUPLICATE, text, ({ index, 1: before = '', 2: entry = '', 3: key = '' }) => {
    const start = index + before.length
    if (names.hides(key) || names.hides(key.replace(/_(?:unique|uniq|idx|index|key)$/i, '')))
      found(start, start + entry.length)
  })
  eachMatch(NAME_AND_VALUE, text, ([, name = ''], from) => {
    if (names.hides(name) && quotation(from) === from) found(from, endOf(/[^\s,;&"'}\\]+/y, text, from))
  })
  eachMatch(FORM_DATA, text, ([, name = ''], from) => {
    if (names.hides(name)) found(from, endOf(/[^\r\n\\]+/y, text, from))
  })
  eachMatch(OPTION, text, ([, name], from) => {
    if ((!name || names.hides(name)) && quotation(from) === from) found(from, endOf(/\S+/y, text, from))
  })
  eachMatch(AUTH, text, ({ index, 1: isQuoted }, from) => {
    if (!isQuoted || quotation(from) === from) found(from, plainEnd(text, from, beginsField(index), true))
  })
}
