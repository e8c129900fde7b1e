/** {@link hand-written.mjs}, 20 events a POST. Up to 19 wait for the next request, however long that takes. */
import { Hono } from 'hono'
import { recordOf } from './record.mjs'
import { addShop, keepAlive, settingsOf } from './shop.mjs'

let waiting = []

async function send(events, env) {
  const { INGEST, REPLAYSTACK_API_KEY } = settingsOf(env)
  const response = await fetch(`${INGEST}/api/v1/ingest/bulk-events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-replaystack-api-key': REPLAYSTACK_API_KEY },
    body: JSON.stringify({ events }),
  })
  await response.text()
}

async function record(c, started) {
  const event = await recordOf(c, started)
  waiting.push(event)
  if (waiting.length < 20) return
  const events = waiting
  waiting = []
  await send(events, c.env)
}

const app = new Hono()
app.use(async (c, next) => {
  const started = Date.now()
  await next()
  keepAlive(c, record(c, started))
})
addShop(app)

export default app
