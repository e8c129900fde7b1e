/** OpenTelemetry for Workers: a trace a request, sent as OTLP. It has no option for headers or bodies. */
import { instrument } from '@microlabs/otel-cf-workers'
import { Hono } from 'hono'
import { addShop } from './shop.mjs'

const app = new Hono()
addShop(app)

export default instrument({ fetch: app.fetch }, env => ({
  exporter: { url: `${env.INGEST}/v1/traces` },
  service: { name: 'shop' },
}))
