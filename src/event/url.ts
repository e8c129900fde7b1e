import { truncateUtf8String } from '../mask/truncate.ts'

/** UTF-8 bytes of a `requestUrl`. */
export const MAX_REQUEST_URL_BYTES = 8192

/** An absolute URL's scheme and authority (RFC 3986 §3). */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i

/** A path, to its query or fragment. */
const PATH = /[^?#]*/y

/** The path of a URL or path, without query and fragment: `https://h/a?b` is `/a`. A job's name stays as it is. */
export function normalizeEndpoint(endpoint: string): string {
  if (endpoint.startsWith('/') && !endpoint.includes('?') && !endpoint.includes('#')) return endpoint
  const start = ORIGIN.exec(endpoint)?.[0].length ?? 0
  if (start === 0 && !endpoint.startsWith('/')) return endpoint
  PATH.lastIndex = start
  return PATH.exec(endpoint)?.[0] || '/'
}

/**
 * An absolute `http` or `https` URL, cut to `maxBytes` of UTF-8; `undefined` for anything else.
 * @param maxBytes default 8192
 */
export function normalizeAbsoluteRequestUrl(url: string, maxBytes: number = MAX_REQUEST_URL_BYTES): string | undefined {
  return /^https?:\/\/[^\s/?#]/i.test(url) ? truncateUtf8String(url, maxBytes) : undefined
}

/** What a server knows of a request's URL. */
export interface RequestUrlParts {
  /** `https`, with or without its colon. @default 'http' */
  protocol?: string | undefined
  /** Host name and port. */
  host?: string | undefined
  /** Path and query, as in a request line. */
  path?: string | undefined
}

/** The absolute URL of its parts; `undefined` without a usable host. */
export function buildAbsoluteRequestUrlFromParts({ protocol, host, path }: RequestUrlParts): string | undefined {
  if (!host || /[\s/?#@\\]/.test(host)) return undefined
  const scheme = protocol?.replace(/:?(\/\/)?$/, '').toLowerCase() || 'http'
  const target = path ?? '/'
  if (/^https?:\/\//i.test(target)) return normalizeAbsoluteRequestUrl(target)
  return normalizeAbsoluteRequestUrl(`${scheme}://${host}${target.startsWith('/') ? '' : '/'}${target}`)
}

/**
 * Whether one of `ignored` covers `path`: as a prefix at a segment boundary (`/health` covers `/health/live`, not
 * `/healthcare`), or as any prefix where it ends in `*`. A bare `/` is the root alone.
 */
export function shouldIgnorePath(path: string, ignored: readonly string[]): boolean {
  for (const rule of ignored) {
    if (rule.endsWith('*')) {
      if (path.startsWith(rule.slice(0, -1))) return true
    } else if (rule && path.startsWith(rule)) {
      const bounded = rule !== '/' && (rule.endsWith('/') || path[rule.length] === '/')
      if (bounded || path.length === rule.length) return true
    }
  }
  return false
}
