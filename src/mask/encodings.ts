/** What is encoded in place: percent-encoding, HTML's character references, JSON's needless escapes. */
import { eachMatch, type Span } from './found.ts'

/** A text with one layer of encoding off, and the way back. */
interface Decoded {
  readonly text: string
  /** A place that was found in {@link text}, as one in the text that was decoded, with quotes as that writes them. */
  readonly encode: (span: Span) => Span
}

const REFERENCES: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
}

// Percent-encoding (RFC 3986 §2.1) of ASCII, and of UTF-8 beyond (RFC 3629 §4): what this matches, `decodeURIComponent`
// takes, whose exceptions are dear. HTML §13.5, as templates write JSON into a page. RFC 8259 §7: `\/` and `\u0026`.
const ENCODED =
  /%([0-7][\da-f])|(?:%(?:c[2-9a-f]|d[\da-f])%[89ab][\da-f]|%e(?:0%[ab]|[1-9a-cef]%[89ab]|d%[89])[\da-f]%[89ab][\da-f]|%f(?:0%[9ab]|[1-3]%[89ab]|4%8)[\da-f]%[89ab][\da-f]%[89ab][\da-f])|&(?:(quot|apos|amp|lt|gt|nbsp)|#0{0,6}(\d{2,3})|#x0{0,6}([\da-f]{2}));|(?<!\\)(\\+)(?:(?=\/)|u00([2-7][\da-f]))/gi

/** Percent-encoding that was encoded again and again. */
const REPEATED = /%(?:25)+(?=[\da-f]{2})/gi

const SIGN = /%[\da-f]{2}|&(?:#|[a-z]{2,4};)|\\(?:\/|u00)/i

/** Whether something in a text may be encoded. */
export const isEncoded = (text: string): boolean => SIGN.test(text)

const character = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))

/** What one piece stands for. By place: taking the match apart at once costs twice as much. */
function decodePiece(match: RegExpExecArray): string {
  const whole = match[0]
  const hex = match[1] ?? match[4]
  if (hex) return character(hex)
  if (match[2]) return REFERENCES[match[2].toLowerCase()] ?? whole
  if (match[3]) return String.fromCharCode(Number(match[3]))
  const escapes = match[5]
  if (!escapes) return decodeURIComponent(whole)
  const plain = match[6] ? character(match[6]) : ''
  // A quote keeps an escape of the same depth, for it is one of JSON in JSON.
  if (plain === '"') return `${escapes}${escapes.slice(1)}"`
  return plain === '\\' ? whole : plain
}

/**
 * `text` with one layer off; `undefined` where there is none.
 * @param isLast whether percent-encoding is undone however often it was applied
 */
export function decodeLayer(text: string, isLast: boolean): Decoded | undefined {
  let decoded = ''
  /** By place in the decoded text, where in the text its character begins; a piece is at most twice as long as before. */
  const origins = new Uint32Array(text.length * 2 + 1)
  let length = 0
  let from = 0
  let quote: string | undefined
  let written = ''
  const copyTo = (end: number): void => {
    decoded += text.slice(from, end)
    while (from < end) origins[length++] = from++
  }
  const pattern = isLast && text.includes('%25') ? REPEATED : ENCODED
  eachMatch(pattern, text, (match, next) => {
    const whole = match[0]
    const piece = pattern === REPEATED ? '%' : decodePiece(match)
    if (piece === whole) return
    if (!quote && piece.endsWith('"')) {
      quote = piece
      written = whole
    }
    copyTo(match.index)
    decoded += piece
    origins.fill(from, length, length + piece.length)
    length += piece.length
    from = next
  })
  if (from === 0) return undefined
  copyTo(text.length + 1)
  const originOf = (place: number): number => origins[place] ?? 0
  return {
    text: decoded,
    encode: ([start, end, instead]) => {
      // A piece of several characters ends where the next one begins.
      while (originOf(end) === originOf(end - 1)) end++
      return [originOf(start), originOf(end), quote ? instead.replaceAll(quote, written) : instead]
    },
  }
}
