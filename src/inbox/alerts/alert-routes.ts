import { type Context, Hono } from 'hono'
import { readJsonObject } from '../limited-body.ts'
import { inboxUrlOf } from '../loopback.ts'
import type { Alerts } from './alerts.ts'

const MAX_BODY_BYTES = 16 * 1024

/** The routes that list, make, change, remove and try out alerts. */
export function createAlertRoutes(alerts: Alerts, project: string): Hono {
  const routes = new Hono()

  routes.get('/', context => context.json({ alerts: alerts.list() }))

  routes.post('/', async context => {
    const { alertId, secret } = alerts.add(
      await readJsonObject(context.req.raw, MAX_BODY_BYTES),
      inboxUrlOf(context.req, project),
    )
    const data = { ...alerts.find(alertId), secret }
    return context.json({ success: true, data }, 201, { location: `/api/v1/alerts/${alertId}` })
  })

  routes.patch('/:id', async context => {
    const alert = alerts.update(context.req.param('id'), await readJsonObject(context.req.raw, MAX_BODY_BYTES))
    return alert ? context.json({ success: true, data: alert }) : refuseUnknown(context)
  })

  routes.delete('/:id', context => {
    if (!alerts.remove(context.req.param('id'))) return refuseUnknown(context)
    return context.json({ success: true, message: 'Alert removed' })
  })

  routes.post('/:id/test', async context => {
    const outcome = await alerts.test(context.req.param('id'))
    if (!outcome) return refuseUnknown(context)
    const { failure } = outcome
    return failure === undefined
      ? context.json({ success: true, message: 'The webhook took the message' })
      : context.json({ success: false, message: failure }, 502)
  })

  return routes
}

function refuseUnknown(context: Context): Response {
  return context.json({ success: false, message: 'Alert not found' }, 404)
}
