import type { Handler } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { EventFeed } from './event-feed.ts'
import type { EventStore, EventSummary } from './store.ts'
import {
  formatAlertMessage,
  formatIssueMessage,
  formatReplayMessage,
  formatStreamMessages,
  formatUsageMessage,
} from './stream-message.ts'

/** Events that may wait for one listener, and that are read at once of those that it missed. */
const MAX_WAITING = 1000

const CONNECTED = ': connected\n\n'
const HEARTBEAT = ': heartbeat\n\n'

export interface StreamRouteOptions {
  store: EventStore
  feed: EventFeed
  /** Milliseconds between heartbeats: comments, or what was taken in meanwhile. */
  heartbeatMs: number
  /** The project's name, in a team's inbox. @default 'local' */
  project?: string | undefined
}

/**
 * Server-sent events of each event that is accepted, see {@link formatStreamMessages}. A listener that comes back with
 * `Last-Event-ID` is first sent all that it missed. One that reads more slowly than events come is sent them from the store, in
 * its own time. What was taken in this month comes with a heartbeat, where it has changed.
 */
export function createStreamRoute({ store, feed, heartbeatMs, project = 'local' }: StreamRouteOptions): Handler {
  // Written once for all who listen: a thousand of them cost no more queries than one.
  const written = new WeakMap<EventSummary, string>()
  const write = (event: EventSummary): string => {
    const text = written.get(event) ?? formatStreamMessages(event, store, project)
    written.set(event, text)
    return text
  }
  return context =>
    streamSSE(context, async stream => {
      let lastId = context.req.header('last-event-id')
      /** Whether what comes next is read from the store: what happens meanwhile need not wait here. */
      let isBehind = Boolean(lastId)
      let isHeartbeatDue = false
      let waiting: EventSummary[] = []
      let news: string[] = []
      let usage = store.usage()[0]
      let wake = () => {}
      const unsubscribe = feed.subscribe(event => {
        if (isBehind) return
        waiting.push(event)
        if (waiting.length > MAX_WAITING) {
          // The store has the others after the first one's id.
          waiting = waiting.slice(0, 1)
          isBehind = true
        }
        wake()
      })
      const tell = (message: string) => {
        // Only the last ones matter to a listener that is slow.
        news = [...news, message].slice(-MAX_WAITING)
        wake()
      }
      const leaveIssues = feed.subscribeIssues(issue => tell(formatIssueMessage(issue, project)))
      const leaveReplays = feed.subscribeReplays(replay => tell(formatReplayMessage(replay, project)))
      const leaveAlerts = feed.subscribeAlerts(alert => tell(formatAlertMessage(alert, project)))
      const heartbeat = setInterval(() => {
        isHeartbeatDue = true
        wake()
      }, heartbeatMs)
      const leave = () => {
        unsubscribe()
        leaveIssues()
        leaveReplays()
        leaveAlerts()
        clearInterval(heartbeat)
        wake()
      }
      const send = async (event: EventSummary) => {
        lastId = event.id
        await stream.write(write(event))
      }
      stream.onAbort(leave)
      try {
        await stream.write(CONNECTED)
        while (!stream.aborted) {
          if (isHeartbeatDue) {
            isHeartbeatDue = false
            const before = usage
            usage = store.usage()[0]
            const isNew = usage?.month !== before?.month || usage?.events !== before?.events
            await stream.write(usage && isNew ? formatUsageMessage(usage, project, Date.now()) : HEARTBEAT)
            continue
          }
          const message = news.shift()
          if (message !== undefined) {
            await stream.write(message)
            continue
          }
          const next = waiting.shift()
          if (next) await send(next)
          else if (isBehind) {
            const missed = store.listAfter(lastId ?? '', MAX_WAITING)
            // Nothing is awaited since they were read: no event falls between the last of them and the first that waits.
            if (missed.length === 0) isBehind = false
            for (const event of missed) if (!stream.aborted) await send(event)
          } else
            await new Promise<void>(resolve => {
              wake = resolve
            })
        }
      } finally {
        leave()
      }
    })
}
