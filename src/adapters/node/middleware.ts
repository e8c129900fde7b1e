/** Middleware of Express, Connect and `node:http` itself; so of Nest, and of Fastify by a hook. */
import type { IncomingMessage } from 'node:http'
import { awaitReplay } from '../../observe/lifecycle.ts'
import type { Setup } from '../../observe/setup.ts'
import { read } from '../../safe-read.ts'
import type { AdapterConfiguration } from '../../types.ts'
import { type ErrorHandler, placeErrorHandler, registerErrorHandler } from './error-handler.ts'
import { nodeSetup } from './flusher.ts'
import { isNodeRequest, isNodeResponse, type NodeRequest, type NodeResponse } from './message.ts'
import { enter } from './visit.ts'

export type { ErrorHandler } from './error-handler.ts'
export type { NodeRequest, NodeResponse, ReplayStackRequest } from './message.ts'

/** What records requests. */
export interface Recorder {
  (request: NodeRequest, response: NodeResponse, next?: () => unknown): void
  /**
   * Records what was thrown in the request's event, and passes the error on. On Express it is registered already; on
   * Connect and frameworks that respond to errors by themselves, register it before other error handlers, or call it there.
   */
  readonly errorHandler: ErrorHandler
}

/**
 * Middleware that records each request. Register it first: what is registered before it is not recorded, except for errors.
 * On a bare server, call it with what comes next. A request's handle is `request.replaystack`.
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and requests
 * pass through untouched.
 * @example
 * app.use(replaystack()) // Express, Nest, Connect
 * @example
 * const recorder = replaystack()
 * createServer((request, response) => recorder(request, response, () => respond(request, response)))
 */
export function replaystack<Request extends NodeRequest = IncomingMessage>(
  options?: AdapterConfiguration<Request>,
): Recorder {
  return recorderOf(nodeSetup(options))
}

/** What records requests by a setup. */
export function recorderOf(setupFor: () => Setup): Recorder {
  const errorHandler: ErrorHandler = (error, request, response, next) => {
    if (isNodeRequest(request) && isNodeResponse(response)) enter(setupFor(), request, response)?.threw(error)
    next(error)
  }
  registerErrorHandler(errorHandler)
  function recorder(request: NodeRequest, response: NodeResponse, next?: () => unknown): unknown {
    if (!isNodeRequest(request) || !isNodeResponse(response)) return next?.()
    const setup = setupFor()
    const replay = awaitReplay(setup, request)
    return replay
      ? replay.then(setup => record(setup, request, response, next))
      : record(setup, request, response, next)
  }
  function record(setup: Setup, request: NodeRequest, response: NodeResponse, next?: () => unknown): unknown {
    const { pipeline } = setup
    if (pipeline.settings.enabled) {
      pipeline.attempt('find where errors pass', () => {
        placeErrorHandler(read(request, 'app'), recorder, errorHandler)
      })
    }
    const visit = enter(setup, request, response)
    return visit ? visit.run(() => next?.()) : next?.()
  }
  return Object.assign(recorder, { errorHandler })
}
