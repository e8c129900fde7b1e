/** A shop on Express. The lines that record it are marked. */
import {
  createReplayStackClient,
  installReplayStackProcessGuards,
  type ReplayStackRequest,
  replaystack,
} from '@replaystack/edge/node'
import express from 'express'

declare global {
  namespace Express {
    interface Request extends ReplayStackRequest {}
  }
}

const client = createReplayStackClient() // Key and settings come from the environment.
installReplayStackProcessGuards(client) // What waits is flushed before the process ends.

const app = express()
app.use(replaystack({ client })) // Records every request, and every error that passes through Express.
app.use(express.json())

app.get('/hello', (request, response) => {
  response.json({ message: `Hello, ${request.query['name'] ?? 'world'}` })
})

app.post('/orders', (request, response) => {
  const order = request.body
  request.replaystack.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  response.status(201).json({ id: crypto.randomUUID(), sku: order.sku })
})

app.listen(Number(process.env['PORT'] ?? 3000))
