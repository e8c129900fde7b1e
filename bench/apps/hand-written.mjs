/** The least code that sends the same event. No masking, no limits, no retry. */
import { Hono } from 'hono'
import { recordOf } from './record.mjs'
import { addShop, keepAlive, settingsOf } from './shop.mjs'

async function send(event, env) {
  const { INGEST, REPLAYSTACK_API_KEY } = settingsOf(env)
  const response = await fetch(`${INGEST}/api/v1/ingest/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-replaystack-api-key': REPLAYSTACK_API_KEY },
    body: JSON.stringify(event),
  })
  await response.text()
}

const app = new Hono()
app.use(async (c, next) => {
  const started = Date.now()
  await next()
  keepAlive(
    c,
    recordOf(c, started).then(event => send(event, c.env)),
  )
})
addShop(app)

export default app
