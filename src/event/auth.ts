import type { AuthMode, EventInput } from '../types.ts'
import { readHeaders } from './headers.ts'

/** How a request was authenticated. */
export interface Auth {
  /** `none` where no header says. */
  mode: AuthMode
  /** The scheme as it was written, or the name of the header that carried a key. */
  scheme?: string
}

/** The same, as an event's fields. */
interface AuthFields {
  authMode: AuthMode
  authScheme?: string
}

const SCHEME_MODES: Readonly<Record<string, AuthMode>> = {
  bearer: 'bearer',
  basic: 'basic',
  token: 'api_key',
  apikey: 'api_key',
  'api-key': 'api_key',
}

/** Headers that carry a key without a scheme, first match first. */
export const KEY_HEADERS: readonly string[] = [
  'x-api-key',
  'x-apikey',
  'x-auth-token',
  'x-access-token',
  'x-token',
  'apikey',
  'api-key',
  'authentication',
]

/** {@link detectAuthMode} over headers that are asked for by name, as an event's fields. */
export function readAuth(headers: { get(name: string): string | null | undefined }): AuthFields {
  const authorization = headers.get('authorization')?.trim()
  if (authorization) {
    // RFC 9110 §11.4: a scheme is a token followed by a space. Without one, the word may be the secret itself.
    const scheme = /^([!#$%&'*+.^`|~\w-]{1,40})(\s|$)/.exec(authorization)
    const name = scheme?.[1] ?? ''
    const known = SCHEME_MODES[name.toLowerCase()]
    if (known && Object.hasOwn(SCHEME_MODES, name.toLowerCase())) return { authMode: known, authScheme: name }
    return scheme?.[2] ? { authMode: 'other', authScheme: name } : { authMode: 'other' }
  }
  for (const name of KEY_HEADERS) if (headers.get(name)) return { authMode: 'api_key', authScheme: name }
  return { authMode: headers.get('cookie') ? 'cookie' : 'none' }
}

/**
 * How a request with these raw headers was authenticated: `Authorization`'s scheme, else a header that carries a key,
 * else a cookie. Call it before masking. Never throws.
 * @see RFC 9110 §11.4, which says what a scheme is
 */
export function detectAuthMode(headers?: EventInput['requestHeaders'] | null): Auth {
  const { authMode, authScheme } = readAuth(readHeaders(headers ?? {}))
  return authScheme === undefined ? { mode: authMode } : { mode: authMode, scheme: authScheme }
}
