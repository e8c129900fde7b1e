/** itty-router, 5 and 6. */
import { error } from 'itty-router'
import type { ReplayStackHandle } from '../client/client.ts'
import { type Beginning, begin } from '../observe/lifecycle.ts'
import { connectingIp, isRequest, isResponse, requestWork, responseOutcome } from '../observe/request.ts'
import { lazySetup, type Setup } from '../observe/setup.ts'
import type { Ending, Outcome } from '../observe/work.ts'
import { hasWaitUntil, read } from '../safe-read.ts'
import type { AdapterConfiguration } from '../types.ts'

/** What the stages add to a request: `Router<IRequest & ReplayStackRequest>()`; itty-router 5 has it for `AutoRouter` too. */
export interface ReplayStackRequest {
  /** Breadcrumbs, logs and captures of this request. */
  replaystack: ReplayStackHandle
}

/** The stages of a router, to spread among its options or to put beside stages of its own. */
export interface ReplayStackStages {
  /** Begins the request's record, once, however many routers share the stages. */
  before: ((request: object, ...args: unknown[]) => undefined)[]
  /** Responds as itty's own `error` does. */
  catch: (thrown: unknown, request: object, ...args: unknown[]) => Response
  /** Reads the response, adds `x-trace-id` to it, and ends the record. */
  finally: ((response: unknown, request: object, ...args: unknown[]) => unknown)[]
}

/** One request on its way through the stages. */
interface Visit {
  readonly setup: Setup
  readonly request: Request
  readonly beginning: Beginning
  error?: { thrown: unknown }
  /** What `catch` answered: as a rule the router's answer too. */
  caught?: Outcome<Response>
  /** Ends the wait for `finally`. */
  found?: () => void
  /** Routers further in that share these stages and have not come to their end. */
  inner: number
  ended: boolean
}

/** How long `finally` may be in coming, after a `catch` that waits for something. */
const FINALLY_GRACE_MS = 1_000

/** What handlers see is a proxy whose methods are bound to the request that it stands for. */
const originalOf = (proxy: object): object => Object(proxy.valueOf())

function readResponse({ setup, request, beginning }: Visit, response: Response): Outcome<Response> {
  const outcome = setup.pipeline.attempt('read the outcome', () =>
    responseOutcome(response, beginning.scope.traceId ?? '', request.method, setup),
  )
  return outcome ?? { result: response }
}

/** What an answer means: nothing at all is itty's for 404, data is for a later stage to format. */
function readAnswer(visit: Visit, answer: unknown): Outcome<unknown> {
  const { setup, error, caught } = visit
  if (caught && caught.result === answer) return caught
  if (isResponse(answer)) return readResponse(visit, answer)
  if (answer === undefined || answer === null) return { result: answer, statusCode: error ? 500 : 404 }
  return { result: answer, statusCode: 200, fields: setup.captureResponseBody ? { responsePayload: answer } : {} }
}

/** Ends a visit, once. */
function end(visit: Visit, ending: Ending): Promise<void> | undefined {
  if (visit.ended) return undefined
  visit.ended = true
  visit.found?.()
  const route = read(visit.request, 'route')
  const fields = { ...ending.fields, ...(typeof route === 'string' && { metadata: { route } }) }
  return visit.beginning.end({ ...ending, error: visit.error, fields })
}

/** Keeps what was thrown for the event; one that has left already cannot have it, and it becomes an event of its own. */
function keepThrown(visit: Visit, thrown: unknown): void {
  const { setup, request, beginning } = visit
  if (visit.ended) {
    const { method, url } = request
    beginning.handle.captureException(thrown, { eventType: 'api', method, endpoint: url }).catch(() => {})
    return
  }
  visit.error ??= { thrown }
  if (visit.found) return
  // `finally` has the last word, but is never called where an earlier one threw.
  const decided = new Promise<void>(resolve => {
    const timer = setTimeout(() => end(visit, visit.caught ?? { statusCode: 500 }), FINALLY_GRACE_MS)
    visit.found = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  setup.pipeline.keepAlive(beginning.scope, decided)
}

/**
 * Stages that record each request: spread them among a router's options, or call them beside your own. Put `before` first
 * among yours, and `finally` last: what an earlier `before` returns is not seen. What is thrown is seen by `catch` alone,
 * so a router that has another, or none, must call it.
 *
 * Stages wrap nothing, so there is no scope around the handlers: use `request.replaystack`, or wrap `router.fetch` in
 * `withReplayStack` of `…/cloudflare` or `…/fetch`, which opens one; both together make one event.
 * @param options the client's and the adapter's, or a function that makes them from the router's argument before the
 * Worker's context, else from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and requests
 * pass through untouched.
 * @example
 * const router = AutoRouter({ ...replaystack() })
 * @example
 * const stages = replaystack()
 * const router = Router({
 *   before: [...stages.before, authenticate],
 *   catch: (error, request, ...args) => {
 *     stages.catch(error, request, ...args)
 *     return json({ message: 'Sorry' }, { status: 500 })
 *   },
 *   finally: [json, ...stages.finally],
 * })
 */
export function replaystack(options?: AdapterConfiguration<Request>): ReplayStackStages {
  const setupFor = lazySetup(options)
  const visits = new WeakMap<object, Visit>()

  function enter(request: object, args: readonly unknown[]): Visit | undefined {
    if (!isRequest(request)) return undefined
    const place = args.findIndex(hasWaitUntil)
    const setup = setupFor(args[place - 1])
    const waitUntil = args.find(hasWaitUntil)
    const beginning = begin(setup, requestWork(request, setup, { waitUntil, sourceIp: connectingIp }))
    // Not enumerable: itty puts what it can enumerate of a request into the answers that it makes of one.
    Reflect.defineProperty(request, 'replaystack', { value: beginning.handle, configurable: true, writable: true })
    const visit = { setup, request, beginning, inner: 0, ended: false }
    visits.set(request, visit)
    return visit
  }

  return {
    before: [
      (proxy, ...args) => {
        const request = originalOf(proxy)
        const visit = visits.get(request)
        if (visit && !visit.ended) visit.inner++
        else enter(request, args)
      },
    ],
    catch: (thrown, proxy, ...args) => {
      const request = originalOf(proxy)
      const visit = visits.get(request) ?? enter(request, args)
      if (visit?.beginning.recorded) keepThrown(visit, thrown)
      // Given anything, as itty gives it: what is no error it may answer or fail at.
      const response: Response = Reflect.apply(error, undefined, [thrown])
      if (!visit?.beginning.recorded) return response
      visit.caught = readResponse(visit, response)
      return visit.caught.result
    },
    finally: [
      (given, proxy) => {
        const visit = visits.get(originalOf(proxy))
        if (!visit?.beginning.recorded || visit.inner-- > 0) return undefined
        const outcome = readAnswer(visit, given)
        const answer = outcome.result
        const delivered = end(visit, outcome)
        return delivered && !visit.setup.pipeline.settings.asyncSend ? delivered.then(() => answer) : answer
      },
    ],
  }
}
