/**
 * What must not reach a terminal, or a reader, raw: control characters (escape sequences begin with one), line
 * separators, invisible characters and those that reorder text (Unicode's Default_Ignorable_Code_Point, but for those of
 * which emoji and Indic scripts are joined), and lone surrogates.
 */
const UNSAFE =
  /(?!\u200c|\u200d|[\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}|[\p{Cc}\p{Cs}\u2028\u2029\ufff9-\ufffb]/gu

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** Text as JSON escapes it, and nothing left that moves a cursor: `\n`, `\u001b`. JSON text stays the same JSON. */
export function escapeControlCharacters(text: string): string {
  return text.replace(UNSAFE, character => SHORT_ESCAPES[character] ?? unicodeEscapes(character))
}

/** `\u` and four digits for each UTF-16 unit. */
function unicodeEscapes(character: string): string {
  return Array.from({ length: character.length }, (_, place) => {
    return `\\u${character.charCodeAt(place).toString(16).padStart(4, '0')}`
  }).join('')
}

/** Columns that a terminal needs for a text without control characters. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of splitGraphemes(text)) width += graphemeWidth(segment)
  return width
}

/** The text, cut to a number of columns; `…` is the last when something was cut. */
export function cutToWidth(text: string, maximum: number): string {
  let width = 0
  let kept = ''
  for (const { segment, index } of splitGraphemes(text)) {
    width += graphemeWidth(segment)
    if (width > maximum) return `${kept}…`
    // Room is left for the ellipsis: what fits exactly is only known at the end.
    if (width < maximum) kept = text.slice(0, index + segment.length)
  }
  return text
}

/** The text with spaces up to a number of columns. */
export function padToWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'left' ? text + padding : padding + text
}

function splitGraphemes(text: string): Iterable<Intl.SegmentData> {
  return new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)
}

function graphemeWidth(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0
  return WIDE.test(grapheme) ? 2 : 1
}
