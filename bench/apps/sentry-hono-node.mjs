/** Sentry's SDK for Hono on Node. It is set up before the application is loaded: `sentry-hono-instrument.mjs`. */
import { sentry } from '@sentry/hono/node'
import { Hono } from 'hono'
import { addShop } from './shop.mjs'

const app = new Hono()
app.use(sentry(app))
addShop(app)

export default app
