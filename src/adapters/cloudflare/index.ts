/** Cloudflare Workers without a framework. */
import { observe } from '../../observe.ts'
import { observeRequest } from '../../observe-fetch.ts'
import { lazyObserver, type Observer } from '../../observer.ts'
import type { AdapterConfiguration, WaitUntilLike } from '../../types.ts'
import { type AnyFunction, wrapMethods } from '../../wrap.ts'

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

/** One invocation of a handler: what arrived, with the Worker's context, and how to run the handler on it. */
type Invoke<Event> = (observer: Observer, event: Event, ctx: WaitUntilLike | undefined, run: AnyFunction) => unknown

const invokeFetch: Invoke<Request> = (observer, request, ctx, run) => {
  const sourceIp = request.headers.get('cf-connecting-ip') ?? undefined
  return observeRequest(observer, request, { waitUntil: ctx, sourceIp }, run)
}

const invokeScheduled: Invoke<ScheduledController> = (observer, { cron, scheduledTime }, ctx, run) => {
  const describe = () => ({ fields: { metadata: { scheduledTime: new Date(scheduledTime).toISOString() } } })
  return observe(observer, { eventType: 'cron', endpoint: cron, waitUntil: ctx, describe }, run, result => ({ result }))
}

/**
 * A Worker whose requests and cron runs are recorded: the same handlers, the same type. Each handler is passed its handle
 * after its own arguments, for code that runs where there is no `AsyncLocalStorage`.
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
  const through =
    <Event>(invoke: Invoke<Event>) =>
    (method: AnyFunction, self: unknown, [event, env, ctx]: unknown[]): unknown =>
      invoke(observerFor(env), event as Event, ctx as WaitUntilLike | undefined, handle =>
        Reflect.apply(method, self, [event, env, ctx, handle]),
      )
  return wrapMethods(handler, { fetch: through(invokeFetch), scheduled: through(invokeScheduled) })
}
