import type { ReplayStackVariables } from '@replaystack/edge/hono'
import type { Order } from './order.ts'

type Recorder = ReplayStackVariables['replaystack']

/** What the payment gateway returns, according to its manual. */
interface Charge {
  id: string
  receipt: { url: string }
}

/** Charges the order's card and returns the receipt's address. */
export async function chargeCard(order: Order, recorder: Recorder): Promise<string> {
  recorder.addBreadcrumb(`Stock reserved: ${order.quantity} × ${order.sku}`, { category: 'stock' })
  recorder.addBreadcrumb('Charging card', { category: 'payment', metadata: { cardNumber: order.cardNumber } })
  const charge = await askGateway(order)
  recorder.addBreadcrumb(`Gateway answered ${charge.id}`, { category: 'payment' })
  return readReceipt(charge)
}

/** Stands in for a payment gateway. A card that ends in 0002 is declined, in a form that its manual does not mention. */
async function askGateway({ cardNumber }: Order): Promise<Charge> {
  await scheduler.wait(15)
  const declined = cardNumber.endsWith('0002')
  const response = declined
    ? { id: 'declined' }
    : { id: 'charge_1', receipt: { url: 'https://pay.example/receipts/1' } }
  return JSON.parse(JSON.stringify(response))
}

/** Fails on a declined card: it has no receipt. */
function readReceipt(charge: Charge): string {
  return charge.receipt.url
}
