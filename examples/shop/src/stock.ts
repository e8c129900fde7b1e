/** The shop's tables: `schema.sql` makes them. */
import type { Parcel } from './env.ts'
import type { Order } from './order.ts'

/** The price of a product of which there is enough, in cents; `null` where there is not. */
export async function findPrice(db: D1Database, { sku, quantity }: Order): Promise<number | null> {
  const query = db.prepare('SELECT price_cents FROM products WHERE sku = ? AND stock >= ?')
  return query.bind(sku, quantity).first<number>('price_cents')
}

/** Keeps a paid order, and takes what it is about from the shelf. */
export async function keepOrder(db: D1Database, { orderId, sku, quantity }: Parcel): Promise<void> {
  await db.batch([
    db.prepare('INSERT INTO orders (id, sku, quantity) VALUES (?, ?, ?)').bind(orderId, sku, quantity),
    db.prepare('UPDATE products SET stock = stock - ? WHERE sku = ?').bind(quantity, sku),
  ])
}

export async function markShipped(db: D1Database, orderId: string): Promise<void> {
  const { meta } = await db.prepare(`UPDATE orders SET state = 'shipped' WHERE id = ?`).bind(orderId).run()
  if (meta.changes === 0) throw new Error(`There is no order ${orderId}`)
}

/** What has to be ordered from the potter. */
export async function listScarce(db: D1Database): Promise<string[]> {
  const { results } = await db.prepare('SELECT sku FROM products WHERE stock < 10').all<{ sku: string }>()
  return results.map(({ sku }) => sku)
}
