/** Sentry's SDK for Workers: a transaction a request, every category of data collected, bodies of any size. */
import { Hono } from 'hono'
import { httpServerIntegration, withSentry } from 'sentry-cloudflare-11'
import { addShop } from './shop.mjs'

const app = new Hono()
addShop(app)

export default withSentry(
  env => ({
    dsn: env.SENTRY_DSN,
    tracesSampleRate: 1,
    integrations: [httpServerIntegration({ maxRequestBodySize: 'always' })],
  }),
  app,
)
