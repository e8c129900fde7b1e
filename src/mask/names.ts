/**
 * Which names hold secrets. A name is read by its words (`accessToken`, `access_token`, `Access-Token` are one): its last
 * word or words decide, so that a name which only contains one (`tokenCount`, `passwordLength`, `secretary`) hides nothing.
 */
import type { Mask } from '../types.ts'

/**
 * The names masked by default. With `*`, any name that ends so, however its words are joined; without, a name whose last
 * word it is. Digits and what says only how a value is written (`password1`, `privateKeyPem`) do not count, nor does a plural.
 */
export const DEFAULT_MASK_FIELDS: readonly string[] = /* @__PURE__ */ [
  // ReplayStack's SDKs for Python and Node, and the same under other names.
  ' *authorization *authheader *password *passwd *pwd *token *secret *cookie session *cardnumber *cvv otp pass pw pswd pin',
  ' *credentials *credential creds authentication *xauth *phpauth *authdigest *basicauth psk *passwort *kennwort senha',
  ' *contrasena *contraseña *motdepasse *wachtwoord',
  // OAuth 2 and OpenID Connect (RFC 6749, 7523, 7636, 8628), SAML 2.0.
  ' bearer jwt passkey *oidcdata',
  'verifier code oauth',
  'assertion client jwt saml',
  'response saml captcha turnstile',
  // Sessions and cross-site request forgery, as frameworks name them (PHP, Java, Connect, Rails, Django, Angular).
  ' sid *sessid *sessionid csrf xsrf',
  // Codes of second factors, devices and account recovery (RFC 4226, 6238, 8628).
  ' totp hotp mnemonic',
  'code pass pin device user auth authorization otp mfa 2fa factor verification security recovery backup onetime',
  'code confirmation activation access login reset sms email magic card',
  'link magic reset login',
  'answer security secret',
  'phrase pass seed recovery',
  // Keys: of clouds (AWS, Azure, Google), frameworks (Rails, Laravel, Django) and services.
  'key api private secret access signing encryption master auth account admin app application service shared subscription',
  'key functions ssh server storage hmac jwt role tls ssl rsa pem deploy license root webhook integration appwrite fastly',
  'key recovery encrypt decryption session',
  ' *connectionstring *protectionbypass *secretkeybase *clientkeydata',
  // Signatures of requests and webhooks.
  ' sig *signature hmac macaroon',
  // Cards (PCI DSS).
  ' *cvc csc cvn pan *creditcard *ccnumber *cardnum *ccnum *cardno *cardpin *track2data',
].flatMap(row => {
  // After what all names of a row end in come their beginnings.
  const [end, ...names] = row.split(' ')
  return end ? names.map(name => `*${name}${end}`) : names
})

/** What ends like a secret's name and is none: where a list goes on, how much of something, and other things of the same word. */
const EXCEPTION =
  /(?:(?:page|next|sync|continuation|cancel(?:lation)?|cursor|pagination|starting|resume)token|(?:max|min|prompt|completion|input|output|total|stop|special|cached|reasoning|num)tokens|mappin|gpiopin|(?:boarding|season|render|first|second)pass|(?:idempotency|cache|partition|surrogate|request|public|routing|sort|object)key)$/

/** Digits, and words that say only how a value is written, which one it is, or where it belongs. */
const QUALIFIER =
  /(?:[^a-z\x80-\uffff]+|value|plain|encoded|encrypted|hash|hashed|digest|text|string|confirmation|confirm|repeat|again|current|previous|prod|production|test|staging|live|sandbox|(?<![a-z\x80-\uffff])(?:pem|hex|raw|sha|old|new|dev|v))$/

/** Names of questions about a secret. */
const QUESTION =
  /^(?:has|is|requires?|needs?|shows?|hides?|no|without|uses?|can|should|allows?|enables?|forgot|missing|invalid)(?=[A-Z_-])/

/** What a name hides of its value: nothing, all of it, or texts and lists alone (a plural's number is a count). */
export type Hides = false | 'all' | 'texts'

/** Compiled names: says what of a key's value must be hidden. */
export interface MaskNames {
  hides(name: string): Hides
  /** What else is found in texts. */
  readonly masks: readonly Mask[]
}

/** Whether a value is hidden under a name: booleans, `null`, empty texts and empty lists hold no secret. */
export function hidesValue(hides: Hides, value: unknown): boolean {
  if (!hides || value === '' || value === null || value === undefined || typeof value === 'boolean') return false
  if (typeof value === 'object') return !isEmptyList(value)
  return hides === 'all' || (typeof value !== 'number' && typeof value !== 'bigint')
}

