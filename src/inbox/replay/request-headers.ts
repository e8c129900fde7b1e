import type { JsonValue } from '../../types.ts'
import { isJsonObject, readTruncated } from './payload-kind.ts'

/**
 * Headers that belong to one connection, to one host or to what stood before it, and are not sent again: RFC 9110 §7.6.1,
 * the length and coding of bytes that are made anew, what proxies and platforms add, and the trace, which is a new one.
 */
const OWN_TO_THE_ORIGINAL: readonly RegExp[] = [
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|host|via|forwarded|http2-settings)$/,
  /^(content-length|content-encoding|accept-encoding|x-real-ip|x-client-ip|true-client-ip|cdn-loop|x-request-start)$/,
  /^(proxy-|sec-websocket-|cf-|x-forwarded-|x-amz-cf-|x-vercel-|x-nf-|x-envoy-|fly-|fastly-)/,
  /^(x-replaystack-|x-tracereplay-)/,
  /^(x-trace-id|traceparent|tracestate|x-amzn-trace-id|x-cloud-trace-context|baggage|b3|x-b3-.*)$/,
]

/** Headers that frame a message: a replay's are its own. */
const FRAMING = /^(content-length|transfer-encoding|connection|upgrade|expect|te|trailer)$/

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^`|~\w-]+$/

/** What a field value may hold, a byte a character: RFC 9110 §5.5. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Captured headers as pairs with lower-case names, in their order; `undefined` when they were not captured. */
export function readHeaderPairs(headers: JsonValue | undefined): [name: string, value: string][] | undefined {
  if (!isJsonObject(headers) || readTruncated(headers)) return undefined
  return Object.entries(headers).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter(entry => entry !== null && typeof entry !== 'object')
      .map((entry): [string, string] => [name.toLowerCase(), String(entry)]),
  )
}

/** The first value of a header. */
export function findHeader(
  pairs: readonly (readonly [string, string])[] | undefined,
  name: string,
): string | undefined {
  return pairs?.find(([known]) => known === name)?.[1]
}

/** The headers that a replay may send. */
export function keepReplayable(pairs: readonly [string, string][]): [string, string][] {
  const hopByHop = new Set(
    pairs.flatMap(([name, value]) => (name === 'connection' ? value.toLowerCase().split(/\s*,\s*/) : [])),
  )
  return pairs.filter(
    ([name]) =>
      !name.startsWith(':') && !hopByHop.has(name) && !OWN_TO_THE_ORIGINAL.some(pattern => pattern.test(name)),
  )
}

/** What is wrong with a header that is to be sent, as the end of a sentence; `undefined` when nothing is. */
export function describeBadHeader(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return 'has a name that HTTP does not allow'
  return FIELD_VALUE.test(value) ? undefined : 'has a value that HTTP does not allow'
}

/** Whether a header may be given for a replay. */
export function isFraming(name: string): boolean {
  return FRAMING.test(name)
}
