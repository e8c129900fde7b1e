/** A shop on Elysia. The lines that record it are marked. */
import { recordError, withReplayStack } from '@replaystack/edge/fetch'
import { Elysia, t } from 'elysia'

// Elysia responds to errors by itself: the request's event gets them here.
const app = new Elysia().onError(({ error, request }) => recordError(error, request))

const schema = { body: t.Object({ sku: t.String(), quantity: t.Number(), cardNumber: t.Optional(t.String()) }) }
app.post(
  '/orders/:id',
  ({ body, params, set }) => {
    if (body.quantity < 1) throw new RangeError(`Nobody orders ${body.quantity} × ${body.sku}`)
    set.status = 201
    return { id: params.id, sku: body.sku }
  },
  schema,
)

// Bun serves what a module exports as its default. Records every request: key and settings come from the environment.
export default { port: Number(process.env['PORT'] ?? 3000), fetch: withReplayStack(app.fetch) }
