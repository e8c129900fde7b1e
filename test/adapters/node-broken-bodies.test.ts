/** Responses that fail when their head has left, on `node:http`, HTTP/2 and Express: bare and recorded. */
import { createServer, type ServerResponse } from 'node:http'
import { connect, createServer as createSecondServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { replaystack } from '../../src/adapters/node/middleware.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { listen, openSocket, record, until } from '../support/node-server.ts'

type Answer = (response: ServerResponse) => void

const later = (run: () => void) => void setTimeout(run, 5)

/** A body of one piece, which fails then. */
function source(thrown: Error): Readable {
  const readable = new Readable({ read() {} })
  readable.push('first')
  later(() => readable.destroy(thrown))
  return readable
}

/** Every way to end a response by an error. */
const ways = {
  'destroy(error)': thrown => response => {
    response.setHeader('content-type', 'text/plain')
    response.write('first')
    later(() => response.destroy(thrown))
  },
  'a pipeline whose source fails': thrown => response => {
    response.setHeader('content-type', 'text/plain')
    pipeline(source(thrown), response, () => {})
  },
  'a source that is piped': thrown => response => {
    response.setHeader('content-type', 'text/plain')
    source(thrown)
      .on('error', error => response.destroy(error))
      .pipe(response)
  },
} satisfies Record<string, (thrown: Error) => Answer>

/** Each host as a function from an answer, and options where it is recorded, to the bytes that a client gets. */
const hosts: Record<string, (answer: Answer, options?: AdapterOptions<never>) => Promise<string>> = {
  async 'node:http'(answer, options) {
    const handler = (_: unknown, response: ServerResponse) => answer(response)
    return read(await listen(createServer(options ? withReplayStack(handler, options) : handler)))
  },
  async Express(answer, options) {
    const app = express()
    app.disable('x-powered-by')
    if (options) app.use(replaystack(options))
    app.get('/report', (_, response) => answer(response))
    return read(await listen(app))
  },
  async 'HTTP/2'(answer, options) {
    const handler = (_: unknown, response: object) => answer(response as ServerResponse)
    const server = createSecondServer(options ? withReplayStack(handler, options) : handler)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    onTestFinished(() => {
      session.destroy()
      server.close()
    })
    const stream = session.request({ ':path': '/report' })
    let text = ''
    stream.on('data', chunk => {
      text += chunk
    })
    stream.on('error', () => {})
    await new Promise(resolve => stream.on('close', resolve))
    return `${text} ${stream.rstCode}`
  },
}

/** All that comes down a connection, without what differs from one to the next. */
async function read({ port }: { port: number }): Promise<string> {
  const { socket, closed } = openSocket(port)
  socket.write('GET /report HTTP/1.1\r\nhost: shop.example\r\n\r\n')
  return (await closed).replace(/^(date|x-trace-id):.*\r\n/gim, '')
}

describe.each(Object.entries(hosts))('on %s', (_, host) => {
  it.each(Object.entries(ways))('%s makes a failure of what was sent', async (_, way) => {
    const thrown = new RangeError('late boom')
    const bare = await host(way(thrown))
    const { options, event } = record<never>()
    expect(await host(way(thrown), options)).toBe(bare)
    expect(bare).toContain('first')
    const { metadata = {}, ...captured } = await event()
    expect(captured).toMatchObject({
      endpoint: '/report',
      status: 'failed',
      statusCode: 200,
      errorName: 'RangeError',
      errorMessage: 'late boom',
      responsePayload: { __truncated: true, preview: 'first' },
    })
    expect(metadata).not.toHaveProperty('aborted')
  })

  it('an error before the head is a failure of 500', async () => {
    const answer: Answer = response => response.destroy(new Error('early boom'))
    const bare = await host(answer)
    const { options, event } = record<never>()
    expect(await host(answer, options)).toBe(bare)
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: 'early boom' })
  })
})

it('a client that leaves while a pipeline is read is no failure', async () => {
  const { options, event } = record<never>()
  const upload: { error?: Error | null | undefined } = {}
  const { port } = await listen(
    createServer(
      withReplayStack((request, response) => {
        response.write('first')
        pipeline(request, response, error => {
          upload.error = error
        })
      }, options),
    ),
  )
  const { socket, received } = openSocket(port)
  socket.write('POST /echo HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 1000\r\n\r\nhalf')
  await until(() => received().includes('half'))
  socket.resetAndDestroy()
  const captured = await event()
  expect(captured).toMatchObject({ status: 'success', statusCode: 200, metadata: { aborted: true } })
  expect(captured).not.toHaveProperty('errorMessage')
  await until(() => upload.error instanceof Error)
})
