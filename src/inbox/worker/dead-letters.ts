/** What could not be stored: kept in the bucket, listed, and sent again when somebody asks for it. */
import { Hono } from 'hono'
import { sendQueued } from './event-sender.ts'
import type { Bucket, QueueBatch, QueueMessage, TeamInboxEnv } from './platform.ts'
import { largeKey, readMessage, writeMessage } from './queued-event.ts'
import type { TeamEnv } from './worker.ts'

/** Where the bucket keeps them. */
export const DEAD_PREFIX = 'dead/'

/** How many are listed, and sent again by one request: each is one message. */
const MAX_LISTED = 100

/** Keeps the messages of the dead-letter queue. */
export async function keepDeadLetters({ messages }: QueueBatch, { EVENT_BUCKET }: TeamInboxEnv): Promise<void> {
  for (const message of messages) {
    const { key, text } = await writeDeadLetter(message, EVENT_BUCKET)
    await EVENT_BUCKET.put(key, text)
    message.ack()
  }
}

/** With its event whole: the bucket keeps what waits for the queue for a time alone. */
async function writeDeadLetter({ id, body }: QueueMessage, bucket: Bucket): Promise<{ key: string; text: string }> {
  const queued = readMessage(body)
  if (!queued) return { key: DEAD_PREFIX + id, text: typeof body === 'string' ? body : JSON.stringify(body) }
  const { head, json = await (await bucket.get(largeKey(head)))?.text() } = queued
  return {
    key: `${DEAD_PREFIX}${head.project}/${head.id}`,
    text: writeMessage({ head, ...(json !== undefined && { json }) }),
  }
}

export function createDeadLetterRoutes(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()

  routes.get('/', async context => {
    const { objects, truncated } = await context.env.EVENT_BUCKET.list({ prefix: DEAD_PREFIX, limit: MAX_LISTED })
    const events = objects.map(({ key, uploaded }) => {
      const [, project, eventId] = key.split('/')
      return { project, eventId, failedAt: uploaded.toISOString() }
    })
    return context.json({ events, hasMore: truncated })
  })

  routes.post('/retry', async context => {
    const { EVENT_BUCKET } = context.env
    const { objects, truncated } = await EVENT_BUCKET.list({ prefix: DEAD_PREFIX, limit: MAX_LISTED })
    let sent = 0
    for (const { key } of objects) {
      const queued = readMessage(await (await EVENT_BUCKET.get(key))?.text())
      // What is no event of ours stays where somebody may look at it.
      if (queued?.json === undefined) continue
      await sendQueued([{ head: queued.head, json: queued.json }], context.env)
      await EVENT_BUCKET.delete([key])
      sent++
    }
    return context.json({ success: true, data: { sent, hasMore: truncated } })
  })

  return routes
}
