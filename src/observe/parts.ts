/** Requests and responses of hosts that hand them over in parts, as Node and Lambda do. */
import { type Direction, payloadOf, planBody } from '../body/payload.ts'
import { readAuth } from '../event/auth.ts'
import { type HeaderInput, type HeaderList, readHeaders } from '../event/headers.ts'
import { inboundTrace } from '../event/trace.ts'
import { buildAbsoluteRequestUrlFromParts, normalizeEndpoint } from '../event/url.ts'
import type { EventInput } from '../types.ts'
import type { Setup } from './setup.ts'
import type { Description, Ending, Work } from './work.ts'

/** Header names and values, in any case; a name that repeats has a list. */
export type HeaderParts = Readonly<Record<string, unknown>>

/** What was seen of a body. */
export interface SeenBody {
  /** Its first bytes, or all of it as text. */
  content: string | Uint8Array<ArrayBuffer>
  /** UTF-8 bytes, also those that were not kept. */
  sizeBytes: number
  /** Whether it was seen to its end. */
  complete: boolean
  /** What its source failed by. */
  error?: { thrown: unknown }
}

/** A request in parts. */
export interface RequestParts extends Pick<Work, 'subject' | 'waitUntil' | 'hold'> {
  method: string
  /** Path and query, as in a request line; or an absolute URL. */
  target: string
  headers: HeaderParts
  /** Of the connection; `x-forwarded-proto` comes first. @default 'http' */
  protocol?: string | undefined
  /** Where the headers have none. */
  host?: string | undefined
  sourceIp?: string | undefined
  metadata?: (() => Record<string, unknown>) | undefined
  /** Reads what was seen of the body; called when the work is over. */
  body?: (() => SeenBody | undefined | Promise<SeenBody | undefined>) | undefined
}

/** As the client wrote it: the headers of a proxy in front have its host and scheme. */
function requestUrlOf({ target, protocol, host }: RequestParts, headers: HeaderList): string | undefined {
  return buildAbsoluteRequestUrlFromParts({
    pathWithQuery: target,
    getHeader: name => headers.get(name),
    protocolFallback: protocol,
    hostFallback: host,
  })
}

/** Reads what stands for a body in the event. */
function payloadReader(
  body: NonNullable<RequestParts['body']>,
  headers: HeaderList,
  direction: Direction,
  maxBytes: number,
): () => Promise<unknown> {
  return async () => {
    const seen = await body()
    if (!seen || seen.sizeBytes === 0) return undefined
    return payloadOf(seen, planBody(headers, direction), maxBytes)
  }
}

/** Whether a payload shows what is in a body with these headers, once it is decoded. */
export function showsBody(headers: HeaderParts): boolean {
  const type = readHeaders(headers).get('content-type')
  return planBody({ get: name => (name === 'content-type' ? type : undefined) }, 'request').marker === undefined
}

/** The trace id that headers in parts arrived with. */
export function partsTraceId(headers: HeaderInput): string | undefined {
  return inboundTrace(readHeaders(headers))?.id
}

/** A request in parts as work to observe. */
export function partsWork(parts: RequestParts, setup: Setup): Work {
  const { method, target, subject, waitUntil, hold, sourceIp, metadata, body } = parts
  const headers = readHeaders(parts.headers)
  return {
    eventType: 'api',
    endpoint: normalizeEndpoint(target),
    method,
    ...(subject && { subject }),
    ...(hold && { hold }),
    waitUntil,
    traceId: () => inboundTrace(headers),
    describe(): Description {
      const fields: EventInput = { requestUrl: requestUrlOf(parts, headers), sourceIp, metadata: metadata?.() }
      if (setup.captureHeaders) fields.requestHeaders = headers
      else Object.assign(fields, readAuth(headers), { userAgent: headers.get('user-agent') ?? undefined })
      if (!body || !setup.captureRequestBody) return { fields }
      return {
        fields,
        payload: payloadReader(body, headers, 'request', setup.pipeline.settings.maxPayloadSizeBytes),
      }
    },
  }
}

/** An answer in parts. */
export interface AnswerParts {
  statusCode: number
  headers: HeaderParts
  body?: RequestParts['body']
}

/** An answer in parts as the end of a request. */
export function partsEnding({ statusCode, headers, body }: AnswerParts, setup: Setup): Ending {
  const known = readHeaders(headers)
  const fields: EventInput = setup.captureHeaders ? { responseHeaders: known } : {}
  if (!body || !setup.captureResponseBody) return { statusCode, fields }
  const { maxPayloadSizeBytes } = setup.pipeline.settings
  return { statusCode, fields, payload: payloadReader(body, known, 'response', maxPayloadSizeBytes) }
}
