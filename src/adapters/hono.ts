/** Hono, on every runtime. */
import type { Context, MiddlewareHandler } from 'hono'
import type { ReplayStackHandle } from '../client/client.ts'
import { onWorkers } from '../client/scope.ts'
import { observe } from '../observe/lifecycle.ts'
import { connectingIp, requestWork, responseOutcome } from '../observe/request.ts'
import { lazySetup } from '../observe/setup.ts'
import { read } from '../safe-read.ts'
import type { AdapterConfiguration, WaitUntilLike } from '../types.ts'

/** What the middleware adds to `c.var`: `new Hono<{ Variables: ReplayStackVariables }>()`. */
export interface ReplayStackVariables {
  /** Breadcrumbs, logs and captures of this request. */
  replaystack: ReplayStackHandle
}

/** Members of `c.env` on hosts without an execution context: Node's and Lambda's, Deno's, Bun's. */
const SERVERS = ['incoming', 'event', 'remoteAddr', 'requestIP']

/** What keeps the runtime alive. Hono's getter throws where there is none, which is slow: servers are known by their `env`. */
function executionContext(c: Context): WaitUntilLike | undefined {
  try {
    for (const name of SERVERS) if (name in Object(c.env) && !onWorkers()) return undefined
    return c.executionCtx
  } catch {
    return undefined
  }
}

/** The pattern that matches by now. Not by a helper of `hono/route`: that fails where the application has another copy. */
function routeOf(c: Context): string | undefined {
  const path = read(c.req, 'routePath')
  return typeof path === 'string' ? path : undefined
}

/**
 * Middleware that records each request. Register it first: what is registered before it is not recorded.
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
    // What Hono's adapters made the request of: Lambda's event, or Node's request.
    const made = read(c.env, 'event') ?? read(c.env, 'incoming')
    const work = requestWork(request, setup, {
      waitUntil: executionContext(c),
      sourceIp: connectingIp,
      within: typeof made === 'object' && made !== null ? made : undefined,
      readText: () => c.req.text(),
    })
    const ownPath = routeOf(c)
    // What `next()` resolves with is Hono's own: what this function returned, it would serve.
    await observe<void>(
      setup,
      work,
      handle => {
        c.set('replaystack', handle)
        const { recordCalls } = setup
        if (!recordCalls) return next()
        c.env = handle.bindings(c.env)
        return recordCalls.within(c.env, next)
      },
      (result, traceId) => {
        const path = routeOf(c)
        const fields = path === undefined || path === ownPath ? {} : { metadata: { route: path } }
        // No handler returned a response: reading `c.res` would make up a 200, and Hono throws further out.
        if (!c.finalized)
          return { result, statusCode: 500, fields: { ...fields, errorMessage: 'No handler answered.' } }
        const outcome = responseOutcome(c.res, traceId, request.method, setup)
        if (outcome.result !== c.res) {
          // Assigned twice, because Hono merges the headers of a response that it replaces.
          c.res = undefined
          c.res = outcome.result
        }
        const error = c.error ? { thrown: c.error } : undefined
        return { ...outcome, result, error, fields: { ...outcome.fields, ...fields } }
      },
    )
  }
}
