/**
 * How a response is going to be sent, found out without changing it: on some hosts a look at its headers or its body is
 * enough to have it sent otherwise.
 */
import { callMember, read } from '../safe-read.ts'

/** A response, and how it is going to be sent. */
export interface Outgoing {
  readonly response: Response
  readonly headers: Headers
  /**
   * What a response of `@hono/node-server` (Hono on Node) was made of: `[status, body, headers]`, as long as it was not
   * asked for more than its status. After that it is sent with other headers, and framed by what its stream happens to have ready.
   */
  readonly given: readonly unknown[] | undefined
  /** The headers that Hono on Node sends in the order and spelling that they were given in. */
  readonly plain: Record<string, string> | undefined
}

/** A member that a host has put under a symbol of its own. */
function memberBySymbol(object: object, description: string): unknown {
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    if (symbol.description === description) return read(object, symbol)
  }
  return undefined
}

/** What Hono on Node sends where no headers were given. */
const DEFAULT_HEADERS = { 'Content-Type': 'text/plain; charset=UTF-8' }

/** How a response is going to be sent, as long as it is not changed. */
export function readOutgoing(response: Response): Outgoing {
  const cache = memberBySymbol(response, 'cache')
  const given = Array.isArray(cache) && cache.length === 3 ? cache : undefined
  let plain: Record<string, string> | undefined
  if (given) {
    const [, body, headers] = given
    const isPlain = !(headers instanceof Headers || Array.isArray(headers))
    if (isPlain) plain = headers ? { ...Object(headers) } : body === null ? {} : DEFAULT_HEADERS
  }
  return { response, headers: plain ? new Headers(plain) : response.headers, given, plain }
}

/** Statuses whose responses have no body and may not be made anew with one. */
export const WITHOUT_BODY: readonly number[] = [0, 101, 204, 205, 304]

/**
 * A response with a header, unless it has one of that name. One whose headers cannot be changed, or that would be sent
 * otherwise then, is made anew around the same body; one that cannot be, a WebSocket's or one whose body is in use, stays
 * without.
 */
export function withHeader(outgoing: Outgoing, name: string, value: string): Outgoing {
  const { response, headers, given, plain } = outgoing
  if (headers.has(name)) return outgoing
  if (given && plain) {
    const init = { status: given[0], headers: { ...plain, [name]: value } }
    return readOutgoing(Reflect.construct(Response, [given[1], init]))
  }
  try {
    headers.set(name, value)
    return outgoing
  } catch {
    if (WITHOUT_BODY.includes(response.status) || response.bodyUsed || response.body?.locked) return outgoing
    if (!canBeRemade(response)) return outgoing
    const mutable = new Response(response.body, response)
    mutable.headers.set(name, value)
    return readOutgoing(mutable)
  }
}

/**
 * Whether a response may be made anew around its body. Deno sends what it has decoded itself without the header that says
 * how it was encoded; of one that was made anew, it sends both.
 */
const canBeRemade = ({ headers }: Response): boolean => !('Deno' in globalThis && headers.has('content-encoding'))

/** What serves a `fetch` handler by itself, and sends a text whose body was asked for as a stream. */
const servers = (): { Bun?: unknown; Deno?: unknown } => Object(globalThis)

const isSentByHono = (): boolean =>
  Object.getOwnPropertySymbols(Response.prototype).some(({ description }) => description === 'getResponseCache')

