/** Requests to the outside: `fetch`, and that of a binding. */
import { read } from '../safe-read.ts'
import { type Copied, missing, Ready } from './call.ts'
import type { TapeKind } from './format.ts'
import { watchBody } from './given-stream.ts'
import type { NotedCall } from './open-tape.ts'
import { begin, contained, type FindTape, type HandOver, readInto, recordCall, watchStream } from './record.ts'
import { copyHeaders } from './snapshot.ts'

/** Headers of a request that choose what the response is. */
const CHOOSING = /^(?:accept|content-type|range|if-.+)$/
/** Bodies whose text is read. What has no type tells by its bytes. */
const TEXTS = /^$|^text\/|json|[/+]xml|x-www-form-urlencoded|graphql|javascript|yaml|toml|sql|csp-report/i
/** Bodies that come piece by piece, and may never end: they are not cloned, so that their source hears of whoever leaves. */
const STREAMS = /^text\/event-stream|ndjson|jsonl|stream\+json|json-seq/i

/** Where a request goes: `kind` and `target` of its call. */
export interface Destination {
  readonly kind: TapeKind
  /** Without one it is the URL's origin. */
  readonly target?: string
  readonly parent?: NotedCall | undefined
}

/** Makes a request by `send`, with the trace of the work, and notes it. */
export function recordFetch(
  find: FindTape,
  to: Destination,
  args: readonly unknown[],
  send: (args: readonly unknown[]) => unknown,
): unknown {
  const tape = find()
  if (!tape) return send(args)
  const noted = noteRequest(find, to, args)
  const given = contained(() => watchBody(args, noted)) ?? args
  return recordCall(noted, () => send(tape.addTrace(given)), handOverResponse)
}

/** Notes that a request is about to be made. Its body may still be being read afterwards. */
export function noteRequest(find: FindTape, to: Destination, args: readonly unknown[]): NotedCall | undefined {
  const request = describeRequest(args)
  const { method, url } = request.mark
  const input: Copied = { ...request.mark }
  const isObject = to.kind === 'object'
  if (!isObject) Reflect.deleteProperty(input, 'method')
  const noted = begin(find, () => ({
    kind: to.kind,
    target: to.target ?? originOf(String(url)),
    method: isObject ? 'fetch' : String(method),
    parent: to.parent,
    input: new Ready(input),
  }))
  if (noted) noteBody(noted, request, input)
  return noted
}

function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return url
  }
}

interface SentRequest {
  mark: Copied
  /** Its body as it was given, beside the URL. */
  given: unknown
  /** A request that was made before. */
  made: Request | undefined
}

function describeRequest([input, init]: readonly unknown[]): SentRequest {
  const made = Object.prototype.toString.call(input) === '[object Request]' ? (input as Request) : undefined
  const method = read(init, 'method') ?? made?.method ?? 'GET'
  const given = read(init, 'headers') ?? made?.headers
  const headers: [string, string][] = []
  try {
    for (const [name, value] of new Headers(given as Headers | undefined)) {
      // What comes after the type may be a boundary, which is another each time.
      if (CHOOSING.test(name)) headers.push([name, name === 'content-type' ? (value.split(';', 1)[0] ?? '') : value])
    }
  } catch {
    // The call itself says what is wrong with them.
  }
  return {
    mark: {
      method: String(method).toUpperCase(),
      url: made?.url ?? String(input),
      ...(headers.length > 0 && { headers }),
    },
    given: read(init, 'body'),
    made,
  }
}

/** Puts the body of a request beside its URL. */
function noteBody({ tape }: NotedCall, { given, made }: SentRequest, input: Copied): void {
  const type = made?.headers.get('content-type') ?? ''
  if (given !== undefined && given !== null) {
    const copy: unknown = tape.copy(given)
    input['body'] = read(copy, '$') === 'bytes' && read(copy, 'type') !== 'Blob' ? read(copy, 'text') : copy
  } else if (made && made.body !== null && !made.bodyUsed) {
    input['body'] = missing('not recordable')
    const isWanted = TEXTS.test(type) && Number(made.headers.get('content-length') ?? 0) <= tape.room
    const copy = isWanted ? cloneBody(made) : undefined
    if (copy) tape.wait(readInto(copy, tape, input, 'body'))
  }
}

/** A copy of a message's body; nothing where a host has none. */
function cloneBody(message: Request | Response): ReadableStream | undefined {
  try {
    const clone = message.clone()
    return clone === message || clone.body === message.body ? undefined : (clone.body ?? undefined)
  } catch {
    return undefined
  }
}

/** Responses are noted with their bodies. */
export const handOverResponse: HandOver = (result, noted) => {
  if (!noted || Object.prototype.toString.call(result) !== '[object Response]') return { given: result, noted: result }
  const { given, mark } = copyResponse(result as Response, noted)
  return { given, noted: new Ready(mark) }
}

/** A response and what is noted of it; where it is a stream, the one that is handed over is made of it. */
export function copyResponse(response: Response, noted: NotedCall): { given: Response; mark: Copied } {
  const { status, statusText, headers, redirected, url } = response
  const { tape } = noted
  const list = copyHeaders(headers, tape.rules.names)
  const mark: Copied = { $: 'response', status, statusText, headers: list, ...(redirected && { url }) }
  const lacks = (body: Copied): { given: Response; mark: Copied } => {
    mark['body'] = body
    noted.bodies.push({ mark, name: 'body' })
    return { given: response, mark }
  }
  if (read(response, 'webSocket')) {
    tape.lacks(`${noted.label}: a socket is not recordable`)
    return { given: response, mark }
  }
  const type = headers.get('content-type') ?? ''
  const length = headers.get('content-length')
  const size = length === null ? undefined : Number(length)
  if (STREAMS.test(type)) return response.body ? tap(response, noted, mark) : { given: response, mark }
  if (!TEXTS.test(type)) return size === 0 ? { given: response, mark } : lacks(missing('binary', size))
  if (size !== undefined && size > tape.room) return lacks(missing('too large', size))
  if (response.bodyUsed) return lacks(missing('not recordable'))
  const copy = cloneBody(response)
  if (copy) {
    noted.bodies.push({ mark, name: 'body' })
    tape.wait(readInto(copy, tape, mark, 'body'))
  }
  return { given: response, mark }
}

/** A response around the same stream. */
function tap(response: Response, noted: NotedCall, mark: Copied): { given: Response; mark: Copied } {
  const { body, url, redirected, type } = response
  if (!body || body.locked) return { given: response, mark }
  const stream = watchStream(body, noted, mark, 'body')
  const given = new Response(stream, response)
  // What a response that is made anew does not take over.
  Object.defineProperties(given, { url: { value: url }, redirected: { value: redirected }, type: { value: type } })
  return { given, mark }
}
