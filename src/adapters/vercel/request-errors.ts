/** Errors that Next.js responds to by itself: its `instrumentation.ts`. */
import { isNextBuild } from '../../client/options.ts'
import { ambientContext } from '../../observe/keep-alive.ts'
import { inertHandle } from '../../observe/lifecycle.ts'
import { partsTraceId } from '../../observe/parts.ts'
import { isRecorded, rememberErrors } from '../../observe/recorded-errors.ts'
import { lazySetup } from '../../observe/setup.ts'
import { callMember } from '../../safe-read.ts'
import type { AdapterConfiguration } from '../../types.ts'

/** The members of the request that Next.js hands to `onRequestError` that are read. */
export interface NextErrorRequest {
  /** With its query. */
  path: string
  /** HTTP method. */
  method: string
  /** As they came. */
  headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The members of the context that Next.js hands to `onRequestError` that are read. */
export interface NextErrorContext {
  /** The route's pattern, with the name of its file on the edge and in Server Components: `/orders/[id]/page`. */
  routePath: string
  /** What failed: `render`, `route`, `action`. */
  routeType: string
  /** `App Router` or `Pages Router`. */
  routerKind: string
  /** What was rendered when it failed. */
  renderSource?: string | undefined
}

/**
 * What Next.js calls for each error that it responds to: in Server Components, Server Actions, route handlers and API routes, on
 * Node and on the edge. Each is a `failed` event of its request, with its route; one that the handler's own
 * event has, by `withReplayStack`, is no second one. Nothing is captured while Next.js builds.
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once.
 * @example
 * export const onRequestError = captureRequestErrors() // instrumentation.ts
 */
export function captureRequestErrors(
  options?: AdapterConfiguration<Request>,
): (error: unknown, request: NextErrorRequest, context: NextErrorContext) => Promise<void> {
  const setupFor = lazySetup(options)
  rememberErrors()
  return async (error, { path, method, headers }, { routePath, routeType, routerKind, renderSource }) => {
    if (isNextBuild() || isRecorded(error)) return
    const setup = setupFor()
    const captured = inertHandle(setup)
      .captureException(error, {
        eventType: 'api',
        method,
        endpoint: path,
        traceId: partsTraceId(headers),
        ...(setup.captureHeaders && { requestHeaders: headers }),
        metadata: {
          route: routePath.replace(/(?<=.)\/(?:page|route)$/, ''),
          routeType,
          routerKind,
          ...(renderSource && { renderSource }),
        },
      })
      .catch(() => {
        // With `raiseOnError`: delivery has reported it.
      })
    callMember(ambientContext(), 'waitUntil', captured)
    // Next.js responds when this is done.
    if (!setup.pipeline.settings.asyncSend) await captured
  }
}
