/** Calls an application's handler as its host would, in a test: by what it is, so that no test needs a platform's types. */
import { callMember, isFunction, read } from '../safe-read.ts'

/** A request as a test has it. */
export interface TestRequest {
  /** Absolute. */
  readonly url: string
  /** Its HTTP method. */
  readonly method: string
  /** By name, or as pairs where a name repeats. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[] | undefined
  /** Its text. */
  readonly body?: string | undefined
}

/** A response that has been read. */
export interface TestResponse {
  /** Its status code. */
  readonly status: number
  /** Its headers. */
  readonly headers: Headers
  /** Its text. */
  readonly body: string
}

/** What a Worker's handler gets as `ctx`. `settled` resolves when all that it was to wait for has. */
function executionContext(): { ctx: object; settled: () => Promise<unknown> } {
  const pending: unknown[] = []
  return {
    ctx: { waitUntil: (promise: unknown) => void pending.push(promise), passThroughOnException() {}, props: {} },
    settled: () => Promise.allSettled(pending),
  }
}

function requestOf({ url, method, headers = {}, body }: TestRequest): Request {
  const list = new Headers()
  for (const [name, value] of isPairs(headers) ? headers : Object.entries(headers)) list.append(name, value)
  return new Request(url, { method, headers: list, redirect: 'manual', ...(body !== undefined && { body }) })
}

const isPairs = (headers: NonNullable<TestRequest['headers']>): headers is readonly (readonly [string, string])[] =>
  Array.isArray(headers)

async function readResponse(response: unknown): Promise<TestResponse> {
  const { status, headers }: Response = Object(response)
  return { status, headers, body: String(await callMember(response, 'text')) }
}

/**
 * Sends a request to an application: a Worker or Hono (`fetch`), a server that can `listen` (Express, Connect, Nest, `node:http`),
 * or a function that takes a `Request`.
 * @param send the host's `fetch`, by which a server on this machine is asked
 */
export async function requestHandler(
  app: unknown,
  request: TestRequest,
  env: object,
  send: typeof fetch,
): Promise<TestResponse> {
  const handle = read(app, 'fetch')
  const { ctx, settled } = executionContext()
  if (isFunction(handle)) {
    const response = await readResponse(await Reflect.apply(handle, app, [requestOf(request), env, ctx]))
    await settled()
    return response
  }
  const listen = read(app, 'listen')
  if (isFunction(listen)) return await requestServer(app, request, send)
  if (!isFunction(app)) throw new TypeError('The application is no Worker, no server and no function.')
  const response = await readResponse(await app(requestOf(request), ctx))
  await settled()
  return response
}

async function requestServer(app: unknown, request: TestRequest, send: typeof fetch): Promise<TestResponse> {
  const server: unknown = await callMember(app, 'listen', 0, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    if (read(server, 'listening') === true) return resolve()
    callMember(server, 'once', 'listening', resolve)
    callMember(server, 'once', 'error', reject)
  })
  try {
    const { pathname, search } = new URL(request.url)
    const url = `http://127.0.0.1:${String(read(callMember(server, 'address'), 'port'))}${pathname}${search}`
    return await readResponse(await send(requestOf({ ...request, url })))
  } finally {
    callMember(server, 'close')
    callMember(server, 'closeAllConnections')
  }
}

/** Calls a handler of a Worker by its name: `scheduled`, `queue` or `email`. */
export async function callWorker(worker: unknown, handler: string, argument: object, env: object): Promise<unknown> {
  const handle = read(worker, handler)
  if (!isFunction(handle)) throw new TypeError(`The Worker has no handler named ${handler}.`)
  const { ctx, settled } = executionContext()
  const result = await Reflect.apply(handle, worker, [argument, env, ctx])
  await settled()
  return result
}

/** A message of a queue, as a test has it. */
export interface TestMessage {
  /** The queue's id of it. */
  readonly id: string
  /** When it was sent, ISO 8601; the handler gets a `Date`. */
  readonly timestamp: string
  /** Deliveries so far, this one included. */
  readonly attempts: number
  /** What was sent. */
  readonly body: unknown
}

/** A batch of a Cloudflare Queue. */
export function messageBatch(queue: string, messages: readonly TestMessage[]): object {
  const nothing = { ack() {}, retry() {} }
  return {
    queue,
    messages: messages.map(message => ({ ...message, timestamp: new Date(message.timestamp), ...nothing })),
    ackAll() {},
    retryAll() {},
  }
}

/** A mail as Cloudflare hands it over. No event has its text, or its headers. */
export function emailMessage(from: string, to: string): object {
  const done = async (): Promise<void> => {}
  return {
    from,
    to,
    headers: new Headers(),
    raw: new Response('').body,
    rawSize: 0,
    setReject() {},
    forward: done,
    reply: done,
  }
}

/** Calls a Lambda function. */
export async function callFunction(handler: unknown, event: object): Promise<unknown> {
  if (!isFunction(handler)) throw new TypeError('The handler is no function.')
  const context = { functionName: 'test', awsRequestId: 'test', getRemainingTimeInMillis: () => 30_000 }
  return await handler(event, context)
}
