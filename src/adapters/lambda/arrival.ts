/** A request as work to observe, and its result as the outcome. */

import { partsWork } from '../../observe/parts.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Outcome, Work } from '../../observe/work.ts'
import { read } from '../../safe-read.ts'
import type { EventInput } from '../../types.ts'
import { parsedBody, seenBody } from './base64.ts'
import { type HttpSource, isAuthorization, requestMetadata } from './http-event.ts'
import { budgetMs, functionNameOf, type Invocation, invocationMetadata } from './invocation.ts'
import { messageHeaders } from './read-event.ts'
import { concludeAnswer } from './response.ts'

/** What `observe` is told. */
export interface Arrival {
  work: Work
  /** Whether it waits for an answer: a result that comes from nowhere is none. */
  isRequest: boolean
  conclude: <Result>(result: Result, traceId: string) => Outcome<Result>
}

/** Reads what arrived. */
export type ReadArrival = (invocation: Invocation, stream: unknown, setup: Setup) => Arrival

type Common = Pick<Work, 'subject' | 'waitUntil' | 'hold'>

/** What every invocation's work has. */
export function commonWork(invocation: Invocation, setup: Setup): Common {
  const { event, hold } = invocation
  return {
    ...(typeof event === 'object' && event !== null && { subject: event }),
    waitUntil: hold,
    // Where nothing is captured nothing is waited for.
    ...(setup.pipeline.settings.enabled && { hold: () => hold.settled(budgetMs(invocation)) }),
  }
}

/** What is told of an event that cannot be read. */
export function unreadableArrival(invocation: Invocation, setup: Setup): Arrival {
  const work: Work = {
    eventType: 'custom',
    endpoint: functionNameOf(invocation),
    ...commonWork(invocation, setup),
  }
  return { work, isRequest: false, conclude: result => ({ result }) }
}

/** What is shown of a result that is no answer. */
export function shownResult(result: unknown, setup: Setup, show = (value: unknown): unknown => value): EventInput {
  const isShown = setup.captureResponseBody && result !== undefined && result !== null
  return isShown ? { responsePayload: show(result) } : {}
}

/** Work whose request payload is known as it is, whatever its content type says. */
function workWithPayload({ describe, ...work }: Work, payload: unknown, setup: Setup): Work {
  const requestPayload = setup.captureRequestBody ? payload : undefined
  return { ...work, describe: () => ({ fields: { ...describe?.().fields, requestPayload } }) }
}

/** A socket's event as work: it has no method, and a message of no content type. */
function socketWork({ method, ...work }: Work, message: unknown, setup: Setup): Work {
  return workWithPayload(work, typeof message === 'string' ? message : undefined, setup)
}

/** An HTTP request, from whichever gateway. */
export function requestArrival(source: HttpSource, invocation: Invocation, setup: Setup): Arrival {
  const { event } = invocation
  const { path, route, ...line } = source.readLine(event)
  // Taken now: handlers like to replace the body by what is in it.
  const [body, isBase64] = [read(event, 'body'), read(event, 'isBase64Encoded') ?? read(event, 'is_base64_encoded')]
  const work = partsWork(
    {
      ...commonWork(invocation, setup),
      ...line,
      headers: messageHeaders(event),
      metadata: () => ({ ...invocationMetadata(invocation), ...requestMetadata(event, source.form, route) }),
      body: () => seenBody(body, isBase64, setup.pipeline.settings.maxPayloadSizeBytes),
    },
    setup,
  )
  if (isAuthorization(event)) {
    return {
      work: { ...work, eventType: 'custom', endpoint: functionNameOf(invocation) },
      isRequest: false,
      conclude: result => ({ result, fields: shownResult(result, setup) }),
    }
  }
  const parsed = parsedBody(body)
  const named = { ...work, endpoint: path }
  const shown = parsed ? workWithPayload(named, parsed, setup) : named
  return {
    work: source.form === 'WebSocket API' ? socketWork(named, body, setup) : shown,
    isRequest: true,
    conclude: (result, traceId) => concludeAnswer(result, event, traceId, source.form, setup),
  }
}
