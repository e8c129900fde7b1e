/** Sentry's SDK for Hono on Workers: a transaction a request, every category of data collected. */
import { httpServerIntegration } from '@sentry/cloudflare'
import { sentry } from '@sentry/hono/cloudflare'
import { Hono } from 'hono'
import { addShop } from './shop.mjs'

const app = new Hono()
app.use(
  sentry(app, env => ({
    dsn: env.SENTRY_DSN,
    tracesSampleRate: 1,
    dataCollection: {},
    integrations: [httpServerIntegration({ maxRequestBodySize: 'always' })],
  })),
)
addShop(app)

export default app
