/** Node's request and response as unenv and node-mock-http make them: what Nitro runs on, on hosts other than Node. */
import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { recordError, withReplayStack } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/node/middleware.ts'
import type { ReplayStackClient } from '../../src/client/client.ts'
import { createAdapterRecorder, HostContext } from '../support/adapter-recorder.ts'

const body = new TextEncoder().encode('{"sku":"teapot","password":"planted"}')

/** A request that has come by no connection, and has all of its body. */
class MadeRequest extends EventEmitter {
  readonly socket = { __unenv__: {}, connect() {} }
  readonly readableEnded = true
  readonly method = 'POST'
  readonly url = '/orders/7'
  readonly headers = { 'content-type': 'application/json' }
  readonly body: unknown = body.buffer
}

/** A response that has closed before it says that it has finished. */
class MadeResponse extends EventEmitter {
  readonly __unenv__ = {}
  statusCode = 200
  headersSent = false
  writableEnded = false
  writableFinished = false
  #headers: Record<string, unknown> = {}
  setHeader(name: string, value: unknown) {
    this.#headers[name.toLowerCase()] = value
  }
  hasHeader(name: string) {
    return name.toLowerCase() in this.#headers
  }
  getHeaders() {
    return this.#headers
  }
  writeHead(statusCode: number) {
    this.statusCode = statusCode
    this.headersSent = true
    return this
  }
  flushHeaders() {}
  destroy() {
    this.removeAllListeners()
  }
  write(_chunk: string) {
    return true
  }
  end(chunk: string) {
    this.write(chunk)
    this.writableEnded = true
    this.writableFinished = true
    this.emit('close')
    this.emit('finish')
    return this
  }
}

/** Has the middleware meet a made request, and then `run` respond. */
function meet(client: ReplayStackClient, run: (request: MadeRequest, response: MadeResponse) => void): MadeResponse {
  const [request, response] = [new MadeRequest(), new MadeResponse()]
  Reflect.apply(replaystack({ client }), undefined, [request, response, () => run(request, response)])
  return response
}

const answer = (_: MadeRequest, response: MadeResponse) => {
  response.statusCode = 201
  response.setHeader('content-type', 'application/json')
  response.end('{"id":7}')
}

describe('a request that was made of another', () => {
  it('is recorded as one that came by a connection, with both bodies', async () => {
    const { client, event } = createAdapterRecorder()
    const response = meet(client, answer)
    const captured = await event()
    expect(captured).toMatchObject({
      method: 'POST',
      endpoint: '/orders/7',
      status: 'success',
      statusCode: 201,
      requestPayload: { sku: 'teapot', password: '[MASKED]' },
      responsePayload: { id: 7 },
    })
    expect(captured).not.toHaveProperty('metadata')
    expect(response.getHeaders()).toMatchObject({ 'x-trace-id': captured.traceId })
  })

  it('is over where a stream was left in its response, and that is taken apart', async () => {
    const { client, event } = createAdapterRecorder()
    const response = meet(client, (_, response) => {
      response.statusCode = 203
      response.destroy()
      response.destroy()
    })
    const captured = await event()
    expect(captured).toMatchObject({ status: 'success', statusCode: 203 })
    expect(response.getHeaders()).toMatchObject({ 'x-trace-id': captured.traceId })
  })

  it('is part of the one that an adapter further out records, and so is its error', async () => {
    const { client, options, event } = createAdapterRecorder()
    const thrown = new RangeError('No gold')
    const handler = withReplayStack(async (_: Request) => {
      meet(client, (request, response) => {
        recordError(thrown, request)
        response.statusCode = 500
        response.end('failed')
      })
      return new Response('failed', { status: 500 })
    }, options)
    await handler(new Request('https://shop.example/orders/7', { method: 'POST' }))
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: 'No gold' })
  })
})

describe('on Vercel', () => {
  const context = Symbol.for('@vercel/request-context')
  afterEach(() => void Reflect.deleteProperty(globalThis, context))

  it('is handed to what keeps the function alive', async () => {
    const { client } = createAdapterRecorder()
    const host = new HostContext()
    Reflect.set(globalThis, context, { get: () => host })
    meet(client, answer)
    expect(host.waiting.length).toBeGreaterThan(0)
    await Promise.all(host.waiting)
    expect(client.stats().sent).toBe(1)
  })
})
