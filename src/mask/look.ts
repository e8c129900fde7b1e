/**
 * One look over a whole JSON text: which of its strings may hold a secret. It finds at least what the search of `text.ts`
 * would find in the strings, in one pass: where a name decides, the name is looked up here, so that URLs, times and
 * sentences cost no more than that.
 */
import { findCards, isCardRun } from './cards.ts'
import type { MaskNames } from './names.ts'
import { findTokens, looksLikeBase64Text, nextRun, runEnd } from './runs.ts'
import { hasInfix } from './shapes.ts'

/**
 * What stands between a name and its value, or for something else: an encoding, a tag, a list of names and values. A colon
 * after a key or a digit is none, but for a name that ends in digits.
 */
const SEPARATOR =
  /[=<~]|:(?:(?=\/\/)|(?<=[^"\d]:|\\":|[A-SU-Za-su-z_]\d{1,8}:))|%(?=[\da-fA-F]{2})|&(?=#|[a-zA-Z]{2,4};)|\\(?=[u/])|'(?=\s*,)|\\"(?=\s*,)/g

/** What announces a secret by itself: searched for only where one is in the text at all, which is known at once. */
const WORDS = [
  'Bearer',
  'bearer',
  'BEARER',
  'Basic',
  'basic',
  'BASIC',
  'PASSWORD',
  'IDENTIFIED BY',
  'Duplicate entry',
  'form-data; name=',
  'NSERT INTO',
  'nsert into',
  'params: ',
  '--',
  '-u',
]
const WORD =
  /[Bb](?:earer|asic)|BEARER|BASIC|PASSWORD|IDENTIFIED BY|identified by|Duplicate entry|form-data; name=|NSERT INTO|nsert into|params: |--|-u[ =]/g

/** After a URL's scheme: where userinfo, or a password that was cut, may be; a port looks like one. */
const USERINFO = /\/\/(?:[^\s"@:\\]|:\d{1,5}(?=[/?#:)"\s]))*(?:[@\\]|:(?!\d{1,5}[/?#:)"\s]))/y

/** By code, the ASCII characters that a name without quotes may have. */
let nameCodes: Uint8Array | undefined

function makeNameCodes(): Uint8Array {
  const none = /[\s"'&;,:=?#<>(){}/\\|!@*`^~]/
  return Uint8Array.from({ length: 128 }, (_, code) => (none.test(String.fromCharCode(code)) ? 0 : 1))
}

const isOfName = (code: number): boolean => {
  nameCodes ??= makeNameCodes()
  return code < 128 ? nameCodes[code] === 1 : !/\s/.test(String.fromCharCode(code))
}

/** Nothing is a name that has more characters. */
const MAX_NAME_LENGTH = 256

const QUOTES = `"'\``

const SLASH = 0x2f
const COLON = 0x3a
const EQUALS = 0x3d

const NOWHERE = Number.POSITIVE_INFINITY

/** A look that goes on through a text, and never back. */
export class Look {
  readonly json: string
  readonly names: MaskNames
  /** What is nowhere in the text is not searched for. */
  readonly hasWords: boolean
  hasInfixes: boolean | undefined
  /** Where the next separator, word and run stand that may be a secret's. */
  separator = -1
  word = -1
  run = -1
  /** Where card numbers begin, and what masks find, the last one first. */
  readonly marks: number[] = []

  constructor(json: string, names: MaskNames) {
    this.json = json
    this.names = names
    this.hasWords = WORDS.some(word => json.includes(word)) || (json.includes("'") && json.includes('identified by'))
    if (!this.hasWords) this.word = NOWHERE
    const note = (start: number): void => void this.marks.push(start)
    findCards(json, note)
    for (const mask of names.masks) mask.find(json, note)
    this.marks.sort((one, other) => other - one)
  }

  /** Where something stands at `from` or later for which its string has to be looked at; infinity where nothing does. */
  next(from: number): number {
    if (this.separator < from) this.separator = this.nextSeparator(from)
    if (this.word < from) this.word = this.nextWord(from)
    if (this.run < from) this.run = this.nextSuspectRun(from)
    while (this.marks.length > 0 && (this.marks.at(-1) ?? from) < from) this.marks.pop()
    return Math.min(this.separator, this.word, this.run, this.marks.at(-1) ?? NOWHERE)
  }

  nextSeparator(from: number): number {
    SEPARATOR.lastIndex = from
    while (SEPARATOR.test(this.json)) {
      const at = SEPARATOR.lastIndex - 1
      const code = this.json.charCodeAt(at)
      if (code === COLON ? this.atColon(at) : code !== EQUALS || this.hidesBefore(at)) return at
      SEPARATOR.lastIndex = at + 1
    }
    return NOWHERE
  }

  nextWord(from: number): number {
    WORD.lastIndex = from
    return WORD.exec(this.json)?.index ?? NOWHERE
  }

  nextSuspectRun(from: number): number {
    for (let start = nextRun(this.json, from); start >= 0; ) {
      const end = runEnd(this.json, start)
      if (this.isSuspectRun(start, end)) return start
      start = nextRun(this.json, end)
    }
    return NOWHERE
  }

  /** Whether a run may be a token, or a text in base64. */
  isSuspectRun(start: number, end: number): boolean {
    const { json } = this
    let isToken = false
    findTokens(json, start, end, () => {
      isToken = true
    })
    if (isToken || isCardRun(json, start, end) || looksLikeBase64Text(json, start, end)) return true
    // Parts of a path may each be one.
    for (let from = start, at = start; at < end; at++) {
      if (json.charCodeAt(at) !== SLASH) continue
      if (looksLikeBase64Text(json, from, at) || looksLikeBase64Text(json, at + 1, end)) return true
      from = at + 1
    }
    this.hasInfixes ??= hasInfix(json)
    return this.hasInfixes && hasInfix(json.slice(Math.max(0, start - 24), end + 24))
  }

  /** A URL's scheme, of which userinfo may follow; or a name. */
  atColon(at: number): boolean {
    if (!this.json.startsWith('//', at + 1)) return this.hidesBefore(at)
    USERINFO.lastIndex = at + 1
    return USERINFO.test(this.json)
  }

  /** Whether the name before a separator hides what follows. */
  hidesBefore(separator: number): boolean {
    const { json } = this
    let end = separator
    while (json[end - 1] === ' ') end--
    const last = json.charAt(end - 1)
    // White space that is escaped: what is before it is read where it is searched for.
    if (json[end - 2] === '\\' && 'nrt'.includes(last)) return true
    if (last === ')') return json[separator + 1] === '('
    let start = end - 1
    if (last === '"' || last === "'" || last === '`') {
      // A key of the JSON text itself.
      if (last === '"' && json[end - 2] !== '\\') return false
      while (json[end - 1] === '\\' || end === start + 1) end--
      start = end
      while (start > 0 && end - start < MAX_NAME_LENGTH && !QUOTES.includes(json.charAt(start - 1))) start--
    } else {
      start = end
      while (start > 0 && end - start < MAX_NAME_LENGTH && isOfName(json.charCodeAt(start - 1))) start--
    }
    if (start >= end) return false
    const name = json.slice(start, end)
    if (name === 'code' || /[%+]/.test(name) || this.names.hides(name)) return true
    // `\npassword=`
    return json[start - 1] === '\\' && this.names.hides(name.slice(1)) !== false
  }
}
