/** A shop on Fastify. The lines that record it are marked. */
import {
  createReplayStackClient,
  installReplayStackProcessGuards,
  type ReplayStackRequest,
  replaystack,
} from '@replaystack/edge/node'
import fastify from 'fastify'

declare module 'http' {
  interface IncomingMessage extends ReplayStackRequest {}
}

const client = createReplayStackClient() // Key and settings come from the environment.
installReplayStackProcessGuards(client) // What waits is flushed before the process ends.

const app = fastify()
const recorder = replaystack({ client })

// Records every request, with its route's pattern.
app.addHook('onRequest', (request, reply, done) => {
  Object.assign(request.raw, { route: { path: request.routeOptions.url } })
  recorder(request.raw, reply.raw, done)
})
// Records what was thrown: Fastify responds to errors by itself.
app.addHook('onError', (request, reply, error, done) => {
  recorder.errorHandler(error, request.raw, reply.raw, () => done())
})

app.get<{ Querystring: { name?: string } }>('/hello', async request => {
  return { message: `Hello, ${request.query.name ?? 'world'}` }
})

app.post<{ Body: { sku: string; quantity: number } }>('/orders', async (request, reply) => {
  const order = request.body
  request.raw.replaystack.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  return reply.code(201).send({ id: crypto.randomUUID(), sku: order.sku })
})

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
