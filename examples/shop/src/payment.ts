import type { Recorder } from './env.ts'
import type { Order } from './order.ts'

/** What the payment gateway returns, according to its manual. */
interface Charge {
  id: string
  receipt: { url: string }
}

/** Charges the order's card and returns the receipt's address. */
export async function chargeCard(order: Order, priceCents: number, recorder: Recorder): Promise<string> {
  const { cardNumber } = order
  const amount = (priceCents * order.quantity) / 100
  recorder.addBreadcrumb('Charging card', { category: 'payment', metadata: { amount, cardNumber } })
  const charge = await recorder.call('gateway', { amount, cardNumber }, () => askGateway(order))
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
