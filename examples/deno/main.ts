/** A shop on Deno. The line that records it is marked. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/fetch'

/** The members of Deno that are used, so that this file needs no types but its own. */
declare const Deno: {
  env: { get(name: string): string | undefined }
  serve(
    options: { port: number },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Response | Promise<Response>,
  ): unknown
}

async function respond(request: Request, _info: unknown, recorder?: ReplayStackHandle): Promise<Response> {
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

const port = Number(Deno.env.get('PORT') ?? 8000)
Deno.serve({ port }, withReplayStack(respond)) // Records every request. Key and settings come from the environment.
