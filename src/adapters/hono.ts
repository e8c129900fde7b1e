/** Hono, on every runtime. */
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { ReplayStackHandle } from '../client.ts'
import { observe } from '../observe.ts'
import { requestWork, responseOutcome, withTraceId } from '../observe-fetch.ts'
import { lazyObserver } from '../observer.ts'
import type { AdapterConfiguration, WaitUntilLike } from '../types.ts'

/** What the middleware adds to `c.var`: `new Hono<{ Variables: ReplayStackVariables }>()`. */
export interface ReplayStackVariables {
  /** Breadcrumbs, logs and captures of this request. */
  replaystack: ReplayStackHandle
}

/** Hono's getter throws where the runtime has no execution context. */
function executionContext(c: Context): WaitUntilLike | undefined {
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}

/**
 * Middleware that records each request. Register it first: what is registered before it is not seen.
 * @param options the client's and the adapter's, or a function that makes them from `c.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and requests
 * pass through untouched.
 * @example
 * const app = new Hono<{ Variables: ReplayStackVariables }>()
 * app.use(replaystack())
 */
export function replaystack(
  options?: AdapterConfiguration<Request>,
): MiddlewareHandler<{ Variables: ReplayStackVariables }> {
  const observerFor = lazyObserver(options)
  return async function replaystack(c, next) {
    const observer = observerFor(c.env)
    const request = c.req.raw
    const sourceIp = request.headers.get('cf-connecting-ip') ?? undefined
    const work = requestWork(request, observer, { waitUntil: executionContext(c), sourceIp })
    const ownPath = routePath(c)
    return observe<void>(
      observer,
      work,
      handle => {
        c.set('replaystack', handle)
        return next()
      },
      (result, traceId) => {
        const path = routePath(c)
        const fields = path === ownPath ? {} : { metadata: { route: path } }
        // Nobody answered: reading `c.res` would make up a 200, and Hono throws further out.
        if (!c.finalized)
          return { result, statusCode: 500, fields: { ...fields, errorMessage: 'No handler answered.' } }
        const response = withTraceId(c.res, traceId)
        if (response !== c.res) {
          // Assigned twice, because Hono merges the headers of a response that it replaces.
          c.res = undefined
          c.res = response
        }
        const outcome = responseOutcome(result, response, request.method, observer)
        const error = c.error ? { thrown: c.error } : undefined
        return { ...outcome, error, fields: { ...outcome.fields, ...fields } }
      },
    )
  }
}
