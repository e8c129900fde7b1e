import type { Hono, MiddlewareHandler } from 'hono'
import { createIngestRoutes, readApiKeys } from '../ingest-routes.ts'
import { sendEvents } from './event-sender.ts'
import type { TeamInboxEnv } from './platform.ts'
import { hashText, readKeyProject } from './secrets.ts'
import { askDirectory } from './visitor.ts'

interface IngestEnv {
  Bindings: TeamInboxEnv
  Variables: { project: string }
}

/** ReplayStack's ingest API, which responds as soon as the queue has the events. */
export function createQueueingRoutes(): Hono<IngestEnv> {
  return createIngestRoutes<IngestEnv>({
    admit: admitProject,
    accept: (events, context) => sendEvents(context.get('project'), events, context.env),
  })
}

/** Lets those through whose key is one of a project that takes events. */
const admitProject: MiddlewareHandler<IngestEnv> = async (context, next) => {
  const project = await findProject(readApiKeys(context), context.env)
  if (!project) return context.json({ success: false, message: 'Invalid API key' }, 401)
  if (project['enabled'] !== true) return context.json({ success: false, message: 'Project is disabled' }, 403)
  context.set('project', String(project['project']))
  return next()
}

/** The project of the first key that is one. */
async function findProject(keys: readonly string[], env: TeamInboxEnv): Promise<Record<string, unknown> | undefined> {
  for (const key of keys) {
    if (readKeyProject(key) === undefined) continue
    const found = await askDirectory(`/keys/${await hashText(key)}`, env)
    if (found) return found
  }
  return undefined
}
