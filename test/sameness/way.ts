/**
 * What a way to respond is: how a client asks, and how an application answers. Without any import, because it runs in every
 * runtime, on both sides.
 */

/** What a client does, one after the other. Without steps it sends its request and reads the response to its end. */
export type Step =
  /** Bytes are sent, as Latin-1. */
  | { send: string }
  /** All that was received so far, head included, has this in it. */
  | { until: string }
  /** The application goes on after `server.opened`. */
  | 'open'
  /** The application has seen this. */
  | { saw: string }
  /** The connection is reset: what else there is, workerd does not notice. */
  | 'leave'

/** How a client asks. */
export interface Ask {
  method?: string
  /** Lines, as they are sent. */
  headers?: readonly string[]
  body?: string
  steps?: readonly Step[]
}

/** What an application has at hand. */
export interface Server {
  /** Remembers what the application saw: that a stream was pulled, what a read rejected with. */
  saw(what: unknown): void
  /** Resolves when the client has taken its next step `open`. */
  opened(): Promise<void>
  /** A server behind it, and what it responds with. */
  upstream(path: string): string
  /** Makes a WebSocket of the connection, where the host has another way than Node's. It sends back what it receives. */
  upgrade?: (request: Request) => Response | undefined
}

/**
 * The header with the run's name, which begins with `bare` or `ours`. In the path, what quotes that path (a page for an unknown
 * one, its ETag) would differ between the two.
 */
export const RUN_HEADER = 'x-run'

/** One way, by its path. */
export interface Way<Answer> extends Ask {
  answer: Answer
}

export type Ways<Answer> = Readonly<Record<string, Way<Answer>>>

/** A stream of texts, of which the application sees all that happens to it. */
export interface SourceOptions {
  pieces: readonly string[]
  /** Whether each piece but the first waits for the client's `open`; `'all'`: the first too. */
  gated?: boolean | 'all'
  /** What happens after the last piece. */
  end?: 'close' | 'fail' | 'never'
  type?: 'bytes'
  /** What `start` does. */
  eager?: boolean
}

const encoder = new TextEncoder()

/** An error's name and message; of a list, each; of anything else, its text. */
export function textOf(thrown: unknown): string {
  if (Array.isArray(thrown)) return `[${thrown.map(textOf).join(', ')}]`
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
}

export function source(server: Server, options: SourceOptions): ReadableStream<Uint8Array> {
  const { pieces, gated = false, end = 'close', type, eager = false } = options
  let pulls = 0
  const step = async (controller: {
    enqueue(chunk: Uint8Array): void
    close(): void
    error(reason: unknown): void
  }) => {
    const index = pulls++
    server.saw(`pull ${index}`)
    const piece = pieces[index]
    if (gated && (index > 0 || gated === 'all')) await server.opened()
    if (piece !== undefined) controller.enqueue(encoder.encode(piece))
    else if (end === 'close') {
      controller.close()
      server.saw('closed')
    } else if (end === 'fail') controller.error(new Error('the source failed'))
    else await new Promise<never>(() => setInterval(() => {}, 1_000))
  }
  const methods = {
    pull: step,
    cancel(reason: unknown) {
      server.saw(`cancel ${textOf(reason)}`)
    },
  }
  if (type) return new ReadableStream({ ...methods, type })
  if (!eager) return new ReadableStream(methods)
  return new ReadableStream({
    async start(controller) {
      while (pulls <= pieces.length) await step(controller)
    },
    cancel: methods.cancel,
  })
}

/** A request whose body has a known length. */
export const json: Ask = { method: 'POST', headers: ['content-type: application/json'], body: '{"a":1}' }
/** One whose body comes in chunks. */
export const chunked: Ask = {
  method: 'POST',
  headers: ['content-type: application/json', 'transfer-encoding: chunked'],
  body: '4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n',
}
/** One whose body comes in two pieces, the second when the application has begun. */
export const slow: Ask = {
  method: 'POST',
  headers: ['content-type: application/json', 'content-length: 7'],
  steps: [{ send: '{"a"' }, { saw: 'begun' }, { send: ':1}' }],
}
