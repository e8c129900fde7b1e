/**
 * One look over a text, or over a whole JSON text: where secrets may be. It finds at least what the search of `text.ts`
 * would find, in one pass: where a name decides, the name is looked up here, so that URLs, times and sentences cost no
 * more than that.
 */
import { findCards } from './cards.ts'
import { endOf, execFrom } from './found.ts'
import { isQuote, nameStart, quotedStart } from './name-before.ts'
import type { MaskNames } from './names.ts'
import { base64Texts, findTokens, nextRun, runEnd } from './runs.ts'
import { findSentences } from './sentences.ts'
import { hasInfix } from './shapes.ts'
import { findTables } from './tables.ts'

/**
 * What stands between a name and its value, or for something else: an encoding, a tag, a list of names and values, a hash as
 * `crypt` writes it. A colon after a key or a digit is none, but for a name that ends in digits.
 */
const SEPARATOR =
  /[=<~]|:(?:(?=\/\/)|(?<=[^"\d]:|\\":|[A-SU-Za-su-z_-]\d{1,8}:))|%(?=[\da-fA-F]{2})|&(?=#|[a-zA-Z]{2,4};)|\\(?=[u/])|'(?=\s*,)|\\"(?=\s*,)|\$(?=\w{1,8}\$)/g

/**
 * What announces a secret by itself, searched for only where one is in the text at all: some by a part, for V8 finds a word of
 * less than seven characters by its first, and a longer one, or one that begins frequently, costs thirty times as much.
 */
const WORDS = [
  ...['Bearer', 'bearer', 'BEARER', 'Basic', 'basic', 'BASIC', 'PASSWORD', 'IDENTIFIED BY', 'fied b', 'Dupli'],
  ...['; name=', 'VALUES', 'values', 'BEGIN ', 'AUTH'],
]

/** A command's option, which has white space before it, perhaps escaped. */
const OPTION = /[\snrtf]-[-apu]/g

/** Names before a value that is hidden for another reason than its name, and names that are encoded. */
const ANNOUNCING = /^(?:code|kty|add-mask)$|(?:params|value)$|[%+]/

/** After a URL's scheme: where userinfo, or a password that was cut, may be; a port looks like one. */
const USERINFO = /\/\/(?:[^\s"@:\\/?#]|:\d{1,5}(?=\)))*(?:@|\\b|:(?!\d{1,5}(?:[/?#)'<>"\s]|\\[nrtf"\\])))/y

/** A string that is a UUID, the commonest run of all: it holds no secret. */
const UUID = /"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"/y

const SPACE = 0x20
const COLON = 0x3a
const EQUALS = 0x3d

/** Characters before and after a run that may belong to a token with something inside that tells it. */
const AROUND_INFIX = 24

const NOWHERE = Number.POSITIVE_INFINITY

/** Whether the name before a separator hides what follows. */
function hidesBefore(text: string, separator: number, names: MaskNames): boolean {
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
  if (names.hides(name) || ANNOUNCING.test(name)) return true
  // `\npassword=`
  return text[start - 1] === '\\' && names.hides(name.slice(1)) !== false
}

/** The next separator with a name before it that hides what follows, or with something else around it. */
function nextSeparator(text: string, from: number, names: MaskNames): number {
  SEPARATOR.lastIndex = from
  while (SEPARATOR.test(text)) {
    const next = SEPARATOR.lastIndex
    const code = text.charCodeAt(next - 1)
    if (code !== COLON && code !== EQUALS) return next - 1
    // After a URL's scheme there may be userinfo, else there is no value.
    const isUrl = code === COLON && text.startsWith('//', next)
    if (isUrl ? endOf(USERINFO, text, next) > next : hidesBefore(text, next - 1, names)) return next - 1
    SEPARATOR.lastIndex = next
  }
  return NOWHERE
}

/** Whether a run may be a token, or a text in base64. */
function isSuspectRun(text: string, start: number, end: number): boolean {
  let isToken = false
  findTokens(text, start, end, () => {
    isToken = true
  })
  return (
    isToken ||
    base64Texts(text, start, end).length > 0 ||
    // Its first letter may be an escape's (`\nYWRt…`).
    (text[start - 1] === '\\' && base64Texts(text, start + 1, end).length > 0) ||
    hasInfix(text.slice(Math.max(0, start - AROUND_INFIX), end + AROUND_INFIX))
  )
}

/**
 * A look that goes on through a text, and never back.
 * @returns where something stands at a place or later for which the text around has to be searched; infinity where nothing does
 */
export function lookFor(text: string, names: MaskNames): (from: number) => number {
  const words = WORDS.filter(word => text.includes(word))
  /** Where each word stands next, and a separator, and a run that was not looked at. */
  const places = words.map(() => -1)
  let separator = -1
  let option = -1
  let run = -1

  /** Where card numbers begin, what sentences tell, and what masks find, the last one first. */
  const marks: number[] = []
  const mark = (start: number): void => void marks.push(start)
  findCards(text, mark)
  findSentences(text, names, mark)
  if (text.includes('\\n')) findTables(text, names, mark)
  for (const mask of names.masks) mask.find(text, mark)
  marks.sort((one, other) => other - one)

  return from => {
    if (separator < from) separator = nextSeparator(text, from, names)
    if (option < from) option = execFrom(OPTION, text, from)?.index ?? NOWHERE
    while ((marks.at(-1) ?? from) < from) marks.pop()
    let nearest = Math.min(separator, option, marks.at(-1) ?? NOWHERE)
    words.forEach((word, which) => {
      let place = places[which] ?? -1
      if (place < from) {
        place = text.indexOf(word, from)
        if (place < 0) place = NOWHERE
        places[which] = place
      }
      nearest = Math.min(nearest, place)
    })
    // Of runs no more is looked at than is nearer.
    while (run < nearest) {
      let end = from
      if (run >= from) {
        end = endOf(UUID, text, run - 1)
        if (end < run) {
          end = runEnd(text, run)
          if (isSuspectRun(text, run, end)) return run
        }
      }
      run = nextRun(text, end)
      if (run < 0) run = NOWHERE
    }
    return nearest
  }
}
