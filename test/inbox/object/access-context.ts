/** A team's inbox whose runtime says whom Cloudflare Access let through, as Cloudflare's own does. */

import worker from '../../../src/inbox/worker/index.ts'
import type { TeamInboxEnv, WorkerContext } from '../../../src/inbox/worker/platform.ts'

export { InboxDirectory, InboxProject } from '../../../src/inbox/worker/index.ts'

class AccessContext {
  readonly aud: string
  readonly #identity: unknown

  constructor(aud: string, identity: unknown) {
    this.aud = aud
    this.#identity = identity
  }

  // It is called as a method of its own object, or it fails.
  getIdentity(): Promise<unknown> {
    return Promise.resolve(this.#identity)
  }
}

export default {
  fetch(request: Request, env: TeamInboxEnv & { IDENTITY: string; AUD: string }, context: WorkerContext) {
    const access = new AccessContext(env.AUD, JSON.parse(env.IDENTITY))
    return worker.fetch(request, env, {
      waitUntil: promise => context.waitUntil(promise),
      passThroughOnException() {},
      props: {},
      ...{ access },
    })
  },
  queue: worker.queue,
}
