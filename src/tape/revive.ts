/** The values of a tape, made again: what JSON cannot hold, by its mark. Each time anew: nobody else has what a call returns. */
import { read } from '../safe-read.ts'
import type { JsonValue } from '../types.ts'

/** What a binding makes of the marks that stand for something which can be called. */
export interface ReviveParts {
  /** A stub or function that came by RPC. */
  readonly stub?: (target: string) => unknown
  /** A multipart upload. */
  readonly upload?: (key: string, uploadId: string) => unknown
  /** Where a response was asked for. */
  readonly url?: string
}

/** Says, and notes, that a value is not on the tape. */
export type OnMissing = (why: string) => Error

type Mark = { readonly [name: string]: JsonValue }

/** @throws what `missing` returns, where the value is not on the tape */
export function revive(value: JsonValue, parts: ReviveParts, missing: OnMissing): unknown {
  if (typeof value !== 'object' || value === null) return value
  const inner = (one: JsonValue): unknown => revive(one, parts, missing)
  if (Array.isArray(value)) return value.map(inner)
  const mark: Mark = Object(value)
  if (!Object.hasOwn(mark, '$')) return reviveMembers(mark, inner)
  const text = (name: string): string => String(mark[name] ?? '')
  const entries = (): [unknown, unknown][] =>
    listOf(mark['entries']).map(pair => [inner(listOf(pair)[0] ?? null), inner(listOf(pair)[1] ?? null)])
  switch (mark['$']) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(text('value'))
    case 'bigint':
      return BigInt(text('value'))
    case 'date':
      return new Date(text('value') || Number.NaN)
    case 'map':
      return new Map(entries())
    case 'set':
      return new Set(listOf(mark['values']).map(inner))
    case 'object':
      return reviveMembers(Object(mark['value']), inner)
    case 'bytes':
      return reviveBytes(text('type'), text('text'), text('contentType'))
    case 'stream':
      return streamOf(mark['text'], missing)
    case 'error':
      return reviveError(mark, inner)
    case 'response':
      return reviveResponse(mark, parts.url, missing)
    case 'request':
      return new Request(text('url'), {
        method: text('method'),
        headers: headersOf(mark['headers']),
        ...(typeof mark['body'] === 'string' && { body: mark['body'] }),
      })
    case 'headers':
      return headersOf(mark['entries'])
    case 'form':
      return reviveForm(entries())
    case 'r2':
      return reviveStored(mark, inner, missing)
    case 'upload':
      return parts.upload?.(text('key'), text('uploadId'))
    case 'id':
      return reviveId(text('id'), mark['name'])
    case 'stub':
      return parts.stub?.(text('target'))
    default:
      throw missing(whyMissing(mark))
  }
}

const listOf = (value: unknown): JsonValue[] => (Array.isArray(value) ? value : [])

const whyMissing = (mark: unknown): string => {
  const size = read(mark, 'size')
  return `${String(read(mark, 'why'))}${size === undefined ? '' : ` (${String(size)} bytes)`}`
}

function reviveMembers(members: Mark, inner: (value: JsonValue) => unknown): object {
  // `fromEntries` defines: `__proto__` is a member as any other.
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, inner(member)]))
}

function reviveBytes(type: string, text: string, contentType: string): unknown {
  const bytes = new TextEncoder().encode(text)
  if (type === 'Blob') return new Blob([bytes], { type: contentType })
  if (type === 'ArrayBuffer') return bytes.buffer
  const View: unknown = Reflect.get(globalThis, type)
  // A view of another type over the same bytes: Float32Array, DataView.
  return typeof View === 'function' && type !== 'Uint8Array' ? Reflect.construct(View, [bytes.buffer]) : bytes
}

