/** ReplayStack as it is installed: everything on, events in batches, key and endpoint from the environment. */
import { replaystack } from '@replaystack/edge/hono'
import { Hono } from 'hono'
import { addShop } from './shop.mjs'

const app = new Hono()
app.use(replaystack())
addShop(app)

export default app
