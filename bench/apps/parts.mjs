/** The recording in parts: `PART` says how far it goes. Nothing of it is sent but in the last. */
import { replaystack } from '@replaystack/edge/hono'
import { Hono } from 'hono'
import { recordOf } from './record.mjs'
import { addShop, keepAlive } from './shop.mjs'

const answer = { status: 200, headers: new Map(), text: async () => '{"success":true}' }
const transport = { post: async () => answer }
const bodies = { captureRequestBody: true, captureResponseBody: true }
const least = {
  transport,
  automaticBreadcrumbs: false,
  captureHeaders: false,
  captureRequestBody: false,
  captureResponseBody: false,
}

const OPTIONS = {
  'sampled-out': { sampleRate: 0 },
  event: least,
  headers: { ...least, captureHeaders: true },
  breadcrumbs: { ...least, captureHeaders: true, automaticBreadcrumbs: true },
  bodies: { ...least, captureHeaders: true, automaticBreadcrumbs: true, ...bodies },
  sent: {},
}

/** What the hand-written application does before it sends. */
async function recordByHand(c, next) {
  const started = Date.now()
  await next()
  keepAlive(
    c,
    recordOf(c, started).then(event => JSON.stringify(event)),
  )
}

const app = new Hono()
const recorded = replaystack(env => OPTIONS[env.PART] ?? {})
app.use((c, next) => (c.env.PART === 'by-hand' ? recordByHand : recorded)(c, next))
addShop(app)

export default app
