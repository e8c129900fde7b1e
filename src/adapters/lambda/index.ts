/** AWS Lambda. */
import { integer, type Rules } from '../../client/options.ts'
import { lazySetup, takeOptions } from '../../observe/setup.ts'
import { wrapFunction } from '../../observe/wrap.ts'
import type { AdapterOptions } from '../../types.ts'
import { arrivalOf } from './any-event.ts'
import type { ReadArrival } from './arrival.ts'
import { observeHandler } from './handler.ts'
import { watchTime } from './time-warning.ts'

/**
 * What a handler is invoked with.
 * @typeParam Handler the handler's type
 */
export type LambdaEvent<Handler extends (...args: never[]) => unknown> =
  Parameters<Handler> extends [infer Event, ...unknown[]] ? Event : unknown

/** Options of a Lambda function. */
export interface LambdaOptions<Event> extends AdapterOptions<Event> {
  /**
   * Milliseconds before the function's time is up at which a handler that still runs leaves an event, a `warning`: where the
   * function is stopped, its own event leaves no more. 0 is never. Whether it is sent in time depends on what is left: a second is
   * mostly enough. @default 0
   */
  timeoutWarningMs?: number | undefined
}

/** Options of a Lambda function, or how to make them from `process.env`. */
export type LambdaConfiguration<Event> = LambdaOptions<Event> | ((env: never) => LambdaOptions<Event>)

/** The most that a handler may declare on Node 24 and later: the runtime refuses one that has a place for a callback. */
const MAX_ARITY = 2

/** A function runs for fifteen minutes at most. */
const OWN_RULES: Rules<Pick<LambdaOptions<unknown>, 'timeoutWarningMs'>> = {
  timeoutWarningMs: [integer(0, 900_000), 0],
}

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
  options: LambdaConfiguration<LambdaEvent<Handler>> = {},
): Handler {
  const [common, own] = takeOptions(options, OWN_RULES)
  const setupFor = lazySetup(common)
  let coldStart = true
  const wrapped = wrapFunction(handler, (target, self, args) => {
    const setup = setupFor()
    let watch: ((handle: unknown) => void) | undefined
    const readArrival: ReadArrival = (invocation, stream, setup) => {
      const arrival = arrivalOf(invocation, stream, setup)
      if (!own.timeoutWarningMs) return arrival
      const watched = watchTime(arrival.work, invocation, own.timeoutWarningMs)
      watch = watched.watch
      return { ...arrival, work: watched.work }
    }
    const call = (own: readonly unknown[]): unknown => {
      watch?.(own.at(-1))
      return Reflect.apply(target, self, own)
    }
    const invocation = { args, coldStart, readArrival, call }
    coldStart = false
    return observeHandler(setup, invocation)
  })
  return handler.length > MAX_ARITY + 1 ? withArity(wrapped) : wrapped
}
