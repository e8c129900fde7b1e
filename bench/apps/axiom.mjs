/** Axiom sends the events it is given: here the hand-written one. At once on Workers, in its own batches on Node. */
import { Axiom, AxiomWithoutBatching } from '@axiomhq/js'
import { Hono } from 'hono'
import { recordOf } from './record.mjs'
import { addShop, keepAlive, onWorkers, settingsOf } from './shop.mjs'

let axiom

const app = new Hono()
app.use(async (c, next) => {
  const Client = onWorkers ? AxiomWithoutBatching : Axiom
  axiom ??= new Client({ token: 'xaat-bench', url: settingsOf(c.env).INGEST })
  const started = Date.now()
  await next()
  keepAlive(
    c,
    recordOf(c, started).then(event => axiom.ingest('shop', event)),
  )
})
addShop(app)

export default app
