import { Hono } from 'hono'
import { readEventFilter } from './event-filter.ts'
import type { EventStore } from './store.ts'

/** The routes that list, show and remove events. */
export function createReadRoutes(store: EventStore): Hono {
  const routes = new Hono()

  routes.get('/', context => {
    const { events, next } = store.list(readEventFilter(context.req.query()))
    return context.json({ events, next: next === null ? null : String(next) })
  })

  routes.get('/:id', context => {
    const stored = store.get(context.req.param('id'))
    if (!stored) return context.json({ success: false, message: 'Event not found' }, 404)
    const { id, receivedAt, json } = stored
    // The event's text goes out as it is kept: parsing it would round its large numbers.
    const body = `{"id":${JSON.stringify(id)},"receivedAt":${JSON.stringify(receivedAt)},"event":${json}}`
    return context.body(body, 200, { 'content-type': 'application/json' })
  })

  routes.delete('/', context => {
    const deleted = store.clear()
    return context.json({ success: true, message: 'Events deleted', data: { deleted } })
  })

  return routes
}
