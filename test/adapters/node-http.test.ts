/** `node:http` itself. Longer than most files: a response ends in many ways, and each of them makes one event. */
import { EventEmitter } from 'node:events'
import { Agent, createServer, type IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createSecureServer, get } from 'node:https'
import { PassThrough } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import {
  type NodeRequest,
  type NodeResponse,
  type ReplayStackRequest,
  replaystack,
} from '../../src/adapters/node/middleware.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import type { AdapterOptions, ClientOptions } from '../../src/types.ts'
import { deferred, listen, openSocket, record, send, until } from '../support/node-server.ts'

/** A server whose requests are recorded, and their events. */
async function serve(
  answer: (request: IncomingMessage & Partial<ReplayStackRequest>, response: ServerResponse) => unknown,
  options: AdapterOptions = {},
  clientOptions: ClientOptions = {},
) {
  const recorded = record<IncomingMessage>(options, clientOptions)
  const recorder = replaystack(recorded.options)
  const server = await listen((request, response) => recorder(request, response, () => answer(request, response)))
  return { ...recorded, ...server }
}

const tick = () => new Promise(resolve => setTimeout(resolve, 1))

/** What Node warns of while a test runs. */
function collectWarnings(): Error[] {
  const warnings: Error[] = []
  const collect = (warning: Error) => void warnings.push(warning)
  process.on('warning', collect)
  onTestFinished(() => void process.off('warning', collect))
  return warnings
}

