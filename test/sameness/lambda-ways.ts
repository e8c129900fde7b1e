/** What Lambda handlers return, throw and stream: one row a way, each bare and recorded. */
import type { Writable } from 'node:stream'
import { withReplayStack } from '../../src/adapters/lambda/index.ts'

/** What the runtime has, and the test that reads the tables has not. */
interface Runtime {
  streamifyResponse<Handler>(handler: Handler): Handler
  HttpResponseStream: { from(stream: Writable, metadata: object): Writable }
}
const { awslambda }: { awslambda?: Runtime } = Object(globalThis)

const circular: Record<string, unknown> = { statusCode: 200 }
circular['self'] = circular

class OrderError extends Error {
  override name = 'OrderError'
}

/** What a handler that is not told otherwise makes of a request. */
export const RETURNS: Readonly<Record<string, () => unknown>> = {
  answer: () => ({ statusCode: 201, headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' }),
  'no-headers': () => ({ statusCode: 200, body: 'Hello' }),
  'status-in-text': () => ({ statusCode: '201', body: 'Hello' }),
  'no-body': () => ({ statusCode: 204 }),
  'not-ascii': () => ({ statusCode: 200, body: 'Grüße, 世界' }),
  base64: () => ({ statusCode: 200, isBase64Encoded: true, body: 'SGVsbG8=' }),
  cookies: () => ({ statusCode: 200, cookies: ['a=1', 'b=2'], body: '' }),
  lists: () => ({ statusCode: 200, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] }, body: '' }),
  'body-of-an-object': () => ({ statusCode: 200, body: { a: 1 } }),
  'more-members': () => ({ statusCode: 200, body: '', more: { a: 1 }, absent: undefined }),
  'order-of-members': () => ({ body: '', headers: { 'X-B': '2', 'x-A': '1' }, statusCode: 200 }),
  'own-json': () => ({ statusCode: 200, toJSON: () => ({ statusCode: 202 }) }),
  'instance-of-a-class': () => Object.assign(new (class Answer {})(), { statusCode: 200, body: 'Hello' }),
  frozen: () => Object.freeze({ statusCode: 200, headers: Object.freeze({}), body: 'Hello' }),
  text: () => 'Hello',
  object: () => ({ a: 1 }),
  list: () => [1, 2],
  number: () => 7,
  null: () => null,
  nothing: () => undefined,
  bytes: () => Buffer.from('Hello'),
  response: () => new Response('Hello'),
  circular: () => circular,
  bigint: () => ({ statusCode: 200, body: 1n }),
  throws: () => {
    throw new OrderError('no such order')
  },
  'throws-text': () => {
    throw 'only text'
  },
  'throws-nothing': () => {
    throw undefined
  },
}

type Stream = Writable & { setContentType(type: string): void }

const json = { statusCode: 201, headers: { 'Content-Type': 'application/json' }, cookies: ['a=1', 'b=2'] }

export const STREAMS: Readonly<Record<string, (stream: Stream) => unknown>> = {
  pieces(stream) {
    stream.write('one ')
    stream.end('two')
  },
  typed(stream) {
    stream.setContentType('text/html')
    stream.end('<p>Hello')
  },
  bytes: stream => stream.end(new Uint8Array([1, 2, 3])),
  empty: stream => stream.end(),
  prelude: stream => awslambda?.HttpResponseStream.from(stream, json).end('{"a":1}'),
  'prelude-alone': stream => awslambda?.HttpResponseStream.from(stream, json).end(),
  async 'piece-by-piece'(stream) {
    for (const piece of ['one ', 'two ', 'three']) {
      stream.write(piece)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    stream.end()
  },
  large: stream => stream.end('x'.repeat(700_000)),
  throws() {
    throw new OrderError('no such order')
  },
  'throws-half-way'(stream) {
    stream.write('one ')
    throw new OrderError('no such order')
  },
}

interface Event {
  way: string
}

const buffered = async ({ way }: Event): Promise<unknown> => RETURNS[way]?.()
export const bareBuffered: typeof buffered = buffered
export const oursBuffered: typeof buffered = withReplayStack(buffered)

type Streaming = (event: Event, stream: Stream) => Promise<void>
const streaming: Streaming = async ({ way }, stream) => void (await STREAMS[way]?.(stream))
const streamify = <Handler>(handler: Handler): Handler => awslambda?.streamifyResponse(handler) ?? handler
export const bareStreaming: Streaming = streamify(streaming)
export const oursStreaming: Streaming = streamify(withReplayStack(streaming))
