/** Next.js's Server Actions: functions that a page calls, without a `Request` of their own. */

import { hook, isNextBuild, type Rules } from '../../client/options.ts'
import { currentScope } from '../../client/scope.ts'
import { ambientContext } from '../../observe/keep-alive.ts'
import { awaited, inertHandle, observe } from '../../observe/lifecycle.ts'
import { partsTraceId } from '../../observe/parts.ts'
import { lazySetup, takeOptions } from '../../observe/setup.ts'
import { withHandle } from '../../observe/wrap.ts'
import type { AdapterOptions } from '../../types.ts'
import { answerThrown, sourceIpOf } from './host.ts'

/** Options of a Server Action. */
export interface ServerActionOptions extends Omit<AdapterOptions<never>, 'getTraceId'> {
  /**
   * `headers` of `next/headers`, which an action has in place of a `Request`: with it the event has its request's headers, and their
   * trace id. @default neither
   */
  headers?: (() => Headers | Promise<Headers>) | undefined
}

/** Options of a Server Action, or how to make them from `process.env`. */
export type ServerActionConfiguration = ServerActionOptions | ((env: never) => ServerActionOptions)

const OWN_RULES: Rules<Pick<ServerActionOptions, 'headers'>> = { headers: [hook] }

/** Next.js redirects an action's client by 303, whatever the digest of `redirect()` says. */
function redirected(thrown: unknown): number | undefined {
  const status = answerThrown(thrown)
  return status && status < 400 ? 303 : status
}

/**
 * A Server Action whose calls are recorded: a function of the same type, arity and name. A call is one `custom` event with the
 * action's name, its arguments (of a form its fields, of several arguments a list), and what it returned or threw. What `redirect()`,
 * `notFound()` and their like throw is no error, and passed on as it is. An error that the event has makes no second one by
 * `captureRequestErrors`. Its handle comes after its own arguments: in the last parameter that it declares, where its caller leaves
 * that one empty, else in the fourth.
 *
 * It wraps what a file with `'use server'` exports. An action inside a component is called past it by Next.js: there, the
 * function with `'use server'` calls the one that is wrapped.
 * @typeParam Action the type that is kept
 * @param name the event's `endpoint` and `metadata.route`: a build of Next.js leaves functions no names
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and calls pass through
 * untouched.
 * @example
 * 'use server'
 * export const placeOrder = withServerAction('placeOrder', async (form: FormData) => save(form), { headers })
 */
export function withServerAction<Action extends (...args: never[]) => unknown>(
  name: string,
  action: Action,
  options?: ServerActionConfiguration,
): Action
export function withServerAction(
  name: string,
  action: (...args: never[]) => unknown,
  options: ServerActionConfiguration = {},
): (...args: never[]) => unknown {
  const [common, own] = takeOptions(options, OWN_RULES)
  const setupFor = lazySetup(common)
  const record = (args: readonly unknown[], self: unknown, headers?: Headers): unknown => {
    const setup = setupFor()
    const work = {
      eventType: 'custom',
      endpoint: name,
      waitUntil: ambientContext(),
      traceId: () => (headers && partsTraceId(headers)) ?? currentScope()?.traceId,
      describe: () => ({
        fields: {
          ...(headers && { sourceIp: sourceIpOf(headers) }),
          ...(setup.captureHeaders && { requestHeaders: headers }),
          metadata: { route: name, routeType: 'action' },
        },
        ...(setup.captureRequestBody && { payload: async () => (args.length > 1 ? args : args[0]) }),
      }),
      answerThrown: redirected,
    } as const
    const run = awaited(setup, (handle: object) => Reflect.apply(action, self, withHandle(action, args, handle)))
    return observe(setup, work, run, result => ({
      result,
      fields: setup.captureResponseBody && result !== undefined ? { responsePayload: result } : {},
    }))
  }
  // A function of its own, and no Proxy: Next.js writes an action's id on it, and two may wrap the same function.
  const recorded = function (this: unknown, ...args: never[]): unknown {
    const setup = setupFor()
    if (isNextBuild()) return Reflect.apply(action, this, withHandle(action, args, inertHandle(setup)))
    const { headers } = own
    if (!headers) return record(args, this)
    // Outside of a request there are none, and the action runs all the same.
    const known = new Promise<Headers | undefined>(resolve => resolve(headers())).catch(() => undefined)
    return known.then(found => record(args, this, found))
  }
  const { name: ownName, length } = action
  return Object.defineProperties(recorded, { name: { value: ownName }, length: { value: length } })
}
