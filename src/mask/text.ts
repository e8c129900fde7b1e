/**
 * Secrets in a string: by their shape wherever they stand, and by the name before them in JSON, queries, forms,
 * cookies, connection strings and XML, whole or cut, in percent-encoding and in base64. No run of characters is entered
 * more than a fixed number of times: linear in the text (`node bench/linear.mjs`). Long, because each expression stands
 * beside its reader.
 */
import type { MaskNames } from './names.ts'

/** Stands where a secret stood. */
export const MASKED = '[MASKED]'

// Lookbehinds let a secret begin after any sign, and after a letter that is an escape's (`\nBearer …`).
const SHAPES: readonly RegExp[] = [
  // A private key in PEM form, to its end or, where it was cut, to the end of the text.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  // RFC 6750 credentials. The words that follow "bearer" in prose are left alone; whatever else does may be a token.
  /(?<=(?<!(?<!\\)\w)(?:[Bb]earer|BEARER)(?:\s{1,8}|\+))(?!(?:tokens?|auth[a-z]{0,10}|headers?|schemes?|credentials?|of|is|was|and|or|in|for|not|format|missing|required|invalid|expired)(?![\w.~+/-])|[a-z_]{1,20}=")[^\s"',;<>\\&)]+/g,
  // RFC 7617 credentials are base64: a sign, a capital inside or sheer length tells them from "basic plan".
  /(?<=(?<!(?<!\\)\w)(?:[Bb]asic|BASIC)(?:\s{1,8}|\+))(?!realm=|(?:[A-Z]?[a-z]{0,19}|[A-Z]{1,5})\d{0,4}(?![\w+/=]))[\w+/=-]{4,}/g,
  // RFC 7519: header.payload.signature, and the five parts of an encrypted one.
  /(?<!(?<!\\|%[\dA-Fa-f])[\w-])eyJ[\w-]{6,}(?:\.[\w-]*)+/g,
  // Keys that services mark by a prefix.
  /(?<!(?<!\\)[A-Za-z\d])(?:(?:[rsp]k|rs|ak|tr)_(?:live|test|prod)_\w{4,}|(?:sk-(?=[\w-]{0,99}[A-Z\d])|gh[opsur]_|github_pat_|glpat-|xox[a-z]-|npm_(?=[A-Za-z\d]{30})|dop_v1_)[\w-]{16,}|whsec_[\w+/=-]{8,}|A[KS]IA[A-Z\d]{12,}|AIza[\w-]{30,}|SG\.[\w-]{16,64}\.[\w-]{16,})/g,
  // RFC 3986 userinfo; at the end of a text that was cut, also without its `@`.
  /(?<=:\/\/)(?:[^\s/?#"'<>\\]+(?=@)|[^\s/?#"'<>\\:[]*:(?!\d{0,5}$)[^\s/?#"'<>\\]+$)/g,
]

/** A JSON object, which begins by `{"`, in base64 or base64url, whose signs may be percent-encoded. */
const ENCODED_JSON = /(?<!(?<!\\|%[\dA-Fa-f])[\w+/-])eyJ(?:[\w+/-]|%(?:25)*2[BFbf]){6,}/g

/** One look that tells whether any of {@link SHAPES} can be there at all. */
const SUSPECT =
  /_(?<=_(?:live|test|prod)_|gh[opsur]_|_pat_|npm_|_v1_|whsec_)|-(?<=sk-|xox[a-z]-|glpat-|-----)|(?:earer|EARER|asic|ASIC)[\s+]|eyJ|A[KS]IA|AIza|SG\.|:\/\/[^\s/]*(?:@|:(?!\d{0,5}(?:[\s/?#"'<>\\]|$)))/

/** {@link SUSPECT} in a JSON text, or the sign of a name or an encoding in one of its strings. */
const SUSPECT_IN_JSON: RegExp = new RegExp(`[=<%'\\\\]|${SUSPECT.source}`, 'g')

/** What {@link SUSPECT_IN_JSON} cannot match without. Looking for each in turn costs half of looking for all at once. */
const HINTS: readonly string[] = [
  "'",
  '=',
  '<',
  '%',
  '\\',
  'xox',
  'glpat-',
  '-----',
  'sk-',
  'KIA',
  'SIA',
  'Iza',
  'yJ',
  'SG.',
]
const UNDERSCORE_HINT = /_(?<=_(?:live|test|prod)_|gh[opsur]_|_pat_|npm_|_v1_|whsec_)/
const SCHEME_HINT = /earer|asic|EARER|ASIC/

/** Whether a string of a JSON text may hold what {@link maskText} masks; `false` is certain. */
export function mayHoldSecret(json: string): boolean {
  return (
    HINTS.some(hint => json.includes(hint)) ||
    SCHEME_HINT.test(json) ||
    (json.includes('/') && json.includes('://')) ||
    (json.includes('_') && UNDERSCORE_HINT.test(json))
  )
}

/** Where, at `from` or later, something stands in a JSON text for which {@link maskText} has to look at its string; -1 where nowhere. */
export function findSuspect(json: string, from: number): number {
  return find(SUSPECT_IN_JSON, json, from)?.index ?? -1
}

/** The same for names too: one of these signs stands at every name that has a value, and in every encoding. */
const SUSPECT_OR_SIGN: RegExp = new RegExp(`[=<%"'\\\\]|${SUSPECT.source}`)

/** `"name":`, `name=`, `name: "…` and `<name>`: found by their sign and read backwards from it, for signs are few. */
const NAMED =
  /[:=>](?:(?<=["']([^"'\n]+)["'](?:\s|\\+[nrt])*(?::|=>))(?:\s|\\+[nrt])*|(?<=([^\s"'&;,:=?#<>(){}/\\|!@*`^~]+)=)(?![=>])|(?<=([^\s"'&;,:=?#<>(){}/\\|!@*`^~]+)\s*:)\s*(?=\\*["'])|(?<=<(?:[\w.-]+:)?([\w.-]+)(\s[^<>]*)?(?<!\/)>))/g

/** Where a value without quotes ends: a sign that belongs to it only if no other name follows, or nothing does. A quote before a `&` does. */
const VALUE_END = /[\s&]|[;#?](?=\s*[^\s"'&;,:=?#<>]+=)|(?<!\\)\\*["'](?=[\s,;:)\]}>\\]|$)|<(?=[/!])/g

/** What tells that a closing quote really ended a value. */
const AFTER_QUOTE = /[\s,;:)\]}>&<\\/]|$/y

/** A number or literal of JSON. */
const LITERAL = /[^\s,"'}\]\\&]*/y

const QUOTE = /(\\*)(["'])/y

const BRACKET = /[[\]{}]|(?<!\\)(\\*)(["'])/g

/** Encoding in encoding is followed this far one by one, for each may hold signs of its own. */
const ENCODINGS = 4

/** `pattern` at `from`. */
function find(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

/**
 * Where a quotation ends that `escapes` backslashes and `quote` opened before `from`. JSON in JSON doubles them and
 * adds one at each level, which tells its quotes from those inside its strings.
 */
function quotationEnd(text: string, from: number, escapes: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    let before = 0
    while (text[at - 1 - before] === '\\') before++
    // A quote of less depth ends what is around: here the text inside was cut.
    if (before < escapes) return at - before
    if (before % (2 * escapes + 2) === escapes) return at + 1
  }
  return text.length
}

/** Where the object or list at `from` ends, or the quotation around it (`around` backslashes deep) where it was cut, or the text. */
function bracketEnd(text: string, from: number, around: number): number {
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

/** Answers, of places further and further on, whether the last `quote` before one opens a quotation: an apostrophe has a letter before it. */
function quotations(text: string, quote: string): (place: number) => boolean {
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
function valueEnd(text: string, from: number, isOpen: (quote: '"' | "'") => boolean): number {
  for (let at = from; ; ) {
    const match = find(VALUE_END, text, at)
    if (!match) return text.length
    const last = match[0].slice(-1)
    if ((last !== '"' && last !== "'") || isOpen(last)) return match.index
    at = match.index + match[0].length
  }
}

/** Masks what stands behind a name that holds a secret. */
function maskNamed(text: string, names: MaskNames): string {
  const opens = { '"': quotations(text, '"'), "'": quotations(text, "'") }
  let masked = ''
  let from = 0
  for (let at = 0; ; ) {
    const match = find(NAMED, text, at)
    if (!match) return masked + text.slice(from)
    const [whole, quoted = '', parameter, property, element, attributes = ''] = match
    const [inner = ''] = /(?<!\\)\\*$/.exec(quoted) ?? []
    const start = match.index + whole.length
    let end = start
    let around = ''
    at = start
    if (!names.has(decode(parameter ?? property ?? element ?? quoted.slice(0, quoted.length - inner.length)))) continue
    const [opening = '', escapes = '', quote = ''] = find(QUOTE, text, start) ?? []
    if (element) {
      const close = text.indexOf('</', start)
      end = close < 0 ? text.length : close
    } else if (quote) {
      around = opening
      end = quotationEnd(text, start + opening.length, escapes.length, quote)
      // Connection strings double a quote that is part of the value.
      while (parameter && !escapes && text[end] === quote) end = quotationEnd(text, end + 1, escapes.length, quote)
    } else if (text[start] === '{' || text[start] === '[') end = bracketEnd(text, start, inner.length)
    if (parameter) {
      if (!quote || !find(AFTER_QUOTE, text, end)) end = valueEnd(text, end, last => opens[last](match.index))
    } else if (!element && !quote) {
      around = `${inner}"`
      if (end === start) end += find(LITERAL, text, start)?.[0].length ?? 0
    }
    if (end === start) continue
    // An element's attributes go with its content.
    const name = attributes ? `${text.slice(from, match.index - attributes.length)}>` : text.slice(from, start)
    masked += `${name}${around}${MASKED}${around}`
    from = at = end
  }
}

/** Percent-encoded UTF-8 (RFC 3629 §4): what it matches `decodeURIComponent` takes, whose exceptions are dear. */
const ENCODED =
  /(?:%(?:[0-7][\da-f]|(?:c[2-9a-f]|d[\da-f])%[89ab][\da-f]|e(?:0%[ab]|[1-9a-cef]%[89ab]|d%[89])[\da-f]%[89ab][\da-f]|f(?:0%[9ab]|[1-3]%[89ab]|4%8)[\da-f]%[89ab][\da-f]%[89ab][\da-f]))+/gi

/** Percent-encoding undone, once or, where that is `all`, however often it was applied. What is not valid stays. */
function decode(text: string, all = true): string {
  if (!/[%+]/.test(text)) return text
  const spaced = text.replaceAll('+', ' ')
  return (all ? spaced.replace(/%(?:25)+(?=[\da-f]{2})/gi, '%') : spaced).replace(ENCODED, decodeURIComponent)
}

/** What `\/` and `\u0026` stand for; a quote keeps an escape of the same depth (`\u0022` is `\"`). */
function withoutEscape(escaped: string, escapes: string, hex?: string): string {
  const sign = hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16))
  if (sign === '\\') return escaped
  return sign === '"' ? escapes + escapes.slice(1) + sign : sign
}

/** Whether JSON in base64 has what must be masked; the last characters of it, of which some may be missing, tell nothing. */
function holdsSecret(base64: string, names: MaskNames, depth: number): boolean {
  const plain = base64.replace(/-|%(?:25)*2b/gi, '+').replace(/_|%(?:25)*2f/gi, '/')
  const json = atob(plain.slice(0, plain.length & ~3))
  return depth > ENCODINGS || maskDecoded(json, names, depth + 1) !== json
}

function maskOnce(text: string, names: MaskNames, depth: number): string {
  if (!SUSPECT_OR_SIGN.test(text)) return text
  // JSON's needless escapes (`\/`, `\u0026`) would hide what stands there from the expressions above.
  const plain = text.includes('\\') ? text.replace(/(?<!\\)(\\+)(?:(?=\/)|u00([2-7][\da-f]))/gi, withoutEscape) : text
  let masked = plain
  if (SUSPECT.test(plain)) {
    for (const shape of SHAPES) masked = masked.replace(shape, MASKED)
    masked = masked.replace(ENCODED_JSON, run => (holdsSecret(run, names, depth) ? MASKED : run))
  }
  masked = maskNamed(masked, names)
  return masked === plain ? text : masked
}

/** What a percent-encoded part of a text holds is masked as a text of its own, and encoded again only if it must be. */
function maskDecoded(text: string, names: MaskNames, depth: number): string {
  const masked = maskOnce(text, names, depth)
  if (depth > ENCODINGS || !masked.includes('%')) return masked
  return masked.replace(/[^\s&=?#/;"<>]+/g, part => {
    if (!/%[\da-f]{2}/i.test(part)) return part
    const inner = decode(part, depth === ENCODINGS)
    const maskedInner = maskDecoded(inner, names, depth + 1)
    return maskedInner === inner ? part : maskedInner.replace(/[\s"#%&'+/;<=>?\\]/g, encodeURIComponent)
  })
}

/** `text` without what is a secret by its shape or name; the same string where nothing was found. */
export function maskText(text: string, names: MaskNames): string {
  let before = ''
  let masked = text
  // What was hidden by a secret can itself be one, seldom twice over.
  for (let pass = 0; pass < 4 && masked !== before; pass++) {
    before = masked
    masked = maskDecoded(masked, names, 0)
  }
  return masked
}
