/** Vercel functions, and Next.js route handlers and middleware. */

import { isNextBuild } from '../client/options.ts'
import { inertHandle } from '../observe/lifecycle.ts'
import { partsTraceId } from '../observe/parts.ts'
import { isRecorded, markRecorded, rememberErrors } from '../observe/recorded-errors.ts'
import { isRequest, observeRequest } from '../observe/request.ts'
import { routeFromParams } from '../observe/route.ts'
import { lazySetup, type Setup } from '../observe/setup.ts'
import { withHandle, wrapFunction, wrapMethods } from '../observe/wrap.ts'
import { callMember, firstOfList, hasWaitUntil, isThenable, read } from '../safe-read.ts'
import type { AdapterConfiguration, WaitUntilLike } from '../types.ts'

/** A function, or what a module exports as its default: an object with `fetch`. */
export type VercelHandler<Answer> = Answer | { fetch: Answer }

/** What of a request's host is found without an argument: Vercel's own, and that of other hosts of Next.js. */
function findContext(): WaitUntilLike | undefined {
  const hosts = ['@vercel/request-context', '@next/request-context'].map(name =>
    Reflect.get(globalThis, Symbol.for(name)),
  )
  return hosts.map(host => callMember(host, 'get')).find(hasWaitUntil)
}

/** Vercel's proxy puts the client first. */
function sourceIpOf(headers: Headers): string | undefined {
  return headers.get('x-real-ip') || firstOfList(headers.get('x-forwarded-for'))
}

/** What `redirect()`, `notFound()`, `forbidden()` and `unauthorized()` of `next/navigation` throw, by its digest. */
function answerThrown(thrown: unknown): number | undefined {
  const digest = read(thrown, 'digest')
  if (typeof digest !== 'string') return undefined
  if (digest === 'NEXT_NOT_FOUND') return 404
  const [, redirect, refusal] =
    /^(?:NEXT_REDIRECT;.*;(3\d\d);|NEXT_HTTP_ERROR_FALLBACK;([45]\d\d))$/s.exec(digest) ?? []
  return redirect || refusal ? Number(redirect ?? refusal) : undefined
}

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
      waitUntil: context ?? findContext(),
      sourceIp: sourceIpOf,
      answerThrown(thrown: unknown) {
        markRecorded(thrown)
        return answerThrown(thrown)
      },
      ...(rest.length > 0 && !context && { lateMetadata: () => readRoute(url, rest[0], setup) }),
      goesOn: ({ headers }: Response) => headers.has('x-middleware-next') || headers.has('x-middleware-rewrite'),
      statusOf: (answer: unknown) => (context && (answer ?? undefined) === undefined ? undefined : 500),
    }
    return observeRequest(setup, request, host, handle => Reflect.apply(target, self, withHandle(target, args, handle)))
  }
  return typeof handler === 'function' ? wrapFunction(handler, answer) : wrapMethods(handler, { fetch: answer })
}

/** The members of the request that Next.js hands to `onRequestError` that are read. */
export interface NextErrorRequest {
  /** With its query. */
  path: string
  /** HTTP method. */
  method: string
  /** As they came. */
  headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The members of the context that Next.js hands to `onRequestError` that are read. */
export interface NextErrorContext {
  /** The route's pattern, with the name of its file on the edge and in Server Components: `/orders/[id]/page`. */
  routePath: string
  /** What failed: `render`, `route`, `action`. */
  routeType: string
  /** `App Router` or `Pages Router`. */
  routerKind: string
  /** What was rendered when it failed. */
  renderSource?: string | undefined
}

/**
 * What Next.js calls for each error that it responds to: in Server Components, Server Actions, route handlers and API routes, on
 * Node and on the edge. Each is a `failed` event of its request, with its route; one that the handler's own
 * event has, by `withReplayStack`, is no second one. Nothing is captured while Next.js builds.
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once.
 * @example
 * export const onRequestError = captureRequestErrors() // instrumentation.ts
 */
export function captureRequestErrors(
  options?: AdapterConfiguration<Request>,
): (error: unknown, request: NextErrorRequest, context: NextErrorContext) => Promise<void> {
  const setupFor = lazySetup(options)
  rememberErrors()
  return async (error, { path, method, headers }, { routePath, routeType, routerKind, renderSource }) => {
    if (isNextBuild() || isRecorded(error)) return
    const setup = setupFor()
    const captured = inertHandle(setup)
      .captureException(error, {
        eventType: 'api',
        method,
        endpoint: path,
        traceId: partsTraceId(headers),
        ...(setup.captureHeaders && { requestHeaders: headers }),
        metadata: {
          route: routePath.replace(/(?<=.)\/(?:page|route)$/, ''),
          routeType,
          routerKind,
          ...(renderSource && { renderSource }),
        },
      })
      .catch(() => {
        // With `raiseOnError`: delivery has reported it.
      })
    callMember(findContext(), 'waitUntil', captured)
    // Next.js responds when this is done.
    if (!setup.pipeline.settings.asyncSend) await captured
  }
}
