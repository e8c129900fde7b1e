/**
 * What is a secret by its shape, wherever it stands in a string: error messages, header values, plain-text bodies.
 * Every expression starts at a boundary or is bounded, so that no run of characters is entered twice: linear time.
 */
import type { MaskNames } from './mask-names.ts'

/** Stands where a secret stood. */
export const MASKED = '[MASKED]'

const SHAPES: readonly (readonly [shape: RegExp, replacement: string])[] = [
  // A private key in PEM form, to its end or, where it was cut, to the end of the text.
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g, MASKED],
  // RFC 6750 credentials. The words that follow "bearer" in prose are left alone; whatever else does may be a token.
  [
    /(?<!\w)([Bb]earer|BEARER)(\s{1,8}|%20|\+)(?!(?:tokens?|auth[a-z]{0,9}|headers?|schemes?|realm|credentials?)(?![\w.~+/-]))[\w.~+/=%-]+/g,
    `$1$2${MASKED}`,
  ],
  // RFC 7617 credentials are base64: a digit, a sign, a capital inside or sheer length tells them from "basic plan".
  [/(?<!\w)([Bb]asic|BASIC)(\s{1,8}|%20|\+)(?!realm=|[A-Z]?[a-z]{0,19}(?![\w+/=%-]))[\w+/=%-]{4,}/g, `$1$2${MASKED}`],
  // RFC 7519: header.payload.signature, and the five parts of an encrypted one.
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*/g, MASKED],
  // Keys that services mark by a prefix.
  [
    /(?<![A-Za-z0-9])(?:(?:[rsp]k|rs|ak|tr)_(?:live|test|prod)_\w{4,}|sk-[\w-]{16,}|whsec_[\w+/=-]{8,}|gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|A[KS]IA[A-Z\d]{12,}|AIza[\w-]{30,}|npm_\w{30,}|dop_v1_\w{32,}|SG\.[\w-]{16,64}\.[\w-]{16,})/g,
    MASKED,
  ],
  // RFC 3986 userinfo.
  [/:\/\/[^\s/?#"'<>\\]*@/g, `://${MASKED}@`],
]

/** One look that tells whether any of {@link SHAPES} can be there at all. */
const SUSPECT =
  /[Bb]earer|BEARER|[Bb]asic|BASIC|eyJ|-----BEGIN|_(?:live|test|prod)_|sk-|whsec_|gh[opsur]_|_pat_|glpat|xox|A[KS]IA|AIza|npm_|dop_v1|SG\.|:\/\/[^/]*@/

/** `name=value` as in a query, a form, a cookie or a connection string. */
const PAIR =
  /(?<![\w.%[\]-])([\w.%[\]-]{2,128})=("[^"]*"?|'[^']*'?|[^\s&;#"'<>]+(?:;(?![\w.%-]{0,64}=)[^\s&;#"'<>]*)*)/g

/** `"name": value` of JSON that cannot be parsed: a quotation, or a text that was cut. */
const JSON_PAIR = /("((?:[^"\\\n]|\\.){2,128})"\s{0,8}:\s{0,8})("(?:[^"\\]|\\[\s\S])*"?|[^\s,"}\]]+)/g

/** Percent-encoding inside percent-encoding is followed this far. */
const ENCODINGS = 3

/** Decodes a form's or query's name or value; what is not valid stays as it is. */
export function decodeComponent(text: string): string {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function maskPairs(text: string, names: MaskNames, encodings: number): string {
  return text.replace(PAIR, (pair: string, name: string, value: string) => {
    if (names.has(decodeComponent(name))) return `${name}=${MASKED}`
    if (encodings >= ENCODINGS || !value.includes('%')) return pair
    const decoded = decodeComponent(value)
    const masked = maskText(decoded, names, encodings + 1)
    return masked === decoded ? pair : `${name}=${encodeURIComponent(masked)}`
  })
}

function maskJsonPairs(text: string, names: MaskNames): string {
  let masked = ''
  let from = 0
  for (const match of text.matchAll(JSON_PAIR)) {
    const [whole, key = '', name = '', value = ''] = match
    if (!names.has(name)) continue
    masked += `${text.slice(from, match.index)}${key}"${MASKED}"`
    // Where an object or a list under a masked name ends cannot be told: nothing after it is kept.
    if (/^[{[]/.test(value)) return masked
    from = match.index + whole.length
  }
  return from > 0 ? masked + text.slice(from) : text
}

/** `text` without what is a secret by its shape; the same string where nothing was found. */
export function maskText(text: string, names: MaskNames, encodings = 0): string {
  if (text.length < 6) return text
  let masked = text
  if (SUSPECT.test(masked)) for (const [shape, replacement] of SHAPES) masked = masked.replace(shape, replacement)
  if (masked.includes('=')) masked = maskPairs(masked, names, encodings)
  if (/"\s{0,8}:/.test(masked)) {
    masked = maskJsonPairs(masked, names)
    if (masked.includes('\\"')) {
      // JSON quoted inside a string has its quotes escaped: read without the escapes, and kept so only if it must be.
      const flat = masked.replace(/\\+"/g, '"')
      const flatMasked = maskJsonPairs(flat, names)
      if (flatMasked !== flat) masked = flatMasked
    }
  }
  return masked
}
