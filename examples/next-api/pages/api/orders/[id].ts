/** A Next.js API route. Its export is recorded. */
import { type ReplayStackRequest, withReplayStack } from '@replaystack/edge/node'
import type { NextApiRequest, NextApiResponse } from 'next'

export default withReplayStack((request: NextApiRequest & ReplayStackRequest, response: NextApiResponse) => {
  const order = request.body
  request.replaystack.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  response.status(201).json({ id: request.query['id'], sku: order.sku })
})
