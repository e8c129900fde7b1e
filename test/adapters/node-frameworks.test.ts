/** HTTP/2, Fastify, Nest and Hono on Node. Long, because each is a server of its own with the same promises. */
import 'reflect-metadata'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import {
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Module,
  Param,
  Post,
} from '@nestjs/common'
import { BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core'
import fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { replaystack as honoMiddleware } from '../../src/adapters/hono.ts'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { type Recorder, replaystack } from '../../src/adapters/node/middleware.ts'
import { listen, openSocket, record, send, until } from '../support/node-server.ts'

describe('HTTP/2', () => {
  /** A server over the compatibility API, and a session with it. */
  async function serve(answer: Parameters<typeof createHttp2Server>[1]) {
    const recorded = record()
    const recorder = replaystack(recorded.options)
    const server = createHttp2Server((request, response) =>
      recorder(request, response, () => answer?.(request, response)),
    )
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    session.on('error', () => {})
    onTestFinished(async () => {
      session.destroy()
      await new Promise(resolve => server.close(resolve))
    })
    const ask = async (headers: Record<string, string>, body = '') => {
      const stream = session.request(headers)
      if (body) stream.end(body)
      let text = ''
      stream.setEncoding('utf8').on('data', data => {
        text += data
      })
      const [[answer]] = (await Promise.all([once(stream, 'response'), once(stream, 'end')])) as [
        [IncomingHttpHeaders],
        unknown,
      ]
      return { answer, text }
    }
    return { ...recorded, session, ask }
  }

  it('is recorded without the parts of its request line among the headers', async () => {
    const { ask, event } = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(body)
    })
    const { answer, text } = await ask(
      { ':method': 'POST', ':path': '/orders?a=1', ':authority': 'shop.example', 'content-type': 'application/json' },
      '{"item":"book","pin":1}',
    )
    expect([answer[':status'], text]).toEqual([201, '{"item":"book","pin":1}'])
    const captured = await event()
    expect(captured).toMatchObject({
      traceId: answer['x-trace-id'],
      method: 'POST',
      endpoint: '/orders',
      requestUrl: 'http://shop.example/orders?a=1',
      requestPayload: { item: 'book', pin: '[MASKED]' },
      responsePayload: { item: 'book', pin: '[MASKED]' },
      statusCode: 201,
      sourceIp: '127.0.0.1',
    })
    expect(captured.requestHeaders).toEqual({ 'content-type': 'application/json' })
    expect(captured).not.toHaveProperty('metadata')
  })

  it.each(['/end', '/write', '/flush', '/empty', '/own'])('has its trace id by %s', async path => {
    const { ask, event } = await serve((request, response) => {
      response.setHeader('content-type', 'text/plain')
      if (request.url === '/own') response.setHeader('x-trace-id', 'mine')
      if (request.url === '/write') response.write('a')
      if (request.url === '/flush') Reflect.apply(Reflect.get(response, 'flushHeaders'), response, [])
      if (request.url === '/empty') response.end()
      else response.end('b')
    })
    const { answer, text } = await ask({ ':path': path })
    const { traceId, responsePayload } = await event()
    expect(answer['x-trace-id']).toBe(path === '/own' ? 'mine' : traceId)
    expect(responsePayload ?? '').toBe(text)
  })

  it('that its client resets was aborted', async () => {
    const { session, events } = await serve((request, response) => {
      if (request.url === '/sent') response.write('begun')
      if (request.url === '/ended') response.end('x'.repeat(5_000_000))
    })
    const [silent, sent, ended] = ['/silent', '/sent', '/ended'].map(path => session.request({ ':path': path }))
    for (const stream of [sent, ended]) stream?.on('data', () => stream.close(constants.NGHTTP2_CANCEL))
    silent?.on('close', () => {})
    silent?.on('ready', () => setImmediate(() => silent.close(constants.NGHTTP2_CANCEL)))
    const captured = Object.fromEntries((await events(3)).map(event => [event.endpoint, event]))
    expect(captured).toMatchObject({
      '/ended': { statusCode: 200, metadata: { aborted: true } },
      '/silent': { statusCode: 499, metadata: { aborted: true } },
      '/sent': { statusCode: 200, metadata: { aborted: true } },
    })
  })
})

