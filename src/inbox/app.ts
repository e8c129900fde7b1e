import { Hono, type MiddlewareHandler } from 'hono'
import { createAlertRoutes } from './alerts/alert-routes.ts'
import type { Alerts } from './alerts/alerts.ts'
import { createBackupRoutes } from './backup/backup-routes.ts'
import { createComparePages } from './compare-pages.ts'
import type { EditorLinks } from './editor-links.ts'
import { EventFeed } from './event-feed.ts'
import { readQueryParameter } from './event-filter.ts'
import { createExportRoutes } from './export-routes.ts'
import { createForgetRoutes, type ForgetRoutesOptions } from './forget-routes.ts'
import { createIngestRoutes, keepEvents, requireKey } from './ingest-routes.ts'
import { InvalidInputError } from './invalid-input.ts'
import { createIssuePages } from './issue-pages.ts'
import { createIssueRoutes } from './issue-routes.ts'
import { createPageRoutes } from './page-routes.ts'
import { QueryError } from './query/query-error.ts'
import { createReadRoutes } from './read-routes.ts'
import { createReplayHistoryRoutes } from './replay-history-routes.ts'
import { createReplayRoutes } from './replay-routes.ts'
import { createRoutePages } from './route-pages.ts'
import type { SourceMaps } from './source-maps.ts'
import type { EventStore, NewEvent } from './store.ts'
import { StoreError } from './store-error.ts'
import { createStreamRoute } from './stream-route.ts'
import { createReleaseRoutes, createUploadRoutes } from './uploaded-maps/map-routes.ts'
import type { Releases } from './uploaded-maps/release.ts'
import { createUploadedMaps } from './uploaded-maps/resolve-frames.ts'

export interface InboxAppOptions {
  store: EventStore
  /** Told of each event that is accepted. @default a feed of the app's own */
  feed?: EventFeed | undefined
  /** The only API key that ingest takes. @default any key */
  key?: string | undefined
  /** Traces stack frames back to their sources, when an event arrives. @default frames are kept as they came */
  sourceMaps?: SourceMaps | undefined
  /** Where uploaded source maps are kept. @default none can be uploaded */
  releases?: Releases | undefined
  /** Opens stack frames in an editor: for an inbox that runs where the sources are. @default none */
  editor?: EditorLinks | undefined
  /** The project's name, in a team's inbox. @default it is the inbox of one machine */
  project?: string | undefined
  /** Decides who comes in: responds to anyone else itself. */
  admit: MiddlewareHandler
  /** Is called before events of a person are removed. */
  beforeRemoving?: ForgetRoutesOptions['beforeRemoving']
  /** Looks for a person where else events are than in the store. @default nowhere */
  forgetElsewhere?: ForgetRoutesOptions['forgetElsewhere']
  /** Alerts, in a team's inbox. @default none */
  alerts?: Alerts | undefined
  /** More routes under `/api/v1`: where replays are sent from. @default none */
  replayRoutes?: Hono | undefined
  /** Milliseconds between the stream's heartbeats. @default 15000 */
  heartbeatMs?: number | undefined
  /** Told of what went wrong inside; the client only sees a 500. */
  onError?: ((error: Error) => void) | undefined
}

/** ReplayStack over a store: ingest, read, replay and live stream, and the pages that show them. */
export function createInboxApp({
  store,
  feed = new EventFeed(),
  key,
  sourceMaps,
  releases,
  editor,
  project,
  admit,
  beforeRemoving,
  forgetElsewhere,
  alerts,
  replayRoutes,
  heartbeatMs = 15_000,
  onError,
}: InboxAppOptions): Hono {
  const app = new Hono()
  app.use(admit, async (context, next) => {
    await next()
    // Event content is what strangers sent: a browser is never to guess markup in it.
    context.header('x-content-type-options', 'nosniff')
    context.header('cross-origin-opener-policy', 'same-origin')
  })
  const pages = createPageRoutes({ store, key, editor, project, sendsReplays: replayRoutes !== undefined })
  app.route('/', pages.routes)
  app.route('/', createComparePages(store))
  app.route('/issues', createIssuePages({ store, feed, now: Date.now, editor, project }))
  app.route('/routes', createRoutePages(store))
  const uploaded = releases && createUploadedMaps(releases, { onProblem: onError })
  if (releases && uploaded) {
    const onSaved = (release: string) => uploaded.forget(release)
    app.route('/api/v1/sourcemaps', createUploadRoutes({ releasesOf: () => releases, onSaved }))
    app.route('/api/v1/sourcemaps', createReleaseRoutes({ store, releases, maps: uploaded }))
  }
  const accept = (events: readonly NewEvent[]) => keepEvents(events, { store, feed, sourceMaps, uploaded })
  app.route('/api/v1/ingest', createIngestRoutes({ admit: requireKey(key), accept }))
  app.route('/api/v1/events', createReadRoutes(store))
  app.route('/api/v1/events', createReplayRoutes(store))
  app.route('/api/v1/events', createReplayHistoryRoutes({ store, feed }))
  if (replayRoutes) app.route('/api/v1', replayRoutes)
  app.route('/api/v1', createExportRoutes(store))
  app.route('/api/v1', createBackupRoutes(store))
  app.route('/api/v1/forget', createForgetRoutes({ store, beforeRemoving, forgetElsewhere }))
  app.route('/api/v1/issues', createIssueRoutes({ store, feed }))
  app.get('/api/v1/routes', context =>
    context.json({ routes: store.routes({ query: readQueryParameter(context.req.query()) }) }),
  )
  app.get('/api/v1/usage', context => context.json({ usage: store.usage() }))
  if (alerts && project !== undefined) app.route('/api/v1/alerts', createAlertRoutes(alerts, project))
  app.get('/api/v1/stream', createStreamRoute({ store, feed, heartbeatMs, project }))
  app.notFound(
    context =>
      pages.answerMessage(context, 404, 'There is nothing at this address. What was here may have been deleted.') ??
      context.json({ success: false, message: 'Not found' }, 404),
  )
  app.onError((error, context) => {
    const isInput = error instanceof InvalidInputError
    if (!isInput) onError?.(error)
    const isStore = error instanceof StoreError
    const status = isInput ? error.status : isStore ? 503 : 500
    const message = isInput || isStore ? error.message : 'Internal error'
    // Where in the query it is, for who marks it.
    const place = error instanceof QueryError ? { start: error.start, end: error.end } : {}
    return pages.answerMessage(context, status, message) ?? context.json({ success: false, message, ...place }, status)
  })
  return app
}
