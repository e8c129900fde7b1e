/** Whatever Lambda is invoked with, as work to observe: a request, a function of CloudFront's, or another event. */

import { partsTraceId, partsWork } from '../../observe/parts.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Work } from '../../observe/work.ts'
import { type Arrival, commonWork, requestArrival, shownResult } from './arrival.ts'
import { concludeEdge, isEdgeEvent, readEdgeRequest } from './edge.ts'
import { tellEvent } from './event-source.ts'
import { httpSourceOf } from './http-event.ts'
import { functionNameOf, type Invocation, invocationMetadata } from './invocation.ts'
import { concludeStream } from './response-stream.ts'

/** A function of CloudFront's: its answer is a response, or the request that is to go on. */
function edgeArrival(invocation: Invocation, setup: Setup): Arrival {
  const { event } = invocation
  const { maxPayloadSizeBytes } = setup.pipeline.settings
  const { metadata, body, ...line } = readEdgeRequest(event, maxPayloadSizeBytes)
  const work = partsWork(
    {
      ...commonWork(invocation, setup),
      ...line,
      metadata: () => ({ ...invocationMetadata(invocation), ...metadata }),
      body,
    },
    setup,
  )
  return { work, isRequest: true, conclude: result => concludeEdge(result, maxPayloadSizeBytes, setup) }
}

function otherArrival(invocation: Invocation, setup: Setup): Arrival {
  const { event } = invocation
  const told = tellEvent(event)
  const { maxPayloadSizeBytes } = setup.pipeline.settings
  const work: Work = {
    ...commonWork(invocation, setup),
    eventType: told.eventType,
    endpoint: told.endpoint ?? functionNameOf(invocation),
    traceId: () => partsTraceId(told.headers ?? {}),
    describe: () => ({
      fields: {
        requestPayload: setup.captureRequestBody ? told.payload?.(maxPayloadSizeBytes) : undefined,
        metadata: { ...invocationMetadata(invocation), ...told.metadata },
      },
    }),
  }
  return {
    work,
    isRequest: false,
    conclude: result => ({
      result,
      fields: { ...shownResult(result, setup, told.show), ...told.conclude?.(result) },
    }),
  }
}

/** @param stream of a streaming handler */
export function arrivalOf(invocation: Invocation, stream: unknown, setup: Setup): Arrival {
  const { event } = invocation
  if (isEdgeEvent(event)) return edgeArrival(invocation, setup)
  const source = httpSourceOf(event)
  const arrival = source ? requestArrival(source, invocation, setup) : otherArrival(invocation, setup)
  if (!stream) return arrival
  return { ...arrival, conclude: result => concludeStream(result, stream, arrival.isRequest, setup) }
}
