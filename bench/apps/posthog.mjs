/** PostHog sends the events it is given: here the hand-written one. At once on Workers, in its own batches on Node. */
import { Hono } from 'hono'
import { PostHog } from 'posthog-node'
import { recordOf } from './record.mjs'
import { addShop, keepAlive, onWorkers, settingsOf } from './shop.mjs'

let posthog

async function record(c, started) {
  const event = { distinctId: 'ada', event: 'request', properties: await recordOf(c, started) }
  if (onWorkers) await posthog.captureImmediate(event)
  else posthog.capture(event)
}

const app = new Hono()
app.use(async (c, next) => {
  posthog ??= new PostHog('phc_bench', { host: settingsOf(c.env).INGEST })
  const started = Date.now()
  await next()
  keepAlive(c, record(c, started))
})
addShop(app)

export default app
