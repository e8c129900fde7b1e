import { truncateUtf8String } from '../mask/truncate.ts'
import { firstOfList } from '../safe-read.ts'

/** UTF-8 bytes of a `requestUrl`. */
export const MAX_REQUEST_URL_BYTES = 8192

/** An absolute URL's scheme and authority (RFC 3986 §3). */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i

/** A path, to its query or fragment. */
const PATH = /[^?#]*/y

/** A path that was written without its slash, and the query behind it. */
const QUERIED_NAME = /^([^\s?#]+)\?\S*$/

/**
 * The path of a URL or path, without query and fragment: `https://h/a?b` is `/a`, `orders?x=1` is `orders`. A job's name
 * stays as it is. What is no string is `undefined`.
 */
export function normalizeEndpoint(endpoint: string): string
export function normalizeEndpoint(endpoint: string | null | undefined): string | undefined
export function normalizeEndpoint(endpoint: string | null | undefined): string | undefined {
  if (typeof endpoint !== 'string') return undefined
  if (endpoint.startsWith('/') && !endpoint.includes('?') && !endpoint.includes('#')) return endpoint
  const start = ORIGIN.exec(endpoint)?.[0].length ?? 0
  if (start === 0 && !endpoint.startsWith('/')) return QUERIED_NAME.exec(endpoint)?.[1] ?? endpoint
  PATH.lastIndex = start
  return PATH.exec(endpoint)?.[0] || '/'
}

/**
 * An absolute `http` or `https` URL, cut to `maxBytes` of UTF-8; `undefined` for anything else.
 * @param maxBytes default 8192
 */
export function normalizeAbsoluteRequestUrl(
  url: string | null | undefined,
  maxBytes: number = MAX_REQUEST_URL_BYTES,
): string | undefined {
  return typeof url === 'string' && /^https?:\/\/[^\s/?#]/i.test(url) ? truncateUtf8String(url, maxBytes) : undefined
}

/** What a server knows of a request's URL. */
export interface RequestUrlParts {
  /** Path and query, as in a request line; or an absolute URL, which is returned as it is. @default '/' */
  pathWithQuery?: string | null | undefined
  /** A request header's value by its name, in lower case: `x-forwarded-proto`, `x-forwarded-host` and `host` are read. */
  getHeader?: ((name: string) => string | null | undefined) | undefined
  /** Where no proxy names another: `https`, with or without its colon. @default 'http' */
  protocolFallback?: string | null | undefined
  /** Host name and port, where no header names them. */
  hostFallback?: string | null | undefined
}

/** The absolute URL of a request, as its client wrote it; `undefined` without a usable host. */
export function buildAbsoluteRequestUrlFromParts(parts: RequestUrlParts): string | undefined {
  const { pathWithQuery, getHeader, protocolFallback, hostFallback } = parts
  const target = pathWithQuery ?? ''
  if (/^https?:\/\//i.test(target)) return normalizeAbsoluteRequestUrl(target)
  const host = firstOfList(getHeader?.('x-forwarded-host')) ?? (getHeader?.('host') || hostFallback)
  if (!host || /[\s/?#@\\,]/.test(host)) return undefined
  const protocol = firstOfList(getHeader?.('x-forwarded-proto')) ?? protocolFallback
  const scheme = protocol?.replace(/:?(\/\/)?$/, '').toLowerCase() || 'http'
  return normalizeAbsoluteRequestUrl(`${scheme}://${host}${target.startsWith('/') ? '' : '/'}${target}`)
}

/**
 * Whether one of `ignored` covers `path`: as a prefix at a segment boundary (`/health` covers `/health/live`, not
 * `/healthcare`), or as any prefix where it ends in `*`. A bare `/` is the root alone.
 */
export function shouldIgnorePath(
  path: string | null | undefined,
  ignored: readonly string[] | null | undefined,
): boolean {
  if (typeof path !== 'string' || !ignored) return false
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
