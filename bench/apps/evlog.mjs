/**
 * evlog's middleware: a wide event a request, its safe headers added, drained to Axiom's API and kept from the console. One
 * POST an event on Workers; on Node through its pipeline, as it would hold up the answer without.
 */
import { initLogger } from 'evlog'
import { createAxiomDrain } from 'evlog/axiom'
import { evlog } from 'evlog/hono'
import { createDrainPipeline } from 'evlog/pipeline'
import { Hono } from 'hono'
import { addShop, onWorkers, settingsOf } from './shop.mjs'

let middleware

function create(env) {
  const { INGEST } = settingsOf(env)
  const drain = createAxiomDrain({ dataset: 'shop', apiKey: 'xaat-bench', baseUrl: INGEST })
  initLogger({ env: { service: 'shop' }, silent: true, drain })
  return evlog({
    redact: true,
    enrich: ({ event, headers }) => {
      event.requestHeaders = headers
    },
    drain: onWorkers ? drain : createDrainPipeline()(drain),
  })
}

const app = new Hono()
app.use((c, next) => {
  middleware ??= create(c.env)
  return middleware(c, next)
})
addShop(app)

export default app
