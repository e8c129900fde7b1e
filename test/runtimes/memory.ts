import type { ReplayStackEvent, Transport, WaitUntilLike } from '../../src/types.ts'

/** A Worker's `ctx`, as far as Hono and the SDK read it. */
interface ExecutionContext extends WaitUntilLike {
  passThroughOnException(): void
  props: unknown
}

/** An ingest API and a host in memory. */
export interface MemoryHost {
  transport: Transport
  ctx: ExecutionContext
  /** The events that arrived, once all that the host was asked to wait for is done. */
  events(): Promise<ReplayStackEvent[]>
}

/** An ingest API that takes everything, and a host that knows what it was asked to wait for. */
export function createMemoryHost(): MemoryHost {
  const bodies: string[] = []
  const waiting: Promise<unknown>[] = []
  return {
    transport: {
      async post(_url, { body }) {
        bodies.push(body)
        return { status: 200, headers: new Headers(), text: async () => '{"success":true}' }
      },
    },
    ctx: {
      // As the runtime's own: what is called as anything but a method of `ctx` fails.
      waitUntil(this: ExecutionContext, promise) {
        if (this?.passThroughOnException === undefined) throw new TypeError('Illegal invocation')
        waiting.push(promise)
      },
      passThroughOnException() {},
      props: {},
    },
    async events() {
      // What is awaited may ask for more time itself.
      while (waiting.length > 0) await Promise.all(waiting.splice(0))
      return bodies.map((body): ReplayStackEvent => JSON.parse(body))
    },
  }
}

/** A body that is still coming: `finish` sends the rest. */
export function createOpenBody(first: string, rest: string): { body: ReadableStream<Uint8Array>; finish(): void } {
  const encoder = new TextEncoder()
  let finish: () => void = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(first))
      finish = () => {
        controller.enqueue(encoder.encode(rest))
        controller.close()
      }
    },
  })
  return { body, finish: () => finish() }
}
