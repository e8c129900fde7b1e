/** Vercel functions, and Next.js's route handlers and proxy (middleware). */
import { isNextBuild } from '../../client/options.ts'
import { ambientContext } from '../../observe/keep-alive.ts'
import { inertHandle } from '../../observe/lifecycle.ts'
import { isRequest, observeRequest } from '../../observe/request.ts'
import { routeFromParams } from '../../observe/route.ts'
import { lazySetup, type Setup } from '../../observe/setup.ts'
import { withHandle, wrapFunction, wrapMethods } from '../../observe/wrap.ts'
import { hasWaitUntil, isThenable, read } from '../../safe-read.ts'
import type { AdapterConfiguration } from '../../types.ts'
import { answerThrown, sourceIpOf } from './host.ts'

/** A function, or what a module exports as its default: an object with `fetch`. */
export type VercelHandler<Answer> = Answer | { fetch: Answer }

/**
 * The route of Next.js by its parameters, which are a promise since Next.js 15. That of a response which is rendered ahead
 * may never settle, so one that has not yet when the handler is done is not waited for.
 */
async function readRoute(url: string, context: unknown, setup: Setup): Promise<{ route: string } | undefined> {
  let params = read(context, 'params')
  if (isThenable(params)) params = await Promise.race([params, new Promise(setup.afterAnswer)])
  const route = routeFromParams(url, params)
  return route ? { route } : undefined
}

/**
 * A handler whose requests are recorded: a function, or an object with `fetch`. It keeps its type, arity, name, properties
 * and `this`; a call without a `Request` passes through untouched. Its handle comes after its own arguments: in the last
 * parameter that it declares, where the host leaves that one empty, else in the fourth.
 *
 * A middleware that returns nothing, `next()` or a rewrite lets its request go on: the event has no status code.
 * @typeParam Handler the type that is kept. A handler written in place has the parameters of the type that the result is
 * assigned to, or has to satisfy; without one, its first is a `Request`
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and requests
 * pass through untouched.
 * @example
 * export const GET = withReplayStack(request => Response.json({ ok: true })) // api/hello.ts, or Next's app/hello/route.ts
 * export default withReplayStack({ fetch: request => new Response('Hello') })
 */
export function withReplayStack<
  Handler extends VercelHandler<(...args: never[]) => unknown> = VercelHandler<
    (request: Request, ...rest: never[]) => unknown
  >,
>(handler: Handler, options?: AdapterConfiguration<Request>): Handler
export function withReplayStack(
  handler: VercelHandler<(...args: never[]) => unknown>,
  options?: AdapterConfiguration<Request>,
): VercelHandler<(...args: never[]) => unknown> {
  const setupFor = lazySetup(options)
  let isBuild: boolean | undefined
  const answer = (target: (...args: never[]) => unknown, self: unknown, args: unknown[]): unknown => {
    // The request of a Next.js middleware has a `waitUntil` too, which throws.
    const [request, ...rest] = args
    const setup = setupFor()
    // While Next.js builds, a look at the request alone makes a static route a dynamic one.
    isBuild ??= isNextBuild()
    if (isBuild) return Reflect.apply(target, self, withHandle(target, args, inertHandle(setup)))
    if (!isRequest(request)) return Reflect.apply(target, self, args)
    const context = rest.find(hasWaitUntil)
    const { url } = request
    const host = {
      waitUntil: context ?? ambientContext(),
      sourceIp: sourceIpOf,
      answerThrown,
      ...(rest.length > 0 && !context && { lateMetadata: () => readRoute(url, rest[0], setup) }),
      goesOn: ({ headers }: Response) => headers.has('x-middleware-next') || headers.has('x-middleware-rewrite'),
      statusOf: (answer: unknown) => (context && (answer ?? undefined) === undefined ? undefined : 500),
    }
    return observeRequest(setup, request, host, handle => Reflect.apply(target, self, withHandle(target, args, handle)))
  }
  return typeof handler === 'function' ? wrapFunction(handler, answer) : wrapMethods(handler, { fetch: answer })
}
