/** The applications in workerd. */
import { withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import { createFetchApp } from './fetch-app.ts'
import type { Server } from './way.ts'

declare const WebSocketPair: new () => [client: object, server: WebSocket & { accept(): void }]
declare const FixedLengthStream: new (length: number) => TransformStream<Uint8Array, Uint8Array>
declare const IdentityTransformStream: new () => TransformStream<Uint8Array, Uint8Array>

function upgrade(): Response {
  const [client, server] = new WebSocketPair()
  server.accept()
  server.addEventListener('message', ({ data }) => server.send(data))
  return new Response(null, { status: 101, webSocket: client } as ResponseInit)
}

async function write(stream: WritableStream<Uint8Array>, server: Server): Promise<void> {
  const writer = stream.getWriter()
  for (const piece of ['{"a"', ':1}']) {
    await writer.write(new TextEncoder().encode(piece))
    server.saw(`wrote ${piece}`)
  }
  await writer.close()
}

const JSON_TYPE = { 'content-type': 'application/json' }

const app = createFetchApp({
  wrap: (handler, options) => {
    const worker = withReplayStack({ fetch: handler }, options)
    return (...args) => worker.fetch(...args)
  },
  upgrade,
  ways: {
    'fixed-length-stream': {
      answer(_, server) {
        const { readable, writable } = new FixedLengthStream(7)
        write(writable, server)
        return new Response(readable, { headers: JSON_TYPE })
      },
    },
    'identity-stream': {
      answer(_, server) {
        const { readable, writable } = new IdentityTransformStream()
        write(writable, server)
        return new Response(readable, { headers: JSON_TYPE })
      },
    },
  },
  // A handler whose client has left runs no further.
  lacks: ['cut-upload'],
})

export default { fetch: app }