/** Whether a response of Bun's or Deno's was made of a stream that is not read yet. A look at its `body` would make it one. */
function isMadeOfStream(response: Response): boolean {
  const { Bun } = servers()
  // A text without a type is sent with another once it was looked at.
  if (Bun && !response.headers.has('content-type')) return false
  if (Bun) return /^\s*ReadableStream \{\s+locked: false/m.test(String(callMember(Bun, 'inspect', response)))
  const body = read(memberBySymbol(response, 'response'), 'body', 'streamOrStatic')
  // What has come from elsewhere has a resource of the host's behind it, also in a response that was made anew.
  return body instanceof ReadableStream && !body.locked && !memberBySymbol(body, '[[resourceBacking]]')
}

/**
 * The stream that a response was made of by the application, where the host shows it. Not one that has come from elsewhere:
 * that is the host's own, and its source sees only that no more of it is wanted.
 */
export function madeStreamOf({ response, given }: Outgoing): ReadableStream<Uint8Array> | undefined {
  if (given) return given[1] instanceof ReadableStream ? given[1] : undefined
  // Made otherwise, Hono on Node sends a length or chunks by what can be read of a stream within a moment.
  if (response.url || isSentByHono()) return undefined
  const { Bun, Deno } = servers()
  if (Bun || Deno) return isMadeOfStream(response) && canBeRemade(response) ? (response.body ?? undefined) : undefined
  const { body } = response
  return body && !isByteStream(body) ? body : undefined
}

/** What workerd's streams show of themselves to `console.log`, by symbols of their prototype. Found once. */
let shownBy: Map<string | undefined, symbol> | undefined

function shownMember(body: ReadableStream<Uint8Array>, name: 'supportsBYOB' | 'length'): unknown {
  shownBy ??= new Map(
    Object.getOwnPropertySymbols(ReadableStream.prototype).map(symbol => [symbol.description, symbol]),
  )
  const symbol = shownBy.get(name)
  return symbol && read(body, symbol)
}

/** Bytes of a body, where workerd knows them: of one that was made of a text, for one. */
export function knownLength(body: ReadableStream<Uint8Array>): number | undefined {
  const length = shownMember(body, 'length')
  return typeof length === 'bigint' ? Number(length) : undefined
}

/** The host's own are byte streams, on Node and on workerd. One that is in use is taken for one: it cannot be watched. */
function isByteStream(body: ReadableStream<Uint8Array>): boolean {
  const shown = shownMember(body, 'supportsBYOB')
  // A look by a reader makes an error on workerd, which costs as much as a copy of the body.
  if (typeof shown === 'boolean') return shown || body.locked
  let reader: ReadableStreamBYOBReader
  try {
    reader = body.getReader({ mode: 'byob' })
  } catch {
    return body.locked
  }
  try {
    reader.releaseLock()
  } catch {
    // It is released all the same: where an application has patched `Error`, Node's error about that cannot be made.
  }
  return true
}

/**
 * A response with another stream in place of its own, sent as it would have been.
 * @param isMadeOfWhole whether it is made of the old one: workerd's have more than status and headers. Node's servers send
 * one that is not made of another as the application's own: piece by piece
 */
export function withStream(
  { response, headers, given, plain }: Outgoing,
  stream: ReadableStream<Uint8Array>,
  isMadeOfWhole: boolean,
): Response {
  if (given) return Reflect.construct(Response, [stream, { status: given[0], headers: plain ?? given[2] }])
  const { status, statusText } = response
  return new Response(stream, isMadeOfWhole ? response : { status, statusText, headers })
}

/**
 * What a response's body may be copied from. Not from a `stream` that the application has made, for its source would see other
 * pulls, and another reason where its client leaves; nor where it is `unknown` how it would be sent afterwards.
 * @param made its {@link madeStreamOf}
 */
export function copyableOf(
  { response, headers, given }: Outgoing,
  made: ReadableStream | undefined,
  hasLength: boolean,
): Response | 'stream' | 'unknown' {
  if (made) return 'stream'
  if (given) return Reflect.construct(Response, [given[1]])
  if (response.url) return response
  const { Bun, Deno } = servers()
  if (Bun) {
    if (response.bodyUsed) return response
    // A text that has no type yet leaves as `application/octet-stream` once it was copied, if it is not all ASCII.
    if (!headers.has('content-type')) return 'unknown'
  }
  if (Bun || Deno) return isMadeOfStream(response) ? 'stream' : response
  return !hasLength && isSentByHono() ? 'unknown' : response
}
