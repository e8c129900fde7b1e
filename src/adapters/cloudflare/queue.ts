/** Batches of a Cloudflare Queue: one event each. */

import { isRelayed } from '../../client/relay.ts'
import { observe } from '../../observe/lifecycle.ts'
import { type Invocation, membersOf } from './invocation.ts'

/** The members of Cloudflare's `Message` that are read. */
interface Message {
  id: string
  timestamp: Date
  /** Deliveries so far, this one included. */
  attempts: number
  body: unknown
}

/** The members of Cloudflare's `MessageBatch` that are read. The handler gets the batch itself. */
interface MessageBatch {
  queue: string
  messages: readonly Message[]
}

/** Records a batch, but for one of `queueTransport`'s: its event would come back through the same queue, for ever. */
export function observeQueue({ setup, args: [batch], ctx, metadata, run }: Invocation): unknown {
  const { queue = 'queue', messages = [] } = membersOf<MessageBatch>(batch)
  if (messages.length > 0 && messages.every(message => isRelayed(message.body))) return run()
  const describe = () => {
    const list = messages.map(({ id, timestamp, attempts, body }) => ({ id, timestamp, attempts, body }))
    return {
      fields: {
        metadata: { ...metadata?.(), batchSize: messages.length },
        requestPayload: setup.captureRequestBody ? { messages: list } : undefined,
      },
    }
  }
  const work = { eventType: 'queue', endpoint: queue, waitUntil: ctx, describe } as const
  return observe(setup, work, run, result => ({ result }))
}
