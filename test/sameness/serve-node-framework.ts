/** An application for a framework on `node:http`: what is done with Node's own request and response, and ways of the framework's own. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { replaystack } from '../../src/adapters/node/middleware.ts'
import { recordError } from '../../src/observe/lifecycle.ts'
import { memoryTransport } from '../../src/testing.ts'
import { asksOf, createLedger } from './ledger.ts'
import { NODE_WAYS } from './node-ways.ts'
import { RUN_HEADER, type Ways } from './way.ts'

const options = { apiKey: 'key', transport: memoryTransport() }

export const isOurs = (request: IncomingMessage): boolean => String(request.headers[RUN_HEADER]).startsWith('ours')

/** The listener of a framework, recorded where the run is ours. */
export function record(listener: RequestListener): RequestListener {
  const recorded = withReplayStack(listener, options)
  return (request, response) => (isOurs(request) ? recorded : listener)(request, response)
}

/** The middleware that records, for runs that are ours. */
export const recorder: ReturnType<typeof replaystack> = replaystack(options)

export { recordError }

/**
 * @param own ways of the framework, by their names
 * @param isNodes whether its request and response are Node's own, for which there are more
 */
export function createEndpoint<Answer>(
  own: Ways<Answer>,
  isNodes = true,
): {
  /** The framework's own answer to this request. Undefined where Node's request and response are all that is used. */
  find(request: IncomingMessage): Answer | undefined
  respond(request: IncomingMessage, response: ServerResponse): void
} {
  const ways = { ...(isNodes && asksOf(NODE_WAYS)), ...asksOf(own) }
  const ledger = createLedger(options.transport, () => ({ application: ways }))
  const urlOf = (request: IncomingMessage): URL => new URL(request.url ?? '', 'http://shop.example')
  const partsOf = (request: IncomingMessage): string[] => urlOf(request).pathname.split('/').slice(1)
  return {
    find: request => own[partsOf(request)[1] ?? '']?.answer,
    respond(request, response) {
      const [first, second = ''] = partsOf(request)
      if (first === 'control') {
        const run = urlOf(request).searchParams.get('run') ?? ''
        response.end(JSON.stringify(ledger.control(second, run)))
        return
      }
      const server = ledger.serverOf(request.url ?? '', String(request.headers[RUN_HEADER]))
      NODE_WAYS[second]?.answer(request, response, server)
    },
  }
}
