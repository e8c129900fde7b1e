/** Any function from a request to a `Response`: Deno.serve, Bun.serve, service workers, SvelteKit, Astro. */
import { inertHandle } from '../observe/lifecycle.ts'
import { isRequest, isResponse, observeRequest } from '../observe/request.ts'
import { lazySetup } from '../observe/setup.ts'
import { withHandle, wrapFunction } from '../observe/wrap.ts'
import { callMember, hasWaitUntil, read } from '../safe-read.ts'
import type { AdapterConfiguration } from '../types.ts'

export { recordError } from '../observe/lifecycle.ts'

const asRequest = (value: unknown): Request | undefined => (isRequest(value) ? value : undefined)

/** Where SvelteKit's and Astro's events keep their host's context. */
const contextsOf = (event: unknown): unknown[] => [
  read(event, 'platform', 'context'),
  read(event, 'platform', 'ctx'),
  read(event, 'locals', 'cfContext'),
  read(event, 'locals', 'runtime', 'ctx'),
]

/** The route's pattern, where a framework's event has it: SvelteKit, Astro, h3. Known when the request has been routed. */
async function readRoute(event: unknown): Promise<{ route: string } | undefined> {
  const places = [['route', 'id'], ['routePattern'], ['context', 'matchedRoute', 'route']]
  const route = places.map(place => read(event, ...place)).find(found => typeof found === 'string' && found)
  return route ? { route: String(route) } : undefined
}

/** The client's address, as Deno's info or Bun's server tells it. */
function sourceIpOf(request: Request, host: unknown): string | undefined {
  const address = read(host, 'remoteAddr', 'hostname') ?? read(callMember(host, 'requestIP', request), 'address')
  return typeof address === 'string' ? address : undefined
}

/** What frameworks throw as an answer: a `Response`, SvelteKit's `redirect()` and its `error()`. None is an `Error`. */
function answerThrown(thrown: unknown): number | undefined {
  if (thrown instanceof Error) return undefined
  if (isResponse(thrown)) return thrown.status || 500
  const status = read(thrown, 'status')
  if (typeof status !== 'number') return undefined
  const redirects = status >= 300 && status < 400 && typeof read(thrown, 'location') === 'string'
  const refuses = status >= 400 && status < 600 && read(thrown, 'body') !== undefined
  return redirects || refuses ? status : undefined
}

/**
 * A handler whose requests are recorded: the same type, arity, name, properties and `this`. The request is its first
 * argument or that argument's `request`, as in SvelteKit, Astro and service workers; a call without one passes through
 * untouched. Its handle comes after its own arguments: in the last parameter that it declares, where the host leaves that
 * one empty, else in the fourth.
 *
 * A result that is no `Response` is a 500 where the handler was called with the request itself. Where it was called with an
 * event, or returned nothing beside Bun's server (which has upgraded the connection), only the host knows what it means, and
 * the event has no status code.
 * @typeParam Handler the type that is kept. A handler written in place has the parameters of the type that the result is
 * assigned to, or has to satisfy; without one, its first is a `Request`
 * @param options the client's and the adapter's, or a function that makes them from the environment: the platform's, on
 * SvelteKit and Astro, else `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and requests
 * pass through untouched.
 * @example
 * Deno.serve(withReplayStack(request => new Response('Hello')))
 * Bun.serve({ fetch: withReplayStack((request, server) => new Response('Hello')) })
 * @example
 * export const handle: Handle = withReplayStack(({ event, resolve }) => resolve(event)) // SvelteKit's src/hooks.server.ts
 * export const POST: RequestHandler = withReplayStack(async ({ request }) => json(await request.json())) // +server.ts
 * export const GET: APIRoute = withReplayStack(({ request }) => new Response(request.url)) // Astro's endpoints
 */
export function withReplayStack<
  Handler extends (...args: never[]) => unknown = (request: Request, ...rest: never[]) => unknown,
>(handler: Handler, options?: AdapterConfiguration<Request>): Handler
export function withReplayStack(
  handler: (...args: never[]) => unknown,
  options?: AdapterConfiguration<Request>,
): (...args: never[]) => unknown {
  const setupFor = lazySetup(options)
  return wrapFunction(handler, (target, self, args) => {
    const [first, second] = args
    // Astro, which warns of each look at the headers of a page that it renders ahead.
    if (read(first, 'isPrerendered') === true) {
      return Reflect.apply(target, self, withHandle(target, args, inertHandle(setupFor())))
    }
    const given = asRequest(first)
    // SvelteKit's `handle` hook has its event one level further in.
    const event = given ? undefined : (read(first, 'event') ?? first)
    const request = given ?? asRequest(read(event, 'request'))
    if (!request) return Reflect.apply(target, self, args)
    const env = read(event, 'platform', 'env') ?? read(event, 'locals', 'runtime', 'env') ?? read(event, 'env')
    const host = {
      waitUntil: args.find(hasWaitUntil) ?? (given ? undefined : contextsOf(event).find(hasWaitUntil)),
      sourceIp: () => sourceIpOf(request, second),
      answerThrown,
      ...(!given && { lateMetadata: () => readRoute(event) }),
      statusOf: (answer: unknown) =>
        request === first && (answer !== undefined || !read(second, 'upgrade')) ? 500 : undefined,
    }
    return observeRequest(setupFor(env), request, host, handle =>
      Reflect.apply(target, self, withHandle(target, args, handle)),
    )
  })
}
