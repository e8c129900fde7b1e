import { type Context, Hono } from 'hono'
import { createAssetRoutes } from '../asset-routes.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { createUploadRoutes } from '../uploaded-maps/map-routes.ts'
import { createAdminPages } from './admin-pages.ts'
import { admit, admitToProject, respondRefusal } from './admit.ts'
import { createAlertPages } from './alert-pages.ts'
import { sendToDirectory } from './ask-admin.ts'
import { createAuditPages } from './audit-pages.ts'
import { keepAudit } from './audit-routes.ts'
import { moveBelow } from './below-path.ts'
import { createDeadLetterRoutes, keepDeadLetters } from './dead-letters.ts'
import { receiveBatch } from './event-receiver.ts'
import { findFailing } from './health.ts'
import { createQueueingRoutes } from './ingest-routes.ts'
import { stubOf } from './objects.ts'
import { projectOf, reportError, requestOf } from './own-errors.ts'
import type { QueueBatch, TeamInboxEnv, WorkerContext } from './platform.ts'
import { APP_PATH } from './project.ts'
import { forbidCaching, sendHeaders } from './response-headers.ts'
import { createSignInRoutes } from './sign-in-routes.ts'
import { mapsOf, releasesOf } from './team-maps.ts'
import { createUsageRoutes } from './usage.ts'
import type { Visitor } from './visitor.ts'

export interface TeamEnv {
  Bindings: TeamInboxEnv
  /** Whom a request was found to be of. */
  Variables: { visitor?: Visitor }
}

/** How the names of queues end that take what could not be stored. */
const DEAD_LETTERS = '-dead'

/** The Worker's routes. Those of a project and of the admin API are their objects'. */
export function createWorkerApp(): Hono<TeamEnv> {
  const app = new Hono<TeamEnv>()
  app.use(sendHeaders)
  app.route('/', createAssetRoutes())
  app.use(forbidCaching, keepAudit)
  app.get('/healthz', async context => {
    const failing = await findFailing(context.env)
    return context.json({ success: failing.length === 0, failing }, failing.length === 0 ? 200 : 503)
  })
  app.route('/api/v1/ingest', createQueueingRoutes())
  app.route('/', createSignInRoutes())
  app.use('/admin/*', admit('admin'))
  app.route('/admin', createAdminPages())
  app.route('/admin/audit', createAuditPages())
  app.use('/api/v1/admin/*', admit('admin'))
  app.route('/api/v1/admin/dead-letters', createDeadLetterRoutes())
  app.route('/api/v1/admin/usage', createUsageRoutes())
  app.all('/api/v1/admin/*', context => sendToDirectory(context.req.raw, context.env))
  const projectOf = (context: Context<TeamEnv>) => context.req.param('project') ?? ''
  const uploads = createUploadRoutes<TeamEnv>({
    releasesOf: context => releasesOf(projectOf(context), context.env),
    onSaved: (release, context) => mapsOf(projectOf(context), context.env).forget(release),
  })
  app.use('/projects/:project/*', admitToProject)
  // They go into the bucket from here: the object only says how the frames of its events fare.
  app.route('/projects/:project/api/v1/sourcemaps', uploads)
  app.route('/projects/:project/alerts', createAlertPages())
  app.all('/projects/:project/*', async context => {
    const { project } = context.req.param()
    const base = `/projects/${project}`
    const url = new URL(context.req.url)
    url.pathname = APP_PATH + url.pathname.slice(base.length)
    return moveBelow(project, await stubOf(context.env.PROJECTS, project).fetch(new Request(url, context.req.raw)))
  })
  app.get('/projects/:project', context => context.redirect(`/projects/${context.req.param('project')}/`))
  app.notFound(context => respondRefusal(context, 404, 'Not found'))
  app.onError((error, context) => {
    if (error instanceof InvalidInputError)
      return context.json({ success: false, message: error.message }, error.status)
    context.executionCtx.waitUntil(reportError(error, context.env, requestOf(context)))
    // What is sent again later is not lost.
    return context.json({ success: false, message: 'The inbox cannot take requests at this moment' }, 503)
  })
  return app
}

const app = createWorkerApp()

/** A team's inbox. */
export const worker = {
  fetch: (request: Request, env: TeamInboxEnv, context: WorkerContext): Response | Promise<Response> =>
    app.fetch(request, env, context),
  async queue(batch: QueueBatch, env: TeamInboxEnv): Promise<void> {
    try {
      await (batch.queue.endsWith(DEAD_LETTERS) ? keepDeadLetters(batch, env) : receiveBatch(batch, env))
    } catch (error) {
      await reportError(error, env, { eventType: 'queue', endpoint: batch.queue, project: projectOf(batch) })
      // The queue sends it again.
      throw error
    }
  },
}
