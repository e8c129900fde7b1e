/**
 * Which names hold secrets. A name is read by its words (`accessToken`, `access_token`, `Access-Token` are one): its last
 * word or words decide, so that a name which only contains one (`tokenCount`, `passwordLength`, `secretary`) hides nothing.
 */
import type { Mask } from '../types.ts'

/**
 * The names masked by default. With `*`, any name that ends so, however its words are joined; without, a name whose last
 * word it is. Digits and what says only how a value is written (`password1`, `privateKeyPem`) do not count, nor does a plural.
 */
export const DEFAULT_MASK_FIELDS: readonly string[] = [
  // ReplayStack's SDKs for Python and Node, and the same under other names.
  ...[
    '*authorization',
    '*authheader',
    '*password',
    '*passwd',
    '*pwd',
    '*token',
    '*apikey',
    '*secret',
    '*cookie',
    'session',
    '*cardnumber',
  ],
  ...[
    '*cvv',
    'otp',
    'pass',
    'pw',
    'pswd',
    '*passphrase',
    '*passcode',
    'pin',
    '*pincode',
    '*credential',
    '*credentials',
  ],
  ...['creds', 'authentication', '*xauth', 'passkey', '*phpauth', '*authdigest', '*basicauth'],
  // OAuth 2 and OpenID Connect (RFC 6749, 7523, 7636, 8628), SAML 2.0.
  ...[
    'bearer',
    'jwt',
    '*codeverifier',
    '*oauthverifier',
    '*clientassertion',
    '*jwtassertion',
    '*samlassertion',
    '*samlresponse',
    '*devicecode',
    '*usercode',
  ],
  ...['*authcode', '*authorizationcode', '*oidcdata'],
  // Sessions and cross-site request forgery, as frameworks name them (PHP, Java, Connect, Rails, Django, Angular).
  ...['sid', '*sessid', '*sessionid', '*sessionkey', 'csrf', 'xsrf', '*csrfmiddlewaretoken'],
  // Second factors and account recovery (RFC 4226, 6238).
  ...[
    'totp',
    'hotp',
    '*otpcode',
    '*totpcode',
    '*mfacode',
    '*2facode',
    '*factorcode',
    '*verificationcode',
    '*securitycode',
  ],
  ...[
    '*recoverycode',
    '*backupcode',
    '*onetimecode',
    '*confirmationcode',
    '*activationcode',
    '*accesscode',
    '*logincode',
  ],
  ...[
    '*resetcode',
    '*smscode',
    '*magiccode',
    '*magiclink',
    '*resetlink',
    '*loginlink',
    '*securityanswer',
    '*secretanswer',
  ],
  ...['mnemonic', '*seedphrase', '*recoveryphrase', '*captcharesponse', '*turnstileresponse'],
  // Keys: of clouds (AWS, Azure, Google), frameworks (Rails, Laravel, Django) and services.
  ...[
    '*privatekey',
    '*secretkey',
    '*accesskey',
    '*signingkey',
    '*encryptionkey',
    '*masterkey',
    '*authkey',
    '*accountkey',
  ],
  ...[
    '*adminkey',
    '*appkey',
    '*applicationkey',
    '*servicekey',
    '*sharedkey',
    '*subscriptionkey',
    '*functionskey',
    '*sshkey',
  ],
  ...[
    '*serverkey',
    '*storagekey',
    '*hmackey',
    '*jwtkey',
    '*deploykey',
    '*licensekey',
    '*rootkey',
    '*webhookkey',
    '*apisecret',
  ],
  ...['*integrationkey', '*appwritekey', '*fastlykey', '*recoverykey', '*apipassword', '*encryptkey', '*decryptionkey'],
  ...['*connectionstring', '*protectionbypass', '*sharedaccesssignature', '*secretkeybase'],
  // Signatures of requests and webhooks.
  ...['sig', '*signature', 'hmac', 'macaroon'],
  // Cards (PCI DSS).
  ...[
    '*cvc',
    'csc',
    'cvn',
    'pan',
    '*creditcard',
    '*ccnumber',
    '*cardnum',
    '*ccnum',
    '*cardpin',
    '*cardcode',
    '*track2data',
  ],
]

/** What ends like a secret's name and is none: where a list goes on, how much of something, and other things of the same word. */
const EXCEPTIONS =
  'pagetoken nexttoken synctoken continuationtoken cancellationtoken cursortoken paginationtoken startingtoken resumetoken nextpagetoken maxtokens mintokens prompttokens completiontokens inputtokens outputtokens totaltokens stoptokens specialtokens cachedtokens reasoningtokens numtokens mappin gpiopin boardingpass seasonpass renderpass firstpass secondpass idempotencykey cachekey partitionkey surrogatekey requestkey publickey websocketkey routingkey sortkey objectkey'

/** Words at the end that say only how a value is written, which one it is, or where it belongs. */
const QUALIFIERS =
  'pem base64 b64 hex raw value plain plaintext encoded encrypted hash hashed digest sha text string confirmation confirm repeat again old new current previous prod production dev test staging live sandbox v'

