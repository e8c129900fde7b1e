/**
 * Who Cloudflare Access let through.
 *
 * @see https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/
 */
import { callMember, read } from '../../safe-read.ts'
import { verifyAccessToken } from './access-token.ts'
import type { TeamInboxEnv } from './platform.ts'

/**
 * The e-mail address of a person, or the client id of a service token, in lower case.
 *
 * Where the Worker itself is protected by Access, the runtime says it. Else the token that Access added is verified. Without
 * `ACCESS_AUD` no request is taken for one that Access let through: any application of the same account has tokens.
 *
 * @param access the `ctx.access` of the runtime, where there is one
 * @returns `undefined` for a request that Access did not let through to this application
 */
export async function findAccessIdentity(
  request: Request,
  { ACCESS_TEAM_DOMAIN, ACCESS_AUD }: TeamInboxEnv,
  access: unknown,
): Promise<string | undefined> {
  if (!ACCESS_AUD) return undefined
  if (read(access, 'aud') === ACCESS_AUD) {
    const identity = readIdentity(await callMember(access, 'getIdentity'))
    if (identity !== undefined) return identity
  }
  const token = request.headers.get('cf-access-jwt-assertion')
  if (!token || !ACCESS_TEAM_DOMAIN) return undefined
  const issuer = readIssuer(ACCESS_TEAM_DOMAIN)
  return readIdentity(await verifyAccessToken(token, { issuer, audience: ACCESS_AUD }))
}

/** `team`, `team.cloudflareaccess.com` or an address, as Cloudflare's own examples have it. */
function readIssuer(domain: string): string {
  if (/^https?:/.test(domain)) return domain.replace(/\/+$/, '')
  return `https://${domain.includes('.') ? domain : `${domain}.cloudflareaccess.com`}`
}

function readIdentity(claims: unknown): string | undefined {
  const email = read(claims, 'email')
  // What has no e-mail address is a service token.
  const identity = typeof email === 'string' && email !== '' ? email : read(claims, 'common_name')
  return typeof identity === 'string' && identity !== '' ? identity.toLowerCase() : undefined
}
