/** The arguments of `writeHead`, in the forms that Node takes: `(status, message?, headers?)`. */

export const TRACE_HEADER = 'x-trace-id'

/** The headers among them, and their place. */
export function givenHeaders(args: readonly unknown[]): { place: number; headers: unknown } {
  const place = (args[2] ?? undefined) !== undefined || typeof args[1] === 'string' ? 2 : 1
  return { place, headers: args[place] }
}

/** Headers as entries: of an object, a flat list or a list of pairs. */
export function headerEntries(headers: unknown): [name: string, value: unknown][] {
  if (!Array.isArray(headers)) return Object.entries(Object(headers))
  const flat: unknown[] = Array.isArray(headers[0]) ? headers.flat() : headers
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]]] : []))
}

/**
 * The arguments with a trace id among the headers they give, unless they have one. Set on the response before, it would
 * change how Node reads these. `undefined` where they give none.
 */
export function withTraceHeader(args: unknown[], traceId: string): unknown[] | undefined {
  const { place, headers } = givenHeaders(args)
  if (typeof headers !== 'object' || headers === null) return undefined
  if (headerEntries(headers).some(([name]) => name.toLowerCase() === TRACE_HEADER)) return args
  if (!Array.isArray(headers)) return args.with(place, { ...headers, [TRACE_HEADER]: traceId })
  if (Array.isArray(headers[0])) return args.with(place, [...headers, [TRACE_HEADER, traceId]])
  // A list of odd length is for Node to refuse.
  return headers.length % 2 === 1 ? args : args.with(place, [...headers, TRACE_HEADER, traceId])
}
