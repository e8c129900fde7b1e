/** What clients ask of the shop. */
import { type ReplayStackVariables, replaystack } from '@replaystack/edge/hono'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { streamSSE } from 'hono/streaming'
import type { Env } from './env.ts'
import { readOrder } from './order.ts'
import { chargeCard } from './payment.ts'
import { findPrice, keepOrder } from './stock.ts'

export const app = new Hono<{ Bindings: Env; Variables: ReplayStackVariables }>()

app.use(replaystack()) // Gives each event its route, its error, and `c.var.replaystack`.

app.post('/orders', async c => {
  const order = readOrder(await c.req.json())
  if ('problem' in order) return c.json({ error: order.problem }, 422)
  const { sku, quantity } = order
  const price = await findPrice(c.env.DB, order)
  if (price === null) return c.json({ error: `There are no ${quantity} × ${sku}` }, 409)
  c.var.replaystack.addBreadcrumb(`Stock found: ${quantity} × ${sku}`, { category: 'stock' })
  const receipt = await chargeCard(order, price, c.var.replaystack)
  const parcel = { orderId: crypto.randomUUID(), sku, quantity }
  await keepOrder(c.env.DB, parcel)
  await c.env.PARCELS.send(parcel)
  return c.json({ id: parcel.orderId, sku, quantity, receipt }, 201)
})

app.post('/login', async c => {
  const { email, password } = await c.req.json<{ email?: string; password?: string }>()
  const deviceToken = c.req.header('authorization')?.replace(/^Bearer /, '')
  if (!email || !password || !deviceToken) return c.json({ error: 'Wrong email or password' }, 401)
  setCookie(c, 'session', crypto.randomUUID(), { httpOnly: true, secure: true, sameSite: 'Lax' })
  return c.json({ email, accessToken: crypto.randomUUID() })
})

app.get('/stream', c =>
  streamSSE(c, async stream => {
    for (const state of ['packed', 'shipped', 'delivered']) {
      await stream.writeSSE({ event: 'order', data: state })
      await stream.sleep(20)
    }
  }),
)

app.onError((_error, c) => c.json({ error: 'Something went wrong' }, 500))
