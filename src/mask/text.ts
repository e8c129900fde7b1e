/**
 * Free text, masked: what is a secret by its shape, by a word before it or by its name, also where it is encoded. Each finder
 * says where secrets stand in the text as it came; all else stays as it was. Linear (`node bench/linear.mjs`).
 */
import { findCards } from './cards.ts'
import { decodeLayer, isEncoded } from './encodings.ts'
import { replaceSpans, type Span, spanList } from './found.ts'
import { lookFor } from './look.ts'
import { MASKED } from './masked.ts'
import { findNamed } from './named.ts'
import type { MaskNames } from './names.ts'
import { base64Texts, fillEnd, findTokens, nextRun, runEnd } from './runs.ts'
import { decodeBase64, findSchemes } from './schemes.ts'
import { findSentences } from './sentences.ts'
import { findByInfix } from './shapes.ts'
import { findSql } from './sql.ts'
import { findCells, startsTable } from './tables.ts'
import { findTags } from './tags.ts'

export { MASKED }

/** Layers of encoding that are taken off one by one; the last at once. */
const MAX_LAYERS = 5

/**
 * What one text, or one JSON text with all of its strings, may cost: characters that are looked at in all, every layer of every
 * encoding, and characters that are looked at once more, without what was found in them.
 */
export interface Work {
  left: number
  again: number
  /** A text in which nothing is left, once it was looked at: of like records each leaves the same. */
  settled: string
}

export const workFor = (length: number): Work => ({ left: length * 3 + 65_536, again: 65_536, settled: '' })

/** Characters that one look costs at least. */
const LOOK = 16

/** What a whole base64 text is that has neither JSON nor a form in it: a user and a password, and not a type and a number. */
const USER_PASSWORD =
  /^(?![A-Z][a-zA-Z]*:|[a-z]+:[A-Z\d]+$|\d+:)[\w.@+-]{2,64}:(?=[^\s:]{4,128}$)(?=.*[^\da-f-])[\x21-\x7e]+$/

/** Of what masks find, letters may be beyond ASCII. */
const decodeUtf8 = (bytes: string): string =>
  new TextDecoder().decode(Uint8Array.from(bytes, byte => byte.charCodeAt(0)))

const MAX_PASSES = 4

/** A search through texts and what is encoded in them. What it may not look into is hidden whole. */
function searchFor(names: MaskNames, work: Work): (text: string, layer: number) => Span[] {
  const holdsSecret = (run: string, layer: number): boolean => {
    if (layer > MAX_LAYERS || work.left < 0) return true
    const bytes = decodeBase64(run)
    const decoded = names.masks.length > 0 ? decodeUtf8(bytes) : bytes
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what has these is no text
    if (/[\0-\x08\x0e-\x1f]/.test(decoded)) return false
    return USER_PASSWORD.test(decoded) || (/[=:"]|^eyJ/.test(decoded) && search(decoded, layer + 1).length > 0)
  }

  const search = (text: string, layer: number): Span[] => {
    work.left -= (text.length + LOOK) * (1 + names.masks.length / 2)
    const { spans, found } = spanList()
    for (let start = nextRun(text, 0); start >= 0; ) {
      const end = runEnd(text, start)
      const last = findTokens(text, start, end, found)
      // What goes on in percent-encoding is left to the next layer, which has all of it.
      if (layer >= MAX_LAYERS || !/^%[\da-f]{2}/i.test(text.slice(end, end + 3))) {
        for (const [from, to] of base64Texts(text, start, end)) {
          if (holdsSecret(text.slice(from, to), layer)) found(from, fillEnd(text, to))
        }
      }
      start = nextRun(text, last)
    }
    findByInfix(text, found)
    findCards(text, found)
    for (const mask of names.masks) mask.find(text, (start, end) => found(start, end))
    findSchemes(text, found)
    findSentences(text, names, found)
    findNamed(text, names, found)
    findSql(text, names, found)
    findCells(text, names, found)
    if (text.includes('<')) findTags(text, names, found)
    if (layer > MAX_LAYERS || !isEncoded(text)) return spans
    if (work.left < 0) return [[0, text.length, MASKED]]
    // What was found is not decoded; the rest keeps its places.
    const blank = replaceSpans(text, spans, ([start, end]) => '*'.repeat(end - start))
    const inner = decodeLayer(blank, layer === MAX_LAYERS)
    if (inner) for (const span of search(inner.text, layer + 1)) spans.push(inner.encode(span))
    return spans
  }
  return search
}

/** `text` without what is a secret by its shape or name; the same string where nothing was found. */
export function maskText(text: string, names: MaskNames): string {
  return !text.includes('"') && !(text.includes('\n') && startsTable(text)) && lookFor(text, names)(0) > text.length
    ? text
    : maskSuspect(text, names, workFor(text.length))
}

/** {@link maskText} of a text that was looked at before. */
export function maskSuspect(text: string, names: MaskNames, work: Work): string {
  const search = searchFor(names, work)
  let masked = text
  // What was hidden by a secret can itself be one, seldom twice over.
  for (let pass = 0; pass < MAX_PASSES && masked !== work.settled; pass++) {
    if (work.left < 0) return MASKED
    const before = masked
    masked = replaceSpans(before, search(before, 0), ([, , instead]) => instead)
    if (masked === before) work.settled = before
    else if (work.again < text.length) break
    else work.again -= text.length + LOOK
  }
  return masked
}
