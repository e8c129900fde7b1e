/** The way in: what ingest accepts goes into the queue. */
import type { NewEvent } from '../store.ts'
import type { TeamInboxEnv } from './platform.ts'
import { deriveHead, isLarge, largeKey, type QueuedEvent, writeMessage } from './queued-event.ts'

/** What one call of `sendBatch` takes: 100 messages, 256 kB in all. */
const MAX_MESSAGES = 100
const MAX_BYTES = 240_000

/** The events as the queue takes them, each with its id. */
export async function addHeads(project: string, events: readonly NewEvent[]): Promise<Required<QueuedEvent>[]> {
  const receivedAt = Date.now()
  return Promise.all(
    events.map(async event => ({ head: await deriveHead(project, event, receivedAt), json: event.json })),
  )
}

/** Sends events of which each is whole: the text of one that no message holds waits in the bucket. */
export async function sendQueued(
  queued: readonly Required<QueuedEvent>[],
  { EVENT_QUEUE, EVENT_BUCKET }: TeamInboxEnv,
): Promise<void> {
  const bodies = await Promise.all(
    queued.map(async ({ head, json }) => {
      if (!isLarge(json)) return writeMessage({ head, json })
      await EVENT_BUCKET.put(largeKey(head), json)
      return writeMessage({ head })
    }),
  )
  for (const batch of splitBatches(bodies)) {
    await EVENT_QUEUE.sendBatch(batch.map(body => ({ body, contentType: 'text' })))
  }
}

function* splitBatches(bodies: readonly string[]): Generator<string[]> {
  let batch: string[] = []
  let bytes = 0
  for (const body of bodies) {
    const size = new TextEncoder().encode(body).byteLength
    if (batch.length === MAX_MESSAGES || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(body)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