/** Names of questions about a secret. */
const QUESTION =
  /^(?:has|is|requires?|needs?|shows?|hides?|no|without|uses?|can|should|allows?|enables?|forgot|missing|invalid)(?=[A-Z_-])/

/** What a name hides of its value: nothing, all of it, or texts and lists alone (a plural's number is a count). */
export type Hides = false | 'all' | 'texts'

/** Compiled names: says what of a key's value must be hidden. */
export interface MaskNames {
  has(name: string): boolean
  hides(name: string): Hides
  /** What else is found in texts. */
  readonly masks: readonly Mask[]
}

/** Whether a value is hidden under a name: booleans, `null` and empty texts hold no secret. */
export function hidesValue(hides: Hides, value: unknown): boolean {
  if (!hides || value === '' || value === null || value === undefined || typeof value === 'boolean') return false
  return hides === 'all' || (typeof value !== 'number' && typeof value !== 'bigint')
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

const isLetter = (code: number): boolean => code > 127 || ((code | 32) - 97) >>> 0 < 26
const isUpper = (code: number): boolean => (code - 65) >>> 0 < 26

/** Whether a word begins at `at`: after what is no letter, or by its capital (`userPin`, `userPIN`, `APIPin`). */
function beginsWord(name: string, at: number): boolean {
  const before = name.charCodeAt(at - 1)
  if (!isLetter(before) || at === 0) return true
  return isUpper(name.charCodeAt(at)) && (!isUpper(before) || !isUpper(name.charCodeAt(at + 1)))
}

/** The default names, compiled. */
class Words {
  /** By their last two letters, names that decide wherever they end, and those that have to be a word. */
  readonly endings: Map<string, string[]> = new Map()
  readonly exceptions: readonly string[] = EXCEPTIONS.split(' ')
  readonly qualifiers: readonly string[] = QUALIFIERS.split(' ')

  constructor() {
    for (const field of DEFAULT_MASK_FIELDS) {
      const key = field.slice(-2)
      const list = this.endings.get(key)
      if (list) list.push(field)
      else this.endings.set(key, [field])
    }
  }

  /** Whether the first `end` characters of a name end in one of the default names. */
  ends(name: string, joined: string, end: number): boolean {
    const found = this.endings.get(joined.slice(-2))?.some(field => {
      if (field[0] === '*') return joined.endsWith(field.slice(1))
      const start = end - field.length
      return start >= 0 && joined.endsWith(field) && beginsWord(name, start)
    })
    return found ?? false
  }

  hides(whole: string): Hides {
    const name = whole.slice(-MAX_READ_LENGTH)
    const lower = name.toLowerCase()
    let end = name.length
    // A qualifier may follow another, after digits.
    for (let turn = 0; turn < 3; turn++) {
      while (end > 0 && !isLetter(lower.charCodeAt(end - 1))) end--
      if (end === 0) return false
      const joined = lower.slice(0, end).replace(/[-_.\s[\]]/g, '')
      const exempt = this.exceptions.some(one => joined.endsWith(one)) || QUESTION.test(whole)
      if (exempt) return false
      if (this.ends(name, joined, end)) return 'all'
      if (joined.endsWith('s') && this.ends(name, joined.slice(0, -1), end - 1)) return 'texts'
      if (joined.endsWith('key') && /^x[-_]/.test(lower)) return 'all'
      const at = end
      const qualifier = this.qualifiers.find(
        one => lower.endsWith(one, at) && (one.length > 3 || beginsWord(name, at - one.length)),
      )
      if (!qualifier) return false
      end -= qualifier.length
    }
    return false
  }
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
  const words = new Words()
  const known = new Map<string, Hides>()

  const decide = (name: string): Hides => {
    if (fields.length > 0) {
      const normal = normalize(name)
      if (
        matches(normal) ||
        (!normal.includes('[masked]') && /[.[\]]/.test(normal) && normal.split(/[.[\]]+/).some(matches))
      )
        return 'all'
    }
    const hidden = words.hides(name)
    if (hidden || !name.includes('[') || name.includes('[MASKED]')) return hidden
    // What is in a masked record goes with it: `credentials[user]`.
    return (
      name
        .slice(0, MAX_READ_LENGTH * 4)
        .split(/[[\]]+/)
        .some(part => words.hides(part)) && 'all'
    )
  }

  const hides = (name: string): Hides => {
    let hidden = known.get(name)
    if (hidden === undefined) {
      hidden = decide(name)
      if (known.size >= REMEMBERED_NAMES) known.clear()
      // A copy: a name that was cut from a text would keep all of it in memory.
      if (name.length <= MAX_REMEMBERED_LENGTH) known.set(JSON.parse(JSON.stringify(name)), hidden)
    }
    return hidden
  }
  return { hides, has: name => hides(name) !== false, masks }
}
