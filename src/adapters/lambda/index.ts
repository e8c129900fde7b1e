/** AWS Lambda. */
import { lazySetup } from '../../observe/setup.ts'
import { wrapFunction } from '../../observe/wrap.ts'
import type { AdapterConfiguration } from '../../types.ts'
import { arrivalOf } from './any-event.ts'
import { observeHandler } from './handler.ts'

/**
 * What a handler is invoked with.
 * @typeParam Handler the handler's type
 */
export type LambdaEvent<Handler extends (...args: never[]) => unknown> =
  Parameters<Handler> extends [infer Event, ...unknown[]] ? Event : unknown

/** The most that a handler may declare on Node 24 and later: the runtime refuses one that has a place for a callback. */
const MAX_ARITY = 2

/** A fourth parameter is the handle's: what it makes of a handler's arity is ours alone, and not shown. */
function withArity<Handler extends (...args: never[]) => unknown>(handler: Handler): Handler {
  return new Proxy(handler, {
    get: (target, name, self) => (name === 'length' ? MAX_ARITY : Reflect.get(target, name, self)),
  })
}

/**
 * A handler whose invocations are recorded: the same type, name, properties and `this`, buffered or streaming, on either
 * side of `awslambda.streamifyResponse`. Its arity is its own too; where it has a fourth parameter, that is the handle's,
 * and its arity shows as 2.
 *
 * Delivery is awaited before the response, because Lambda freezes what runs on after it: 5 s at most, and never longer than
 * the time that remains less 200 ms. What has not left by then waits for the environment's next invocation.
 * @typeParam Handler the type that is kept
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and invocations
 * pass through untouched.
 * @example
 * export const handler: APIGatewayProxyHandlerV2 = withReplayStack(async event => ({ statusCode: 200, body: event.rawPath }))
 */
export function withReplayStack<Handler extends (...args: never[]) => unknown>(
  handler: Handler,
  options?: AdapterConfiguration<LambdaEvent<Handler>>,
): Handler {
  const setupFor = lazySetup(options)
  let coldStart = true
  const wrapped = wrapFunction(handler, (target, self, args) => {
    const invocation = {
      args,
      coldStart,
      readArrival: arrivalOf,
      call: (own: readonly unknown[]) => Reflect.apply(target, self, own),
    }
    coldStart = false
    return observeHandler(setupFor(), invocation)
  })
  return handler.length > MAX_ARITY + 1 ? withArity(wrapped) : wrapped
}
