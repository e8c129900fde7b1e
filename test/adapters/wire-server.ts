/**
 * The same answers from one server as they are, and from others recorded, on a runtime that serves a `fetch` handler
 * itself. Prints the port of each, as JSON.
 */
import { Hono } from 'hono'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import { memoryTransport } from '../../src/testing.ts'

const stream = (): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of ['one ', 'two']) controller.enqueue(new TextEncoder().encode(piece))
      controller.close()
    },
  })

const ANSWERS: Readonly<Record<string, () => Response>> = {
  '/text': () => new Response('Hello'),
  '/html': () => new Response('<p>Hello', { headers: { 'content-type': 'text/html' } }),
  '/json': () => Response.json({ hello: 'world' }),
  '/form': () => new Response(new URLSearchParams({ a: '1' })),
  '/bytes': () => new Response(new Uint8Array([1, 2, 3])),
  '/typed-bytes': () => new Response(new Uint8Array([1, 2, 3]), { headers: { 'content-type': 'image/png' } }),
  '/blob': () => new Response(new Blob(['Hello'], { type: 'text/plain' })),
  '/stream': () => new Response(stream()),
  '/typed-stream': () => new Response(stream(), { headers: { 'content-type': 'text/plain' } }),
  '/nothing': () => new Response(null),
  '/moved': () => new Response(null, { status: 302, headers: { location: '/text' } }),
  '/no-content': () => new Response(null, { status: 204 }),
  '/cookies': () => {
    const response = new Response('two')
    for (const cookie of ['a=1', 'b=2']) response.headers.append('set-cookie', cookie)
    return response
  },
}

type Handler = (request: Request) => Response | Promise<Response>

const answer: Handler = request => ANSWERS[new URL(request.url).pathname]?.() ?? new Response('?', { status: 404 })
const options = { apiKey: 'key', transport: memoryTransport() }

function createApp(recorded: boolean): Hono {
  const app = new Hono()
  if (recorded) app.use(replaystack(options))
  app.get('/c-text', c => c.text('Hello'))
  app.get('/c-body', c => c.body('Hello'))
  app.all('*', c => answer(c.req.raw))
  return app
}

const handlers: Readonly<Record<string, Handler>> = {
  bare: answer,
  recorded: withReplayStack(answer, options),
  'bare, in Hono': createApp(false).fetch,
  'recorded, in Hono': createApp(true).fetch,
}

/** What serves on Bun and Deno. */
interface Runtime {
  Bun?: { serve(options: { port: number; hostname: string; fetch: Handler }): { port: number } }
  Deno?: {
    serve(options: { port: number; hostname: string; onListen(): void }, fetch: Handler): { addr: { port: number } }
  }
}

function serve(fetch: Handler): number {
  const { Bun, Deno }: Runtime = Object(globalThis)
  const at = { port: 0, hostname: '127.0.0.1' }
  if (Bun) return Bun.serve({ ...at, fetch }).port
  if (Deno) return Deno.serve({ ...at, onListen() {} }, fetch).addr.port
  throw new Error('This runtime serves no handler by itself.')
}

console.log(
  JSON.stringify({
    ports: Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, serve(handler)])),
    paths: [...Object.keys(ANSWERS), '/c-text', '/c-body', '/unknown'],
  }),
)
