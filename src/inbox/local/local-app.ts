import type { Hono } from 'hono'
import { createInboxApp, type InboxAppOptions } from '../app.ts'
import { loopbackOnly } from '../loopback.ts'
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
export function createLocalInboxApp({ allowHosts, ...options }: LocalInboxAppOptions): Hono {
  const replayRoutes = createSendReplayRoutes({ store: options.store, allowHosts })
  return createInboxApp({ ...options, admit: loopbackOnly, replayRoutes })
}
