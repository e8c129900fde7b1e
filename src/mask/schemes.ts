/** Secrets that a word or sign before them announces: `Bearer`, `Basic`, a URL's userinfo, `curl -u`, GitHub's `::add-mask::`, a private key's first line. */
import { eachMatch, endOf, execFrom, type Found } from './found.ts'
import { isProse } from './values.ts'

/** In front of a word there is nothing, or a letter that is an escape's (`\nBearer …`). */
const SCHEME =
  /(?<!(?<!\\)\w)(?:[Bb](?:earer|asic)|BEARER|BASIC)(?:\s{1,8}|\+)|-----BEGIN |\$(?:2[abxy]|[156y]|apr1|argon2[a-z]{1,2}|scrypt)\$|::add-mask::|:\/\/|(?<=\s)(?:-u|--user)(?:[\s=]["']?|["'])/g

/** A word of prose perhaps, or a challenge's parameter (RFC 7235 §4.1). */
const WORD = /[a-z-]+(?=[.,;:!?)"'\]]*(?:\s|\\|$))|[a-z_]{1,20}=(?=")/iy
const CREDENTIALS = /(?!…|\$\{)[^\s"',;<>\\&)]+/y
const BASE64 = /[\w+/-]{4,}={0,2}/y
const PEM = /[A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/y
/** What follows the name of a hash, as `crypt` writes it: parameters, salt and hash. */
const HASH = /[\w./=,+$-]{20,}/y

// RFC 3986 §3.2.1, and then as people write it: a password with `/`, `?`, `#` and quotes, where it is no port and a host
// follows its `@`; at last the end of a text that was cut. An image's tag (`docker://nginx:latest`) is no password.
const USERINFO =
  /(?:[^\s/?#"'<>\\&]|&(?![\w.-]*=))+(?=@)|[^\s:/?#@"'<>\\[&]*:(?!\d{1,5}(?![\w%.~!$&*+@-]))(?:(?!:\/\/)[^\s@"<>\\]){1,256}(?=@[\w.-]+(?:[:/?#\s"'),;]|$))|(?<!(?:docker|oci|image):\/\/)[^\s/?#"'<>\\:[&]*:(?!\d{0,5}$|[$%{<])[^\s/?#"'<>\\]+$/y
const USER_PASSWORD = /(?!\d+:\d+(?![\w.-]))[^\s:"']+:[^\s"']+/y

/** Bytes of a base64 or base64url text as characters, without the last few, of which some may be missing. */
export function decodeBase64(run: string): string {
  const plain = run.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  return atob(plain.slice(0, plain.length - (plain.length % 4 === 1 ? 1 : 0)))
}

/** RFC 7617: a user, a colon and a password, in base64; or as much of it as a cut has left. */
function basicEnd(text: string, from: number): number {
  const end = endOf(BASE64, text, from)
  if (end === from) return from
  return (end < text.length ? /^[\x20-\x7e]*:/ : /^[\x20-\x7e]*:|^[\x20-\x7e]{6,}$/).test(
    decodeBase64(text.slice(from, end)),
  )
    ? end
    : from
}

/** Where the secret ends that may begin at `from`, after what announces it. */
function secretEnd(text: string, sign: string, from: number): number {
  if (sign === '://') return endOf(USERINFO, text, from)
  if (sign[0] === '$') return endOf(HASH, text, from)
  if (sign.startsWith('---')) return endOf(PEM, text, from)
  if (sign[0] === '-') return endOf(USER_PASSWORD, text, from)
  if (/^ba/i.test(sign)) return basicEnd(text, from)
  const [word = ''] = execFrom(WORD, text, from) ?? []
  return word.endsWith('=') || isProse(word) ? from : endOf(CREDENTIALS, text, from)
}

export function findSchemes(text: string, found: Found): void {
  eachMatch(SCHEME, text, ({ index, 0: sign }, from) => {
    const end = secretEnd(text, sign, from)
    // Of a private key its first line goes, too.
    found(end > from && sign.startsWith('---') ? index : from, end)
    SCHEME.lastIndex = end
  })
}
