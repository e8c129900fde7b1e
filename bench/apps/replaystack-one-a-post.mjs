/** {@link replaystack.mjs}, one event a POST. */
import { replaystack } from '@replaystack/edge/hono'
import { Hono } from 'hono'
import { addShop } from './shop.mjs'

const app = new Hono()
app.use(replaystack({ batchMaxEvents: 1 }))
addShop(app)

export default app
