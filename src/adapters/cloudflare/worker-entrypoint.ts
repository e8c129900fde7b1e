/** Workers that are classes: a default export, or one of several entrypoints that other Workers call. */
import { workerHandlers } from './handlers.ts'
import { type ClassConfiguration, type ClassRules, instrumentClass, type PlatformClass } from './instrument-class.ts'

const rules: ClassRules = {
  // The platform passes `env` and `ctx` to these too, but leaves them empty.
  handlers: Object.fromEntries(Object.entries(workerHandlers).map(([name, observe]) => [name, { observe, arity: 3 }])),
  metadata: className => ({ entrypoint: className }),
}

/**
 * A `WorkerEntrypoint` class whose requests, cron runs, queue batches, mail and RPC calls are recorded: the same class,
 * the same type. A method that one of its own methods calls is no event. The platform's handlers are passed their handle
 * as fourth argument, as those of `withReplayStack`.
 * @param options the client's and the adapter's, or a function that makes them from the Worker's `env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and the Worker
 * runs as it would without.
 * @example
 * export default instrumentWorkerEntrypoint(
 *   class Prices extends WorkerEntrypoint<Env> {
 *     quote(sku: string) {
 *       return this.env.PRICES.get(sku)
 *     }
 *   },
 * )
 */
export function instrumentWorkerEntrypoint<Class extends PlatformClass>(
  target: Class,
  options?: ClassConfiguration,
): Class {
  return instrumentClass(target, options, rules)
}
