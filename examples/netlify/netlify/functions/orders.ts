/** A function that takes orders. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/netlify'

export default withReplayStack(async (request: Request, _context: unknown, recorder?: ReplayStackHandle) => {
  const order = await request.json()
  recorder?.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  return Response.json({ id: crypto.randomUUID(), sku: order.sku }, { status: 201 })
})

export const config = { path: '/orders', method: 'POST' }
