/** The application that every yardstick records: an order in, a receipt out, and two routes for large bodies. */

/** The runtime that is measured: `c.env` has a Worker's bindings, `process.env` a server's. */
export const onWorkers = globalThis.navigator?.userAgent === 'Cloudflare-Workers'

/** Where this application's events go, and the other settings that the harness gives it. */
export const settingsOf = env => (onWorkers ? env : globalThis.process.env)

/** Keeps a promise alive beyond the answer. */
export function keepAlive(c, promise) {
  if (onWorkers) c.executionCtx.waitUntil(promise)
  else promise.catch(() => {})
}

export function addShop(app) {
  app.post('/orders', async c => {
    const order = await c.req.json()
    const items = order.items.map(item => ({ ...item, state: 'packed' }))
    return c.json({ id: 'order-1', receipt: 'response-marker', items }, 201, { 'x-shelf': 'response-header-marker' })
  })
  app.post('/echo', c => new Response(c.req.raw.body, { headers: { 'content-type': 'application/json' } }))
  app.get('/download', c => fetch(c.req.query('from')))
}
