/** What a handler answers a request by, as its host reads it. */

import { partsEnding } from '../../observe/parts.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Ending, Outcome } from '../../observe/work.ts'
import { read } from '../../safe-read.ts'
import type { EventInput } from '../../types.ts'
import { parsedBody, seenBody } from './base64.ts'
import { answerHeaders, type HttpForm, readAnswer } from './http-answer.ts'

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
  form: HttpForm,
  setup: Setup,
): Outcome<Result> {
  const { statusCode, isAnswer, takesHeaders } = readAnswer(result, form)
  if (statusCode === undefined || !isAnswer) {
    const isShown = setup.captureResponseBody && result !== undefined && result !== null
    return { result, statusCode, fields: isShown ? { responsePayload: result } : {} }
  }
  const answer = takesHeaders ? withTraceId(result, event, traceId) : result
  return { result: answer, ...answerEnding(answer, statusCode, setup) }
}