/** A body's stream. One that is not on the tape fails when it is read, and not before: most are never read. */
function streamOf(body: JsonValue | undefined, missing: OnMissing): ReadableStream<Uint8Array> {
  let isGiven = false
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (typeof body !== 'string') return controller.error(missing(`the body is ${whyMissing(body)}`))
        if (!isGiven && body !== '') {
          isGiven = true
          controller.enqueue(new TextEncoder().encode(body))
        } else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

const NO_BODY = [101, 204, 205, 304]

function reviveResponse(mark: Mark, asked: string | undefined, missing: OnMissing): Response {
  const status = Number(mark['status'])
  if (status === 0) return Response.error()
  const body = mark['body']
  const init = { status, statusText: String(mark['statusText'] ?? ''), headers: headersOf(mark['headers']) }
  const stream = body === undefined || NO_BODY.includes(status) ? null : streamOf(body, missing)
  // No constructor makes one of a status below 200: a socket's 101.
  const response = status < 200 ? new Response(null, { ...init, status: 200 }) : new Response(stream, init)
  if (status < 200) Object.defineProperty(response, 'status', { value: status })
  const redirected = mark['url'] !== undefined
  const url = redirected ? String(mark['url']) : asked
  // What the constructor does not take.
  if (url !== undefined) Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } })
  return response
}

function headersOf(entries: JsonValue | undefined): Headers {
  const headers = new Headers()
  for (const entry of listOf(entries)) {
    const [name, value] = listOf(entry)
    headers.append(String(name), String(value))
  }
  return headers
}

function reviveForm(entries: readonly [unknown, unknown][]): FormData {
  const form = new FormData()
  for (const [name, value] of entries) {
    if (value instanceof Blob) form.append(String(name), value)
    else form.append(String(name), String(value))
  }
  return form
}

/** Errors of the language itself, which code tells apart by `instanceof`. */
const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

function reviveError(mark: Mark, inner: (value: JsonValue) => unknown): Error {
  const name = String(mark['name'])
  const Constructor = Object.hasOwn(ERRORS, name) ? (ERRORS[name] ?? Error) : Error
  const { cause } = mark
  const error = new Constructor(String(mark['message']), cause === undefined ? undefined : { cause: inner(cause) })
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  for (const [field, value] of Object.entries(Object(mark['fields'])))
    Reflect.set(error, field, inner(value as JsonValue))
  return error
}

/** The id of a Durable Object. */
function reviveId(id: string, name: JsonValue | undefined): object {
  return {
    toString: () => id,
    equals: (other: unknown) => String(other) === id,
    ...(typeof name === 'string' && { name }),
  }
}

/** An R2 object; a body's methods come from a response around it. */
function reviveStored(mark: Mark, inner: (value: JsonValue) => unknown, missing: OnMissing): object {
  const fields = reviveMembers(Object(mark['fields']), inner)
  const sums: { readonly [name: string]: unknown } = Object(read(fields, 'checksums'))
  const checksums = Object.fromEntries(
    Object.entries(sums).map(([name, digits]) => [name, bytesOfDigits(String(digits))]),
  )
  Object.defineProperty(checksums, 'toJSON', { value: () => sums })
  const stored = { ...fields, checksums }
  Object.defineProperty(stored, 'writeHttpMetadata', {
    value(headers: Headers): void {
      for (const [name, value] of Object.entries(Object(read(fields, 'httpMetadata')))) {
        headers.set(HTTP_METADATA[name] ?? name, value instanceof Date ? value.toUTCString() : String(value))
      }
    },
  })
  const { body } = mark
  if (body === undefined) return stored
  const type = read(fields, 'httpMetadata', 'contentType')
  const headers = typeof type === 'string' ? { 'content-type': type } : {}
  const response = new Response(streamOf(body, missing), { headers })
  return Object.defineProperties(stored, {
    body: { get: () => response.body },
    bodyUsed: { get: () => response.bodyUsed },
    text: { value: () => response.text() },
    json: { value: () => response.json() },
    arrayBuffer: { value: () => response.arrayBuffer() },
    bytes: { value: async () => new Uint8Array(await response.arrayBuffer()) },
    blob: { value: () => response.blob() },
  })
}

const bytesOfDigits = (digits: string): ArrayBuffer =>
  Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16)).buffer

const HTTP_METADATA: Readonly<Record<string, string>> = {
  contentType: 'content-type',
  contentLanguage: 'content-language',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  cacheControl: 'cache-control',
  cacheExpiry: 'expires',
}