function isEmptyList(value: object): boolean {
  try {
    return Array.isArray(value) && value.length === 0
  } catch {
    // A Proxy that refuses.
    return false
  }
}

const normalize = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, '')

/** Whether `text` is `parts`, two or more, in their order with anything between: `a*b` is `['a', 'b']`. Linear. */
export function matchesParts(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts[parts.length - 1] ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return from <= text.length - last.length
}

/** Names seen before are looked up in a table; it starts anew when this many are in it. */
const REMEMBERED_NAMES = 4096
const MAX_REMEMBERED_LENGTH = 128

/** Characters at a name's end that its words are read from. */
const MAX_READ_LENGTH = 64

/** What a word begins with: `userPin`, `userPIN`, `APIPin`. */
const CAPITAL = /(?<![A-Z])[A-Z]|[A-Z](?=[a-z])/g

/** {@link DEFAULT_MASK_FIELDS} by their last two characters: a process pays for an expression of them at its first event. */
let byEnding: Map<string, string[]> | undefined

const endingOf = (name: string): string => name.slice(-2)

/** Whether a name ends in a default one: anywhere, as its words are joined, or in whole words. */
function endsInDefault(joined: string, words: string): boolean {
  if (!byEnding) {
    byEnding = new Map()
    for (const name of DEFAULT_MASK_FIELDS)
      byEnding.set(endingOf(name), [...(byEnding.get(endingOf(name)) ?? []), name])
  }
  const isEnd = (name: string): boolean =>
    name.startsWith('*')
      ? joined.endsWith(name.slice(1))
      : words.endsWith(name) && !/[a-z\x80-\uffff]/.test(words.charAt(words.length - name.length - 1))
  return byEnding.get(endingOf(joined))?.some(isEnd) ?? false
}

/** What a name hides by default. */
function hidesByDefault(whole: string): Hides {
  if (QUESTION.test(whole)) return false
  let name = whole.slice(-MAX_READ_LENGTH)
  if (/[A-Z]/.test(name)) name = name.replace(CAPITAL, ' $&').toLowerCase()
  for (let end = name.length; end >= 0; end = name.search(QUALIFIER)) {
    name = name.slice(0, end)
    const joined = name.replace(/[-_.\s[\]]/g, '')
    const isWhole = endsInDefault(joined, name) || /^ ?x[-_].*key$/.test(name)
    if (isWhole || (joined.endsWith('s') && endsInDefault(joined.slice(0, -1), name.slice(0, -1))))
      return !EXCEPTION.test(joined) && (isWhole ? 'all' : 'texts')
  }
  return false
}

/**
 * @param given names and globs added to {@link DEFAULT_MASK_FIELDS}; each hides what bears the whole name, or a segment of it
 * @param masks what else is found in texts; their names are added, too
 */
export function compileMaskNames(given: readonly string[] = [], masks: readonly Mask[] = []): MaskNames {
  const fields = [...given, ...masks.flatMap(mask => mask.fields ?? [])]
  const exact = new Set<string>()
  const globs: string[][] = []
  for (const field of fields) {
    if (DEFAULT_MASK_FIELDS.includes(field)) continue
    const name = normalize(field)
    if (name.includes('*')) globs.push(name.split('*'))
    else if (name) exact.add(name)
  }
  const matches = (name: string): boolean => exact.has(name) || globs.some(parts => matchesParts(name, parts))
  const known = new Map<string, Hides>()

  const decide = (name: string): Hides => {
    if (fields.length > 0) {
      const normal = normalize(name)
      if (matches(normal)) return 'all'
      if (/[.[]/.test(normal) && !normal.includes('[masked]') && normal.split(/[.[\]]+/).some(matches)) return 'all'
    }
    const hidden = hidesByDefault(name)
    if (hidden || !name.includes('[') || name.includes('[MASKED]')) return hidden
    // What is in a masked record goes with it: `credentials[user]`.
    return (
      name
        .slice(0, MAX_READ_LENGTH * 4)
        .split(/[[\]]+/)
        .some(part => hidesByDefault(part)) && 'all'
    )
  }

  const hides = (name: string): Hides => {
    let hidden = known.get(name)
    if (hidden === undefined) {
      hidden = decide(name)
      if (known.size >= REMEMBERED_NAMES) known.clear()
      // A copy: a name that was cut from a text would keep all of it in memory.
      if (name.length <= MAX_REMEMBERED_LENGTH) known.set(` ${name}`.slice(1), hidden)
    }
    return hidden
  }
  return { hides, masks }
}
