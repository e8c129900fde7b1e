/** Toucan records what it is told to: here a message a request, with all that its options allow and the request's body. */
import { Hono } from 'hono'
import { Toucan } from 'toucan-js'
import { addShop } from './shop.mjs'

const everything = /.*/

const app = new Hono()
app.use(async (c, next) => {
  const toucan = new Toucan({
    dsn: c.env.SENTRY_DSN,
    context: c.executionCtx,
    request: c.req.raw,
    requestDataOptions: {
      allowedHeaders: everything,
      allowedCookies: everything,
      allowedSearchParams: everything,
      allowedIps: everything,
    },
  })
  await next()
  toucan.setRequestBody(await c.req.json())
  toucan.captureMessage(`${c.req.method} ${c.req.path} finished with ${c.res.status}`)
})
addShop(app)

export default app
