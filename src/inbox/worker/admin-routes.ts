import { type Context, Hono } from 'hono'
import { readAll } from '../../safe-read.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { readLimitedBody } from '../limited-body.ts'
import { type DirectoryStore, ROLES } from './directory-store.ts'
import { PROJECT_PATTERN } from './secrets.ts'

const MAX_BODY_BYTES = 16 * 1024
const MAX_NAME_LENGTH = 200

/** The routes that make projects, keys and tokens, list and remove them. */
export function createAdminRoutes(store: DirectoryStore): Hono {
  const routes = new Hono()

  routes.get('/projects', context => context.json({ projects: store.projects() }))

  routes.post('/projects', async context => {
    const project = readProjectName((await readBody(context))['project'])
    if (!store.addProject(project)) return refuse(context, 409, `There is a project ${project} already`)
    const { id, key } = await store.addKey(project)
    return context.json({ success: true, data: { ...store.project(project), keyId: id, key } }, 201)
  })

  routes.patch('/projects/:project', async context => {
    const { enabled } = await readBody(context)
    if (typeof enabled !== 'boolean') throw new InvalidInputError('enabled must be true or false')
    const project = store.setEnabled(context.req.param('project'), enabled)
    return project ? context.json({ success: true, data: project }) : refuse(context, 404, 'Project not found')
  })

  routes.get('/projects/:project/keys', context => context.json({ keys: store.keys(context.req.param('project')) }))

  routes.post('/projects/:project/keys', async context => {
    const project = context.req.param('project')
    if (!store.project(project)) return refuse(context, 404, 'Project not found')
    return context.json({ success: true, data: await store.addKey(project) }, 201)
  })

  routes.delete('/projects/:project/keys/:id', context => {
    const { project, id } = context.req.param()
    if (!store.removeKey(project, id)) return refuse(context, 404, 'Key not found')
    return context.json({ success: true, message: 'Key revoked' })
  })

  routes.get('/tokens', context => context.json({ tokens: store.tokens() }))

  routes.post('/tokens', async context => {
    const { name, role = 'read', projects } = await readBody(context)
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH) {
      throw new InvalidInputError(`name must be a string of 1 to ${MAX_NAME_LENGTH} characters`)
    }
    const known = ROLES.find(one => one === role)
    if (!known) throw new InvalidInputError(`role must be one of ${ROLES.join(', ')}`)
    const token = await store.addToken({ name, role: known, projects: readProjects(projects) })
    return context.json({ success: true, data: token }, 201)
  })

  routes.delete('/tokens/:id', context => {
    if (!store.removeToken(context.req.param('id'))) return refuse(context, 404, 'Token not found')
    return context.json({ success: true, message: 'Token revoked' })
  })

  return routes
}

function refuse(context: Context, status: 404 | 409, message: string): Response {
  return context.json({ success: false, message }, status)
}

async function readBody(context: Context): Promise<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(await readLimitedBody(context.req.raw, MAX_BODY_BYTES))
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...readAll(body) }
  } catch (error) {
    if (error instanceof InvalidInputError) throw error
  }
  throw new InvalidInputError('body must be a JSON object')
}

function readProjectName(value: unknown): string {
  if (typeof value === 'string' && PROJECT_PATTERN.test(value)) return value
  throw new InvalidInputError('project must be 1 to 40 lower-case letters, digits and single hyphens between them')
}

function readProjects(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw new InvalidInputError('projects must be an array of project names')
  return value.map(readProjectName)
}
