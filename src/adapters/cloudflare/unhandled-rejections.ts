/** Promises of a Worker that reject when nobody waits for them. */
import { ReplayStackHandle } from '../../client/client.ts'
import { currentScope } from '../../client/scope.ts'
import { lazySetup } from '../../observe/setup.ts'
import { callMember, read } from '../../safe-read.ts'
import type { AdapterConfiguration } from '../../types.ts'

const EVENT = 'unhandledrejection'

/** The module that a Worker has its bindings in, where it can be had without an import. */
const workersModule = (): unknown => callMember(read(globalThis, 'process'), 'getBuiltinModule', 'cloudflare:workers')

/**
 * Captures promises that reject while nobody waits for them: `failed` events named `/runtime/unhandledRejection`, in the trace
 * and with the breadcrumbs of the request that made the promise. To be called once, at module scope. A promise that is awaited too late, after it has rejected, counts as one too, and what is given
 * to `ctx.waitUntil` as none: the runtime reports that in no event. `handle.waitUntil(promise)` captures it.
 *
 * It needs Node.js compatibility, by a flag or by a compatibility date from 2026-08-04: without, a rejection can be brought
 * to no request, and there is no `env` at module scope.
 * @param options the client's and the adapter's, or a function that makes them from the Worker's `env`
 * @returns stops it
 * @throws {TypeError} naming an option that is wrong
 * @example
 * captureUnhandledRejections()
 * export default withReplayStack(worker)
 */
export function captureUnhandledRejections(options?: AdapterConfiguration<Request>): () => void {
  const setupFor = lazySetup(options)
  const listener = ({ reason }: { readonly reason?: unknown }): void => {
    const workers = workersModule()
    const scope = currentScope()
    const { pipeline } = setupFor(read(workers, 'env'))
    const context = { eventType: 'custom', endpoint: '/runtime/unhandledRejection' } as const
    const captured = new ReplayStackHandle(pipeline, scope).captureException(reason, context).catch(() => {
      // With `raiseOnError`: delivery has reported it.
    })
    if (!scope?.waitUntil) callMember(workers, 'waitUntil', captured)
  }
  callMember(globalThis, 'addEventListener', EVENT, listener)
  return () => void callMember(globalThis, 'removeEventListener', EVENT, listener)
}
