/** Secrets in sentences, after their name: `API key 9f8e7d… was revoked`, `Invalid token "ab12…"`, `Your code is 48213377`. */
import { eachMatch } from './found.ts'
import { nameStart } from './name-before.ts'
import type { MaskNames } from './names.ts'

/**
 * A name's last word, a verb or an operator perhaps, an opening quote perhaps, and one word; in a path, its next part. Or what
 * a code came before: `482913 is your Acme code`.
 */
const SENTENCE =
  /(?<!(?:nexpected|page|sync|continuation) )(password|passphrase|passcode|token|secret|key|code|otp|c[oó]digo)(?:(?:((?: de [a-zà-ÿ]+)? (?:est|es|lautet)|:\*\*| is| was| to(?: equal)?| set to| like| provided| =>| <>)?:? |\/(?:reset\/)?(?=[\w-]{16}))(\\*["'`]|\()?([\w~+/=!@#$%^*-]{4,256})(?![\w([]|[.:]\w)|(?<= is your [\w. -]{0,64}code))/gi

/** Before a code that is said to be the reader's: a brand's name at most. */
const YOUR = /[Yy]our (?:[A-Z][\w.]* ){0,3}$/
const CODE_FIRST = /(?<!(?<!\\)\w)\d{4,8}(?= is your [\w. -]*$)/

/** Names of algorithms, and versions. */
const ALGORITHM = /^(?:v|[a-z-]*(?:argon|crypt|pbkdf|base|utf|sha|md)\W?)\d/i

/** What looks made up: digits among letters, but for dates. */
const MADE_UP = /^(?=.{6})(?!\d{4}-)(?=.*\d[a-z]).*\d.*\d/i

/** Digits and letters, for what is said to be a password. */
const PASSWORD = /\d.*[a-z]|[a-z].*\d/i

/** Calls `found` with where each secret in a sentence begins and ends. */
export function findSentences(text: string, names: MaskNames, found: (start: number, end: number) => void): void {
  eachMatch(SENTENCE, text, ({ index, 1: name = '', 2: verb = '', 3: opening, 4: word }, end) => {
    const before = text.slice(Math.max(0, index - 96), index)
    if (!word) {
      const code = CODE_FIRST.exec(before)
      const start = index - before.length + (code?.index ?? 0)
      return code ? found(start, start + code[0].length) : undefined
    }
    const start = end - word.length
    const nameEnd = index + name.length
    const isNumber = /^\d+$/.test(word)
    const isSecret = isNumber
      ? verb === ' is'
      : !ALGORITHM.test(word) &&
        (MADE_UP.test(word) || ((verb || opening) && /^pass/i.test(name) && PASSWORD.test(word)))
    const isCode = isNumber && (/ es|tet/.test(verb) || (verb === ' is' && YOUR.test(before)))
    if (isCode || (isSecret && names.hides(text.slice(nameStart(text, nameEnd), nameEnd)))) found(start, end)
    // The word may itself be a name.
    else SENTENCE.lastIndex = start
  })
}
