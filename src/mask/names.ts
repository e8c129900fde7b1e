/**
 * Which names hold secrets. Names compare without case, `-`, `_` and spaces, so `access_token`, `accessToken` and
 * `Access-Token` are one; a `*` stands for any run of characters. In a name with segments (`user.password`,
 * `user[password]`) each segment is compared too.
 */

/** The names masked by default: a name here hides its whole value, whatever its type. */
export const DEFAULT_MASK_FIELDS: readonly string[] = [
  // ReplayStack's SDKs for Python and Node.
  ...['authorization', 'password', 'passwd', 'pwd', 'token', 'accessToken', 'refreshToken', 'apiKey', 'secret'],
  ...['clientSecret', 'cookie', 'set-cookie', 'session', 'cardNumber', 'cvv', 'otp'],
  // Headers that carry credentials: HTTP itself, proxies and clouds, and services' own.
  ...['*-authorization', 'authentication', 'x-auth', 'x-*-token', '*-jwt-assertion', 'x-*-signature*'],
  ...['x-functions-key', 'ocp-apim-subscription-key', 'private-token', 'stripe-signature'],
  ...['x-auth-key', '*-application-key', 'circle-token'],
  // OAuth 2, OpenID Connect and SAML.
  ...['id_token', 'bearer', 'bearer_token', 'jwt', 'oauth_token', 'oauth_verifier', 'code_verifier'],
  ...['client_assertion', 'saml_response', 'device_code', 'user_code'],
  // Sessions, cross-site request forgery and account recovery, as frameworks name them.
  ...['session_token', 'session_id', 'session_key', 'session_cookie', 'sid', 'PHPSESSID', 'JSESSIONID'],
  ...['csrf', 'csrf_token', 'csrfmiddlewaretoken', 'authenticity_token', '__RequestVerificationToken'],
  ...['remember_token', 'reset_token', 'verification_token', 'confirmation_token', 'invitation_token', 'magic_link'],
  ...['otp_code', 'totp', 'mfa_code', 'two_factor_code', 'recovery_code', 'recovery_codes'],
  ...['backup_codes', 'one_time_code', 'security_answer'],
  // Passwords under their other names.
  ...['password_confirmation', 'password_confirm', 'password_hash', 'passphrase', 'passcode', 'pin', 'pin_code'],
  // Keys.
  ...['signing_key', 'encryption_key', 'account_key', 'ssh_key', 'access_key_secret', 'api_token', 'service_token'],
  ...['webhook_token', 'credentials', 'connection_string', 'sig', 'signature', 'shared_access_signature'],
  // Cards.
  ...['card_cvc', 'cvc', 'cvv2', 'cvc2', 'card_pin', 'security_code', 'credit_card', 'credit_card_number', 'cc_number'],
  // Any name that ends so: `stripe_secret`, `dbPassword`, `x-acme-api-key`.
  ...['*password', '*passwd', '*secret', '*api_key', '*access_token', '*refresh_token', '*private_key'],
  ...['*secret_key', '*access_key', '*auth_token'],
]

/** What a name does to its value: `all` hides any, `texts` leaves numbers alone. */
export type Hides = false | 'all' | 'texts'

/** Compiled names: asks whether a key's value must be hidden. */
export interface MaskNames {
  has(name: string): boolean
  hides(name: string): Hides
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

/** Names seen before are answered from a table; it starts anew when this many are in it. */
const REMEMBERED_NAMES = 4096

/** @param fields added to {@link DEFAULT_MASK_FIELDS} */
export function compileMaskNames(fields: readonly string[] = []): MaskNames {
  const exact = new Set<string>()
  const globs: string[][] = []
  for (const field of [...DEFAULT_MASK_FIELDS, ...fields]) {
    const name = normalize(field)
    if (name.includes('*')) globs.push(name.split('*'))
    else if (name) exact.add(name)
  }
  const matches = (name: string): boolean => exact.has(name) || globs.some(parts => matchesParts(name, parts))
  const known = new Map<string, boolean>()
  return {
    hides(name) {
      return this.has(name) && 'all'
    },
    has(name) {
      let masked = known.get(name)
      if (masked === undefined) {
        const normal = normalize(name)
        masked =
          matches(normal) ||
          (!normal.includes('[masked]') && /[.[\]]/.test(normal) && normal.split(/[.[\]]+/).some(matches))
        if (known.size >= REMEMBERED_NAMES) known.clear()
        if (name.length <= 128) known.set(JSON.parse(JSON.stringify(name)), masked)
      }
      return masked
    },
  }
}
