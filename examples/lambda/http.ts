/** A function behind an HTTP API or a function URL. A REST API or a load balancer is recorded by the same line. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/lambda'
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda'

interface Order {
  sku: string
  quantity: number
}

export const handler: APIGatewayProxyHandlerV2 = withReplayStack(
  async (event, _context, _callback, recorder?: ReplayStackHandle) => {
    if (event.requestContext.http.method !== 'POST') return { message: 'Send an order' }
    const order: Order = JSON.parse(event.body ?? '{}')
    recorder?.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
    if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
    return { statusCode: 201, body: JSON.stringify({ id: crypto.randomUUID(), sku: order.sku }) }
  },
)
