import { Hono } from 'hono'
import { createInboxApp, type InboxAppOptions } from '../app.ts'
import { EventFeed } from '../event-feed.ts'
import { loopbackOnly } from '../loopback.ts'
import { createAwaitedRoutes } from './awaited-routes.ts'
import { AwaitedReplays } from './replay/awaited-replays.ts'
import { createSendReplayRoutes } from './send-replay-routes.ts'

export interface LocalInboxAppOptions extends Omit<InboxAppOptions, 'admit' | 'replayRoutes'> {
  /** Hosts besides this machine that replays may go to. @default none */
  allowHosts?: readonly string[] | undefined
}

/**
 * The inbox of one machine: for loopback only, and with replays that are sent from here.
 *
 * @example
 * const app = createLocalInboxApp({ store: openSqliteStore() })
 * await app.request('/api/v1/events')
 */
export function createLocalInboxApp({ allowHosts, feed = new EventFeed(), ...options }: LocalInboxAppOptions): Hono {
  const { store } = options
  const replays = new AwaitedReplays(store, feed)
  const replayRoutes = new Hono()
    .route('/events', createSendReplayRoutes({ store, feed, replays, allowHosts }))
    .route('/replays', createAwaitedRoutes({ store, replays }))
  return createInboxApp({ ...options, feed, admit: loopbackOnly, replayRoutes })
}
