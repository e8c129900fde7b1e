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
  /** Of each piece, where it begins and ends in the text, and where when decoded. */
  const places: number[] = []
  let decoded = ''
  let from = 0
  let quote: string | undefined
  let written = ''
  const pattern = isLast && text.includes('%25') ? REPEATED : ENCODED
  eachMatch(pattern, text, match => {
    const whole = match[0]
    const piece = pattern === REPEATED ? '%' : decodePiece(match)
    if (piece === whole) return
    if (!quote && piece.endsWith('"')) {
      quote = piece
      written = whole
    }
    decoded += text.slice(from, match.index)
    from = match.index + whole.length
    places.push(match.index, from, decoded.length, decoded.length + piece.length)
    decoded += piece
  })
  if (from === 0) return undefined
  return {
    text: decoded + text.slice(from),
    encode: ([start, end, instead]) => [
      originOf(places, start, false),
      originOf(places, end, true),
      quote ? instead.replaceAll(quote, written) : instead,
    ],
  }
}

/** Where a character of a decoded text begins, or where the one before it ends, in the text that was decoded. */
function originOf(places: readonly number[], place: number, isEnd: boolean): number {
  // The last piece that begins before the place; that begins at it, too, where something begins.
  let low = 0
  let high = places.length / 4
  while (low < high) {
    const middle = (low + high) >> 1
    const start = places[middle * 4 + 2] ?? 0
    if (start < place || (start === place && !isEnd)) low = middle + 1
    else high = middle
  }
  const last = low * 4 - 4
  const decodedEnd = places[last + 3] ?? 0
  const end = places[last + 1] ?? 0
  if (place >= decodedEnd) return end + place - decodedEnd
  return isEnd ? end : (places[last] ?? 0)
}
