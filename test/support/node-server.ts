import {
  type Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestListener,
  type RequestOptions,
  type Server,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { AdapterOptions, ClientOptions, ReplayStackEvent } from '../../src/types.ts'
import { createRecordedClient } from './recorded-client.ts'

/** A recorded client, its options for an adapter, and the events that it has sent. */
export function record<Request>(options: AdapterOptions<Request> = {}, clientOptions: ClientOptions = {}) {
  const recorded = createRecordedClient(clientOptions)
  /** Settles when so many events have been sent: a test's own time limit is the only one. */
  const events = async (count: number): Promise<ReplayStackEvent[]> => {
    while (recorded.transport.calls.length < count) await new Promise(resolve => setTimeout(resolve, 2))
    await recorded.client.flush()
    return recorded.events
  }
  const event = async (): Promise<ReplayStackEvent> => {
    const [first, ...more] = await events(1)
    if (!first || more.length > 0) throw new Error(`One event was expected, and there are ${1 + more.length}.`)
    return first
  }
  return { ...recorded, options: { client: recorded.client, ...options }, events, event }
}

/** A server on a free loopback port, until the test is over. */
export async function listen(server: Server | RequestListener): Promise<{ port: number; url: string; server: Server }> {
  const listening = typeof server === 'function' ? createServer(server) : server
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    listening.closeAllConnections()
    await new Promise(resolve => listening.close(resolve))
  })
  const { port } = listening.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, server: listening }
}

/** A response as it came. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  body: Buffer
  text: string
}

/** One request with exactly these headers and body. */
export function send(
  port: number,
  path: string,
  { body, ...options }: RequestOptions & { body?: string | Buffer; agent?: Agent } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options }, async response => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of response) chunks.push(chunk)
      } catch (thrown) {
        return reject(thrown)
      }
      const { statusCode = 0, headers, rawHeaders } = response
      const whole = Buffer.concat(chunks)
      resolve({ status: statusCode, headers, rawHeaders, body: whole, text: whole.toString() })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** A connection of which each byte is known. */
export function openSocket(port: number): { socket: Socket; received: () => string; closed: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  const closed = new Promise<string>(resolve => socket.on('close', () => resolve(text)))
  return { socket, received: () => text, closed }
}

/** Settles when it is so: a test's own time limit is the only one. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 2))
}

/** A promise to settle by hand. */
export function deferred(): { promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void } {
  let resolve = (): void => {}
  let reject = (_reason: unknown): void => {}
  const promise = new Promise<void>((settle, refuse) => {
    resolve = settle
    reject = refuse
  })
  return { promise, resolve, reject }
}
