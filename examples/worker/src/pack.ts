import type { Order } from './index.ts'

/** What is on the shelves. */
const STOCK: Readonly<Record<string, number>> = { teapot: 12, samovar: 1 }

/** Packs an order. Fails where there is not enough: the queue tries the batch again, and each try is an event. */
export async function pack({ sku, quantity }: Order): Promise<void> {
  await scheduler.wait(5)
  const stock = STOCK[sku] ?? 0
  if (quantity > stock) throw new RangeError(`${quantity} × ${sku} ordered, ${stock} on the shelf`)
}
