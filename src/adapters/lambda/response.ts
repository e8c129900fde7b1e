/** What a handler answers a request by, as its host reads it. */

import { partsEnding } from '../../observe/parts.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Ending, Outcome } from '../../observe/work.ts'
import { read } from '../../safe-read.ts'
import type { EventInput } from '../../types.ts'
import { parsedBody, seenBody } from './base64.ts'
import { type HttpSource, headersOf, isRestAnswer } from './http-event.ts'

/** The status that a result names, as a number or as text. */
export function statusOf(result: unknown): number | undefined {
  const status = read(result, 'statusCode')
  const code = typeof status === 'string' ? Number(status || Number.NaN) : status
  return typeof code === 'number' && Number.isInteger(code) && code >= 100 && code <= 599 ? code : undefined
}

/** An answer's headers; its cookies are among them. */
export const answerHeaders = (result: unknown): Record<string, unknown> => headersOf(result, 'set-cookie')

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasLists = (message: unknown): boolean => isRecord(read(message, 'multiValueHeaders'))

/**
 * A copy of an answer with the trace id, where it has none, among the headers that it uses. An answer that makes its own
 * JSON, or whose headers are none, stays what it is.
 */
function withTraceId<Result>(result: Result, event: unknown, traceId: string): Result {
  if (!isRecord(result) || 'toJSON' in result || 'x-trace-id' in answerHeaders(result)) return result
  const { headers, multiValueHeaders } = result
  // A load balancer that sends lists reads nothing else.
  const readsLists = read(event, 'requestContext', 'elb') != null && hasLists(event)
  const usesLists = headers ? readsLists && hasLists(result) : readsLists || hasLists(result)
  const [name, own, value] = usesLists
    ? ['multiValueHeaders', multiValueHeaders, [traceId]]
    : ['headers', headers, traceId]
  if (own !== undefined && own !== null && !isRecord(own)) return result
  const copy: Result = Object.create(Object.getPrototypeOf(result))
  return Object.assign(Object(copy), result, { [name]: { ...own, 'x-trace-id': value } })
}

/** The end of a request by an answer. A text without a content type is JSON where it can be read as that. */
function answerEnding(result: unknown, statusCode: number, setup: Setup): Ending {
  const headers = answerHeaders(result)
  const isBase64 = read(result, 'isBase64Encoded')
  const content = read(result, 'body')
  const { maxPayloadSizeBytes } = setup.pipeline.settings
  const ending = partsEnding(
    {
      statusCode,
      headers: isBase64 === true ? headers : { 'content-type': 'application/json', ...headers },
      body: () => seenBody(content, isBase64, maxPayloadSizeBytes),
    },
    setup,
  )
  const fields: EventInput = setup.captureHeaders ? { responseHeaders: headers } : {}
  const parsed = parsedBody(content)
  if (!parsed || !setup.captureResponseBody) return { ...ending, fields }
  // A middleware around the handler is yet to write it as text.
  return { statusCode, fields: { ...fields, responsePayload: parsed } }
}

/** A handler's result as the outcome of its request. What its host does not take for an answer stays the same object. */
export function concludeAnswer<Result>(
  result: Result,
  event: unknown,
  traceId: string,
  source: HttpSource,
  setup: Setup,
): Outcome<Result> {
  const named = statusOf(result)
  const isRefused = source.isStrict === true && !isRestAnswer(result)
  const statusCode = isRefused ? 502 : (named ?? source.statusOfOther(result))
  if (statusCode === undefined || isRefused || (named === undefined && !source.isStrict)) {
    const isShown = setup.captureResponseBody && result !== undefined && result !== null
    return { result, statusCode, fields: isShown ? { responsePayload: result } : {} }
  }
  const answer = named === undefined || source.isSocket ? result : withTraceId(result, event, traceId)
  return { result: answer, ...answerEnding(answer, statusCode, setup) }
}
