/** Netlify edge functions and functions; those of the elder form, `export const handler`, are Lambda's handlers. */
import { isRequest, observeRequest } from '../observe/request.ts'
import { lazySetup, type Setup } from '../observe/setup.ts'
import { withHandle, wrapFunction } from '../observe/wrap.ts'
import { callMember, hasWaitUntil, read } from '../safe-read.ts'
import type { AdapterConfiguration } from '../types.ts'
import { type ReadArrival, requestArrival } from './lambda/arrival.ts'
import { observeHandler } from './lambda/handler.ts'
import { NETLIFY_FUNCTION } from './lambda/http-event.ts'

/** A `Response` is none of them: nothing, by which an edge function lets its request go on, and a `URL`, a rewrite. */
function statusOf(answer: unknown): number | undefined {
  return (answer ?? undefined) === undefined || answer instanceof URL ? undefined : 500
}

/**
 * An edge function or function whose requests are recorded: the same type, arity, name, properties and `this`; a call
 * with neither a `Request` nor the event of `export const handler` passes through untouched. Its handle comes after its
 * own arguments: in the last parameter that it declares, where the host leaves that one empty, else in the fourth.
 *
 * The event of `export const handler` is delivered before the response, as on Lambda, and the handle is the fourth
 * argument there.
 *
 * An edge function that returns nothing, or a `URL`, lets Netlify respond: the event has no status code, and is a success.
 * @typeParam Handler the type that is kept. A handler written in place has the parameters of the type that the result is
 * assigned to, or has to satisfy; without one, its first is a `Request`
 * @param options the client's and the adapter's, or a function that makes them from `Netlify.env`, else `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and requests
 * pass through untouched.
 * @example
 * export default withReplayStack(async (request: Request, context: Context) => Response.json({ ip: context.ip }))
 * export const config = { path: '/hello' }
 */
export function withReplayStack<
  Handler extends (...args: never[]) => unknown = (request: Request, ...rest: never[]) => unknown,
>(handler: Handler, options?: AdapterConfiguration<Request>): Handler
export function withReplayStack(
  handler: (...args: never[]) => unknown,
  options?: AdapterConfiguration<Request>,
): (...args: never[]) => unknown {
  const setupFor = lazySetup(options)
  const setupOf = (): Setup => setupFor(callMember(read(globalThis, 'Netlify', 'env'), 'toObject'))
  let coldStart = true
  return wrapFunction(handler, (target, self, args) => {
    const [request, context] = args
    const call = (own: readonly unknown[]): unknown => Reflect.apply(target, self, own)
    if (!isRequest(request)) {
      if (!NETLIFY_FUNCTION.matches(request)) return call(args)
      const readArrival: ReadArrival = (invocation, _, setup) => requestArrival(NETLIFY_FUNCTION, invocation, setup)
      const invocation = { args, coldStart, call, readArrival }
      coldStart = false
      return observeHandler(setupOf(), invocation)
    }
    const ip = read(context, 'ip')
    const host = {
      waitUntil: args.find(hasWaitUntil),
      sourceIp: () => (typeof ip === 'string' ? ip : undefined),
      statusOf,
    }
    return observeRequest(setupOf(), request, host, handle => call(withHandle(target, args, handle)))
  })
}
