/** A shop on Koa. The lines that record it are marked. */
import { createServer } from 'node:http'
import { recordError, withReplayStack } from '@replaystack/edge/node'
import Koa from 'koa'

const app = new Koa()

// Koa responds to errors by itself: the request's event gets them here. To be the first middleware.
app.use(async (_context, next) => {
  try {
    await next()
  } catch (error) {
    recordError(error)
    throw error
  }
})

app.use(async context => {
  const { method, path } = context
  if (method !== 'POST' || path !== '/orders') return context.throw(404, 'No such page')
  const chunks = []
  for await (const chunk of context.req) chunks.push(chunk)
  const order = JSON.parse(Buffer.concat(chunks).toString())
  if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
  context.status = 201
  context.body = { sku: order.sku }
})

// Records every request. Key and settings come from the environment.
createServer(withReplayStack(app.callback())).listen(Number(process.env['PORT'] ?? 3000))
