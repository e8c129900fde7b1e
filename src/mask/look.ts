/**
 * One look over a text, or over a whole JSON text: where secrets may be. It finds at least what the search of `text.ts`
 * would find, in one pass: where a name decides, the name is looked up here, so that URLs, times and sentences cost no
 * more than that.
 */
import { findCards, isCardRun } from './cards.ts'
import { endOf } from './found.ts'
import { isQuote, nameStart, quotedStart } from './name-before.ts'
import type { MaskNames } from './names.ts'
import { findTokens, looksLikeBase64Text, nextRun, runEnd } from './runs.ts'
import { hasInfix } from './shapes.ts'

/**
 * What stands between a name and its value, or for something else: an encoding, a tag, a list of names and values. A colon
 * after a key or a digit is none, but for a name that ends in digits.
 */
const SEPARATOR =
  /[=<~]|:(?:(?=\/\/)|(?<=[^"\d]:|\\":|[A-SU-Za-su-z_]\d{1,8}:))|%(?=[\da-fA-F]{2})|&(?=#|[a-zA-Z]{2,4};)|\\(?=[u/])|'(?=\s*,)|\\"(?=\s*,)/g

/**
 * What announces a secret by itself, searched for only where one is in the text at all: some by a part, for V8 finds a word by
 * its first character, and a frequent one costs thirty times as much.
 */
const WORDS = [
  ...[
    'Bearer',
    'bearer',
    'BEARER',
    'Basic',
    'basic',
    'BASIC',
    'PASSWORD',
    'IDENTIFIED BY',
    'fied by',
    'Duplicate entry',
  ],
  ...['-data; name=', 'VALUES', 'values', '--', '-u'],
]

/** Names before a value that is hidden for another reason than its name. */
const ANNOUNCING = /^code$|(?:params|value)$/

/** After a URL's scheme: where userinfo, or a password that was cut, may be; a port looks like one. */
const USERINFO = /\/\/(?:[^\s"@:\\]|:\d{1,5}(?=[/?#:)"\s]))*(?:[@\\]|:(?!\d{1,5}[/?#:)"\s]))/y

/** A string that is a UUID, the commonest run of all: it holds no secret. */
const UUID = /"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"/y
const UUID_LENGTH = 36

const SPACE = 0x20
const SLASH = 0x2f
const COLON = 0x3a
const EQUALS = 0x3d

/** Characters before and after a run that may belong to a token with something inside that tells it. */
const AROUND_INFIX = 24

/**
 * A look that goes on through a text, and never back.
 * @returns where something stands at a place or later for which the text around has to be searched; infinity where nothing does
 */
export function lookFor(text: string, names: MaskNames): (from: number) => number {
  let hasInfixes: boolean | undefined

  /** Whether the name before a separator hides what follows. */
  const hidesBefore = (separator: number): boolean => {
    let end = separator
    while (text.charCodeAt(end - 1) <= SPACE) end--
    const last = text.charAt(end - 1)
    // White space that is escaped: what is before it is read where it is searched for.
    if (text[end - 2] === '\\' && /[nrt]/.test(last)) return true
    if (last === ')') return text[separator + 1] === '('
    const isIndex = last === ']' && isQuote(text[end - 2])
    if (isIndex) end--
    const isQuoted = isIndex || isQuote(last)
    if (isQuoted) {
      // A key of the JSON text itself.
      if (!isIndex && last === '"' && text[end - 2] !== '\\') return false
      do end--
      while (text[end - 1] === '\\')
    }
    const start = isQuoted ? quotedStart(text, end) : nameStart(text, end)
    // White space beyond ASCII.
    if (start < 0 || start >= end) return last > '~'
    const name = text.slice(start, end)
    if (ANNOUNCING.test(name) || /[%+]/.test(name) || names.hides(name)) return true
    // `\npassword=`
    return text[start - 1] === '\\' && names.hides(name.slice(1)) !== false
  }

  const nextSeparator = (from: number): number => {
    SEPARATOR.lastIndex = from
    while (SEPARATOR.test(text)) {
      const at = SEPARATOR.lastIndex - 1
      const code = text.charCodeAt(at)
      if (code !== COLON && code !== EQUALS) return at
      // After a URL's scheme there may be userinfo, else there is no value.
      const isUrl = code === COLON && text.startsWith('//', at + 1)
      if (isUrl ? endOf(USERINFO, text, at + 1) > at + 1 : hidesBefore(at)) return at
      SEPARATOR.lastIndex = at + 1
    }
    return Number.POSITIVE_INFINITY
  }

  /** Whether a run may be a token, or a text in base64. */
  const isSuspectRun = (start: number, end: number): boolean => {
    if (end - start === UUID_LENGTH && endOf(UUID, text, start - 1) > end) return false
    let isToken = isCardRun(text, start, end) || looksLikeBase64Text(text, start, end)
    findTokens(text, start, end, () => {
      isToken = true
    })
    if (isToken) return true
    // Parts of a path may each be one.
    for (let from = start, at = start; at < end; at++) {
      if (text.charCodeAt(at) !== SLASH) continue
      if (looksLikeBase64Text(text, from, at) || looksLikeBase64Text(text, at + 1, end)) return true
      from = at + 1
    }
    hasInfixes ??= hasInfix(text)
    return hasInfixes && hasInfix(text.slice(Math.max(0, start - AROUND_INFIX), end + AROUND_INFIX))
  }

  const nextSuspectRun = (from: number): number => {
    for (let start = nextRun(text, from); start >= 0; ) {
      const end = runEnd(text, start)
      if (isSuspectRun(start, end)) return start
      start = nextRun(text, end)
    }
    return Number.POSITIVE_INFINITY
  }

  /** Where card numbers begin, and what masks find, the last one first. */
  const marks: number[] = []
  const mark = (start: number): void => void marks.push(start)
  findCards(text, mark)
  for (const mask of names.masks) mask.find(text, mark)
  marks.sort((one, other) => other - one)

  const nextMark = (from: number): number => {
    while ((marks.at(-1) ?? from) < from) marks.pop()
    return marks.at(-1) ?? Number.POSITIVE_INFINITY
  }

  const searches = [nextSeparator, nextSuspectRun, nextMark]
  for (const word of WORDS) {
    if (!text.includes(word)) continue
    searches.push(from => {
      const at = text.indexOf(word, from)
      return at < 0 ? Number.POSITIVE_INFINITY : at
    })
  }
  /** What each search found last. */
  const places = searches.map(() => -1)
  return from => {
    searches.forEach((search, which) => {
      if ((places[which] ?? 0) < from) places[which] = search(from)
    })
    return Math.min(...places)
  }
}
