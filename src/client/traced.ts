/** Requests that carry the trace of the work that they are made for. */
import { type InboundTrace, outboundTrace } from '../event/trace.ts'
import { read } from '../safe-read.ts'

/** What of a scope its trace is made of. */
interface TracedScope {
  readonly traceId: string | undefined
  inbound?: InboundTrace | undefined
  isSkipped?: boolean
}

/** What `fetch` is called with. */
export type FetchArguments = readonly unknown[]

/** Headers by which an application, or a client library, says itself what a request is a part of. */
const OWN = ['traceparent', 'tracestate', 'x-trace-id']

/**
 * The arguments of a `fetch` with the trace of a scope in their headers; as they are where the application has set such a
 * header, and where nothing can be added without changing what is sent. No object of the application's changes.
 */
export function traced(scope: TracedScope | undefined, args: FetchArguments): FetchArguments {
  const [input, init, ...rest] = args
  try {
    if (!isPlain(init) || !isReached(input)) return args
    const given = read(init, 'headers') ?? (isRequest(input) ? input.headers : undefined)
    const known = new Headers(given as Headers | undefined)
    if (OWN.some(name => known.has(name))) return args
    const added = scope && outboundTrace(scope.traceId, scope.inbound, !scope.isSkipped)
    return added ? [input, { ...Object(init), headers: withHeaders(given, known, added) }, ...rest] : args
  } catch {
    // What is wrong with them, the call itself says.
    return args
  }
}

const isRequest = (input: unknown): input is Request => Object.prototype.toString.call(input) === '[object Request]'

/** Whether all that is in it can be copied: a request, for one, can not. */
function isPlain(init: unknown): boolean {
  if (init === undefined) return true
  const prototype: unknown = typeof init === 'object' && init !== null ? Object.getPrototypeOf(init) : undefined
  return prototype === Object.prototype || prototype === null
}

/** Browsers and their workers ask another origin first whether a header may come. */
function isReached(input: unknown): boolean {
  const origin = read(globalThis, 'location', 'origin')
  if (typeof origin !== 'string' || 'Deno' in globalThis) return true
  return new URL(isRequest(input) ? input.url : String(input), origin).origin === origin
}

/** In the form that they were given in: names are sent as they are written. */
function withHeaders(given: unknown, known: Headers, added: Record<string, string>): unknown {
  if (Array.isArray(given)) return [...given, ...Object.entries(added)]
  if (given !== undefined && isPlain(given)) return { ...Object(given), ...added }
  for (const [name, value] of Object.entries(added)) known.set(name, value)
  return known
}
