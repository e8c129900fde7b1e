import type { Handler } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { EventFeed } from './event-feed.ts'
import type { EventStore, EventSummary } from './store.ts'

/** Messages that may wait for one listener, and events that are repeated to one that comes back. */
const MAX_BACKLOG = 1000

const CONNECTED = ': connected\n\n'
const HEARTBEAT = ': heartbeat\n\n'

export interface StreamRouteOptions {
  store: EventStore
  feed: EventFeed
  /** Milliseconds between heartbeat comments. */
  heartbeatMs: number
}

/**
 * Server-sent events: `event.created` for each event and `event.failed` besides for a failed one, both with the list's
 * row. A listener that comes back with `Last-Event-ID` is first told what it missed.
 */
export function createStreamRoute({ store, feed, heartbeatMs }: StreamRouteOptions): Handler {
  return context =>
    streamSSE(context, async stream => {
      const lastId = context.req.header('last-event-id')
      const missed = lastId ? store.listAfter(lastId, MAX_BACKLOG) : []
      const backlog = [CONNECTED, ...missed.map(formatMessages)]
      let wake = () => {}
      const send = (message: string) => {
        backlog.push(message)
        wake()
      }
      // Nothing is awaited since the missed ones were read: no event falls between them and this.
      const unsubscribe = feed.subscribe(event => send(formatMessages(event)))
      const heartbeat = setInterval(send, heartbeatMs, HEARTBEAT)
      const leave = () => {
        unsubscribe()
        clearInterval(heartbeat)
        wake()
      }
      stream.onAbort(leave)
      try {
        // One that does not read is let go rather than kept for in memory: it comes back with its last id.
        while (!stream.aborted && backlog.length <= MAX_BACKLOG + 1) {
          const message = backlog.shift()
          if (message !== undefined) await stream.write(message)
          else
            await new Promise<void>(resolve => {
              wake = resolve
            })
        }
      } finally {
        leave()
      }
    })
}

/** The id is on an event's last message: a listener cut off between the two is told of both again. */
function formatMessages(event: EventSummary): string {
  const data = JSON.stringify(event)
  const names = event.status === 'failed' ? ['event.created', 'event.failed'] : ['event.created']
  const messages = names.map(name => `event: ${name}\ndata: ${data}\n`)
  return `${messages.join('\n')}id: ${event.id}\n\n`
}
