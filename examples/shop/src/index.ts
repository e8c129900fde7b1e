/** A shop: orders in D1, parcels from a queue, a nightly count. One call records all three. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/cloudflare'
import { personalData } from '@replaystack/edge/masks'
import { tapeRecorder } from '@replaystack/edge/tape'
import { app } from './app.ts'
import type { Env, Parcel } from './env.ts'
import { listScarce, markShipped } from './stock.ts'

const worker = {
  fetch: app.fetch,

  async queue(batch: MessageBatch<Parcel>, env: Env, _ctx: ExecutionContext, recorder?: ReplayStackHandle) {
    for (const { body } of batch.messages) {
      await markShipped(env.DB, body.orderId)
      recorder?.addBreadcrumb(`Shipped ${body.quantity} × ${body.sku}`, { category: 'parcel' })
    }
  },

  async scheduled(_controller: ScheduledController, env: Env, _ctx: ExecutionContext, recorder?: ReplayStackHandle) {
    const scarce = await listScarce(env.DB)
    recorder?.addBreadcrumb('Stock counted', { category: 'stock', metadata: { scarce } })
  },
}

// Key and settings come from `env`. The names in `maskFields` are masked besides the usual ones, and so is who ordered.
// What D1, the queue and the gateway answered to a request that failed is kept with it, for a test without them.
export default withReplayStack(worker, {
  maskFields: ['taxNumber'],
  masks: [personalData()],
  recordCalls: tapeRecorder(),
})
