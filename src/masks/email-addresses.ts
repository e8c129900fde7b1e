/** E-mail addresses (RFC 5321 §4.1.2), those of other alphabets too (RFC 6531), but none with quotes around its local part. */
import type { Finder } from './finder.ts'

/** The local part is read from the sign backwards: there are few signs. `\u00e9` is a letter in JSON. */
const ADDRESS =
  /@(?<=((?:\\u[\da-f]{4}|[\p{L}\p{M}\p{N}._%+'~-]){1,64})@)((?:[\p{L}\p{N}][\p{L}\p{M}\p{N}-]{0,62}\.){1,8}(?:xn--[a-z\d-]{2,59}|[\p{L}\p{M}]{2,24}))(?![\p{L}\p{M}\p{N}-])/giu

/** What stands after an `@` and is no host: `@2x.png`, a version, a file in a stack trace. None of these ends is a domain's. */
const NO_HOST = /^\d{1,2}(?:\.\d|x\.)|\.(?:[cm]?[jt]sx?|css|png|jpe?g|gif|webp|svg|avif|json|html?)$/i

export const findEmailAddresses: Finder = (text, found) => {
  for (const { index, 0: whole, 1: local = '', 2: host = '' } of text.matchAll(ADDRESS)) {
    // Of `git@github.com:owner/name` the user is always the same.
    const name = local.replace(/^['.%~-]+/, '')
    if (name === '' || name === 'git' || NO_HOST.test(host)) continue
    const start = index - name.length
    // A line break as JSON writes it: its letter is not the address's first.
    const isEscaped =
      name.length > 1 && /(?<!\\)(?:\\\\)*\\[bfnrt]$/.test(text.slice(Math.max(0, start - 8), start + 1))
    found(isEscaped ? start + 1 : start, index + whole.length)
  }
}
