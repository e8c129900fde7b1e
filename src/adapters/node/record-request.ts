/**
 * A request's body, recorded as it arrives: nobody reads it for our sake, so its reader sets the pace as before. What
 * comes after the response has gone Node throws away, and nobody sees it.
 */
import type { HeaderParts, SeenBody } from '../../observe/parts.ts'
import { read } from '../../safe-read.ts'
import { BodyRecord } from './body-record.ts'
import { decodedHeaders } from './decode.ts'
import { headerOf, type NodeRequest, requestHeaders, wrapOwn } from './message.ts'

/** Answers what stands for the body, asked when the response has gone. */
export type RequestPayload = (show: (seen: SeenBody, headers: HeaderParts) => unknown) => Promise<unknown>

/** Records a body from where it is now: not yet here, waiting to be read, or read and parsed by someone before us. */
export function recordRequest(request: NodeRequest, maxBytes: number): RequestPayload {
  const headers = requestHeaders(request)
  const found = read(request, 'body')
  // Nitro has it so, of a request that has come by no connection.
  const body = found instanceof ArrayBuffer ? new Uint8Array(found) : found
  const wasRead = ['readableDidRead', 'readableEnded'].some(name => read(request, name) === true)
  if (wasRead || isParsed(body)) return parsedPayload(body, headers, maxBytes)
  const record = new BodyRecord(headers, maxBytes)
  const add = (chunk: unknown, encoding: unknown): void => {
    if (chunk === null) record.complete = true
    else record.add(chunk, encoding)
  }
  if (Number(read(request, 'readableLength')) > 0) {
    // Some of it waits in the stream already, and is seen when it leaves that.
    wrapOwn(request, 'emit', (emit, self, args) => {
      if (args[0] === 'data') add(args[1], read(request, 'readableEncoding'))
      else if (args[0] === 'end') add(null, undefined)
      return Reflect.apply(emit, self, args)
    })
  } else {
    wrapOwn(request, 'push', (push, self, args) => {
      add(args[0], args[1])
      return Reflect.apply(push, self, args)
    })
  }
  return show => record.payload(show)
}

/** Express 4's parsers leave an empty object where they found nothing of theirs. */
function isParsed(body: unknown): body is string | object {
  if (typeof body === 'object' && body !== null) return ArrayBuffer.isView(body) || Object.keys(body).length > 0
  return typeof body === 'string' && body !== ''
}

/** What a parser before us left as `request.body`, decoded. */
function parsedPayload(body: unknown, headers: HeaderParts, maxBytes: number): RequestPayload {
  if (!isParsed(body)) return async () => undefined
  if (typeof body === 'string' || ArrayBuffer.isView(body)) {
    const record = new BodyRecord(decodedHeaders(headers), maxBytes)
    record.add(body)
    record.complete = true
    return show => record.payload(show)
  }
  // Of a multipart body only the names are told, whoever has parsed it.
  const isMultipart = headerOf(headers, 'content-type').startsWith('multipart/')
  return async () => (isMultipart ? { fields: Object.keys(body) } : body)
}
