/** Cloudflare Workers without a framework. */
import type { ReplayStackHandle } from '../../client.ts'
import { type Outcome, observe, type Work } from '../../observe.ts'
import { requestWork, responseOutcome, withTraceId } from '../../observe-fetch.ts'
import { lazyObserver, type Observer } from '../../observer.ts'
import type { AdapterConfiguration, WaitUntilLike } from '../../types.ts'

/** A Worker's handlers, as far as they are recorded. Anything else on the object stays as it is. */
export interface WorkerHandler {
  fetch?: (...args: never[]) => unknown
  scheduled?: (...args: never[]) => unknown
}

/** The members of Cloudflare's `ScheduledController` that are read. */
interface ScheduledController {
  cron: string
  /** Milliseconds since 1970. */
  scheduledTime: number
}

/** How one kind of invocation is observed. */
interface Invocation<Event> {
  work(event: Event, observer: Observer, ctx: WaitUntilLike | undefined): Work
  outcome(result: unknown, event: Event, observer: Observer, traceId: string): Outcome<unknown>
}

const fetchInvocation: Invocation<Request> = {
  work: (request, observer, ctx) =>
    requestWork(request, observer, {
      waitUntil: ctx,
      sourceIp: request.headers.get('cf-connecting-ip') ?? undefined,
    }),
  outcome(result, request, observer, traceId) {
    // Whatever else a handler answers, the runtime judges.
    if (!(result instanceof Response)) return { result, statusCode: 500 }
    const response = withTraceId(result, traceId)
    return responseOutcome(response, response, request.method, observer)
  },
}

const scheduledInvocation: Invocation<ScheduledController> = {
  work: ({ cron, scheduledTime }, _observer, ctx) => ({
    eventType: 'cron',
    endpoint: cron,
    waitUntil: ctx,
    describe: () => ({ fields: { metadata: { scheduledTime: new Date(scheduledTime).toISOString() } } }),
  }),
  outcome: result => ({ result }),
}

type Handler = (...args: unknown[]) => unknown

/**
 * The handler, observed. A Proxy, so that its name, arity, properties and symbols stay its own. The handle is passed
 * after the arguments: for code that runs where there is no `AsyncLocalStorage`.
 */
function observed<Event>(
  handler: Handler,
  invocation: Invocation<Event>,
  observerFor: (env: unknown) => Observer,
  thisOf: (self: unknown) => unknown,
): Handler {
  return new Proxy(handler, {
    apply(target, self, args) {
      const [event, env, ctx] = args
      const observer = observerFor(env)
      const run = (handle: ReplayStackHandle): unknown => Reflect.apply(target, thisOf(self), [event, env, ctx, handle])
      return observe(observer, invocation.work(event, observer, ctx), run, (result, traceId) =>
        invocation.outcome(result, event, observer, traceId),
      )
    },
  })
}

const isHandler = (value: unknown): value is Handler => typeof value === 'function'

/**
 * A Worker whose requests and cron runs are recorded: the same handlers, the same type.
 * @param options the client's and the adapter's, or a function that makes them from the Worker's `env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and the Worker
 * runs as it would without.
 * @example
 * export default withReplayStack({
 *   fetch: (request, env, ctx) => new Response('Hello'),
 *   scheduled: (controller, env, ctx) => report(env),
 * })
 */
export function withReplayStack<Worker extends WorkerHandler>(
  handler: Worker,
  options?: AdapterConfiguration<Request>,
): Worker {
  const observerFor = lazyObserver(options)
  // A copy: the application's own object is not changed, and stays what its methods see as `this`.
  const copy: Worker = Object.create(Object.getPrototypeOf(handler), Object.getOwnPropertyDescriptors(handler))
  const thisOf = (self: unknown): unknown => (self === copy ? handler : self)
  const { fetch, scheduled } = handler
  const define = (name: keyof WorkerHandler, value: Handler): void => {
    Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true })
  }
  if (isHandler(fetch)) define('fetch', observed(fetch, fetchInvocation, observerFor, thisOf))
  if (isHandler(scheduled)) define('scheduled', observed(scheduled, scheduledInvocation, observerFor, thisOf))
  return copy
}
