/** A shop on itty-router. The line that records it is marked. */
import { type ReplayStackRequest, replaystack } from '@replaystack/edge/itty'
import { AutoRouter, type IRequest, StatusError } from 'itty-router'

type ShopRequest = IRequest & ReplayStackRequest

const router = AutoRouter({ ...replaystack() }) // Records every request. Key and settings come from the Worker's env.

router.get('/hello/:name', ({ params }: ShopRequest) => ({ message: `Hello, ${params['name']}` }))

router.post('/orders', async (request: ShopRequest) => {
  const order = (await request.json()) as { sku?: unknown; quantity: number }
  request.replaystack.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
  if (typeof order.sku !== 'string') throw new StatusError(422, 'sku must be the name of a product')
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  return { id: crypto.randomUUID(), sku: order.sku }
})

export default { fetch: router.fetch }