describe('Fastify', () => {
  /** As examples/fastify has it. */
  async function serve(setUp: (app: FastifyInstance) => void) {
    const recorded = record<IncomingMessage>({ automaticBreadcrumbs: false })
    const recorder = replaystack(recorded.options)
    const app = fastify()
    app.addHook('onRequest', (request, reply, done) => {
      Object.assign(request.raw, { route: { path: request.routeOptions.url } })
      recorder(request.raw, reply.raw, done)
    })
    app.addHook('onError', (request, reply, error, done) => {
      recorder.errorHandler(error, request.raw, reply.raw, () => done())
    })
    setUp(app)
    await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    return { ...recorded, port: (app.server.address() as AddressInfo).port }
  }

  it('is recorded by two hooks, each request in its scope', async () => {
    const { port, client, events } = await serve(app => {
      app.post('/orders/:id', async (request, reply) => {
        client.addBreadcrumb(`in the handler of ${request.url}`)
        return reply.code(201).send({ ...Object(request.body), id: Reflect.get(Object(request.params), 'id') })
      })
    })
    const body = '{"item":"book","pin":1}'
    const ids = Array.from({ length: 10 }, (_, id) => String(id))
    const answers = await Promise.all(
      ids.map(id =>
        send(port, `/orders/${id}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
      ),
    )
    expect(answers.map(({ text }) => JSON.parse(text).id)).toEqual(ids)
    for (const event of await events(10)) {
      expect(event).toMatchObject({
        requestPayload: { item: 'book', pin: '[MASKED]' },
        responsePayload: { item: 'book', pin: '[MASKED]' },
        statusCode: 201,
        metadata: { route: '/orders/:id' },
      })
      expect(event.breadcrumbs?.map(one => one.message)).toEqual([`in the handler of ${event.endpoint}`])
    }
  })

  it('tells its errors', async () => {
    const { port, events } = await serve(app => {
      app.get('/fails', async () => {
        throw new RangeError('no')
      })
      app.get('/refuses', async () => {
        throw Object.assign(new Error('teapot'), { statusCode: 418 })
      })
    })
    expect((await send(port, '/fails')).status).toBe(500)
    expect((await send(port, '/refuses')).status).toBe(418)
    expect((await send(port, '/nowhere')).status).toBe(404)
    const captured = await events(3)
    expect(captured).toMatchObject([
      { statusCode: 500, status: 'failed', errorName: 'RangeError', metadata: { route: '/fails' } },
      { statusCode: 418, status: 'warning', errorMessage: 'teapot' },
      { statusCode: 404, status: 'warning' },
    ])
    expect(captured[2]).not.toHaveProperty('errorName')
  })

  it('streams on, through its reply and past it', async () => {
    const { port, events } = await serve(app => {
      app.get('/raw', (_, reply) => {
        reply.hijack()
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
        reply.raw.write('data: 1\n\n')
        more.push(() => reply.raw.end('data: 2\n\n'))
      })
    })
    const more: (() => void)[] = []
    const { socket, received } = openSocket(port)
    socket.write('GET /raw HTTP/1.1\r\nhost: x\r\n\r\n')
    await until(() => received().includes('data: 1'))
    more[0]?.()
    await until(() => received().includes('data: 2'))
    expect(await events(1)).toMatchObject([
      { endpoint: '/raw', responsePayload: { reason: 'Streaming response body not captured' } },
    ])
  })
})

describe('Nest', () => {
  /** As examples/nest has it, its decorators applied by hand: the compiler of these tests has none. */
  async function serve() {
    const recorded = record<IncomingMessage>()
    const recorder = replaystack(recorded.options)

    class OrdersController {
      create(id: string, order: object) {
        recorded.client.addBreadcrumb('in the controller')
        return { ...order, id }
      }
      fail() {
        throw new RangeError('no')
      }
      refuse() {
        throw new ForbiddenException('not yours')
      }
    }
    const method = (name: 'create' | 'fail' | 'refuse', decorate: MethodDecorator) => {
      const descriptor = Object.getOwnPropertyDescriptor(OrdersController.prototype, name)
      if (descriptor) decorate(OrdersController.prototype, name, descriptor)
    }
    method('create', Post(':id'))
    method('fail', Get('fails'))
    method('refuse', Get('refuses'))
    Param('id')(OrdersController.prototype, 'create', 0)
    Body()(OrdersController.prototype, 'create', 1)
    Controller('orders')(OrdersController)
    Injectable()(OrdersController)

    class AppModule {}
    Module({ controllers: [OrdersController] })(AppModule)

    class RecordingFilter extends BaseExceptionFilter {
      readonly #recorder: Recorder
      constructor(recorder: Recorder, adapter: HttpAdapterHost['httpAdapter']) {
        super(adapter)
        this.#recorder = recorder
      }
      override catch(exception: unknown, host: ArgumentsHost) {
        const http = host.switchToHttp()
        this.#recorder.errorHandler(exception, http.getRequest(), http.getResponse(), () => {})
        super.catch(exception, host)
      }
    }
    Catch()(RecordingFilter)

    const app = await NestFactory.create(AppModule, { logger: false })
    app.use(recorder)
    app.useGlobalFilters(new RecordingFilter(recorder, app.get(HttpAdapterHost).httpAdapter))
    await app.listen(0, '127.0.0.1')
    onTestFinished(() => app.close())
    return { ...recorded, port: (app.getHttpServer().address() as AddressInfo).port }
  }

  it('is recorded through app.use, and its errors by a filter', async () => {
    const { port, events } = await serve()
    const body = '{"item":"book","pin":1}'
    const created = await send(port, '/orders/7', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(JSON.parse(created.text)).toEqual({ item: 'book', pin: 1, id: '7' })
    expect((await send(port, '/orders/fails')).status).toBe(500)
    expect((await send(port, '/orders/refuses')).status).toBe(403)
    const captured = await events(3)
    expect(captured).toMatchObject([
      {
        endpoint: '/orders/7',
        requestPayload: { item: 'book', pin: '[MASKED]' },
        responsePayload: { id: '7', pin: '[MASKED]' },
        statusCode: 201,
        metadata: { route: '/orders/:id' },
      },
      { statusCode: 500, status: 'failed', errorName: 'RangeError', metadata: { route: '/orders/fails' } },
      { statusCode: 403, status: 'warning', errorMessage: 'not yours' },
    ])
    expect(captured[0]?.breadcrumbs?.map(one => one.message)).toContain('in the controller')
  })
})

describe('Hono on Node', () => {
  it('behind the middleware makes one event, its stream as it is', async () => {
    const { options, event } = record()
    const app = new Hono()
    app.post('/orders', async c => c.json(await c.req.json(), 201))
    const recorder = replaystack(options)
    const listener = withReplayStack(getRequestListener(app.fetch), options)
    const { port } = await listen((request, response) => recorder(request, response, () => listener(request, response)))
    const answer = await send(port, '/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    })
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([201, '{"a":1}', 'application/json'])
    expect(await event()).toMatchObject({ endpoint: '/orders', requestPayload: { a: 1 }, responsePayload: { a: 1 } })
  })

  it('hears a stream fail', async () => {
    const { options, event } = record<Request>()
    const app = new Hono()
    app.use(honoMiddleware(options))
    app.get('/orders', () => {
      const pieces = [(c: ReadableStreamDefaultController) => c.enqueue(new TextEncoder().encode('{"a"'))]
      const pull = (c: ReadableStreamDefaultController) => {
        const send = pieces.shift()
        if (!send) throw new RangeError('the source failed')
        send(c)
      }
      return new Response(new ReadableStream({ pull }), { headers: { 'content-type': 'application/json' } })
    })
    const { port } = await listen(getRequestListener(app.fetch))
    await expect(send(port, '/orders')).rejects.toThrow()
    expect(await event()).toMatchObject({ endpoint: '/orders', status: 'failed', errorMessage: 'the source failed' })
  })
})
