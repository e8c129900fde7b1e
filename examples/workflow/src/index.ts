/** Takes orders, each of which is checked out by a workflow. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/cloudflare'
import type { Order } from './checkout.ts'

export { Checkout } from './checkout.ts'

/** What `wrangler.jsonc` and `wrangler secret put` give the Worker and its workflow. */
export interface Env {
  REPLAYSTACK_API_KEY: string
  CHECKOUT: Workflow<Order>
}

export default withReplayStack({
  async fetch(request, env, _ctx, handle?: ReplayStackHandle) {
    if (request.method !== 'POST') return Response.json({ error: 'POST an order' }, { status: 405 })
    const params = await request.json<Order>()
    // An instance's id is its trace id: the request and the run are one trace.
    const instance = await env.CHECKOUT.create({ params, ...(handle?.traceId && { id: handle.traceId }) })
    return Response.json({ id: instance.id }, { status: 202 })
  },
} satisfies ExportedHandler<Env>)
