/**
 * JSON masked by name in its own text, without being parsed: in half of the time, and numbers keep their digits, of which
 * a parser keeps 17 (RFC 8259 §6). Whatever is no JSON is noticed here.
 */
import { isCardNumber } from './cards.ts'
import { MAX_DEPTH, TOO_DEEP } from './copy.ts'
import type { Hides, MaskNames } from './names.ts'
import { hiddenPlaces, hidesBeside, isPairValue, PAIR_NAMES } from './pairs.ts'
import { MASKED } from './text.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const LIST = 0x5b
const LIST_END = 0x5d
const RECORD = 0x7b
const RECORD_END = 0x7d

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const BRACKET = /["[\]{}]/g

/** What a string may hold only with an escape, and the escape itself (RFC 8259 §7). */
const IRREGULAR = /[^ -[\]-\uffff]/

/** Digits of the shortest card number. */
const CARD_DIGITS = 13

/** Texts of a list that are looked at as names and values. */
const MAX_PAIRED_TEXTS = 1_000

/** Thrown, for there may be many levels to leave: the text is no JSON. */
const NO_JSON: unique symbol = Symbol()

/** A part of the text, and the JSON that takes its place. */
interface Replacement {
  start: number
  end: number
  json: string
}

/** The value of a record's member: its first character, where it stands, and which replacements are in it. */
interface Member {
  code: number
  start: number
  end: number
  from: number
  to: number
}

/** Whether an odd number of backslashes stands before a quote. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote
  while (text[at - 1] === '\\') at--
  return (quote - at) % 2 > 0
}

class Scanner {
  readonly text: string
  readonly names: MaskNames
  /** What is read next. */
  at = 0
  /** In their order, none in another. */
  readonly replacements: Replacement[] = []
  /** The last record's keys that hide nothing, with quotes and colon: records of a list are alike. */
  readonly shown: string[] = []
  /** Which of these may name the value of a pair. */
  readonly shownNames: boolean[] = []
  /** Whether a string can end anywhere but at the next quote, or hold what is not allowed. */
  readonly isIrregular: boolean

  constructor(text: string, names: MaskNames) {
    this.text = text
    this.names = names
    this.isIrregular = IRREGULAR.test(text)
  }

  /** The next character that is no white space; `NaN` at the end. */
  next(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code
      this.at++
    }
  }

  /** Goes past a value. @returns its first character */
  value(depth: number): number {
    const code = this.next()
    if (code === QUOTE) this.string()
    else if (code === RECORD || code === LIST) this.nested(code, depth)
    else if (code === MINUS || (code >= ZERO && code <= NINE)) this.number()
    else this.word()
    return code
  }

  nested(code: number, depth: number): void {
    if (depth >= MAX_DEPTH) this.replacements.push({ start: this.at, end: this.pastNested(), json: `"${TOO_DEEP}"` })
    else if (code === LIST) this.list(depth + 1)
    else this.record(depth + 1)
  }

  /** After what is nested here, however deep: counted, not entered. */
  pastNested(): number {
    let depth = 0
    do {
      BRACKET.lastIndex = this.at
      const bracket = BRACKET.exec(this.text)?.[0]
      if (!bracket) throw NO_JSON
      this.at = BRACKET.lastIndex - 1
      if (bracket === '"') this.string()
      else {
        this.at++
        depth += bracket === '[' || bracket === '{' ? 1 : -1
      }
    } while (depth > 0)
    return this.at
  }

  /** Goes past a string. */
  string(): void {
    const start = this.at
    let end = this.text.indexOf('"', start + 1)
    if (this.isIrregular) {
      while (end > 0 && isEscaped(this.text, end)) end = this.text.indexOf('"', end + 1)
      const literal = this.text.slice(start, end + 1)
      // The runtime knows which escapes there are; it throws of any other.
      if (end > 0 && IRREGULAR.test(literal)) JSON.parse(literal)
    }
    if (end < 0) throw NO_JSON
    this.at = end + 1
  }

  number(): void {
    NUMBER.lastIndex = this.at
    if (!NUMBER.test(this.text)) throw NO_JSON
    const [start, end] = [this.at, NUMBER.lastIndex]
    this.at = end
    if (end - start >= CARD_DIGITS && isCardNumber(this.text.slice(start, end))) this.hide(start, end)
  }

  word(): void {
    const word = ['true', 'false', 'null'].find(one => this.text.startsWith(one, this.at))
    if (!word) throw NO_JSON
    this.at += word.length
  }

  /** Goes past the first bracket of what may be empty, then past its last. @returns whether it is empty */
  isEmpty(end: number): boolean {
    this.at++
    const isEmpty = this.next() === end
    if (isEmpty) this.at++
    return isEmpty
  }

  /** Goes past a comma or the last bracket. @returns whether there is more */
  hasMore(end: number): boolean {
    const code = this.next()
    this.at++
    if (code !== COMMA && code !== end) throw NO_JSON
    return code === COMMA
  }

  list(depth: number): void {
    if (this.isEmpty(LIST_END)) return
    /** Where its members begin and end, as long as all are texts. */
    let texts: number[] | undefined = []
    do {
      this.next()
      const start = this.at
      if (this.value(depth) !== QUOTE || (texts && texts.length > MAX_PAIRED_TEXTS)) texts = undefined
      texts?.push(start, this.at)
    } while (this.hasMore(LIST_END))
    if (texts && texts.length > 2) this.hideInTurn(texts)
  }

  /** Hides those of a list's texts that the text before hides. */
  hideInTurn(places: readonly number[]): void {
    const texts: string[] = []
    for (let place = 0; place < places.length; place += 2) texts.push(this.literal(places[place], places[place + 1]))
    for (const hidden of hiddenPlaces(texts, this.names)) {
      const [start = 0, end = 0] = places.slice(hidden * 2)
      this.hide(start, end)
    }
  }

  /** The text of the string between two places. */
  literal(start?: number, end?: number): string {
    const literal = this.text.slice(start, end)
    return literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1)
  }

  record(depth: number): void {
    if (this.isEmpty(RECORD_END)) return
    let place = 0
    let name: Member | undefined
    let pair: Member | undefined
    do {
      if (this.next() !== QUOTE) throw NO_JSON
      const known = this.shown[place]
      if (known !== undefined && this.text.startsWith(known, this.at)) {
        this.at += known.length
        if (this.shownNames[place++]) name ??= this.member(depth)
        else this.value(depth)
        continue
      }
      const start = this.at
      this.string()
      const key = this.literal(start, this.at)
      // A key with white space behind it is not told from a string by what follows.
      const isPlain = this.text.charCodeAt(this.at) === COLON
      if (this.next() !== COLON) throw NO_JSON
      this.at++
      const end = this.at
      const member = this.member(depth)
      const hides = this.names.hides(key)
      if (this.isHidden(member, hides)) this.hide(member.start, member.end, member.from, member.to)
      else if (isPairValue(key)) pair = member
      else {
        const isName = PAIR_NAMES.includes(key)
        if (isName) name ??= member
        if (hides || !isPlain) continue
        this.shownNames[place] = isName
        this.shown[place++] = this.text.slice(start, end)
      }
    } while (this.hasMore(RECORD_END))
    if (!pair || name?.code !== QUOTE) return
    if (!this.isHidden(pair, hidesBeside(this.literal(name.start, name.end), this.names))) return
    this.hide(pair.start, pair.end, pair.from, pair.to)
  }

  /** Goes past the value of a member. */
  member(depth: number): Member {
    this.next()
    const start = this.at
    const from = this.replacements.length
    const code = this.value(depth)
    return { code, start, end: this.at, from, to: this.replacements.length }
  }

  isHidden({ code, start, end }: Member, hides: Hides): boolean {
    if (!hides) return false
    if (code === QUOTE) return end - start > 2
    if (code === RECORD || code === LIST) return true
    return hides === 'all' && (code === MINUS || (code >= ZERO && code <= NINE))
  }

  /** Hides what is between two places, and what was replaced in it. */
  hide(start: number, end: number, from: number = this.replacements.length, to: number = from): void {
    this.replacements.splice(from, to - from, { start, end, json: `"${MASKED}"` })
  }
}

/** `json` without what its names hide; `undefined` where it is no JSON. Strings are not looked into. */
export function maskJsonNames(json: string, names: MaskNames): string | undefined {
  const scanner = new Scanner(json, names)
  try {
    scanner.value(0)
    // At the end there is no next character.
    if (!Number.isNaN(scanner.next())) return undefined
  } catch {
    return undefined
  }
  let masked = ''
  let from = 0
  for (const { start, end, json: replacement } of scanner.replacements) {
    masked += json.slice(from, start) + replacement
    from = end
  }
  return masked + json.slice(from)
}
