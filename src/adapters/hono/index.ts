/** Hono, on every runtime. */
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { ReplayStackHandle } from '../../client/client.ts'
import { observe } from '../../observe/lifecycle.ts'
import { connectingIp, requestWork, responseOutcome, withTraceId } from '../../observe/request.ts'
import { lazySetup } from '../../observe/setup.ts'
import { read } from '../../safe-read.ts'
import type { AdapterConfiguration, WaitUntilLike } from '../../types.ts'
import { lookAtBodyOf, watchResponses } from './bodies.ts'

/** What the middleware adds to `c.var`: `new Hono<{ Variables: ReplayStackVariables }>()`. */
export interface ReplayStackVariables {
  /** Breadcrumbs, logs and captures of this request. */
  replaystack: ReplayStackHandle
}

/**
 * Hono's getter throws where the runtime has no execution context. Nobody reads the stack of what it throws, and to look
 * for one took 50 µs of every request of a Node server.
 */
function executionContext(c: Context): WaitUntilLike | undefined {
  let limit: unknown
  try {
    limit = Reflect.get(Error, 'stackTraceLimit')
    Reflect.set(Error, 'stackTraceLimit', 0)
    return c.executionCtx
  } catch {
    return undefined
  } finally {
    if (limit === undefined) Reflect.deleteProperty(Error, 'stackTraceLimit')
    else Reflect.set(Error, 'stackTraceLimit', limit)
  }
}

/** The pattern that matches by now; nothing where the application's Hono is another copy than this one, which throws. */
function routeOf(c: Context): string | undefined {
  try {
    return routePath(c)
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
  const setupFor = lazySetup(options)
  return async function replaystack(c, next) {
    const setup = setupFor(c.env)
    const request = c.req.raw
    const lookAtBody = lookAtBodyOf(c.req, setup.pipeline.settings.maxPayloadSizeBytes)
    let madeOf: ReturnType<typeof watchResponses> | undefined
    const seen = requestWork(request, setup, {
      waitUntil: executionContext(c),
      sourceIp: connectingIp,
      lookAtBody,
    })
    const work = {
      ...seen,
      describe() {
        if (setup.captureResponseBody) madeOf = watchResponses(c)
        return seen.describe?.() ?? {}
      },
      // Lambda's event, or Node's request, in whose place Hono's adapters made this one.
      within: read(c.env, 'event') ?? read(c.env, 'incoming'),
    }
    const ownPath = routeOf(c)
    // What `next()` settles with is Hono's own: one that is answered back, it would serve.
    await observe<void>(
      setup,
      work,
      handle => {
        c.set('replaystack', handle)
        return next()
      },
      (result, traceId) => {
        const path = routeOf(c)
        const fields = path === undefined || path === ownPath ? {} : { metadata: { route: path } }
        // Nobody answered: reading `c.res` would make up a 200, and Hono throws further out.
        if (!c.finalized)
          return { result, statusCode: 500, fields: { ...fields, errorMessage: 'No handler answered.' } }
        const response = withTraceId(c.res, traceId)
        if (response !== c.res) {
          // Assigned twice, because Hono merges the headers of a response that it replaces.
          c.res = undefined
          c.res = response
        }
        const outcome = responseOutcome(result, response, request.method, setup, madeOf?.(response))
        const error = c.error ? { thrown: c.error } : undefined
        return { ...outcome, error, fields: { ...outcome.fields, ...fields } }
      },
    )
  }
}
