import { MAX_REQUEST_URL_BYTES } from '../../event/url.ts'
import { utf8Length } from '../../mask/truncate.ts'
import type { ReplayStackEvent } from '../../types.ts'
import { isLoopbackHost } from '../loopback.ts'
import { hasMask } from './masked-text.ts'
import { type Needs, ReplayRefusal } from './needs.ts'

/** Where a captured request went. */
export interface CapturedTarget {
  /** `https://api.example.com`, without userinfo; absent where no usable URL was captured. */
  origin?: string
  /** Whether the URL carried a user or password. */
  hasUserinfo: boolean
  /** Path and query, in characters that a request line may hold. */
  path: string
}

/** The server where a request was captured, if that is this machine: where a replay goes by default. */
export function readLocalServer({ requestUrl = '' }: ReplayStackEvent): string | undefined {
  const url = URL.canParse(requestUrl) ? new URL(requestUrl) : undefined
  return url && /^https?:$/.test(url.protocol) && isLoopbackHost(url.host) ? url.origin : undefined
}

/** A URL that was cut loses at most the bytes of one character. */
const CUT_URL_BYTES = MAX_REQUEST_URL_BYTES - 3

/**
 * Reads where a request went: its URL, else its endpoint.
 *
 * @throws ReplayRefusal
 */
export function readTarget({ requestUrl, endpoint }: ReplayStackEvent, notes: string[]): CapturedTarget {
  const url = /^(https?:\/\/)([^/?#]*)([^#]*)/i.exec(requestUrl ?? '')
  if (url) {
    if (utf8Length(requestUrl ?? '') >= CUT_URL_BYTES) {
      throw new ReplayRefusal('The URL was too long to be captured whole, so the request cannot be replayed.')
    }
    const [, scheme = '', authority = '', target = ''] = url
    const at = authority.lastIndexOf('@')
    const origin = scheme + authority.slice(at + 1)
    return {
      ...(URL.canParse(origin) && { origin: new URL(origin).origin }),
      hasUserinfo: at >= 0,
      path: escapePath(target.startsWith('/') ? target : `/${target}`),
    }
  }
  if (!endpoint?.startsWith('/')) throw new ReplayRefusal('The event has no URL, so there is no request to replay.')
  notes.push('The URL was not captured: the request goes to its path alone, without a query.')
  return { hasUserinfo: false, path: escapePath(endpoint.replace(/[?#].*$/s, '')) }
}

/**
 * A path and query with what was given in the place of each mask.
 *
 * @throws ReplayRefusal when a parameter's name was masked
 */
export function fillTarget(target: string, needs: Needs): string {
  const at = target.indexOf('?')
  const [path, query] = at < 0 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)]
  const segments = path.split('/').map((segment, index) => {
    return hasMask(segment) ? needs.fillText(segment, `path[${index - 1}]`, 'path', encodeURIComponent) : segment
  })
  if (query === undefined) return segments.join('/')
  const parameters = query.split('&').map(parameter => {
    if (!hasMask(parameter)) return parameter
    const [name = ''] = parameter.split('=', 1)
    if (hasMask(name)) throw new ReplayRefusal('A name in the query was masked, so the request cannot be replayed.')
    const value = parameter.slice(name.length)
    return name + needs.fillText(value, `query.${decodeName(name)}`, 'query', encodeURIComponent)
  })
  return `${segments.join('/')}?${parameters.join('&')}`
}

/** Percent-encodes what no request line may hold, and leaves everything else as it is. */
function escapePath(path: string): string {
  return path.replace(/\p{Cs}/gu, '\ufffd').replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
