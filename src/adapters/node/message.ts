/** `node:http`'s request and response, `node:http2`'s and those of the frameworks on them: what is read of them. */
import type { ReplayStackHandle } from '../../client/client.ts'
import type { HeaderParts } from '../../observe/parts.ts'
import { wrapFunction } from '../../observe/wrap.ts'
import { type AnyFunction, callMember, isFunction, read } from '../../safe-read.ts'

/** A request of `node:http`, `node:http2` or a framework on them. */
export interface NodeRequest {
  /** HTTP method. */
  readonly method?: string | undefined
  /** Path and query, as in the request line. */
  readonly url?: string | undefined
  /** By lower-case name; HTTP/2's parts of the request line (`:path`) are no headers and are left out of the event. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Its response. */
export interface NodeResponse {
  /** Read when the response leaves. */
  statusCode: number
  /** Whether it is too late to add `x-trace-id`. */
  readonly headersSent: boolean
  /** Whether the application has said all it will. */
  readonly writableEnded: boolean
  /** Ends the response. */
  end(...rest: never[]): unknown
}

/** What the middleware and the wrapper add to a request; an application merges it into `IncomingMessage`, or into Express's `Request`. */
export interface ReplayStackRequest {
  /** Breadcrumbs, logs and captures of this request. */
  replaystack: ReplayStackHandle
}

export function isNodeRequest(value: unknown): value is NodeRequest {
  return typeof read(value, 'headers') === 'object' && isFunction(read(value, 'on'))
}

export function isNodeResponse(value: unknown): value is NodeResponse {
  return ['writeHead', 'setHeader', 'end', 'once'].every(name => isFunction(read(value, name)))
}

/** Gives a message a property of its own that nobody enumerates; one that is frozen stays without. */
export function defineOwn(message: object, name: string, property: PropertyDescriptor): void {
  try {
    Reflect.defineProperty(message, name, { ...property, configurable: true })
  } catch {
    // A proxy that refuses.
  }
}

/** Has a method of this one message called through `apply`: prototypes stay as they are. */
export function wrapOwn(
  message: object,
  name: string,
  apply: (method: AnyFunction, self: unknown, args: unknown[]) => unknown,
): void {
  const method = read(message, name)
  if (isFunction(method)) defineOwn(message, name, { value: wrapFunction(method, apply), writable: true })
}

/** A request's headers; HTTP/2 has parts of the request line among them. */
export function requestHeaders({ headers }: NodeRequest): HeaderParts {
  const entries = Object.entries(headers)
  return entries.some(([name]) => name.startsWith(':'))
    ? Object.fromEntries(entries.filter(([name]) => !name.startsWith(':')))
    : headers
}

/** A response's headers as they were set. */
export function responseHeaders(response: NodeResponse): HeaderParts {
  return { ...Object(callMember(response, 'getHeaders')) }
}

/** A header's text, where it has one. */
export function headerOf(headers: HeaderParts, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : Array.isArray(value) ? String(value[0]) : ''
}
