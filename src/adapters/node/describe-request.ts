/** What a request tells of itself: Express and Connect add to it, HTTP/2 calls some of it by other names. */
import type { RequestParts } from '../../observe/parts.ts'
import { routeFromParams } from '../../observe/route.ts'
import { firstOfList, isFunction, read } from '../../safe-read.ts'
import { defineOwn, headerOf, type NodeRequest, type NodeResponse, requestHeaders } from './message.ts'

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Who asks: what Express makes of the proxies that it was told to trust, else what the first proxy tells. */
function sourceIpOf(request: NodeRequest): string | undefined {
  const trusts = read(request, 'app', 'settings', 'trust proxy')
  const ip = trusts ? textOf(read(request, 'ip')) : undefined
  const forwarded = firstOfList(headerOf(request.headers, 'x-forwarded-for'))
  return ip ?? forwarded ?? textOf(read(request, 'socket', 'remoteAddress'))
}

/** A request in parts, but for its body. */
export function describeRequest(request: NodeRequest): RequestParts {
  const encrypted = read(request, 'socket', 'encrypted') === true || request.headers[':scheme'] === 'https'
  return {
    subject: request,
    method: request.method ?? 'GET',
    // Express and Connect take the path of what is mounted off `url`.
    target: textOf(read(request, 'originalUrl')) ?? request.url ?? '/',
    headers: requestHeaders(request),
    protocol: encrypted ? 'https' : 'http',
    host: textOf(request.headers[':authority']),
    sourceIp: sourceIpOf(request),
  }
}

/** A route's pattern as its framework has it: a text, an expression, or a list of them. */
function patternsOf(path: unknown): string[] {
  if (Array.isArray(path)) return path.flatMap(patternsOf)
  return typeof path === 'string' || path instanceof RegExp ? [String(path)] : []
}

/**
 * Answers the pattern of the route that took the request, once it has: `request.route.path` as Express sets it, below
 * what it is mounted on. That is gone when an error has left a router, so it is read when the route is set.
 */
export function watchRoute(request: NodeRequest): () => string | undefined {
  let route: unknown
  let baseUrl = ''
  const get = (): unknown => route
  const keep = (value: unknown): void => {
    route = value
    baseUrl = textOf(read(request, 'baseUrl')) ?? ''
    // Seen by who enumerates only once it is there, as without us.
    defineOwn(request, 'route', { get, set: keep, enumerable: value !== undefined })
  }
  keep(read(request, 'route'))
  return () => {
    // What redefined the property since knows better.
    const now = read(request, 'route')
    if (now !== route) keep(now)
    const patterns = patternsOf(read(route, 'path')).map(pattern => baseUrl + pattern)
    return patterns.length > 0 ? patterns.join(' | ') : undefined
  }
}

/** The route of a Next.js API route, whose `query` has the route's parameters beside those of the URL. */
export function nextRoute(request: NodeRequest, response: NodeResponse): string | undefined {
  if (!isFunction(read(response, 'setDraftMode'))) return undefined
  const [, search] = /\?([^#]*)/.exec(request.url ?? '') ?? []
  const sent = new URLSearchParams(search)
  const own = Object.entries(Object(read(request, 'query'))).filter(([name]) => !sent.has(name))
  return routeFromParams(request.url ?? '/', Object.fromEntries(own))
}
