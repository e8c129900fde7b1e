/** Secrets in sentences, after their name: `API key 9f8e7d… was revoked`, `Invalid token "ab12…"`, `Your code is 48213377`. */
import { eachMatch } from './found.ts'
import { nameStart } from './name-before.ts'
import type { MaskNames } from './names.ts'

/** A name's last word, a verb or an operator perhaps, an opening quote perhaps, and one word. */
const SENTENCE =
  /(?<!(?:nexpected|page|sync|continuation) )(password|passphrase|passcode|token|secret|key|code|otp)( is| was| to| like| provided| =>| <>)?:? (?:\\*["'`]|\()?([\w~+/=!@#$%^*-]{6,256})(?![\w([]|[.:]\w)/gi

/** What looks made up: digits among letters, but for dates, versions, and names of algorithms. */
const MADE_UP = /^(?!\d{4}-|v\d|[a-z-]*(?:base|utf|sha|md)-?\d)(?=.*\d[a-z]).*\d.*\d/i

/** Calls `found` with where each secret in a sentence begins and ends. */
export function findSentences(text: string, names: MaskNames, found: (start: number, end: number) => void): void {
  eachMatch(SENTENCE, text, ({ index, 1: name = '', 2: verb, 3: word = '' }, end) => {
    const start = end - word.length
    const nameEnd = index + name.length
    const isSecret = MADE_UP.test(word) || (verb === ' is' && /^\d+$/.test(word))
    if (isSecret && names.hides(text.slice(nameStart(text, nameEnd), nameEnd))) found(start, end)
    // The word may itself be a name.
    else SENTENCE.lastIndex = start
  })
}
