/** A warehouse: it takes orders, packs them from a queue, and counts its stock at night. */
import { traceQueue, withReplayStack } from '@replaystack/edge/cloudflare'
import { pack } from './pack.ts'

/** What `wrangler.jsonc` and `wrangler secret put` give the Worker. */
interface Env {
  REPLAYSTACK_API_KEY: string
  ORDERS: Queue<Order>
}

/** An order on its way through the queue. */
export interface Order {
  sku: string
  quantity: number
}

const worker = {
  async fetch(request, env) {
    if (request.method !== 'POST') return Response.json({ error: 'POST an order' }, { status: 405 })
    const { sku, quantity } = await request.json<Partial<Order>>()
    if (!sku || !quantity) return Response.json({ error: 'An order has a sku and a quantity' }, { status: 422 })
    // The batch's event is then in the trace of this request.
    await traceQueue(env.ORDERS).send({ sku, quantity })
    return Response.json({ accepted: true }, { status: 202 })
  },

  async queue(batch) {
    for (const message of batch.messages) await pack(message.body)
  },

  async scheduled(controller) {
    await scheduler.wait(10)
    console.log(`Stock counted (${controller.cron})`)
  },
} satisfies ExportedHandler<Env, Order>

// Records requests, queue batches and cron runs. Key and settings come from `env`.
export default withReplayStack(worker)
