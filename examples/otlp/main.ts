/** A shop on Express whose events go to ReplayStack, and to an OpenTelemetry collector as logs. */
import { createReplayStackClient, installReplayStackProcessGuards, replaystack } from '@replaystack/edge/node'
import { otlpTransport } from '@replaystack/edge/otlp'
import express from 'express'

// The collector comes from OTEL_EXPORTER_OTLP_ENDPOINT, everything else from ReplayStack's own variables.
const client = createReplayStackClient({
  batchMaxEvents: 20,
  transport: otlpTransport({ onError: error => console.warn(error.message) }),
})
installReplayStackProcessGuards(client) // What waits is flushed before the process ends.

const app = express()
app.use(replaystack({ client })) // Records every request, and every error that passes through Express.
app.use(express.json())

app.post('/orders', (request, response) => {
  const order = request.body
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  response.status(201).json({ id: crypto.randomUUID(), sku: order.sku })
})

app.listen(Number(process.env['PORT'] ?? 3000))
