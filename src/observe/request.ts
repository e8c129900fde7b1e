/** A `Request` and a `Response` as `observe` reads them: what every host with the Fetch API has in common. */

import { madeStreamOf, readOutgoing, WITHOUT_BODY, withHeader } from '../body/outgoing.ts'
import { recordRequestBody, recordResponseBody, streamPayload } from '../body/record.ts'
import { watchStream } from '../body/watch.ts'
import type { ReplayStackHandle } from '../client/client.ts'
import { onWorkers } from '../client/scope.ts'
import { readAuth } from '../event/auth.ts'
import { inboundTrace } from '../event/trace.ts'
import { normalizeEndpoint } from '../event/url.ts'
import { isFunction, read } from '../safe-read.ts'
import type { EventInput } from '../types.ts'
import { awaited, observe } from './lifecycle.ts'
import type { Setup } from './setup.ts'
import type { Description, Outcome, Work } from './work.ts'

/** What a host knows of a request besides the request. */
export interface RequestHost extends Partial<Pick<Work, 'within' | 'isOwn' | 'waitUntil' | 'answerThrown'>> {
  /** Where its client is. */
  sourceIp?: (headers: Headers) => string | undefined
  /** More metadata of the event. */
  metadata?: (() => Record<string, unknown>) | undefined
  lateMetadata?: Description['lateMetadata']
  /** The status of an answer that is no `Response`; nothing for one that has none. @default 500 */
  statusOf?: (answer: unknown) => number | undefined
  /** Whether a response says that the request goes on to its route: then the event has no status code. */
  goesOn?: (answer: Response) => boolean
  /** Reads a body that the application has read, where its framework keeps it. */
  readText?: () => Promise<string>
}

/** The client that Cloudflare names. */
export const connectingIp = (headers: Headers): string | undefined => headers.get('cf-connecting-ip') ?? undefined

/** A request as work to observe. */
export function requestWork(request: Request, setup: Setup, host: RequestHost): Work {
  const { method, url } = request
  return {
    eventType: 'api',
    endpoint: normalizeEndpoint(url),
    method,
    subject: request,
    within: host.within,
    isOwn: host.isOwn,
    waitUntil: host.waitUntil,
    answerThrown: host.answerThrown,
    // The headers are read here and no earlier: some servers make the whole request for whoever reads them.
    traceId: () => inboundTrace(request.headers),
    describe() {
      const { headers } = request
      const fields: EventInput = { requestUrl: url, sourceIp: host.sourceIp?.(headers), metadata: host.metadata?.() }
      if (setup.captureHeaders) fields.requestHeaders = headers
      else Object.assign(fields, readAuth(headers), { userAgent: headers.get('user-agent') ?? undefined })
      const { lateMetadata } = host
      if (!setup.captureRequestBody) return { fields, lateMetadata }
      const { maxPayloadSizeBytes } = setup.pipeline.settings
      return { fields, lateMetadata, payload: recordRequestBody(request, maxPayloadSizeBytes, host.readText) }
    },
  }
}

/**
 * A response as the outcome of its request; the result is the response as its client gets it: with the trace id, and watched
 * where its body is a stream that may fail.
 */
export function responseOutcome(given: Response, traceId: string, method: string, setup: Setup): Outcome<Response> {
  const { maxPayloadSizeBytes } = setup.pipeline.settings
  const outgoing = withHeader(readOutgoing(given), 'x-trace-id', traceId)
  const { headers } = outgoing
  // Nobody reads the body of an answer to HEAD.
  const hasReader = method !== 'HEAD'
  const made = hasReader ? madeStreamOf(outgoing) : undefined
  const { response, stream } = watchStream(outgoing, made, maxPayloadSizeBytes, onWorkers())
  // Called before the response leaves, and not at all where an adapter further out records the request.
  const payload: Outcome<Response>['payload'] = (_, end) =>
    stream ? streamPayload(headers, end, maxPayloadSizeBytes) : recordResponseBody(outgoing, made, maxPayloadSizeBytes)
  const isRecorded = setup.captureResponseBody && hasReader && !WITHOUT_BODY.includes(response.status)
  return {
    result: response,
    // `Response.error()` has none: hosts answer 500 for it.
    statusCode: response.status || 500,
    fields: setup.captureHeaders ? { responseHeaders: headers } : {},
    stream,
    payload: isRecorded ? payload : undefined,
  }
}

/**
 * A `Request` of this realm or another that can be read: `node:http` has one without such headers, and the one that
 * Next.js renders static routes with throws.
 */
export function isRequest(value: unknown): value is Request {
  const isText = (name: string): boolean => typeof read(value, name) === 'string'
  return isText('method') && isText('url') && isFunction(read(value, 'headers', 'get'))
}

/** A `Response` of this realm or another. */
export function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'headers' in value && 'status' in value && 'body' in value
}

/** Runs a handler that returns a `Response`, observed. What anything else means, the host says: `statusOf`. */
export function observeRequest(
  setup: Setup,
  request: Request,
  host: RequestHost,
  run: (handle: ReplayStackHandle) => unknown,
): unknown {
  return observe(setup, requestWork(request, setup, host), awaited(setup, run), (result, traceId) => {
    if (!isResponse(result)) return { result, statusCode: host.statusOf ? host.statusOf(result) : 500 }
    const outcome = responseOutcome(result, traceId, request.method, setup)
    return host.goesOn?.(result) ? { ...outcome, statusCode: undefined } : outcome
  })
}
