import type { Context, Hono, MiddlewareHandler } from 'hono'
import { createIngestRoutes, type Outcome, readApiKeys } from '../ingest-routes.ts'
import type { NewEvent } from '../store.ts'
import type { Project, ProjectLimits } from './directory-store.ts'
import { addHeads, sendQueued } from './event-sender.ts'
import { readProject } from './known-projects.ts'
import { askAdmission, describeLimit, LimitReachedError, refuseWhileFull } from './limits.ts'
import type { TeamInboxEnv } from './platform.ts'
import { hashText, readKeyProject } from './secrets.ts'
import { askDirectory } from './visitor.ts'

interface IngestEnv {
  Bindings: TeamInboxEnv
  Variables: { project: string; limits: ProjectLimits }
}

/** ReplayStack's ingest API, which responds as soon as the queue has the events. */
export function createQueueingRoutes(): Hono<IngestEnv> {
  const routes = createIngestRoutes<IngestEnv>({ admit: admitProject, accept: queueEvents })
  routes.onError((error, context) => {
    if (!(error instanceof LimitReachedError)) throw error
    const headers = { 'retry-after': String(error.retryAfter) }
    return context.json({ success: false, message: error.message }, 429, headers)
  })
  return routes
}

/** Lets those through whose key is one of a project that takes events, as far as it is known here. */
const admitProject: MiddlewareHandler<IngestEnv> = async (context, next) => {
  const found = await findProject(readApiKeys(context), context.env)
  if (!found) return context.json({ success: false, message: 'Invalid API key' }, 401)
  if (!found.enabled) return context.json({ success: false, message: 'Project is disabled' }, 403)
  const { project, limits } = found
  refuseWhileFull(project, limits)
  context.set('project', project)
  context.set('limits', limits)
  return next()
}

/** Hands events over to the queue, but for those that a limit keeps out, and resolves when it has them. */
async function queueEvents(events: readonly NewEvent[], context: Context<IngestEnv>): Promise<Outcome[]> {
  const project = context.get('project')
  const queued = await addHeads(project, events)
  const ids = queued.map(({ head }) => head.id)
  const reached = await askAdmission(project, { ids, limits: context.get('limits') }, context.env)
  const refused = new Set(reached?.refused)
  await sendQueued(
    queued.filter((_, index) => !refused.has(index)),
    context.env,
  )
  return ids.map((id, index) => (reached && refused.has(index) ? { refusal: describeLimit(reached) } : { id }))
}

/** The project of the first key that is one. */
async function findProject(keys: readonly string[], env: TeamInboxEnv): Promise<Project | undefined> {
  for (const key of keys) {
    if (readKeyProject(key) === undefined) continue
    const found = await askDirectory(`/keys/${await hashText(key)}`, env)
    if (found) return readProject(found)
  }
  return undefined
}
