/** A small shop: orders, a login, a stream and a cron run. The two lines that record them are marked. */
import { withReplayStack } from '@replaystack/edge/cloudflare'
import { type ReplayStackVariables, replaystack } from '@replaystack/edge/hono'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { streamSSE } from 'hono/streaming'
import { readOrder } from './order.ts'
import { chargeCard } from './payment.ts'

/** What `wrangler.jsonc` and `wrangler secret put` give the Worker. */
interface Env {
  REPLAYSTACK_API_KEY: string
  REPLAYSTACK_SERVICE_NAME: string
}

const app = new Hono<{ Bindings: Env; Variables: ReplayStackVariables }>()

app.use(replaystack()) // Records every request. Key and settings come from `c.env`.

app.post('/orders', async c => {
  const order = readOrder(await c.req.json())
  if ('problem' in order) return c.json({ error: order.problem }, 422)
  const receipt = await chargeCard(order, c.var.replaystack)
  return c.json({ id: crypto.randomUUID(), sku: order.sku, quantity: order.quantity, receipt }, 201)
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

export default withReplayStack({
  // Records what Hono does not see: cron runs. A request is still one event.
  fetch: app.fetch,
  async scheduled(controller: ScheduledController) {
    await scheduler.wait(10)
    console.log(`Stock counted (${controller.cron})`)
  },
})
