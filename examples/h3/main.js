/** A shop on h3, the server of Nitro. The lines that record it are marked. */
import { recordError, withReplayStack } from '@replaystack/edge/fetch'
import { H3, onError, readBody, serve } from 'h3'

const app = new H3()

// h3 responds to errors by itself: the request's event gets them here.
app.use(onError((error, event) => recordError(error.cause ?? error, event.req)))

app.post('/orders/:id', async event => {
  const { sku, quantity } = await readBody(event)
  if (quantity < 1) throw new RangeError(`Nobody orders ${quantity} × ${sku}`)
  event.res.status = 201
  return { id: event.context.params?.['id'], sku }
})

// Records every request. Key and settings come from the environment.
serve({ fetch: withReplayStack(app.fetch) }, { port: Number(process.env['PORT'] ?? 3000) })
