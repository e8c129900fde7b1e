import { setTimeout as delay } from 'node:timers/promises'
import { readEventStream } from '../event-stream.ts'
import { InboxError } from '../inbox-error.ts'
import { askInbox, notAnInbox } from '../replay/fetch-json.ts'

/** How the connection to the inbox stands. */
export type ConnectionState = 'connected' | 'unreachable' | 'lost'

export interface FollowOptions {
  /** Ends the following. */
  signal: AbortSignal
  onStateChange(state: ConnectionState): void
  /** Milliseconds between attempts. @default 1000 */
  retryMs?: number | undefined
}

/**
 * The data of each `event.created` that an inbox streams, over as many connections as it takes; events that were
 * accepted between two connections, or faster than they are read, are not missed while the inbox still knows them.
 *
 * @throws InboxError when what answers is not an inbox
 */
export async function* followEvents(
  inbox: string,
  { signal, onStateChange, retryMs = 1000 }: FollowOptions,
): AsyncGenerator<string> {
  let state: ConnectionState | undefined
  let lastId: string | undefined
  const change = (next: ConnectionState) => {
    if (next !== state) onStateChange(next)
    state = next
  }
  while (!signal.aborted) {
    try {
      const body = await connect(inbox, lastId, signal)
      change('connected')
      for await (const message of readEventStream(body)) {
        lastId = message.lastId ?? lastId
        if (message.event === 'event.created') yield message.data
      }
    } catch (error) {
      if (error instanceof InboxError) throw error
    }
    if (signal.aborted) return
    change(state === undefined || state === 'unreachable' ? 'unreachable' : 'lost')
    await delay(retryMs, undefined, { signal }).catch(() => {})
  }
}

async function connect(
  inbox: string,
  lastId: string | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const response = await askInbox(`${inbox}/api/v1/stream`, {
    headers: { accept: 'text/event-stream', ...(lastId ? { 'last-event-id': lastId } : {}) },
    signal,
  })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  if (response.ok && isStream && response.body) return response.body
  await response.body?.cancel()
  throw notAnInbox(inbox, response.status)
}
