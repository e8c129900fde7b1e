/** Streaming handlers: `(event, responseStream, context)`. Their stream is asked what it knows, and never changed. */

import { partsEnding } from '../../observe/parts.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Outcome } from '../../observe/work.ts'
import { callMember, isFunction, read } from '../../safe-read.ts'
import type { EventInput } from '../../types.ts'
import { answerHeaders, statusOf } from './http-answer.ts'

/** Whether a handler's second argument is a stream to answer by, and not a context. */
export function isResponseStream(value: unknown): boolean {
  return ['write', 'end', 'on'].every(name => isFunction(read(value, name)))
}

/**
 * Status, headers and cookies that `awslambda.HttpResponseStream.from` was given: it leaves on the stream what writes
 * them as JSON, which is called here with a `write` that only listens.
 */
function readPrelude(stream: unknown): unknown {
  const written: unknown[] = []
  callMember(stream, '_onBeforeFirstWrite', (chunk: unknown) => written.push(chunk))
  try {
    return JSON.parse(String(written[0]))
  } catch {
    return undefined
  }
}

const STREAMED: EventInput['responsePayload'] = { captured: false, reason: 'Streaming response body not captured' }

/** The outcome of a handler that has streamed its answer. Without a prelude a request is answered by 200. */
export function concludeStream<Result>(
  result: Result,
  stream: unknown,
  isRequest: boolean,
  setup: Setup,
): Outcome<Result> {
  const payload = setup.captureResponseBody ? { responsePayload: STREAMED } : {}
  // Destroyed by an error that the handler did not hear of.
  const thrown = read(stream, 'errored') ?? undefined
  const failed = thrown === undefined ? undefined : { error: { thrown } }
  const status = failed && { status: 'failed' as const }
  if (!isRequest) return { result, ...failed, fields: { ...payload, ...status } }
  const prelude = readPrelude(stream)
  const ending = partsEnding({ statusCode: statusOf(prelude) ?? 200, headers: answerHeaders(prelude) }, setup)
  return { result, ...ending, ...failed, fields: { ...ending.fields, ...payload, ...status } }
}
