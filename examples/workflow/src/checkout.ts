/** A checkout that goes on for as long as it takes: what has been done once is not done again. */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers'
import { instrumentWorkflow } from '@replaystack/edge/cloudflare'
import type { Env } from './index.ts'

export interface Order {
  sku: string
  quantity: number
}

class OrderCheckout extends WorkflowEntrypoint<Env, Order> {
  override async run({ payload }: WorkflowEvent<Order>, step: WorkflowStep) {
    const { sku, quantity } = payload
    const charge = await step.do('charge', { retries: { limit: 3, delay: '1 second' } }, async ({ attempt }) => {
      // A gateway that is busy at first.
      if (attempt < 2) throw new Error('The gateway is busy')
      return { id: `charge-${sku}`, cents: 1999 * quantity }
    })
    await step.sleep('until it can be cancelled no more', '1 second')
    return await step.do('ship', async () => ({ shipped: quantity, charge: charge.id }))
  }
}

/** The class that the platform is given: recorded, and otherwise the same. */
export const Checkout = instrumentWorkflow(OrderCheckout)
