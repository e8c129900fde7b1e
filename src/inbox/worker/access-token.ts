/** The token that Cloudflare Access adds to a request: a JWT, signed by one of the team's keys. */
import { read } from '../../safe-read.ts'

export interface AccessTokenOptions {
  /** Who has signed it: the team's address, `https://TEAM.cloudflareaccess.com`. */
  issuer: string
  /** The application that it is for: its AUD tag. */
  audience: string
}

/** The one algorithm that Access signs by. What a token itself names is not asked. */
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

const MAX_TOKEN_LENGTH = 16 * 1024
/** Milliseconds for which a team's keys are kept: they change every six weeks, and the one before stays valid for seven days. */
const KEYS_MS = 3_600_000
/** Milliseconds between two looks for a key that is unknown: an attacker can name as many as there are. */
const UNKNOWN_KEY_MS = 30_000
/** Milliseconds by which clocks may differ. */
const CLOCK_SKEW_MS = 60_000
const FETCH_TIMEOUT_MS = 5_000

/** A public key of a team's, as a JWK. */
interface TeamKey {
  kty: 'RSA'
  kid: string
  n: string
  e: string
}

interface TeamKeys {
  keys: readonly TeamKey[]
  fetchedAt: number
}

/** By issuer, of which a Worker has one. Plain data: any request may read it. */
const known = new Map<string, TeamKeys>()

/**
 * What a token says of whom it is for.
 *
 * @returns `undefined` for a token that is forged, expired, or for another application
 * @throws Error where the team's keys cannot be fetched
 */
export async function verifyAccessToken(
  token: string,
  { issuer, audience }: AccessTokenOptions,
): Promise<unknown | undefined> {
  const [, head = '', body = '', signature = ''] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token) ?? []
  if (token.length > MAX_TOKEN_LENGTH || !signature) return undefined
  const claims = decodeJson(body)
  if (!isFor(claims, issuer, audience)) return undefined
  const header = decodeJson(head)
  const id = read(header, 'kid')
  const bytes = decodeBytes(signature)
  if (read(header, 'alg') !== 'RS256' || typeof id !== 'string' || !bytes) return undefined
  const key = await findKey(id, issuer)
  if (!key) return undefined
  const publicKey = await crypto.subtle.importKey('jwk', key, ALGORITHM, false, ['verify'])
  const signed = new TextEncoder().encode(`${head}.${body}`)
  return (await crypto.subtle.verify(ALGORITHM, publicKey, bytes, signed)) ? claims : undefined
}

function isFor(claims: unknown, issuer: string, audience: string): boolean {
  const [expires, notBefore] = [read(claims, 'exp'), read(claims, 'nbf')]
  const now = Date.now()
  if (typeof expires !== 'number' || expires * 1000 + CLOCK_SKEW_MS < now) return false
  if (typeof notBefore === 'number' && notBefore * 1000 - CLOCK_SKEW_MS > now) return false
  const audiences: unknown = read(claims, 'aud')
  return read(claims, 'iss') === issuer && [audiences].flat().includes(audience)
}

/** The team's key of this id; keys are fetched anew for one that is unknown, so that a new one serves at once. */
async function findKey(id: string, issuer: string): Promise<TeamKey | undefined> {
  const now = Date.now()
  const before = known.get(issuer)
  const found = before && keyOf(before, id)
  const age = before ? now - before.fetchedAt : Number.POSITIVE_INFINITY
  if (found ? age < KEYS_MS : age < UNKNOWN_KEY_MS) return found
  try {
    const team = { keys: await fetchKeys(issuer), fetchedAt: now }
    known.set(issuer, team)
    return keyOf(team, id)
  } catch (error) {
    // A key that was right an hour ago lets people in while Access cannot be reached.
    if (found) return found
    throw error
  }
}

function keyOf({ keys }: TeamKeys, id: string): TeamKey | undefined {
  return keys.find(({ kid }) => kid === id)
}

async function fetchKeys(issuer: string): Promise<TeamKey[]> {
  const response = await fetch(`${issuer}/cdn-cgi/access/certs`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  })
  const keys: unknown = response.ok ? read(await response.json(), 'keys') : undefined
  if (!Array.isArray(keys)) throw new Error(`${issuer} responded ${response.status} when it was asked for its keys`)
  return keys.flatMap(readKey)
}

function readKey(value: unknown): TeamKey[] {
  const [kid, n, e] = [read(value, 'kid'), read(value, 'n'), read(value, 'e')]
  if (read(value, 'kty') !== 'RSA' || typeof kid !== 'string' || typeof n !== 'string' || typeof e !== 'string')
    return []
  return [{ kty: 'RSA', kid, n, e }]
}

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(decodeBytes(text)))
  } catch {
    return undefined
  }
}

/** `undefined` for what is no base64url. */
function decodeBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const base64 = text.replaceAll('-', '+').replaceAll('_', '/')
    return Uint8Array.from(atob(base64), character => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
