import type { Hono } from 'hono'
import type { Alerts } from '../alerts/alerts.ts'
import { createInboxApp } from '../app.ts'
import type { EventFeed } from '../event-feed.ts'
import type { EventStore } from '../store.ts'
import { forgetInBucket } from './forget-in-bucket.ts'
import type { TeamInboxEnv } from './platform.ts'
import { releasesOf } from './team-maps.ts'

export interface ProjectAppOptions {
  /** The project's name; unknown to an object that was not asked for by its name. */
  project: string | undefined
  store: EventStore
  feed: EventFeed
  alerts: Alerts
  env: Pick<TeamInboxEnv, 'EVENT_BUCKET'>
  /** Is called before events of a person are removed. @default nothing is done */
  beforeRemoving?: (person: string) => Promise<void>
  onError(error: Error): void
}

/** All that somebody whom the Worker has let in may ask of a project. */
export function createProjectApp(options: ProjectAppOptions): Hono {
  const { project, store, feed, alerts, env, beforeRemoving, onError } = options
  return createInboxApp({
    store,
    feed,
    releases: project === undefined ? undefined : releasesOf(project, env),
    project,
    admit: (_, next) => next(),
    beforeRemoving,
    forgetElsewhere: step => forgetInBucket(project ?? '', step, env.EVENT_BUCKET),
    alerts,
    onError,
  })
}
