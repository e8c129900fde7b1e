import type { JsonValue } from '../../types.ts'
import { type Difference, shorten } from './compare-json.ts'
import { matchesMasked } from './masked-text.ts'
import { readHeaderPairs } from './request-headers.ts'

/** Headers that differ from one answer to the next, or from one host to the next. */
const VARYING: readonly RegExp[] = [
  /^(date|age|expires|last-modified|etag|vary|via|server|x-powered-by|alt-svc|nel|report-to|server-timing|set-cookie)$/,
  /^(connection|keep-alive|transfer-encoding|content-length|content-encoding|accept-ranges|strict-transport-security)$/,
  /^(x-trace-id|traceparent|tracestate|x-request-id|request-id|x-correlation-id|x-runtime|x-response-time)$/,
  /^(cf-|x-amz|x-vercel-|x-nf-|fly-|x-served-by|x-cache|x-timer|x-envoy-|(x-)?ratelimit|retry-after)/,
]

const HEADER = 'header '

const isVarying = (name: string): boolean => VARYING.some(pattern => pattern.test(name))

/**
 * The headers that differ, but for those that always do; none where they were not captured.
 *
 * @param leftOut names of others that may
 */
export function compareHeaderMaps(
  captured: JsonValue | undefined,
  now: JsonValue | undefined,
  leftOut: ReadonlySet<string> = new Set(),
): Difference[] {
  const [before, after] = [joinValues(captured), joinValues(now)]
  if (!before || !after) return []
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(name => {
    const [original, replayed] = [before.get(name), after.get(name)]
    if (isVarying(name) || leftOut.has(name) || isSameHeader(name, original, replayed)) return []
    const kind = original === undefined ? 'added' : replayed === undefined ? 'removed' : 'changed'
    return [{ path: HEADER + name, kind, original: shorten(original ?? ''), replayed: shorten(replayed ?? '') }]
  })
}

function joinValues(headers: JsonValue | undefined): Map<string, string> | undefined {
  const pairs = readHeaderPairs(headers)
  if (!pairs) return undefined
  const joined = new Map<string, string>()
  for (const [name, value] of pairs) joined.set(name, joined.has(name) ? `${joined.get(name)}, ${value}` : value)
  return joined
}

function isSameHeader(name: string, original: string | undefined, replayed: string | undefined): boolean {
  if (original === undefined || replayed === undefined) return original === replayed
  if (matchesMasked(original, replayed)) return true
  // RFC 9110 §8.3.1: types and charsets are compared without case, and space around `;` means nothing.
  return name === 'content-type' && normalizeType(original) === normalizeType(replayed)
}

function normalizeType(type: string): string {
  return type.toLowerCase().replace(/[\s"]+/g, '')
}

/** What is left out, but for what always is. */
export function nameLeftOutHeaders(names: Iterable<string>): string[] {
  return [...names].filter(name => !isVarying(name)).map(name => HEADER + name)
}
