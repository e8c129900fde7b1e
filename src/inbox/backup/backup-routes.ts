import { Hono } from 'hono'
import { MAX_BODY_BYTES } from '../ingest-routes.ts'
import { readLimitedBody } from '../limited-body.ts'
import type { EventStore } from '../store.ts'
import { readBackupLines } from './backup.ts'

/** One event as large as ingest takes them, with what is kept beside it. */
const MAX_RESTORED_BYTES = 2 * MAX_BODY_BYTES

/** All that is kept, page by page, and back again. */
export function createBackupRoutes(store: EventStore): Hono {
  const routes = new Hono()

  routes.get('/backup', context => {
    const { lines, next } = store.backup(context.req.query('after') || undefined)
    return context.body(lines, 200, {
      'content-type': 'application/x-ndjson',
      ...(next !== undefined && { link: `<?${new URLSearchParams({ after: next })}>; rel="next"` }),
    })
  })

  routes.post('/restore', async context => {
    const { rejected, ...given } = readBackupLines(await readLimitedBody(context.req.raw, MAX_RESTORED_BYTES))
    return context.json({ success: true, data: { ...store.restore(given), rejected } })
  })

  return routes
}
