/** A team's inbox that lacks a binding. */
import worker from '../../../src/inbox/worker/index.ts'
import type { TeamInboxEnv, WorkerContext } from '../../../src/inbox/worker/platform.ts'

export { InboxDirectory, InboxProject } from '../../../src/inbox/worker/index.ts'

export default {
  fetch: (request: Request, env: TeamInboxEnv & { MISSING: string }, context: WorkerContext) =>
    worker.fetch(request, { ...env, [env.MISSING]: undefined }, context),
  queue: worker.queue,
}
