/** Events as an HTTP Archive, version 1.2. @see http://www.softwareishard.com/blog/har-12-spec/ */
import { SDK_VERSION } from '../../event/version.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { DEFAULT_ORIGIN } from '../curl.ts'
import { readTarget } from '../replay/captured-target.ts'
import { ReplayRefusal } from '../replay/needs.ts'
import { findHeader, readHeaderPairs } from '../replay/request-headers.ts'
import type { KeptEvent } from '../replay/test-file.ts'
import { readCapturedText } from './captured-body.ts'

/** What an archive is made of: a type of its own, for a name that begins with `_` may be anything. */
type HarObject = { readonly [name: string]: JsonValue | undefined }

/** An event as an entry; the reason where it is no request. */
export function harEntry({ id, receivedAt, event }: KeptEvent): JsonValue | { refusal: string } {
  if (!event.method) return { refusal: `This is no HTTP request, but of the type ${event.eventType}.` }
  const url = readUrl(event)
  if (typeof url !== 'string') return url
  const time = event.executionTimeMs ?? 0
  const error = [event.errorName, event.errorMessage].filter(part => part).join(': ')
  return clean({
    startedDateTime: startOf(receivedAt, time),
    time,
    request: harRequest(event, url),
    response: harResponse(event, error),
    cache: {},
    // The SDK measures the handler: what it waited for the network is not known.
    timings: { send: 0, wait: time, receive: 0 },
    _replaystack: clean({ id, traceId: event.traceId, service: event.serviceName, environment: event.environment }),
  })
}

/** An archive of entries. */
export function harLog(entries: readonly JsonValue[], comment: string | undefined): JsonValue {
  return {
    log: clean({ version: '1.2', creator: { name: '@replaystack/edge', version: SDK_VERSION }, entries, comment }),
  }
}

function startOf(receivedAt: string, time: number): string {
  const start = Date.parse(receivedAt) - time
  return Number.isNaN(start) ? receivedAt : new Date(start).toISOString()
}

function readUrl(event: ReplayStackEvent): string | { refusal: string } {
  try {
    const { origin = DEFAULT_ORIGIN, path } = readTarget(event, [])
    return origin + encodePath(path)
  } catch (error) {
    if (error instanceof ReplayRefusal) return { refusal: error.message }
    throw error
  }
}

/** Percent-encodes what RFC 3986 does not allow in a path and query: the brackets of a mask, among others. */
function encodePath(path: string): string {
  return path.replace(/%(?![\da-f]{2})|[^\w\-.~:/?@!$&'()*+,;=%]/gi, encodeURIComponent)
}

function harRequest(event: ReplayStackEvent, url: string): JsonValue {
  const pairs = readHeaderPairs(event.requestHeaders)
  const mimeType = findHeader(pairs, 'content-type')
  const body = readCapturedText(event.requestPayload, mimeType)
  const { text, comment, sizeBytes = body ? -1 : 0 } = body ?? {}
  return clean({
    method: event.method?.toUpperCase(),
    url,
    httpVersion: 'HTTP/1.1',
    cookies: readCookies(findHeader(pairs, 'cookie')),
    headers: listHeaders(pairs),
    queryString: [...new URL(url).searchParams].map(([name, value]) => ({ name, value })),
    postData: body && clean({ mimeType: mimeType ?? guessType(event.requestPayload), text: text ?? '', comment }),
    headersSize: -1,
    bodySize: sizeBytes,
  })
}

function harResponse(event: ReplayStackEvent, error: string): JsonValue {
  const pairs = readHeaderPairs(event.responseHeaders)
  const mimeType = findHeader(pairs, 'content-type')
  const body = readCapturedText(event.responsePayload, mimeType)
  const { text, comment, sizeBytes } = body ?? {}
  const size = sizeBytes ?? 0
  return clean({
    // As browsers write that there was none.
    status: event.statusCode ?? 0,
    statusText: '',
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: listHeaders(pairs),
    content: clean({ size, mimeType: mimeType ?? guessType(event.responsePayload), text, comment }),
    redirectURL: findHeader(pairs, 'location') ?? '',
    headersSize: -1,
    bodySize: sizeBytes ?? -1,
    comment: error || undefined,
  })
}

function guessType(payload: JsonValue | undefined): string {
  return typeof payload === 'object' && payload !== null ? 'application/json' : 'text/plain'
}

function listHeaders(pairs: readonly (readonly [string, string])[] | undefined): JsonValue {
  return (pairs ?? []).map(([name, value]) => ({ name, value }))
}

function readCookies(header = ''): JsonValue {
  return header.split(';').flatMap(pair => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [{ name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() }]
  })
}

/** Without the members that are absent. */
function clean(members: HarObject): JsonValue {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]): [string, JsonValue][] =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}
