/**
 * JSON masked by name in its own text, without being parsed: in half of the time, and numbers keep their digits, of which
 * a parser keeps 17 (RFC 8259 §6). Whatever is no JSON is noticed here.
 */
import { isCardNumber } from './cards.ts'
import { MAX_DEPTH, TOO_DEEP } from './copy.ts'
import { replaceSpans, spanList } from './found.ts'
import { MASKED } from './masked.ts'
import type { Hides, MaskNames } from './names.ts'
import { hiddenPlaces, hidesBeside, KEY_PARTS, MAX_NAME_LENGTH, PAIR_NAMES, PAIR_VALUES } from './pairs.ts'

// RFC 8259 §§3, 6 and 7.
// biome-ignore lint/suspicious/noControlCharactersInRegex: a string has none without an escape
const STRING = /"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\0-\x1f]*)*"/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const SPACE = /[ \n\r\t]*/y
const BRACKET = /["[\]{}]/g

/** Texts of a list that are looked at as names and values. */
const MAX_PAIRED_TEXTS = 1_000

/** Thrown, for there may be many levels to leave: the text is no JSON. */
const NO_JSON: unique symbol = Symbol()

/** Digits of the shortest card number. */
const CARD_DIGITS = 13

/** Where a value begins and ends. */
type Place = readonly [start: number, end: number]

/** `json` without what its names hide; `undefined` where it is no JSON. Strings are not looked into. */
export function maskJsonNames(json: string, names: MaskNames): string | undefined {
  const { spans, found } = spanList()
  /** What is read next. */
  let at = 0

  const take = (pattern: RegExp): void => {
    pattern.lastIndex = at
    if (!pattern.test(json)) throw NO_JSON
    at = pattern.lastIndex
  }

  /** The next character that is no white space; none at the end. */
  const next = (): string => {
    if (json.charCodeAt(at) <= 0x20) take(SPACE)
    return json.charAt(at)
  }

  const hide = ([start, end]: Place): void => found(start, end, `"${MASKED}"`)

  /** The text of a string. */
  const textOf = ([start, end]: Place): string => {
    const literal = json.slice(start, end)
    return literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1)
  }

  const isHidden = ([start, end]: Place, hides: Hides): boolean => {
    const first = json.charAt(start)
    if (first === '"') return hides !== false && end - start > 2
    if (first === '[') return hides !== false && json.slice(start + 1, end - 1).trim() !== ''
    return first === '{' ? hides !== false : hides === 'all' && !/[tfn]/.test(first)
  }

  const value = (depth: number): void => {
    const first = next()
    const start = at
    if (first === '"') take(STRING)
    else if (first !== '{' && first !== '[') {
      take(SCALAR)
      if (at - start >= CARD_DIGITS && isCardNumber(json.slice(start, at))) hide([start, at])
    } else if (depth >= MAX_DEPTH) {
      pastNested()
      found(start, at, `"${TOO_DEEP}"`)
    } else {
      at++
      if (next() === (first === '[' ? ']' : '}')) at++
      else if (first === '[') list(depth + 1)
      else record(depth + 1)
    }
  }

  /** Goes past what is nested here, however deep: counted, not entered. */
  const pastNested = (): void => {
    let depth = 0
    do {
      BRACKET.lastIndex = at
      const [bracket] = BRACKET.exec(json) ?? []
      if (!bracket) throw NO_JSON
      at = BRACKET.lastIndex
      if (bracket === '"') {
        at--
        take(STRING)
      } else depth += bracket === '[' || bracket === '{' ? 1 : -1
    } while (depth > 0)
  }

  /** Goes past a comma or the last bracket. @returns whether there is more */
  const hasMore = (closing: string): boolean => {
    const character = next()
    at++
    if (character !== ',' && character !== closing) throw NO_JSON
    return character === ','
  }

  const list = (depth: number): void => {
    /** Its members, as long as all are texts. */
    let texts: Place[] | undefined = []
    do {
      const isText = next() === '"'
      const start = at
      value(depth)
      if (isText && texts && texts.length < MAX_PAIRED_TEXTS) texts.push([start, at])
      else texts = undefined
    } while (hasMore(']'))
    if (texts && texts.length > 1)
      for (const place of hiddenPlaces(texts.map(textOf), names)) hide(texts[place] ?? [0, 0])
  }

  /** By depth, the last record's keys that hide nothing, with quotes and colon: records of a list are alike. */
  const known: string[][] = []

  const record = (depth: number): void => {
    known[depth] ??= []
    const shown = known[depth]
    let name: Place | undefined
    let pair: Place | undefined
    const keyParts: Place[] = []
    let isKey = false
    let place = 0
    do {
      next()
      const expected = shown[place]
      if (expected && json.startsWith(expected, at)) {
        at += expected.length
        place++
        value(depth)
        continue
      }
      const keyStart = at
      take(STRING)
      const key = textOf([keyStart, at])
      if (next() !== ':') throw NO_JSON
      at++
      const keyEnd = at
      next()
      const start = at
      value(depth)
      const whole: Place = [start, at]
      const hides = names.hides(key)
      if (hides && isHidden(whole, hides)) hide(whole)
      else if (PAIR_VALUES.has(key)) pair = whole
      else if (PAIR_NAMES.includes(key)) name ??= whole
      else if (KEY_PARTS.has(key)) keyParts.push(whole)
      else if (key === 'kty') isKey = true
      else if (!hides) shown[place++] = json.slice(keyStart, keyEnd)
    } while (hasMore('}'))
    if (isKey) keyParts.forEach(hide)
    if (!pair || !name || name[1] - name[0] > MAX_NAME_LENGTH * 8) return
    if (isHidden(pair, hidesBeside(JSON.parse(json.slice(...name)), names))) hide(pair)
  }

  try {
    value(0)
    if (next() !== '') return undefined
  } catch {
    return undefined
  }
  return replaceSpans(json, spans, ([, , instead]) => instead)
}
