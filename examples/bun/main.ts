/** A shop on Bun. The line that records it is marked. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/fetch'

/** The members of Bun that are used, so that this file needs no types but its own. */
declare const Bun: {
  env: Record<string, string | undefined>
  serve(options: { port: number; fetch: (request: Request, server: object) => Response | Promise<Response> }): unknown
}

async function respond(request: Request, _server: unknown, recorder?: ReplayStackHandle): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  if (request.method === 'POST' && pathname === '/orders') {
    const order = await request.json()
    recorder?.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
    if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
    return Response.json({ id: crypto.randomUUID(), sku: order.sku }, { status: 201 })
  }
  if (pathname === '/hello') return Response.json({ message: `Hello, ${searchParams.get('name') ?? 'world'}` })
  return Response.json({ error: 'Not found' }, { status: 404 })
}

Bun.serve({
  port: Number(Bun.env['PORT'] ?? 3000),
  fetch: withReplayStack(respond), // Records every request. Key and settings come from the environment.
})
