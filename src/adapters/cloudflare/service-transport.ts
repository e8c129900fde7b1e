/** Events sent to another Worker of the same account, a team's inbox for one, and not by way of the public internet. */
import type { Transport, TransportResponse } from '../../types.ts'

/** The member of a service binding that is called. */
export interface ServiceLike {
  /** Calls the other Worker's `fetch` handler. */
  fetch(
    url: string,
    init: { method: string; body: string; headers: Record<string, string>; signal: AbortSignal; redirect: 'manual' },
  ): Promise<TransportResponse>
}

/**
 * A transport that posts events to the Worker behind a service binding. That Worker gets the request that ReplayStack's
 * API would get: the key and the path count, the URL's host does not.
 * With a transport, `batchMaxEvents` is 1 by default: set it for batches.
 * @param service the binding of a Worker's `env`
 * @example
 * export default withReplayStack(worker, (env: Env) => ({ transport: serviceTransport(env.INBOX) }))
 */
export function serviceTransport(service: ServiceLike): Transport {
  return {
    // Redirects are not followed: the key stays with that Worker.
    post: (url, { body, headers, signal }) =>
      service.fetch(url, { method: 'POST', body, headers, signal, redirect: 'manual' }),
  }
}