describe('a request', () => {
  it('makes one event with all that is known of it', async () => {
    const { port, event } = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      request.replaystack?.addBreadcrumb('Charging card', { category: 'payment' })
      response.writeHead(201, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ ...JSON.parse(body), token: 'secret-1' }))
    })
    const answer = await send(port, '/orders/7?ref=mail&api_key=secret-2', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer secret-3',
        'user-agent': 'curl/8',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'shop.example',
        'x-forwarded-for': '203.0.113.9, 10.0.0.1',
      },
      body: JSON.stringify({ item: 'book', password: 'secret-4' }),
    })
    expect(JSON.parse(answer.text)).toEqual({ item: 'book', password: 'secret-4', token: 'secret-1' })
    const captured = await event()
    expect(JSON.stringify(captured)).not.toContain('secret-')
    expect(captured).toMatchObject({
      traceId: answer.headers['x-trace-id'],
      eventType: 'api',
      method: 'POST',
      endpoint: '/orders/7',
      requestUrl: 'https://shop.example/orders/7?ref=mail&api_key=[MASKED]',
      authMode: 'bearer',
      requestHeaders: { authorization: '[MASKED]', 'content-type': 'application/json' },
      requestPayload: { item: 'book', password: '[MASKED]' },
      responseHeaders: { 'content-type': 'application/json', 'x-trace-id': answer.headers['x-trace-id'] },
      responsePayload: { item: 'book', password: '[MASKED]', token: '[MASKED]' },
      status: 'success',
      statusCode: 201,
      executionTimeMs: expect.any(Number),
      sourceIp: '203.0.113.9',
      userAgent: 'curl/8',
    })
    expect(captured.breadcrumbs?.map(one => [one.message, one.category])).toEqual([
      ['HTTP request started', 'http'],
      ['Charging card', 'payment'],
      ['HTTP request finished', 'http'],
    ])
    expect(captured).not.toHaveProperty('metadata')
  })

  it('without a proxy comes from its socket, and has the address that it was sent to', async () => {
    const { port, event } = await serve((_, response) => response.end())
    await send(port, '/plain')
    expect(await event()).toMatchObject({ sourceIp: '127.0.0.1', requestUrl: `http://127.0.0.1:${port}/plain` })
  })

  it('that cannot be read is answered, and the error reported', async () => {
    const { options, client, errors } = record()
    const [recorder, handler] = [replaystack(options), withReplayStack((_, response) => response.end('fine'), options)]
    const { port } = await listen((request, response) => {
      const unreadable = new Proxy<NodeRequest>(request, {
        get: (target, name) => {
          if (name === 'method') throw new Error('no')
          const value = Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      recorder(unreadable, response, () => Reflect.apply(handler, undefined, [unreadable, response]))
    })
    expect((await send(port, '/')).text).toBe('fine')
    expect(errors.map(error => error.message)).toEqual(Array(2).fill('ReplayStack could not meet a request.'))
    expect(client.stats().captured).toBe(0)
  })

  it('over TLS has an https address', async () => {
    const { options, event } = record()
    // A shared key needs no certificate.
    const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' as const }
    const key = Buffer.alloc(16, 1)
    const server = createSecureServer({ ...tls, pskCallback: () => key }, (request, response) => {
      withReplayStack((_, response) => response.end(), options)(request, response)
    })
    const { port } = await listen(server)
    const pskCallback = () => ({ psk: key, identity: 'test' })
    const trusted = { ...tls, pskCallback, checkServerIdentity: () => undefined, agent: false }
    await new Promise(resolve => get(`https://127.0.0.1:${port}/tls`, trusted, response => resolve(response.resume())))
    expect((await event()).requestUrl).toBe(`https://127.0.0.1:${port}/tls`)
  })

  it.each(['/health', '/metrics', '/favicon.ico', '/internal/x'])('for %s makes none', async path => {
    const { port, client } = await serve(
      (request, response) => {
        request.replaystack?.addBreadcrumb('is there')
        response.end('fine')
      },
      { ignoredPaths: ['/internal'] },
    )
    const { text, headers } = await send(port, path)
    expect([text, headers['x-trace-id'], client.stats().captured]).toEqual(['fine', undefined, 0])
  })

  it('is asked for its trace id, and its response says it unless it has one', async () => {
    const { port, events } = await serve(
      (request, response) => {
        if (request.url === '/own') response.setHeader('X-Trace-Id', 'mine')
        if (request.url === '/head') response.writeHead(200, { 'X-TRACE-ID': 'mine' })
        response.end('x')
      },
      { getTraceId: request => String(Reflect.get(request as IncomingMessage, 'url')).slice(1) },
    )
    const paths = ['/own', '/head', '/other']
    const answers = await Promise.all(paths.map(path => send(port, path)))
    expect(answers.map(answer => answer.headers['x-trace-id'])).toEqual(['mine', 'mine', 'other'])
    expect((await events(3)).map(event => event.traceId).sort()).toEqual(['head', 'other', 'own'])
  })

  it('that shouldCapture refuses makes none', async () => {
    const { port, client, errors } = await serve((_, response) => response.end(), {
      shouldCapture: ({ method, path, statusCode }) => `${method} ${path} ${statusCode}` !== 'GET /no 200',
    })
    await send(port, '/no')
    await send(port, '/yes')
    await until(() => client.stats().sent === 1)
    expect([client.stats().captured, errors]).toEqual([1, []])
  })

  it('is answered whatever the hooks do', async () => {
    const hook = () => {
      throw new Error('a hook of the application’s')
    }
    const { port, client } = await serve(
      (_, response) => response.end('fine'),
      { getTraceId: hook, shouldCapture: hook },
      { onError: hook, beforeSend: hook, onQueueDrop: hook },
    )
    expect((await send(port, '/')).text).toBe('fine')
    await client.flush()
    const { captured, sent, pending, dropped } = client.stats()
    expect(captured).toBe(sent + pending + Object.values(dropped).reduce((sum, n) => sum + n, 0))
  })

  /** What the recorder would give its messages, refused as a frozen object does, or worse. */
  const refusals: [string, () => boolean][] = [
    ['refuses', () => false],
    [
      'throws for',
      () => {
        throw new TypeError('no')
      },
    ],
  ]

  it.each(refusals)('that %s properties is recorded as far as it lets itself', async (_, refuse) => {
    const names = ['push', 'emit', 'route', 'replaystack', 'write', 'end', 'writeHead', 'flushHeaders']
    const defineProperty = (target: object, name: PropertyKey, property: PropertyDescriptor) =>
      names.includes(String(name)) ? refuse() : Reflect.defineProperty(target, name, property)
    const { options, event } = record()
    const recorder = replaystack(options)
    const { port } = await listen((request, response) => {
      recorder(
        new Proxy<NodeRequest>(request, { defineProperty }),
        new Proxy<NodeResponse>(response, { defineProperty }),
        () => {
          response.end('fine')
        },
      )
    })
    expect((await send(port, '/odd')).text).toBe('fine')
    expect(await event()).toMatchObject({ endpoint: '/odd', statusCode: 200 })
  })
})

describe('a head', () => {
  /** Each with what it does to a response, and with what it is answered. */
  const heads: [string, (response: ServerResponse) => unknown, Record<string, unknown>][] = [
    ['set', response => response.setHeader('X-One', ['1', '2']), { 'x-one': ['1', '2'] }],
    ['given to writeHead', response => response.writeHead(200, { 'X-One': '1' }), { 'x-one': '1' }],
    ['given with a message', response => response.writeHead(202, 'Yes', { 'X-One': '1' }), { 'x-one': '1' }],
    [
      'given as a flat list',
      response => response.writeHead(200, ['X-One', '1', 'X-One', '2']),
      { 'x-one': ['1', '2'] },
    ],
    [
      'given as pairs',
      response =>
        Reflect.apply(response.writeHead, response, [
          200,
          [
            ['X-One', '1'],
            ['Set-Cookie', 'a=b'],
          ],
        ]),
      { 'x-one': '1' },
    ],
    [
      'set, and given over it',
      response => {
        response.setHeader('X-One', 'old')
        response.setHeader('X-Two', '2')
        return response.writeHead(200, { 'x-one': 'new' })
      },
      { 'x-one': 'new', 'x-two': '2' },
    ],
    ['written by itself', response => response.setHeader('X-One', '1') && response.flushHeaders(), { 'x-one': '1' }],
    ['with a status alone', response => response.writeHead(404), {}],
  ]

  it.each(heads)('that is %s is the same but for its trace id, and is told', async (_, write, told) => {
    const answer = (_request: IncomingMessage, response: ServerResponse) => {
      write(response)
      response.end('body')
    }
    const { port, event } = await serve(answer)
    const [recorded, plain] = await Promise.all([send(port, '/'), send((await listen(answer)).port, '/')])
    const pairs = (raw: string[]) =>
      raw.flatMap((name, place) =>
        place % 2 === 0 && !/^(x-trace-id|date)$/i.test(name) ? [[name, raw[place + 1]]] : [],
      )
    expect([recorded.status, pairs(recorded.rawHeaders), recorded.text]).toEqual([
      plain.status,
      pairs(plain.rawHeaders),
      plain.text,
    ])
    const event0 = await event()
    expect(event0.statusCode).toBe(plain.status)
    expect(event0.responseHeaders).toMatchObject(told)
    expect(event0.responseHeaders).toHaveProperty(['x-trace-id'], recorded.headers['x-trace-id'])
  })

  it('that is written twice fails as ever', async () => {
    const codes: unknown[] = []
    const { port } = await serve((_, response) => {
      response.writeHead(200, { 'x-one': '1' })
      try {
        response.writeHead(500, { 'x-one': '2' })
      } catch (thrown) {
        codes.push(Reflect.get(Object(thrown), 'code'))
      }
      response.end('ok')
    })
    expect(await send(port, '/')).toMatchObject({ status: 200, headers: { 'x-one': '1' } })
    expect(codes).toEqual(['ERR_HTTP_HEADERS_SENT'])
  })

  it('comes after those that only inform', async () => {
    const { port, event } = await serve((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.writeContinue()
      response.end('ok')
    })
    const { socket, closed } = openSocket(port)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect((await closed).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 103', 'HTTP/1.1 100', 'HTTP/1.1 200'])
    expect(await event()).toMatchObject({ statusCode: 200 })
  })

  it('keeps its methods’ names, lengths and answers', async () => {
    const { options } = record()
    const recorder = replaystack(options)
    const bare = new ServerResponse({ method: 'GET' } as IncomingMessage)
    const { port } = await listen((request, response) => {
      const keys = [Object.keys(request), Object.keys(response)]
      recorder(request, response)
      const problems = String([Object.keys(request), Object.keys(response)]) === String(keys) ? [] : ['keys']
      for (const name of ['write', 'end', 'writeHead', 'flushHeaders', 'emit'] as const) {
        if (response[name].length !== bare[name].length || response[name].name !== bare[name].name) problems.push(name)
      }
      if (response.writeHead(200) !== response) problems.push('writeHead answers something else')
      if (response.write('a') !== true) problems.push('write answers something else')
      if (response.end(problems.toString()) !== response) throw new Error('end answers something else')
    })
    expect((await send(port, '/')).text).toBe('a')
  })
})

describe('a response without a body', () => {
  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('(%s, %i) has no payload', async (method, status) => {
    const { port, event } = await serve((_, response) => {
      response.writeHead(status, { 'content-type': 'text/plain' })
      response.end('never sent')
    })
    expect(await send(port, '/', { method })).toMatchObject({ status, text: '' })
    const captured = await event()
    expect(captured).toMatchObject({ statusCode: status, status: 'success' })
    expect(captured).not.toHaveProperty('responsePayload')
  })

  it('to an upgrade is told when its socket closes', async () => {
    const { options, event } = record()
    const recorder = replaystack(options)
    const server = createServer()
    // As express-ws does it: the response is one that nobody sends.
    server.on('upgrade', (request, socket) => {
      recorder(request, new ServerResponse(request), () => {
        socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: test\r\nconnection: upgrade\r\n\r\n')
      })
    })
    const { port } = await listen(server)
    const { socket, closed } = openSocket(port)
    socket.write('GET /live HTTP/1.1\r\nhost: x\r\nupgrade: test\r\nconnection: upgrade\r\n\r\n')
    expect(await closed).toContain('101')
    const captured = await event()
    expect(captured).toMatchObject({ endpoint: '/live', statusCode: 101, status: 'success' })
    expect(captured).not.toHaveProperty('metadata')
  })

  it('that switches protocols itself is a success', async () => {
    const { port, event } = await serve((_, response) => {
      response.writeHead(101, { upgrade: 'test', connection: 'upgrade' })
      response.end()
    })
    const { socket, received } = openSocket(port)
    // Not asked for, so that Node takes it for a request.
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await until(() => received().includes('101'))
    expect(await event()).toMatchObject({ statusCode: 101, status: 'success' })
  })
})

describe('a connection', () => {
  it('that is kept alive serves twenty requests, each its own event, and leaks no listener', async () => {
    const warnings = collectWarnings()
    const sockets = new Set<unknown>()
    const { port, events } = await serve((request, response) => {
      sockets.add(request.socket)
      response.end(request.url)
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const listeners: number[] = []
    for (let number = 0; number < 20; number++) {
      expect((await send(port, `/${number}`, { agent })).text).toBe(`/${number}`)
      const [socket] = sockets
      listeners.push(socket instanceof EventEmitter ? socket.listenerCount('close') : -1)
    }
    expect(sockets.size).toBe(1)
    expect(new Set(listeners.slice(1)).size).toBe(1)
    expect((await events(20)).map(event => event.endpoint)).toEqual(Array.from({ length: 20 }, (_, at) => `/${at}`))
    await tick()
    expect(warnings).toEqual([])
  })

  it('carries pipelined requests in order, whichever is answered first', async () => {
    const waiting: (() => void)[] = []
    const warnings = collectWarnings()
    const { port, events } = await serve((request, response) => {
      if (request.url !== '/0') response.end(`<${request.url}>`)
      else waiting.push(() => response.end('</0>'))
    })
    const { socket, received } = openSocket(port)
    const paths = Array.from({ length: 15 }, (_, at) => `/${at}`)
    socket.write(paths.map(path => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''))
    await until(() => waiting.length === 1)
    waiting[0]?.()
    await until(() => received().includes('</14>'))
    expect(received().match(/<\/\d+>/g)).toEqual(paths.map(path => `<${path}>`))
    const captured = await events(15)
    expect(captured.map(event => event.endpoint).sort()).toEqual([...paths].sort())
    expect(captured.every(event => event.statusCode === 200 && !event.metadata)).toBe(true)
    await tick()
    expect(warnings).toEqual([])
  })

  it('that stays open keeps nothing of a request that has waited on it', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage: () => void = runInNewContext('gc')
    const requests: WeakRef<IncomingMessage>[] = []
    const { port, events, transport, server } = await serve((request, response) => {
      requests.push(new WeakRef(request))
      setImmediate(() => response.end(request.url))
    })
    // It stays open for as long as this test goes on.
    server.keepAliveTimeout = 0
    const { socket, received } = openSocket(port)
    const ask = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`
    socket.write(ask('/first') + ask('/waits'))
    await until(() => received().includes('/waits'))
    // Node itself keeps the last one.
    socket.write(ask('/last'))
    await until(() => received().includes('/last'))
    await events(3)
    transport.calls.length = 0
    await until(() => {
      collectGarbage()
      return requests[1]?.deref() === undefined
    })
  })

  it('that closes ends every request on it, also those that wait for others', async () => {
    let arrived = 0
    const { port, events } = await serve((request, response) => {
      arrived++
      if (request.url === '/sent') response.write('begun')
      if (request.url === '/waits') response.end('never sent')
    })
    const { socket } = openSocket(port)
    socket.write(['/silent', '/waits', '/sent'].map(path => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''))
    await until(() => arrived === 3)
    socket.resetAndDestroy()
    const captured = Object.fromEntries((await events(3)).map(event => [event.endpoint, event]))
    expect(captured).toMatchObject({
      '/silent': { statusCode: 499, status: 'warning', metadata: { aborted: true } },
      '/waits': { statusCode: 200, metadata: { aborted: true } },
      '/sent': { statusCode: 200, metadata: { aborted: true } },
    })
  })

  it('that is lost during an upload leaves an event of what had arrived', async () => {
    const { port, event } = await serve(request => {
      request.on('data', () => socket.resetAndDestroy())
      request.on('error', () => {})
    })
    const { socket } = openSocket(port)
    socket.write('POST /up HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\nhalf')
    expect(await event()).toMatchObject({
      statusCode: 499,
      metadata: { aborted: true },
      requestPayload: { captured: false, reason: 'The request body did not arrive whole', sizeBytes: 4 },
    })
  })

  it('that is lost during a download leaves an event with the status that was sent', async () => {
    const { port, event } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('half')
    })
    const { socket, received } = openSocket(port)
    socket.write('GET /down HTTP/1.1\r\nhost: x\r\n\r\n')
    await until(() => received().includes('half'))
    socket.resetAndDestroy()
    expect(await event()).toMatchObject({
      statusCode: 200,
      status: 'success',
      metadata: { aborted: true },
      responsePayload: { captured: false, reason: 'The response body did not arrive whole', sizeBytes: 4 },
    })
  })

  it('that the application destroys leaves an event', async () => {
    const { port, event } = await serve((_, response) => response.destroy())
    await expect(send(port, '/')).rejects.toThrow('socket hang up')
    expect(await event()).toMatchObject({ statusCode: 499, metadata: { aborted: true } })
  })
})

describe('the scope', () => {
  it('of each of fifty requests holds through callbacks, timers, events and promises', async () => {
    const { port, client, events } = await serve(
      (request, response) => {
        const leave = (where: string) => client.addBreadcrumb(`${where} of ${request.url}`)
        leave('sync')
        request.on('data', () => leave('data'))
        request.on('end', () => {
          leave('end')
          setTimeout(() => {
            leave('timer')
            setImmediate(() => {
              process.nextTick(async () => {
                leave('tick')
                await tick()
                leave('promise')
                response.on('prefinish', () => leave('prefinish'))
                response.end('ok')
              })
            })
          }, Math.random() * 10)
        })
      },
      { automaticBreadcrumbs: false },
    )
    const agent = new Agent({ keepAlive: true, maxSockets: 10 })
    onTestFinished(() => agent.destroy())
    const paths = Array.from({ length: 50 }, (_, at) => `/${at}`)
    await Promise.all(paths.map(path => send(port, path, { method: 'POST', body: 'x', agent })))
    for (const { endpoint, breadcrumbs } of await events(50)) {
      expect(breadcrumbs?.map(one => one.message)).toEqual(
        ['sync', 'data', 'end', 'timer', 'tick', 'promise', 'prefinish'].map(where => `${where} of ${endpoint}`),
      )
    }
    expect(client.getBreadcrumbs()).toEqual([])
  })
})

describe('asyncSend: false', () => {
  it('holds the response back until its event has arrived', async () => {
    const order: string[] = []
    const { promise: arrival, resolve: arrive } = deferred()
    const recorded = record(
      {},
      {
        asyncSend: false,
        transport: {
          post: async () => {
            order.push('sent')
            await arrival
            order.push('arrived')
            return { status: 200, headers: new Headers(), text: async () => '' }
          },
        },
      },
    )
    const recorder = replaystack(recorded.options)
    const { port } = await listen((request, response) => {
      recorder(request, response, () => {
        response.setHeader('content-type', 'text/plain')
        expect(response.end('held', () => order.push('gone'))).toBe(response)
        expect([response.headersSent, response.writableEnded, response.write('late')]).toEqual([true, true, false])
        response.end('again')
      })
    })
    const answering = send(port, '/').then(answer => {
      order.push('answered')
      return answer
    })
    await until(() => order.includes('sent'))
    await tick()
    arrive()
    const answer = await answering
    expect([answer.text, answer.headers['content-length']]).toEqual(['held', '4'])
    expect(order.slice(0, 2)).toEqual(['sent', 'arrived'])
    expect(order.slice(2).sort()).toEqual(['answered', 'gone'])
  })

  it('refuses what end refuses at once', async () => {
    const thrown: unknown[] = []
    const { port } = await serve(
      (_, response) => {
        try {
          Reflect.apply(response.end, response, [{}])
        } catch (error) {
          thrown.push(Reflect.get(Object(error), 'code'))
        }
        response.end('ok')
      },
      {},
      { asyncSend: false },
    )
    expect((await send(port, '/')).text).toBe('ok')
    expect(thrown).toEqual(['ERR_INVALID_ARG_TYPE'])
  })
})

describe('what is thrown', () => {
  it('comes out as the same object, and fails the event of who answers it', async () => {
    const { options, events } = record()
    const recorder = replaystack(options)
    const thrown = [new RangeError('sync'), new TypeError('async')]
    const { port } = await listen(async (request, response) => {
      try {
        await recorder(request, response, () => {
          if (request.url === '/0') throw thrown[0]
          return Promise.reject(thrown[1])
        })
      } catch (error) {
        expect(error).toBe(thrown[Number(request.url?.slice(1))])
        response.statusCode = 503
        response.end()
      }
    })
    await send(port, '/0')
    await send(port, '/1')
    expect(await events(2)).toMatchObject([
      {
        errorName: 'RangeError',
        errorMessage: 'sync',
        statusCode: 503,
        status: 'failed',
        stackTrace: expect.any(String),
      },
      { errorName: 'TypeError', errorMessage: 'async', statusCode: 503, status: 'failed' },
    ])
  })

  it('and answered by nobody is a failure of 500', async () => {
    const { options, event } = record()
    const recorder = replaystack(options)
    const { port } = await listen((request, response) => {
      try {
        recorder(request, response, () => {
          throw 'text'
        })
      } catch {}
    })
    const { socket } = openSocket(port)
    socket.write('GET /crash HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(await event()).toMatchObject({ statusCode: 500, status: 'failed', errorMessage: 'text' })
  })

  it('after the head has left is a failure, whatever that said', async () => {
    const { options, event } = record()
    const recorder = replaystack(options)
    const { port } = await listen((request, response) => {
      try {
        recorder(request, response, () => {
          response.write('begun')
          throw new Error('late')
        })
      } catch {
        response.end()
      }
    })
    expect((await send(port, '/')).status).toBe(200)
    expect(await event()).toMatchObject({ statusCode: 200, status: 'failed', errorMessage: 'late' })
  })

  it('after the event has left is an event of its own', async () => {
    const { options, events } = record()
    const late = deferred()
    const { port } = await listen((request, response) => {
      const handling = withReplayStack(async (_: IncomingMessage, response: ServerResponse) => {
        response.end('ok')
        await late.promise
      }, options)(request, response)
      handling.catch(() => {})
    })
    const { traceId } = await send(port, '/late')
      .then(() => events(1))
      .then(([event]) => event ?? { traceId: '' })
    late.reject(new Error('later'))
    expect(await events(2)).toMatchObject([
      { endpoint: '/late', statusCode: 200, status: 'success' },
      { endpoint: '/late', status: 'failed', errorMessage: 'later', traceId },
    ])
  })
})

describe('an error handler', () => {
  it('that is called when all is over, for a request nobody saw, still tells it', async () => {
    const { options, event } = record()
    const { errorHandler } = replaystack(options)
    const passed: unknown[] = []
    const thrown = new Error('late')
    const { port } = await listen((request, response) => {
      response.on('close', () => errorHandler(thrown, request, response, error => passed.push(error)))
      response.end('ok')
    })
    await send(port, '/unseen')
    expect(await event()).toMatchObject({
      endpoint: '/unseen',
      statusCode: 200,
      status: 'failed',
      errorMessage: 'late',
    })
    expect(passed).toEqual([thrown])
  })

  it('passes on what comes with something else than Node’s messages', () => {
    const { options, client } = record()
    const passed: unknown[] = []
    Reflect.apply(replaystack(options).errorHandler, undefined, ['x', {}, {}, (error: unknown) => passed.push(error)])
    expect([passed, client.stats().captured]).toEqual([['x'], 0])
  })
})

describe('withReplayStack', () => {
  it('keeps a handler’s type, name, arity, members and this, and hands it its handle', async () => {
    const { options, event } = record()
    const handler = Object.assign(
      function answer(this: unknown, request: IncomingMessage, response: ServerResponse, ...rest: unknown[]) {
        const [, handle] = rest
        expect(handle).toBe(Reflect.get(request, 'replaystack'))
        ;(handle as ReplayStackHandle).addBreadcrumb('by hand')
        response.end(Object.is(this, server) ? 'its server' : 'lost')
      },
      { config: { api: true } },
    )
    const wrapped: typeof handler = withReplayStack(handler, options)
    expect([wrapped.name, wrapped.length, wrapped.config]).toEqual(['answer', 2, { api: true }])
    const server = createServer(wrapped)
    const { port } = await listen(server)
    expect((await send(port, '/')).text).toBe('its server')
    expect((await event()).breadcrumbs?.map(one => one.message)).toContain('by hand')
  })

  it('types a handler that says no types', async () => {
    const { options, event } = record()
    const handler = withReplayStack((request, response) => response.end(request.url), options)
    const { port } = await listen(handler)
    expect((await send(port, '/typed')).text).toBe('/typed')
    expect((await event()).endpoint).toBe('/typed')
  })

  it('waits for a response that ends after its handler', async () => {
    const { options, event } = record()
    const { port } = await listen(
      withReplayStack(async (_, response) => {
        setTimeout(() => response.end('later'), 5)
      }, options),
    )
    expect((await send(port, '/')).text).toBe('later')
    expect((await event()).executionTimeMs).toBeGreaterThan(0)
  })

  it('takes a request that is handed on with another response, when its first is over, for work of its own', async () => {
    const { options, events } = record()
    const handler = withReplayStack((_, response) => response.end('ok'), options)
    const { port } = await listen((request, response) => {
      response.on('close', () => {
        const another = new ServerResponse(request)
        Reflect.apply(another.assignSocket, another, [new PassThrough().resume()])
        handler(request, another)
      })
      handler(request, response)
    })
    await send(port, '/twice')
    expect((await events(2)).map(event => event.endpoint)).toEqual(['/twice', '/twice'])
  })

  it.each([[[]], [[new Request('http://x.example/'), {}]], [[{ headers: {} }, { end() {} }]]])(
    'calls on with what is not Node’s (%o)',
    args => {
      const { options, client } = record()
      const handler = withReplayStack((...given: unknown[]) => given, options)
      expect(handler(...args)).toEqual(args)
      expect(client.stats().captured).toBe(0)
    },
  )
})

describe('adapters in one another', () => {
  it('make one event', async () => {
    const { options, event } = record()
    const [outer, inner] = [replaystack(options), replaystack(options)]
    const handler = withReplayStack((request, response) => {
      response.end(`${request.url} ${typeof Reflect.get(request, 'replaystack')}`)
    }, options)
    const { port } = await listen((request, response) =>
      outer(request, response, () =>
        outer(request, response, () => inner(request, response, () => handler(request, response))),
      ),
    )
    expect((await send(port, '/nested')).text).toBe('/nested object')
    expect((await event()).breadcrumbs).toHaveLength(2)
  })
})

describe('a recorder that captures nothing', () => {
  it('leaves the request to one that does', async () => {
    const { options, event } = record()
    const [off, on] = [replaystack({ apiKey: 'rs_live_off', enabled: false }), replaystack(options)]
    const { port } = await listen((request, response) =>
      off(request, response, () => on(request, response, () => response.end('ok'))),
    )
    expect((await send(port, '/on')).headers).toHaveProperty('x-trace-id')
    expect((await event()).endpoint).toBe('/on')
  })
})

describe('set-up', () => {
  it('refuses a wrong option at once, by its name', () => {
    expect(() => replaystack({ retries: -1 })).toThrow('ReplayStack option "retries"')
    expect(() => withReplayStack(() => {}, { retries: -1 })).toThrow('ReplayStack option "retries"')
  })

  it('without a key passes requests through untouched, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const recorder = replaystack(() => ({ apiKey: '' }))
    const { port } = await listen((request, response) => {
      recorder(request, response, () => {
        Reflect.get(request, 'replaystack').addBreadcrumb('goes nowhere')
        expect(Object.getOwnPropertyNames(response)).not.toContain('write')
        response.end('ok')
      })
    })
    for (const _ of [1, 2]) expect((await send(port, '/')).headers).not.toHaveProperty('x-trace-id')
    expect(warn.mock.calls).toEqual([
      ['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.'],
    ])
  })

  it('leaves prototypes alone', async () => {
    const names = () =>
      [ServerResponse.prototype, Object.getPrototypeOf(ServerResponse.prototype), EventEmitter.prototype].map(object =>
        Object.entries(Object.getOwnPropertyDescriptors(object)).map(([name, { value }]) => [name, value]),
      )
    const before = names()
    const { port, event } = await serve((_, response) => response.end())
    await send(port, '/')
    await event()
    expect(names()).toEqual(before)
  })

  it('needs no next', async () => {
    const { options, event } = record()
    const recorder = replaystack(options)
    const { port } = await listen((request, response) => {
      recorder(request, response)
      response.end('ok')
    })
    expect((await send(port, '/')).text).toBe('ok')
    expect((await event()).endpoint).toBe('/')
  })
})
