/** The application without any SDK. */
import { Hono } from 'hono'
import { addShop } from './shop.mjs'

const app = new Hono()
addShop(app)

export default app
