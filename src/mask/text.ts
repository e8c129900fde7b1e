/**
 * Free text, masked: what is a secret by its shape, by a word before it or by its name, also where it is encoded. Each finder
 * says where secrets stand in the text as it came; all else stays as it was. Linear (`node bench/linear.mjs`).
 */
import { findCards, isCardRun } from './cards.ts'
import { decodeLayer } from './encodings.ts'
import { Found } from './found.ts'
import { MASKED } from './masked.ts'
import { findPairs, NamedValues } from './named.ts'
import type { MaskNames } from './names.ts'
import { fillEnd, findTokens, looksLikeBase64Text, nextRun, runEnd } from './runs.ts'
import { decodeBase64, findSchemes } from './schemes.ts'
import { findByInfix, hasInfix, hasPrefix } from './shapes.ts'
import { findSql } from './sql.ts'
import { findTags } from './tags.ts'

export { MASKED } from './masked.ts'

/** Layers of encoding that are taken off one by one; the last at once. */
const MAX_LAYERS = 5

/** Characters that are looked at in all, for each of the text: every layer of every encoding counts. */
const WORK_FACTOR = 8
const LEAST_WORK = 4096

/** What a whole base64 text is that has neither JSON nor a form in it: a user and a password, and not a type and a number. */
const USER_PASSWORD =
  /^(?![A-Z][a-zA-Z]*:|[a-z]+:[A-Z\d]+$|\d+:)[\w.@+-]{2,64}:(?=[^\s:]{4,128}$)(?=.*[^\da-f-])[\x21-\x7e]+$/

/** Of what masks find, letters may be beyond ASCII. */
const decodeUtf8 = (bytes: string): string =>
  new TextDecoder().decode(Uint8Array.from(bytes, byte => byte.charCodeAt(0)))

const MAX_PASSES = 4

/** Characters of a text that is looked at again. */
const MAX_TWICE = 16_384

/** A search through one text and what is encoded in it. */
class Search {
  readonly names: MaskNames
  /** Characters that may still be looked at. */
  work: number

  constructor(names: MaskNames, length: number) {
    this.names = names
    this.work = length * WORK_FACTOR + LEAST_WORK
  }

  find(text: string, layer: number): Found {
    this.work -= text.length
    const found = new Found()
    const add = (start: number, end: number): void => found.add(start, end, MASKED)
    if (this.runs(text, layer, found)) findByInfix(text, add)
    findCards(text, add)
    for (const mask of this.names.masks) mask.find(text, add)
    findSchemes(text, found)
    new NamedValues(text, this.names, found).find()
    findPairs(text, this.names, found)
    findSql(text, this.names, found)
    if (text.includes('<')) findTags(text, this.names, found)
    const inner =
      layer <= MAX_LAYERS && this.work > 0 ? decodeLayer(found.blank(text), layer === MAX_LAYERS) : undefined
    if (inner) found.addAll(this.find(inner.text, layer + 1), inner.origin, inner.encode)
    return found
  }

  /** @returns whether there are any */
  runs(text: string, layer: number, found: Found): boolean {
    const first = nextRun(text, 0)
    for (let start = first; start >= 0; ) {
      const end = runEnd(text, start)
      const last = findTokens(text, start, end, (from, to) => found.add(from, to, MASKED))
      if (isCardRun(text, start, end)) found.add(start, end, MASKED)
      this.base64(text, start, end, layer, found)
      start = nextRun(text, last)
    }
    return first >= 0
  }

  /** A run in base64, or the parts of a path. */
  base64(text: string, start: number, end: number, layer: number, found: Found): void {
    // The next layer has all of it.
    if (layer < MAX_LAYERS && text[end] === '%' && /^%[\da-f]{2}/i.test(text.slice(end, end + 3))) return
    if (this.holdsSecret(text, start, end, layer)) {
      found.add(start, fillEnd(text, end), MASKED)
      return
    }
    // Within the run alone: `indexOf` would look for a slash to the end of the text.
    const parts = text.slice(start, end).split('/')
    if (parts.length === 1) return
    let from = start
    for (const { length } of parts) {
      const close = from + length
      if (this.holdsSecret(text, from, close, layer)) found.add(from, fillEnd(text, close), MASKED)
      from = close + 1
    }
  }

  holdsSecret(text: string, start: number, end: number, layer: number): boolean {
    if (end - start < 12 || !looksLikeBase64Text(text, start, end)) return false
    // More than can be looked into is not shown.
    if (layer > MAX_LAYERS || this.work < 0) return true
    const bytes = decodeBase64(text.slice(start, end))
    const decoded = this.names.masks.length > 0 ? decodeUtf8(bytes) : bytes
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what has these is no text
    if (/[\0-\x08\x0e-\x1f]/.test(decoded)) return false
    return USER_PASSWORD.test(decoded) || (/[=:"]|^eyJ/.test(decoded) && !this.find(decoded, layer + 1).isEmpty)
  }
}

/** Signs of a name with a value, of a scheme and of an encoding, in a text and in JSON's strings. */
const SIGN = /[=<%'\\&~]|NSERT INTO|nsert into|\/\/|[Bb](?:earer|asic)|BEARER|BASIC/
/** A name's colon; not that of a key or a time. */
const COLON = /[A-Za-z]:/g
const COLON_AFTER_DIGIT = /[A-SU-Za-su-z_]\d\d?:/

/** Where a name's colon stands; the length where none does. */
function firstColon(text: string): number {
  COLON.lastIndex = 0
  while (COLON.test(text)) {
    // After `//` comes a host, which {@link SIGN} has.
    if (!text.startsWith('//', COLON.lastIndex)) return COLON.lastIndex - 1
  }
  return text.length
}

/** Where the first of what {@link maskText} has to look at stands; the length where nowhere. */
function firstSign(text: string): number {
  let first = firstColon(text)
  const note = (at: number): void => {
    if (at >= 0 && at < first) first = at
  }
  note(text.search(SIGN))
  note(text.indexOf('--'))
  note(text.search(COLON_AFTER_DIGIT))
  for (let start = nextRun(text, 0); start >= 0 && start < first; ) {
    const end = runEnd(text, start)
    if (isSuspectRun(text, start, end)) first = start
    start = nextRun(text, end)
  }
  findCards(text, note)
  return first
}

function isSuspectRun(text: string, start: number, end: number): boolean {
  let isToken = false
  findTokens(text, start, end, () => {
    isToken = true
  })
  return (
    isToken ||
    isCardRun(text, start, end) ||
    looksLikeBase64Text(text, start, end) ||
    hasInfix(text.slice(Math.max(0, start - 24), end))
  )
}

/** `text` without what is a secret by its shape or name; the same string where nothing was found. */
export function maskText(text: string, names: MaskNames): string {
  let isPlain = !text.includes('"') && firstSign(text) === text.length
  for (const mask of names.masks) {
    mask.find(text, () => {
      isPlain = false
    })
  }
  if (isPlain) return text
  const search = new Search(names, text.length)
  let masked = text
  // What was hidden by a secret can itself be one, seldom twice over.
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = masked
    masked = search.find(before, 0).replace(before)
    if (masked === before || text.length > MAX_TWICE) break
  }
  return masked
}

/** Whether the end of a text that was cut may be what {@link maskText} masks, or its beginning. */
export function mayHoldSecret(text: string): boolean {
  return firstSign(text) < text.length || hasPrefix(text)
}
