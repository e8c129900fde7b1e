/** Events handed to a Cloudflare Queue instead of the ingest API: they outlive an outage of hours. */
import { type RelayedEvent, relayEvents } from '../../client/relay.ts'
import { read } from '../../safe-read.ts'
import type { Transport } from '../../types.ts'

/** The members of Cloudflare's `Queue` binding that are called. */
export interface QueueLike {
  /** Hands over one event. */
  send(message: RelayedEvent, options?: { contentType?: 'json' }): Promise<unknown>
  /** Sends up to 100 events, 250,000 bytes together at most. */
  sendBatch(messages: Iterable<{ body: RelayedEvent; contentType?: 'json' }>): Promise<unknown>
}

/** Bytes of one message: Cloudflare allows 128 KB, and keeps some of it for itself. */
const MAX_MESSAGE_BYTES = 127_000

/** Bytes of one `sendBatch`, of which Cloudflare allows 256 KB, and its messages. */
const MAX_BATCH_BYTES = 250_000
const MAX_BATCH_MESSAGES = 100

/** Told apart by who made them: a consumer that shipped to its own queue would never end. */
const queueTransports = new WeakSet<Transport>()

export function isQueueTransport(transport: Transport | undefined): boolean {
  // What a transport sends by, `otlpTransport`'s has as its own `transport`.
  return [transport, read(transport, 'transport')].some(one => queueTransports.has(Object(one)))
}

/** In groups that one `sendBatch` takes. */
function inGroups(messages: readonly RelayedEvent[]): RelayedEvent[][] {
  const groups: RelayedEvent[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const message of messages) {
    // Texts of ours are mostly ASCII: three bytes a character is what it can be at most.
    const size = Math.min(MAX_MESSAGE_BYTES, JSON.stringify(message).length * 3)
    const last = groups.at(-1)
    if (last && bytes + size <= MAX_BATCH_BYTES && last.length < MAX_BATCH_MESSAGES) last.push(message)
    else {
      groups.push([message])
      bytes = 0
    }
    bytes += size
  }
  return groups
}

/**
 * A transport that sends events to a queue; {@link consumeReplayStackQueue} ships them from its consumer. A message is
 * plain JSON: the event's text, masked, and its idempotency key, never an API key. The queue takes 128 KB a message: an
 * event that is larger goes with its largest parts truncated, payloads and header maps as `maxPayloadSizeBytes` does it.
 * @param queue the binding of a Worker's `env`. It should have a long memory: `max_retries = 100`
 * @example
 * export default withReplayStack(worker, (env: Env) => ({ transport: queueTransport(env.EVENTS) }))
 */
export function queueTransport(queue: QueueLike): Transport {
  const transport: Transport = {
    async post(_url, request) {
      const messages = relayEvents(request, MAX_MESSAGE_BYTES)
      const [first] = messages
      if (first && messages.length === 1) await queue.send(first, { contentType: 'json' })
      else {
        for (const group of inGroups(messages)) {
          await queue.sendBatch(group.map(body => ({ body, contentType: 'json' })))
        }
      }
      return { status: 202, headers: new Headers(), text: async () => '' }
    },
  }
  queueTransports.add(transport)
  return transport
}
