/** Secrets in sentences, after their name: `API key 9f8e7d… was revoked`, `Invalid token "ab12…"`, `Your code is 48213377`. */
import { eachMatch, endOf } from './found.ts'
import { nameStart } from './name-before.ts'
import type { MaskNames } from './names.ts'

/**
 * A name's last word, a verb or an operator perhaps, a quote or bracket perhaps, and one word; in a path, its next part. Or
 * what may be a table's head.
 */
const SENTENCE =
  /(?<!(?:nexpected|page|sync|continuation) )(password|passphrase|passcode|token|secret|key|code|otp)(?:(?:(:\*\*| is| was| to(?: equal)?| set to| like| provided| =>| <>)?:? |\/(?:reset\/)?(?=[\w-]{16}))(\\*["'`]|\()?([\w~+/=!@#$%^*-]{6,256})(?![\w([]|[.:]\w)|(?=\w{0,16}(?:\\+")?(?:[,;\t\n\r]|\\[tnr])))/gi

/** Before a code, as messages say it, also in German, French and Spanish. */
const BEFORE_CODE =
  /[cC](?:ode|[oó]digo)(?:(?: de [a-zà-ÿ]+)? (?:est|es|lautet)|(?<=\b[Yy]our (?:[A-Z][\w.]* ){0,3}code) is):? (?=\d{4,8}\b)/g
const CODE = /\b\d{4,8}(?= is your (?:[\w.-]+ ){0,5}\w*[cC]ode\b)/g

/** What looks made up: digits among letters, but for dates, versions, and names of algorithms. */
const MADE_UP = /^(?!\d{4}-|v\d|[a-z-]*(?:base|utf|sha|md)-?\d)(?=.*\d[a-z]).*\d.*\d/i

/** Digits among letters, for what is said to be a password; not the name of an algorithm. */
const PASSWORD = /^(?!(?:argon|b?s?crypt|pbkdf|base|utf|sha|md|v)\W?\d)(?=.*\d).*[a-z]/i

/**
 * Calls `found` with where each secret in a sentence begins and ends.
 * @param suspect is called with where a table's head may be
 */
export function findSentences(
  text: string,
  names: MaskNames,
  found: (start: number, end: number) => void,
  suspect?: (start: number) => void,
): void {
  eachMatch(SENTENCE, text, ({ index, 1: name = '', 2: verb, 3: opening, 4: word }, end) => {
    if (!word) return suspect?.(index)
    const start = end - word.length
    const nameEnd = index + name.length
    const isSecret =
      MADE_UP.test(word) ||
      (/^\d+$/.test(word) ? verb === ' is' : (verb ?? opening) && /^pass/i.test(name) && PASSWORD.test(word))
    if (isSecret && names.hides(text.slice(nameStart(text, nameEnd), nameEnd))) found(start, end)
    // The word may itself be a name.
    else SENTENCE.lastIndex = start
  })
  eachMatch(BEFORE_CODE, text, (_, start) => found(start, endOf(/\d+/y, text, start)))
  if (text.includes('s your')) eachMatch(CODE, text, ({ index }, end) => found(index, end))
}
