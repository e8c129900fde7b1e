import { Hono } from 'hono'
import { asksForHtml, respondHtml } from './html-response.ts'
import { renderComparePage } from './page/page-views.tsx'
import { compareEvents } from './replay/compare-events.ts'
import { formatComparison } from './replay/format-comparison.ts'
import type { EventStore } from './store.ts'
import { readStoredEvent } from './stored-event.ts'
import { respondText } from './text-response.ts'

/** `/events/:id/compare/:other`: two events side by side; and the same as JSON, under `/api/v1`. */
export function createComparePages(store: EventStore): Hono {
  const routes = new Hono()

  const readBoth = (firstId: string, secondId: string) => {
    const [one, other] = [store.get(firstId), store.get(secondId)]
    if (!one || !other) return undefined
    return {
      first: { id: one.id, receivedAt: one.receivedAt, event: readStoredEvent(one).event },
      second: { id: other.id, receivedAt: other.receivedAt, event: readStoredEvent(other).event },
    }
  }

  routes.get('/events/:id/compare/:other', context => {
    const both = readBoth(context.req.param('id'), context.req.param('other'))
    if (!both) return context.notFound()
    const comparison = compareEvents(both.first, both.second)
    if (!asksForHtml(context)) return respondText(context, `${formatComparison(comparison)}\n`)
    return respondHtml(context, renderComparePage({ ...both, comparison, now: Date.now() }))
  })

  routes.get('/api/v1/events/:id/compare/:other', context => {
    const both = readBoth(context.req.param('id'), context.req.param('other'))
    if (!both) return context.json({ success: false, message: 'Event not found' }, 404)
    return context.json({ success: true, data: compareEvents(both.first, both.second) })
  })

  return routes
}
