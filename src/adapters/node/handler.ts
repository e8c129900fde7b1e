/** Bare handlers of Node's `(request, response)`: `http.createServer`, Next.js API routes, cloud functions. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { awaitReplay } from '../../observe/lifecycle.ts'
import type { Setup } from '../../observe/setup.ts'
import { withHandle, wrapFunction } from '../../observe/wrap.ts'
import type { AdapterConfiguration } from '../../types.ts'
import { nodeSetup } from './flusher.ts'
import { isNodeRequest, isNodeResponse, type NodeRequest } from './message.ts'
import { enter } from './visit.ts'

/**
 * A handler whose requests are recorded. It keeps its type, arity, name, properties and `this`; a call without Node's
 * request and response passes through untouched. Its handle is `request.replaystack`, and comes as its fourth argument:
 * the third is `next` to some.
 *
 * What it throws is recorded and rethrown. The event is made when the response has gone or its connection has, whenever
 * the handler returns.
 * @typeParam Handler the type that is kept. A handler written in place has the parameters of the type that the result is
 * assigned to, or has to satisfy; without one, they are Node's request and response
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and requests
 * pass through untouched.
 * @example
 * createServer(withReplayStack((request, response) => response.end('Hello'))).listen(3000)
 * @example
 * export default withReplayStack((request: NextApiRequest, response: NextApiResponse) => response.json({ ok: true }))
 */
export function withReplayStack<
  Handler extends (...args: never[]) => unknown = (
    request: IncomingMessage,
    response: ServerResponse,
    ...rest: never[]
  ) => unknown,
  Request extends NodeRequest = IncomingMessage,
>(handler: Handler, options?: AdapterConfiguration<Request>): Handler
export function withReplayStack(
  handler: (...args: never[]) => unknown,
  options?: AdapterConfiguration<never>,
): (...args: never[]) => unknown {
  const setupFor = nodeSetup(options)
  return wrapFunction(handler, (target, self, args) => {
    const [request, response] = args
    if (!isNodeRequest(request) || !isNodeResponse(response)) return Reflect.apply(target, self, args)
    const record = (setup: Setup): unknown => {
      const visit = enter(setup, request, response)
      if (!visit) return Reflect.apply(target, self, args)
      return visit.run(() => Reflect.apply(target, self, withHandle({ length: 0 }, args, visit.beginning.handle)))
    }
    const setup = setupFor()
    const replay = awaitReplay(setup, request)
    return replay ? replay.then(record) : record(setup)
  })
}
