/** The other end of {@link queueTransport}: a queue's consumer that ships what arrives. */
import { isRelayed, type RelayOutcome, shipRelayed } from '../../client/relay.ts'
import type { ClientOptions, Environment } from '../../types.ts'
import { isQueueTransport } from './queue-transport.ts'

/** The members of Cloudflare's `Message` that are used. */
export interface QueueMessageLike {
  /** What was sent: an event of {@link queueTransport}, or a message of the application's own. */
  readonly body: unknown
  /** Deliveries so far, this one included. */
  readonly attempts: number
  /** Takes the message off the queue. */
  ack(): void
  /** Leaves the message in the queue for at least so many seconds. */
  retry(options?: { delaySeconds?: number }): void
}

/** The members of Cloudflare's `MessageBatch` that are used. */
export interface QueueBatchLike {
  /** In the order they came. */
  readonly messages: readonly QueueMessageLike[]
}

/** Seconds before the second delivery; each further one waits twice as long, up to a quarter of an hour. */
const FIRST_DELAY_SECONDS = 10
const MAX_DELAY_SECONDS = 900

/** Not before the ingest API has asked to be left alone for, and ever later while it is down. */
function delaySeconds(attempts: number, retryAfter = 0): number {
  const backoff = Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** Math.max(0, attempts - 1))
  return Math.max(backoff, Math.ceil(retryAfter / 1000))
}

function settle(message: QueueMessageLike, { verdict, retryAfter }: RelayOutcome): void {
  if (verdict === 'failed') message.retry({ delaySeconds: delaySeconds(message.attempts, retryAfter) })
  else message.ack()
}

/**
 * Ships the events of a batch that {@link queueTransport} filled, in POSTs of `batchMaxEvents`. What is delivered is
 * acknowledged; so is an event that the ingest API refuses, through `onError` and `onQueueDrop`; what fails goes back to
 * the queue and is retried later and later, not before a `Retry-After`. So does everything where the key or the endpoint
 * is refused (401, 403, 404, 405), with one line that says so: after `max_retries` the queue's dead-letter queue has it.
 * One attempt a delivery: `retries` is not read. Messages of another kind are left to the caller.
 * @param options the client's. A `queueTransport` among them is not used
 * @param environment the Worker's `env`. Default: `process.env` where there is one
 * @throws {Error} `ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.`; the batch then stays in the queue
 * @throws {TypeError} naming an option that is wrong
 * @example
 * export default {
 *   queue: (batch, env) => consumeReplayStackQueue(batch, { batchMaxEvents: 100 }, env),
 * }
 */
export async function consumeReplayStackQueue(
  batch: QueueBatchLike,
  options: ClientOptions = {},
  environment?: object,
): Promise<void> {
  const messages: QueueMessageLike[] = []
  const relayed = []
  for (const message of batch.messages) {
    const { body } = message
    if (!isRelayed(body)) continue
    messages.push(message)
    relayed.push(body)
  }
  const { transport } = options
  const variables: Environment | undefined = environment && { ...environment }
  await shipRelayed(
    relayed,
    isQueueTransport(transport) ? { ...options, transport: undefined } : options,
    variables,
    (place, outcome) => {
      const message = messages[place]
      if (message) settle(message, outcome)
    },
  )
}
