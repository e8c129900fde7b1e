/** A server of its own on Deno, Bun or Node (by Hono's adapter): prints its port. */
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { createFetchApp } from './fetch-app.ts'

type Fetch = (request: Request, ...rest: unknown[]) => Response

/** What serves on Bun and Deno. */
interface Runtime {
  Bun?: {
    serve(options: object): { port: number }
  }
  Deno?: {
    serve(options: object, fetch: Fetch): { addr: { port: number } }
    upgradeWebSocket(request: Request): { socket: WebSocket; response: Response }
  }
}

const { Bun, Deno }: Runtime = Object(globalThis)
const at = { port: 0, hostname: '127.0.0.1' }

function upgrade(request: Request, [server]: readonly unknown[]): Response | undefined {
  if (Deno) {
    const { socket, response } = Deno.upgradeWebSocket(request)
    socket.onmessage = ({ data }) => socket.send(data)
    return response
  }
  // Bun's own way is to return nothing.
  Object(server).upgrade(request)
  return undefined
}

const LACKS: Readonly<Record<string, readonly string[]>> = {
  bun: [],
  // It never responds; nor, where a response has any header of the application's, to the last.
  deno: ['error-response', 'used-response', 'answers-nothing', 'locked-response'],
  // Node's fetch decodes, and keeps the length of what was encoded: nobody could read that.
  node: ['passed-on-gzip'],
}

const name = Bun ? 'bun' : Deno ? 'deno' : 'node'
const app = createFetchApp({
  wrap: withReplayStack,
  lacks: LACKS[name] ?? [],
  // itty makes a response of the first that Node refuses to send, and keeps the end of others from their upstream.
  ...(name === 'node' && {
    applicationLacks: { itty: ['throws-a-response', 'passed-on-and-left', 'passed-on-known-and-left'] },
  }),
  ...(name !== 'node' && { upgrade }),
}) as Fetch

function serve(): Promise<number> | number {
  if (Bun) {
    const websocket = { message: (socket: WebSocket, data: string) => socket.send(data) }
    return Bun.serve({ ...at, fetch: app, websocket, idleTimeout: 0, development: false }).port
  }
  if (Deno) return Deno.serve({ ...at, onListen() {} }, app).addr.port
  const server = createServer(getRequestListener(app))
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve(Object(server.address()).port))
  })
}

// Some ways end in an error that nobody handles; it is to end no other way.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (thrown: unknown) => console.error(event, thrown))
}

console.log(await serve())
