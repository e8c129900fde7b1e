/** All routes of a team's inbox, as its apps have them: one that is added is attacked as the others are. */
import type { Hono } from 'hono'
import { Alerts } from '../../src/inbox/alerts/alerts.ts'
import { EventFeed } from '../../src/inbox/event-feed.ts'
import { createSqliteDriver } from '../../src/inbox/local/sqlite-driver.ts'
import { openDatabase } from '../../src/inbox/local/sqlite-file.ts'
import { createSqlStore } from '../../src/inbox/sql/sql-store.ts'
import { createMemoryBucket } from '../../src/inbox/uploaded-maps/map-bucket.ts'
import { AuditLog } from '../../src/inbox/worker/audit-log.ts'
import { createDirectoryApp } from '../../src/inbox/worker/directory.ts'
import { DirectoryStore } from '../../src/inbox/worker/directory-store.ts'
import { PeopleStore } from '../../src/inbox/worker/people.ts'
import type { Bucket } from '../../src/inbox/worker/platform.ts'
import { createProjectApp } from '../../src/inbox/worker/project-app.ts'
import { createWorkerApp } from '../../src/inbox/worker/worker.ts'

export interface TeamRoute {
  method: string
  /** With its parameters: `/projects/:project/events/:id`. */
  path: string
}

/** Each route once. What lets requests through, or hands them over to an object, is none. */
export function listTeamRoutes(): TeamRoute[] {
  const driver = createSqliteDriver(openDatabase(undefined), undefined)
  const [store, feed] = [createSqlStore(driver), new EventFeed()]
  const alerts = new Alerts({ driver, feed, project: 'shop' })
  const bucket: Bucket = { ...createMemoryBucket(), list: async () => ({ objects: [], truncated: false }) }
  const directory = createDirectoryApp({
    store: new DirectoryStore(driver),
    people: new PeopleStore(driver),
    audit: new AuditLog(driver),
    onError() {},
  })
  const project = createProjectApp({
    project: 'shop',
    store,
    feed,
    alerts,
    env: { EVENT_BUCKET: bucket },
    onError() {},
  })
  const routes = [
    ...routesOf(createWorkerApp()),
    ...routesOf(directory).filter(({ path }) => path.startsWith('/api/v1/admin/')),
    ...routesOf(project).map(({ method, path }) => ({ method, path: `/projects/:project${path}` })),
  ]
  driver.close()
  return [...new Map(routes.map(route => [`${route.method} ${route.path}`, route])).values()]
}

function routesOf({ routes }: Pick<Hono, 'routes'>): TeamRoute[] {
  return routes.flatMap(({ method, path }) => (method === 'ALL' ? [] : [{ method, path }]))
}

/** A route's address, with a value for each of its parameters. */
export function fillRoute({ path }: TeamRoute, values: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)(?:\{[^}]*\})?/g, (_, name: string) => encodeURIComponent(values[name] ?? 'nothing'))
}
