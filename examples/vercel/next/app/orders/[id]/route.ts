/** A route handler of Next.js. `redirect()` and `notFound()` are responses in its events; anything else that is thrown is an error. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/vercel'

interface RouteContext {
  params: Promise<{ id: string }>
}

const orders = new Map([['7', { sku: 'teapot', quantity: 2 }]])

export const GET = withReplayStack(async (_request: Request, { params }: RouteContext) => {
  const order = orders.get((await params).id)
  return order ? Response.json(order) : Response.json({ error: 'No such order' }, { status: 404 })
})

export const PUT = withReplayStack(async (request: Request, { params }: RouteContext, recorder?: ReplayStackHandle) => {
  const { id } = await params
  const order = await request.json()
  recorder?.addBreadcrumb(`Changing order ${id}`, { category: 'database', metadata: order })
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  return Response.json({ id, ...order })
})
