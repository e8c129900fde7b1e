/** ReplayStack with everything on, up to 20 events a POST. */
import { replaystack } from '@replaystack/edge/hono'
import { Hono } from 'hono'
import { addShop } from './shop.mjs'

const app = new Hono()
app.use(replaystack({ batchMaxEvents: 20 }))
addShop(app)

export default app
