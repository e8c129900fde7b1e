/** A Worker whose default export is an object of handlers. */
import type { Kind, Rules } from '../../client/options.ts'
import { awaited } from '../../observe/lifecycle.ts'
import { lazySetup, takeOptions } from '../../observe/setup.ts'
import { wrapMethods } from '../../observe/wrap.ts'
import { type AnyFunction, hasWaitUntil } from '../../safe-read.ts'
import type { AdapterOptions } from '../../types.ts'
import { workerHandlers } from './handlers.ts'
import type { Observe } from './invocation.ts'

/** A Worker's handlers, as far as they are recorded. Anything else on the object stays as it is. */
export interface WorkerHandler {
  /** Requests: `api` events by their path. */
  fetch?: (...args: never[]) => unknown
  /** Cron runs: `cron` events by their expression. */
  scheduled?: (...args: never[]) => unknown
  /** Batches: `queue` events by the queue's name. */
  queue?: (...args: never[]) => unknown
  /** Mail: `custom` events named `email`, never the mail itself. */
  email?: (...args: never[]) => unknown
  /** Other Workers' failures: `failed` events of those Workers. Its own run is an event, `tail`, where it fails. */
  tail?: (...args: never[]) => unknown
}

/** Options of a Worker. */
export interface WorkerOptions extends AdapterOptions<Request> {
  /**
   * By a queue's name, its consumer's `max_retries`, which the platform does not pass on. With it, a message that is given
   * back once more than that has the outcome `dead-letter`, and its event is `failed`.
   */
  maxRetries?: Readonly<Record<string, number>> | undefined
}

/** Options of a Worker, or how to make them from its `env`. */
export type WorkerConfiguration = WorkerOptions | ((env: never) => WorkerOptions)

const retries: Kind<Readonly<Record<string, number>>> = {
  allowed: 'a whole number for each queue',
  read(value) {
    const counts = typeof value === 'object' ? value : null
    const isValid = counts && Object.values(counts).every(count => Number.isInteger(count) && count >= 0)
    return isValid ? { ...counts } : undefined
  },
}
const OWN_RULES: Rules<Pick<WorkerOptions, 'maxRetries'>> = { maxRetries: [retries] }

/**
 * A Worker whose requests, cron runs, queue batches and mail are recorded: the same handlers, the same type. A `tail`
 * handler records the failures of the Workers whose traces it receives. Each handler is called with its handle after its own
 * arguments, for code that runs where there is no `AsyncLocalStorage`.
 * @param options the client's and the adapter's, or a function that makes them from the Worker's `env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and the Worker
 * runs as it would without.
 * @example
 * export default withReplayStack({
 *   fetch: (request, env, ctx) => new Response('Hello'),
 *   scheduled: (controller, env, ctx) => report(env),
 *   queue: (batch, env, ctx) => work(batch),
 * } satisfies ExportedHandler<Env>)
 */
export function withReplayStack<Worker extends WorkerHandler>(
  handler: Worker,
  options: WorkerConfiguration = {},
): Worker {
  const [common, own] = takeOptions(options, OWN_RULES)
  const setupFor = lazySetup(common)
  const through =
    (name: string, observe: Observe) =>
    (method: AnyFunction, self: unknown, [event, env, ctx]: unknown[]): unknown => {
      const setup = setupFor(env)
      const args = [event]
      return observe({
        setup,
        name,
        args,
        maxRetries: own.maxRetries,
        ctx: hasWaitUntil(ctx) ? ctx : undefined,
        run: awaited(setup, handle => {
          const { recordCalls } = setup
          const run = (bindings: unknown): unknown => Reflect.apply(method, self, [...args, bindings, ctx, handle])
          if (!recordCalls || !handle) return run(env)
          const bindings = handle.bindings(env)
          return recordCalls.within(bindings, () => run(bindings))
        }),
      })
    }
  const methods = Object.entries(workerHandlers).map(([name, observe]) => [name, through(name, observe)] as const)
  return wrapMethods(handler, Object.fromEntries(methods))
}
