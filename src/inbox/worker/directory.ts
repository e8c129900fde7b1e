import { type Context, Hono } from 'hono'
import { read } from '../../safe-read.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { createAdminRoutes } from './admin-routes.ts'
import { AuditLog } from './audit-log.ts'
import { createAuditRoutes, readEntry } from './audit-routes.ts'
import { DIRECTORY_MIGRATIONS, DirectoryStore } from './directory-store.ts'
import { openObjectDriver } from './object-driver.ts'
import { reportError, requestOf } from './own-errors.ts'
import { PeopleStore } from './people.ts'
import { createPeopleRoutes } from './people-routes.ts'
import type { ObjectState, TeamInboxEnv } from './platform.ts'

/** Who may send and read: a Durable Object, of which the Worker alone can ask. There is one. */
export class InboxDirectory {
  readonly #app: Hono

  constructor(state: ObjectState, env: TeamInboxEnv) {
    const driver = openObjectDriver(state.storage, DIRECTORY_MIGRATIONS)
    this.#app = createDirectoryApp({
      store: new DirectoryStore(driver),
      people: new PeopleStore(driver),
      audit: new AuditLog(driver),
      // An object stays at work as long as this does.
      onError: (error, context) => void reportError(error, env, requestOf(context)),
    })
  }

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request)
  }
}

export interface DirectoryStores {
  store: DirectoryStore
  people: PeopleStore
  audit: AuditLog
  /** Is called with what went wrong inside. */
  onError: (error: Error, context: Context) => void
}

/** The admin routes, and what the Worker asks: whose key, token or session a hash is of. */
export function createDirectoryApp({ store, people, audit, onError }: DirectoryStores): Hono {
  const app = new Hono()
  app.route('/api/v1/admin/people', createPeopleRoutes(people))
  app.route('/api/v1/admin/audit', createAuditRoutes(audit))
  app.route('/api/v1/admin', createAdminRoutes(store))
  app.get('/people/:identity', context => context.json(people.findPerson(context.req.param('identity')) ?? null))
  app.post('/audit', async context => {
    audit.add(readEntry(await context.req.json()))
    return context.body(null, 204)
  })
  app.get('/keys/:hash', context => context.json(store.findKey(context.req.param('hash')) ?? null))
  app.get('/tokens/:hash', context => context.json(store.findToken(context.req.param('hash')) ?? null))
  app.get('/sessions/:hash', context => context.json(store.findSession(context.req.param('hash')) ?? null))
  app.get('/healthz', context => context.json(store.projects().length))
  app.get('/projects/:project', context => context.json(store.project(context.req.param('project')) ?? null))
  app.get('/projects', context => context.json(store.projects()))
  app.post('/sessions', async context => {
    const tokenId = read(await context.req.json(), 'tokenId')
    if (typeof tokenId !== 'string') throw new InvalidInputError('tokenId must be a string')
    return context.json({ secret: await store.addSession(tokenId) })
  })
  app.delete('/sessions/:hash', context => {
    store.removeSession(context.req.param('hash'))
    return context.body(null, 204)
  })
  app.notFound(context => context.json({ success: false, message: 'Not found' }, 404))
  app.onError((error, context) => {
    if (error instanceof InvalidInputError)
      return context.json({ success: false, message: error.message }, error.status)
    onError(error, context)
    return context.json({ success: false, message: 'Internal error' }, 500)
  })
  return app
}
