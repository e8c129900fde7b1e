import { Hono } from 'hono'
import { InvalidInputError } from '../invalid-input.ts'
import { MAX_NAME_LENGTH, readBody, readProjectName, readRights, refuse, respondMade } from './admin-request.ts'
import type { DirectoryStore } from './directory-store.ts'
import { readProjectChange } from './project-change.ts'

/** The routes that make projects, keys and tokens, list and remove them. */
export function createAdminRoutes(store: DirectoryStore): Hono {
  const routes = new Hono()

  routes.get('/projects', context => context.json({ projects: store.projects() }))

  routes.post('/projects', async context => {
    const project = readProjectName((await readBody(context))['project'])
    if (!store.addProject(project)) return refuse(context, 409, `There is a project ${project} already`)
    const { id, key } = await store.addKey(project)
    return respondMade(context, `/projects/${project}`, { ...store.project(project), keyId: id, key })
  })

  routes.patch('/projects/:project', async context => {
    const project = store.updateProject(context.req.param('project'), readProjectChange(await readBody(context)))
    return project ? context.json({ success: true, data: project }) : refuse(context, 404, 'Project not found')
  })

  routes.get('/projects/:project/keys', context => context.json({ keys: store.keys(context.req.param('project')) }))

  routes.post('/projects/:project/keys', async context => {
    const project = context.req.param('project')
    if (!store.project(project)) return refuse(context, 404, 'Project not found')
    const key = await store.addKey(project)
    return respondMade(context, `/projects/${project}/keys/${key.id}`, key)
  })

  routes.delete('/projects/:project/keys/:id', context => {
    const { project, id } = context.req.param()
    if (!store.removeKey(project, id)) return refuse(context, 404, 'Key not found')
    return context.json({ success: true, message: 'Key revoked' })
  })

  routes.get('/tokens', context => context.json({ tokens: store.tokens() }))

  routes.post('/tokens', async context => {
    const body = await readBody(context)
    const { name } = body
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH) {
      throw new InvalidInputError(`name must be a string of 1 to ${MAX_NAME_LENGTH} characters`)
    }
    const token = await store.addToken({ name, ...readRights(body) })
    return respondMade(context, `/tokens/${token.id}`, token)
  })

  routes.delete('/tokens/:id', context => {
    if (!store.removeToken(context.req.param('id'))) return refuse(context, 404, 'Token not found')
    return context.json({ success: true, message: 'Token revoked' })
  })

  return routes
}
