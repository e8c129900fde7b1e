/** The way in: what ingest accepts goes into the queue. */
import type { NewEvent } from '../store.ts'
import type { TeamInboxEnv } from './platform.ts'
import { deriveHead, isLarge, largeKey, type QueuedEvent, writeMessage } from './queued-event.ts'

/** What one call of `sendBatch` takes: 100 messages, 256 kB in all. */
const MAX_MESSAGES = 100
const MAX_BYTES = 240_000

/** Hands events over to the queue, and resolves to their ids when it has them all. */
export async function sendEvents(
  project: string,
  events: readonly NewEvent[],
  { EVENT_QUEUE, EVENT_BUCKET }: TeamInboxEnv,
): Promise<string[]> {
  const receivedAt = Date.now()
  const queued = await Promise.all(
    events.map(async (event): Promise<QueuedEvent> => {
      const head = await deriveHead(project, event, receivedAt)
      if (!isLarge(event.json)) return { head, json: event.json }
      await EVENT_BUCKET.put(largeKey(head), event.json)
      return { head }
    }),
  )
  for (const batch of splitBatches(queued.map(writeMessage))) {
    await EVENT_QUEUE.sendBatch(batch.map(body => ({ body, contentType: 'text' })))
  }
  return queued.map(({ head }) => head.id)
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
