/** What could not be stored: kept in the bucket, listed, and sent again when somebody asks for it. */
import { Hono } from 'hono'
import type { QueueBatch, TeamInboxEnv } from './platform.ts'
import { readMessage } from './queued-event.ts'
import type { TeamEnv } from './worker.ts'

const PREFIX = 'dead/'

/** How many are listed, and sent again by one request: each is one message. */
const MAX_LISTED = 100

/** Keeps the messages of the dead-letter queue. */
export async function keepDeadLetters({ messages }: QueueBatch, { EVENT_BUCKET }: TeamInboxEnv): Promise<void> {
  for (const message of messages) {
    const head = readMessage(message.body)?.head
    const key = `${PREFIX}${head ? `${head.project}/${head.id}` : message.id}`
    await EVENT_BUCKET.put(key, typeof message.body === 'string' ? message.body : JSON.stringify(message.body))
    message.ack()
  }
}

export function createDeadLetterRoutes(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()

  routes.get('/', async context => {
    const { objects, truncated } = await context.env.EVENT_BUCKET.list({ prefix: PREFIX, limit: MAX_LISTED })
    const events = objects.map(({ key, uploaded }) => {
      const [, project, eventId] = key.split('/')
      return { project, eventId, failedAt: uploaded.toISOString() }
    })
    return context.json({ events, hasMore: truncated })
  })

  routes.post('/retry', async context => {
    const { EVENT_BUCKET, EVENT_QUEUE } = context.env
    const { objects, truncated } = await EVENT_BUCKET.list({ prefix: PREFIX, limit: MAX_LISTED })
    let sent = 0
    for (const { key } of objects) {
      const object = await EVENT_BUCKET.get(key)
      if (!object) continue
      await EVENT_QUEUE.sendBatch([{ body: await object.text(), contentType: 'text' }])
      await EVENT_BUCKET.delete([key])
      sent++
    }
    return context.json({ success: true, data: { sent, hasMore: truncated } })
  })

  return routes
}
