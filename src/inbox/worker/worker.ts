import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { createAssetRoutes } from '../asset-routes.ts'
import { asksForHtml, respondHtml } from '../html-response.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { createUploadRoutes } from '../uploaded-maps/map-routes.ts'
import { createAdminPages } from './admin-pages.ts'
import { createAlertPages } from './alert-pages.ts'
import { sendToDirectory } from './ask-admin.ts'
import { keepAudit } from './audit-routes.ts'
import { moveBelow } from './below-path.ts'
import { createDeadLetterRoutes, keepDeadLetters } from './dead-letters.ts'
import type { Role } from './directory-store.ts'
import { receiveBatch } from './event-receiver.ts'
import { findFailing } from './health.ts'
import { createQueueingRoutes } from './ingest-routes.ts'
import { stubOf } from './objects.ts'
import { projectOf, reportError, requestOf } from './own-errors.ts'
import { renderRefusalPage } from './pages/refusal-page.tsx'
import type { QueueBatch, TeamInboxEnv, WorkerContext } from './platform.ts'
import { APP_PATH } from './project.ts'
import { PROJECT_PATTERN } from './secrets.ts'
import { createSignInRoutes } from './sign-in-routes.ts'
import { mapsOf, releasesOf } from './team-maps.ts'
import { createUsageRoutes } from './usage.ts'
import { askDirectory, findVisitor, isSameOrigin, mayDo, type Visitor } from './visitor.ts'

export interface TeamEnv {
  Bindings: TeamInboxEnv
  /** Whom a request was found to be of. */
  Variables: { visitor?: Visitor }
}

const READING = ['GET', 'HEAD']

/** How the names of queues end that take what could not be stored. */
const DEAD_LETTERS = '-dead'

function createWorkerApp(): Hono<TeamEnv> {
  const app = new Hono<TeamEnv>()
  app.use(async (context, next) => {
    await next()
    context.header('x-content-type-options', 'nosniff')
  })
  app.use(keepAudit)
  app.get('/healthz', async context => {
    const failing = await findFailing(context.env)
    return context.json({ success: failing.length === 0, failing }, failing.length === 0 ? 200 : 503)
  })
  app.route('/api/v1/ingest', createQueueingRoutes())
  app.route('/', createAssetRoutes())
  app.route('/', createSignInRoutes())
  app.use('/admin/*', admit('admin'))
  app.route('/admin', createAdminPages())
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

/** Lets those through who have a role for all projects. */
const admit =
  (role: Role): MiddlewareHandler<TeamEnv> =>
  async (context, next) =>
    (await refuse(context, role)) ?? next()

/** Lets those through who may read a project, or change it where the request does. */
const admitToProject: MiddlewareHandler<TeamEnv> = async (context, next) => {
  const project = context.req.param('project') ?? ''
  if (!PROJECT_PATTERN.test(project)) return context.notFound()
  const role = READING.includes(context.req.method) ? 'read' : 'write'
  const refusal = await refuse(context, role, project)
  if (refusal) return refusal
  // Each name has an object, which would show that there are no events yet.
  return (await askDirectory(`/projects/${project}`, context.env)) ? next() : context.notFound()
}

/** Why somebody does not come in, or nothing. */
async function refuse(context: Context<TeamEnv>, role: Role, project?: string): Promise<Response | undefined> {
  const { raw } = context.req
  const visitor = await findVisitor(context)
  if (!visitor) {
    if (asksForHtml(context) && READING.includes(raw.method)) {
      const { pathname, search } = new URL(raw.url)
      return context.redirect(`/sign-in?${new URLSearchParams({ next: pathname + search })}`)
    }
    return context.json({ success: false, message: 'Sign in, or send a token' }, 401, { 'www-authenticate': 'Bearer' })
  }
  context.set('visitor', visitor)
  if (!mayDo(visitor, role, project)) {
    return respondRefusal(context, 403, `${visitor.name} may not do this`)
  }
  if (visitor.hasCookie && !READING.includes(raw.method) && !isSameOrigin(raw)) {
    return respondRefusal(context, 403, 'Requests of other sites are refused')
  }
  return undefined
}

function respondRefusal(context: Context, status: 403 | 404, message: string): Response {
  if (!asksForHtml(context)) return context.json({ success: false, message }, status)
  return respondHtml(context, renderRefusalPage(message), status)
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
