/** The cookie of who has signed in. */
import { SESSION_MS } from './directory-store.ts'

const NAME = 'replaystack_session'

/** The secret of the session that a request belongs to. */
export function readSessionCookie(request: Request): string | undefined {
  const start = `${nameFor(request)}=`
  const cookies = (request.headers.get('cookie') ?? '').split(/; */)
  const secret = cookies.find(cookie => cookie.startsWith(start))?.slice(start.length)
  return secret && /^[\da-f]{1,100}$/.test(secret) ? secret : undefined
}

/** The `set-cookie` that begins a session, or ends it. */
export function writeSessionCookie(request: Request, secret: string | undefined): string {
  const maxAge = secret === undefined ? 0 : SESSION_MS / 1000
  const secure = isSecure(request) ? '; Secure' : ''
  return `${nameFor(request)}=${secret ?? ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`
}

/**
 * A browser lets no other host of the same domain set a cookie that begins by `__Host-`: nobody can be given a session of
 * somebody else's. It takes TLS, which there is none of on a developer's own machine.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
function nameFor(request: Request): string {
  return isSecure(request) ? `__Host-${NAME}` : NAME
}

function isSecure({ url }: Request): boolean {
  return new URL(url).protocol === 'https:'
}
