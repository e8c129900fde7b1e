/** Loaded with `--import` before `sentry-hono-node.mjs`, as Sentry asks. */
import { init } from '@sentry/hono/node'
import { httpServerIntegration } from '@sentry/node'

init({
  dsn: process.env.SENTRY_DSN,
  tracesSampleRate: 1,
  dataCollection: {},
  integrations: [httpServerIntegration({ maxRequestBodySize: 'always' })],
})
