/** The trace of a request, sent along with what it calls of another Worker or of a Durable Object. */
import { currentScope } from '../../client/scope.ts'
import { isFunction, read } from '../../safe-read.ts'
import { TRACE_MEMBER } from './batch.ts'
import { calledOn } from './stand-in.ts'

/** Functions of a stub's that are no calls of the other side's methods. */
const ITS_OWN: readonly PropertyKey[] = ['fetch', 'connect', 'dup', 'then', 'constructor']

/**
 * The arguments of a call without the trace that was sent after them, and its id.
 * @param args as the other side's {@link traceRpc} has sent them
 */
export function takeTrace(args: unknown[]): [args: unknown[], traceId: string | undefined] {
  const last = args.at(-1)
  const traceId = read(last, TRACE_MEMBER, 'traceId')
  const isTrace = typeof traceId === 'string' && Object.keys(Object(last)).length === 1
  return isTrace ? [args.slice(0, -1), traceId] : [args, undefined]
}

/**
 * A stub of another Worker's entrypoint, or of a Durable Object, whose methods are called with the trace id of the work that
 * calls them. RPC has no place for it beside the arguments, so each call has one more, `{ replaystack: { traceId } }`: use it where
 * the class is recorded with `rpcTrace: true`, which takes that argument off before the method is called. Without a trace id
 * nothing is added, and nothing to `fetch`. The stub itself does not change.
 * @param handle whose trace id is sent, where the runtime has no `AsyncLocalStorage`. Default: the current scope's
 * @example
 * await traceRpc(env.PRICES).quote(sku)
 */
export function traceRpc<Stub extends object>(stub: Stub, handle?: { readonly traceId: string | undefined }): Stub {
  return new Proxy(stub, {
    get(stub, key) {
      const member: unknown = Reflect.get(stub, key)
      if (!isFunction(member) || typeof key === 'symbol' || ITS_OWN.includes(key)) return calledOn(stub, member)
      return new Proxy(member, {
        apply(method, _self, args: unknown[]) {
          const traceId = (handle ?? currentScope())?.traceId
          return Reflect.apply(method, stub, traceId ? [...args, { [TRACE_MEMBER]: { traceId } }] : args)
        },
        // It may be a property that is awaited.
        get: (method, name) => calledOn(method, Reflect.get(method, name)),
      })
    },
  })
}
