/**
 * JSON masked in its own text, without being parsed: half of the time, and numbers stay as they were written, which a parser
 * knows to 17 digits only. What it does not read (escapes, line breaks, exponents, what is no JSON) is left to a parser.
 */
import type { MaskNames } from './names.ts'
import { maskStrings } from './plain.ts'
import { MASKED } from './text.ts'

/** Deeper texts are left to the walk, which says where it ends. */
const MAX_DEPTH = 100

/** Signs of a number: those of decimals with 34 digits, and a few. */
const MAX_NUMBER_LENGTH = 40

/** Escapes, and what may not stand in a string (RFC 8259 §7): without these, one ends at the next quote. */
const NOT_EVEN = /[^ -[\]-\uffff]/

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const LIST = 0x5b
const LIST_END = 0x5d
const RECORD = 0x7b
const RECORD_END = 0x7d

/** Thrown, for there may be many levels to leave: here is what is not read. */
const NOT_READ: unique symbol = Symbol()

const isDigit = (sign: number): boolean => sign >= ZERO && sign <= NINE

/** Reads a text over, from value to value. */
class Reader {
  readonly json: string
  readonly names: MaskNames
  /** What is read next. */
  at = 0
  /** Where values begin and end that their names hide, in turn. */
  readonly hidden: number[] = []
  /** The last record's names that hide nothing, each with its quotes and colon: records of a list are alike. */
  readonly shown: string[] = []

  constructor(json: string, names: MaskNames) {
    this.json = json
    this.names = names
  }

  /** The next sign that is no space; `NaN` at the end. */
  next(): number {
    let sign = this.json.charCodeAt(this.at)
    while (sign === SPACE) sign = this.json.charCodeAt(++this.at)
    return sign
  }

  value(depth: number): void {
    const sign = this.next()
    if (sign === QUOTE) this.at = this.stringEnd()
    else if (sign === RECORD) this.record(depth + 1)
    else if (sign === LIST) this.list(depth + 1)
    else if (sign === MINUS || isDigit(sign)) this.number(sign)
    else this.word()
  }

  /** After the string that begins here. */
  stringEnd(): number {
    const end = this.json.indexOf('"', this.at + 1)
    if (end < 0) throw NOT_READ
    return end + 1
  }

  /** Whether a list or record ends here that has nothing in it. Goes past its first sign. */
  isEmpty(depth: number, end: number): boolean {
    if (depth > MAX_DEPTH) throw NOT_READ
    this.at++
    return this.next() === end
  }

  /** Whether a list or record goes on. Goes past the sign that says so. */
  goesOn(end: number): boolean {
    const sign = this.next()
    this.at++
    if (sign !== COMMA && sign !== end) throw NOT_READ
    return sign === COMMA
  }

  list(depth: number): void {
    if (this.isEmpty(depth, LIST_END)) this.at++
    else {
      do this.value(depth)
      while (this.goesOn(LIST_END))
    }
  }

  record(depth: number): void {
    let place = 0
    if (this.isEmpty(depth, RECORD_END)) this.at++
    else {
      do {
        if (this.next() !== QUOTE) throw NOT_READ
        if (this.hides(place)) this.hide(depth)
        else {
          place++
          this.value(depth)
        }
      } while (this.goesOn(RECORD_END))
    }
  }

  /** Whether a name hides its value. Goes past it and its colon. */
  hides(place: number): boolean {
    const before = this.shown[place]
    if (before !== undefined && this.json.startsWith(before, this.at)) {
      this.at += before.length
      return false
    }
    const start = this.at
    const colon = this.stringEnd()
    // A space before it would keep a name from being told from a text.
    if (this.json.charCodeAt(colon) !== COLON) throw NOT_READ
    this.at = colon + 1
    const hides = this.names.has(this.json.slice(start + 1, colon - 1))
    if (!hides) this.shown[place] = this.json.slice(start, colon + 1)
    return hides
  }

  /** Reads a value that is hidden, and all that is in it. */
  hide(depth: number): void {
    this.next()
    const { length } = this.hidden
    const start = this.at
    this.value(depth)
    this.hidden.length = length
    this.hidden.push(start, this.at)
  }

  /** One that is short and has no exponent: how large another is, a parser has to say, and may find none that it can hold. */
  number(first: number): void {
    const start = this.at
    const sign = first === MINUS ? this.json.charCodeAt(++this.at) : first
    if ((sign === ZERO ? this.json.charCodeAt(++this.at) : this.digits()) === POINT) {
      this.at++
      this.digits()
    }
    if (this.at - start > MAX_NUMBER_LENGTH) throw NOT_READ
  }

  /** Goes past digits, one at least. @returns the sign after them */
  digits(): number {
    const start = this.at
    while (isDigit(this.json.charCodeAt(this.at))) this.at++
    if (this.at === start) throw NOT_READ
    return this.json.charCodeAt(this.at)
  }

  word(): void {
    const word = ['true', 'false', 'null'].find(one => this.json.startsWith(one, this.at))
    if (!word) throw NOT_READ
    this.at += word.length
  }
}

/** Where values begin and end that their names hide; `undefined` where the text is no JSON, or none that is read here. */
function findHidden(json: string, names: MaskNames): number[] | undefined {
  const reader = new Reader(json, names)
  try {
    reader.value(0)
  } catch {
    return undefined
  }
  // At the end there is no next sign.
  return Number.isNaN(reader.next()) ? reader.hidden : undefined
}

/** A JSON text, masked; `undefined` where that takes a parser. */
export function maskJsonText(json: string, names: MaskNames): string | undefined {
  const hidden = NOT_EVEN.test(json) ? undefined : findHidden(json, names)
  if (!hidden) return undefined
  let masked = ''
  let from = 0
  for (let place = 0; place < hidden.length; place += 2) {
    masked += `${json.slice(from, hidden[place])}"${MASKED}"`
    from = hidden[place + 1] ?? from
  }
  return maskStrings(masked + json.slice(from), names)
}
