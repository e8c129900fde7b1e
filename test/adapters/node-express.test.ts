/** Express 4 and 5 by the same table, and Connect. Longer than most files: an error has many ways through a router. */
import { createRequire } from 'node:module'
import { gunzipSync, gzipSync } from 'node:zlib'
import compression from 'compression'
import connect from 'connect'
import express, { type Application, type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { type Recorder, type ReplayStackRequest, replaystack } from '../../src/adapters/node/middleware.ts'
import type { AdapterOptions, ClientOptions } from '../../src/types.ts'
import { listen, record, send } from '../support/node-server.ts'

const require = createRequire(import.meta.url)
const express4: typeof express = require('express-4')
const httpError: (status: number, message: string, properties?: object) => Error = require('http-errors')

/** An application's layers, as Express keeps them. */
interface Layer {
  handle: (...args: never[]) => unknown
}
const layersOf = (app: Application): Layer[] => Reflect.get(app, '_router')?.stack ?? Reflect.get(app, 'router').stack

const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

describe.each([
  ['4', express4],
  ['5', express],
])('Express %s', (version, express) => {
  /** An application with the one line, and its events. */
  async function serve(
    setUp: (app: Application, recorder: Recorder) => void,
    options: AdapterOptions = {},
    clientOptions: ClientOptions = {},
  ) {
    const recorded = record<Request>(options, clientOptions)
    const app = express()
    // Its own answer to an error goes to the console otherwise.
    app.set('env', 'test')
    const recorder = replaystack(recorded.options)
    app.use(recorder)
    setUp(app, recorder)
    return { ...recorded, ...(await listen(app)), app, recorder }
  }

  it('records a request by one line', async () => {
    const { port, event, errors } = await serve(app => {
      app.use(express.json())
      app.post('/orders/:id', async (request: Request & Partial<ReplayStackRequest>, response) => {
        await new Promise(resolve => setTimeout(resolve, 2))
        request.replaystack?.addBreadcrumb('Charging card', { category: 'payment' })
        response.status(201).json({ ...request.body, id: request.params['id'], token: 'secret-1' })
      })
    })
    const answer = await send(port, '/orders/7?ref=mail', json({ item: 'book', password: 'secret-2' }))
    expect(JSON.parse(answer.text)).toEqual({ item: 'book', password: 'secret-2', id: '7', token: 'secret-1' })
    const captured = await event()
    expect(captured).toMatchObject({
      traceId: answer.headers['x-trace-id'],
      method: 'POST',
      endpoint: '/orders/7',
      requestUrl: `http://127.0.0.1:${port}/orders/7?ref=mail`,
      requestPayload: { item: 'book', password: '[MASKED]' },
      responseHeaders: { 'content-type': 'application/json; charset=utf-8' },
      responsePayload: { item: 'book', id: '7', token: '[MASKED]' },
      statusCode: 201,
      metadata: { route: '/orders/:id' },
    })
    expect(captured.breadcrumbs?.map(one => one.message)).toContain('Charging card')
    expect(errors).toEqual([])
  })

  it('keeps the scope through body parsers and callbacks', async () => {
    const { port, client, event } = await serve(
      app => {
        app.use(express.json(), express.urlencoded({ extended: false }), (_request, _response, next) => {
          client.addBreadcrumb('after the parsers')
          setTimeout(next, 1)
        })
        app.post('/', (_, response) => {
          client.addBreadcrumb('in the handler')
          response.json({})
        })
      },
      { automaticBreadcrumbs: false },
    )
    await send(port, '/', json({ a: 1 }))
    expect((await event()).breadcrumbs?.map(one => one.message)).toEqual(['after the parsers', 'in the handler'])
  })

  it.each([
    ['/text/7', '/text/:id'],
    ['/expression-7', '/^\\/expression-(\\d)$/'],
    ['/list-b', '/list-a | /list-b'],
    ['/api/users/7', '/api/users/:id'],
    ['/api/users/7/fails', '/api/users/:id/fails'],
    ['/nowhere', undefined],
  ])('tells the route of %s: %s', async (path, route) => {
    const { port, event } = await serve(app => {
      app.get('/text/:id', (_, response) => void response.end())
      app.get(/^\/expression-(\d)$/, (_, response) => void response.end())
      app.get(['/list-a', '/list-b'], (_, response) => void response.end())
      const users = express.Router()
      users.get('/:id', (_, response) => void response.end())
      // The error leaves the router, and with it goes where that is mounted.
      users.get('/:id/fails', (_request, _response, next) => next(new Error('no')))
      app.use('/api', express.Router().use('/users', users))
    })
    await send(port, path)
    const { endpoint, metadata } = await event()
    expect([endpoint, metadata]).toEqual([path, route ? { route } : undefined])
  })

  it.each([
    [false, '203.0.113.9'],
    [1, '10.0.0.1'],
  ])('with trust proxy %s says that a request comes from %s', async (trust, sourceIp) => {
    const { port, event } = await serve(app => {
      app.set('trust proxy', trust)
      app.use((_, response) => void response.end())
    })
    await send(port, '/', { headers: { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' } })
    expect((await event()).sourceIp).toBe(sourceIp)
  })

  describe('an error', () => {
    const failing: [string, RequestHandler, object][] = [
      [
        'that is thrown',
        () => {
          throw new RangeError('thrown')
        },
        { statusCode: 500, status: 'failed', errorName: 'RangeError', errorMessage: 'thrown' },
      ],
      [
        'that is passed on',
        (_request, _response, next) => next(new TypeError('passed')),
        {
          statusCode: 500,
          status: 'failed',
          errorName: 'TypeError',
          stackTrace: expect.stringContaining('node-express'),
        },
      ],
      [
        'that is passed on later',
        (_request, _response, next) => void setTimeout(() => next(new Error('later', { cause: 'why' })), 1),
        { statusCode: 500, errorMessage: 'later', metadata: { causes: [{ path: 'cause', errorMessage: 'why' }] } },
      ],
      ['that is a text', (_request, _response, next) => next('text'), { statusCode: 500, errorMessage: 'text' }],
      [
        'that is an object',
        (_request, _response, next) => next({ code: 7 }),
        { statusCode: 500, errorMessage: '{"code":7}' },
      ],
      [
        'with a status of the client’s',
        (_request, _response, next) => next(httpError(403, 'no entry')),
        { statusCode: 403, status: 'warning', errorName: 'ForbiddenError', errorMessage: 'no entry' },
      ],
      [
        'by statusCode',
        (_request, _response, next) => next(Object.assign(new Error('teapot'), { statusCode: 418 })),
        { statusCode: 418, status: 'warning', errorMessage: 'teapot' },
      ],
    ]
    if (version === '5') {
      failing.push([
        'that an async handler throws',
        async () => {
          throw new RangeError('async')
        },
        { statusCode: 500, status: 'failed', errorName: 'RangeError' },
      ])
    }

    it.each(failing)('%s is told, and answered as ever', async (_, handler, told) => {
      const setUp = (app: Application) => void app.get('/x', handler)
      const { port, event } = await serve(setUp)
      const plain = express().set('env', 'test')
      setUp(plain)
      const [recorded, unrecorded] = [await send(port, '/x'), await send((await listen(plain)).port, '/x')]
      const withoutPlaces = (text: string) => text.replaceAll(/&nbsp;.*/g, '')
      expect([recorded.status, withoutPlaces(recorded.text)]).toEqual([
        unrecorded.status,
        withoutPlaces(unrecorded.text),
      ])
      expect(await event()).toMatchObject(told)
    })

    it('that a handler of the application’s answers is told, from the first request on', async () => {
      const seen: unknown[] = []
      const answer: ErrorRequestHandler = (error, _request, response, _next) => {
        seen.push(error)
        response.status(422).json({ message: error.message })
      }
      const thrown = new Error('invalid')
      const { port, events } = await serve(app => {
        app.get('/x', (_request, _response, next) => next(thrown))
        app.use(answer)
      })
      for (const _ of [1, 2]) expect((await send(port, '/x')).text).toBe('{"message":"invalid"}')
      expect(seen).toEqual([thrown, thrown])
      const told = { statusCode: 422, status: 'warning', errorName: 'Error', errorMessage: 'invalid' }
      expect(await events(2)).toMatchObject([told, told])
    })

    it('is told as it was thrown, whatever later handlers make of it', async () => {
      const { port, event } = await serve(app => {
        app.get('/x', (_request, _response, next) => next(new Error('first')))
        const convert: ErrorRequestHandler = (_error, _request, _response, next) => next(new Error('second'))
        const answer: ErrorRequestHandler = (error, _request, response, _next) =>
          void response.status(500).end(error.message)
        app.use(convert, answer)
      })
      expect((await send(port, '/x')).text).toBe('second')
      expect((await event()).errorMessage).toBe('first')
    })

    it('that a router answers by itself is told', async () => {
      const { port, event } = await serve(app => {
        const router = express.Router()
        router.get('/x', (_request, _response, next) => next(new Error('inside')))
        const answer: ErrorRequestHandler = (_error, _request, response, _next) => void response.status(503).end()
        router.use(answer)
        app.use('/api', router)
      })
      expect((await send(port, '/api/x')).status).toBe(503)
      expect(await event()).toMatchObject({ statusCode: 503, errorMessage: 'inside', metadata: { route: '/api/x' } })
    })

    it('that leaves a mounted application is told', async () => {
      const { port, event } = await serve(app => {
        const inner = express()
        inner.get('/x', (_request, _response, next) => next(new Error('mounted')))
        app.use('/inner', inner)
      })
      expect((await send(port, '/inner/x')).status).toBe(500)
      expect(await event()).toMatchObject({
        endpoint: '/inner/x',
        errorMessage: 'mounted',
        metadata: { route: '/inner/x' },
      })
    })

    it('whose handler was registered after the first request is told when its list has been looked at again', async () => {
      const { port, events, app } = await serve(app => {
        app.get('/ok', (_, response) => void response.end())
      })
      await send(port, '/ok')
      app.get('/x', (_request, _response, next) => next(new Error('late')))
      const answer: ErrorRequestHandler = (_error, _request, response, _next) => void response.status(502).end()
      app.use(answer)
      await send(port, '/ok')
      expect((await send(port, '/x')).status).toBe(502)
      expect((await events(3)).at(-1)).toMatchObject({ statusCode: 502, errorMessage: 'late' })
    })

    it('of what stands before the recorder is told', async () => {
      const recorded = record<Request>()
      const app = express().set('env', 'test')
      app.use(express.json(), replaystack(recorded.options))
      app.post('/x', (_, response) => void response.end('ok'))
      const { port } = await listen(app)
      await send(port, '/x', json({}))
      expect((await send(port, '/x', { ...json({}), body: '{"broken' })).status).toBe(400)
      expect((await recorded.events(2)).at(-1)).toMatchObject({
        endpoint: '/x',
        statusCode: 400,
        status: 'warning',
        errorName: 'SyntaxError',
      })
    })

    it('after the head has left is a failure', async () => {
      const { port, event } = await serve(app => {
        app.get('/x', (_request, response, next) => {
          response.write('begun')
          next(new Error('late'))
        })
      })
      await expect(send(port, '/x')).rejects.toThrow('aborted')
      expect(await event()).toMatchObject({
        statusCode: 200,
        status: 'failed',
        errorMessage: 'late',
        metadata: { aborted: true },
      })
    })

    it.each(['route', 'router'])('is not what next(%j) says', async word => {
      const { port, event } = await serve(app => {
        app.get('/x', (_request, _response, next) => next(word))
        app.get('/x', (_, response) => void response.end('other'))
      })
      expect((await send(port, '/x')).status).toBe(word === 'route' ? 200 : 404)
      expect(await event()).not.toHaveProperty('errorMessage')
    })
  })

  describe('the application’s layers', () => {
    const pass: ErrorRequestHandler = (error, _request, _response, next) => next(error)

    it('stay themselves, in their order, and run as often as before', async () => {
      const counts: Record<string, number> = {}
      const count =
        (name: string): RequestHandler =>
        (_request, _response, next) => {
          counts[name] = (counts[name] ?? 0) + 1
          next()
        }
      const { options, events } = record<Request>()
      const app = express().set('env', 'test')
      const recorder = replaystack(options)
      const early: ErrorRequestHandler = (error, _request, _response, next) => next(error)
      app.use(count('before'), early, count('between'), early, recorder, count('after'), pass, count('last'), pass)
      app.get('/x', (_request, _response, next) => next(new Error('no')))
      const [before, ends] = [[...layersOf(app)], [pass, recorder.errorHandler]]
      app.use(pass)
      const last = layersOf(app).at(-1)
      const { port } = await listen(app)
      await Promise.all([1, 2, 3].map(() => send(port, '/x')))
      const after = layersOf(app)
      expect(after.filter(layer => layer.handle !== recorder.errorHandler)).toEqual([...before, last])
      // Before each that comes after the recorder, and at the end.
      expect(after.map(layer => layer.handle === recorder.errorHandler).filter(Boolean)).toHaveLength(4)
      expect(after.at(-1)?.handle).toBe(ends[1])
      expect(counts).toEqual({ before: 3, between: 3, after: 3, last: 3 })
      expect((await events(3)).map(event => event.errorMessage)).toEqual(['no', 'no', 'no'])
    })

    it('get nothing where the user has put it himself', async () => {
      const { port, app, event } = await serve((app, recorder) => {
        app.get('/x', (_request, _response, next) => next(new Error('no')))
        app.use(recorder.errorHandler)
        app.use(pass, recorder.errorHandler)
      })
      const before = [...layersOf(app)]
      await send(port, '/x')
      expect(layersOf(app)).toEqual(before)
      expect((await event()).errorMessage).toBe('no')
    })

    it('get it once, however many recorders there are', async () => {
      const { options, event } = record<Request>()
      const [app, inner, recorder] = [express().set('env', 'test'), express(), replaystack(options)]
      inner.use(recorder, replaystack(options))
      inner.get('/x', (_request, _response, next) => next(new Error('no')))
      inner.use(pass)
      app.use(recorder, replaystack(options), recorder)
      app.use('/inner', inner)
      app.use(pass)
      await send((await listen(app)).port, '/inner/x')
      for (const one of [app, inner]) {
        const places = layersOf(one).map(({ handle }) => (handle === pass ? 'his' : handle.length === 4 ? 'ours' : ''))
        expect(places.filter(Boolean)).toEqual(['ours', 'his', 'ours'])
      }
      const { errorMessage, breadcrumbs } = await event()
      expect(errorMessage).toBe('no')
      expect(breadcrumbs?.map(one => one.message)).toEqual([
        'HTTP request started',
        'Unhandled exception captured',
        'HTTP request finished',
      ])
    })

    it('are left alone, quietly, where they cannot be changed', async () => {
      const { port, app, event, errors } = await serve(app => {
        app.get('/x', (_request, _response, next) => next(new Error('no')))
        app.use(pass)
      })
      Object.freeze(layersOf(app))
      expect((await send(port, '/x')).status).toBe(500)
      expect(await event()).toMatchObject({ statusCode: 500, status: 'failed' })
      expect(errors).toEqual([])
    })

    it('that run one another without end do no harm', async () => {
      const { port, event, errors } = await serve(app => {
        const router = express.Router()
        router.use('/again', router)
        router.get('/x', (_, response) => void response.end('ok'))
        app.use('/r', router)
      })
      expect((await send(port, '/r/again/again/x')).text).toBe('ok')
      expect((await event()).statusCode).toBe(200)
      expect(errors).toEqual([])
    })
  })

  it('answers OPTIONS, HEAD, files, redirects and 404 as ever', async () => {
    const setUp = (app: Application) => {
      app.get('/x', (_, response) => void response.send('text'))
      app.get('/away', (_, response) => response.redirect(307, '/x'))
      app.get('/file', (_, response) => response.sendFile(require.resolve('express/package.json')))
      app.use('/static', express.static(require.resolve('express/package.json').replace('package.json', '')))
    }
    const { port, events } = await serve(setUp)
    const plain = express().set('env', 'test')
    setUp(plain)
    const { port: plainPort } = await listen(plain)
    const requests: [string, string][] = [
      ['OPTIONS', '/x'],
      ['HEAD', '/x'],
      ['GET', '/away'],
      ['GET', '/file'],
      ['GET', '/static/package.json'],
      ['GET', '/static/nowhere'],
    ]
    for (const [method, path] of requests) {
      const answers = await Promise.all([port, plainPort].map(one => send(one, path, { method })))
      const [recorded, unrecorded] = answers.map(({ status, headers, text }) => {
        const { 'x-trace-id': _traceId, date: _date, ...rest } = headers
        return { status, headers: rest, text }
      })
      expect(recorded).toEqual(unrecorded)
    }
    expect((await events(6)).map(event => event.statusCode)).toEqual([200, 200, 307, 200, 200, 404])
  })

  it.each(['before', 'after'])('shows what compression makes of an answer, registered %s', async place => {
    const { options, event } = record<Request>()
    const app = express()
    if (place === 'before') app.use(compression({ threshold: 0 }))
    app.use(replaystack(options))
    if (place === 'after') app.use(compression({ threshold: 0 }))
    app.get('/', (_, response) => void response.json({ text: 'x'.repeat(3000), token: 'secret-1' }))
    const { port } = await listen(app)
    const answer = await send(port, '/', { headers: { 'accept-encoding': 'gzip' } })
    expect([answer.headers['content-encoding'], answer.headers['x-trace-id']]).toEqual(['gzip', expect.any(String)])
    expect(JSON.parse(gunzipSync(answer.body).toString()).token).toBe('secret-1')
    expect(await event()).toMatchObject({
      responseHeaders: { 'content-encoding': 'gzip' },
      responsePayload: { text: 'x'.repeat(3000), token: '[MASKED]' },
    })
  })

  it('reads a body that was parsed before it', async () => {
    const { options, events } = record<Request>()
    const app = express()
    app.use(express.json(), express.text(), express.raw({ type: 'application/xml' }), (request, _response, next) => {
      if (!request.headers['content-type']?.startsWith('multipart/')) return next()
      // As multer leaves it.
      request.body = { title: 'secret-1', pin: 'secret-2' }
      request.resume().on('end', next)
    })
    app.use(replaystack(options))
    app.use((_, response) => void response.end())
    const { port } = await listen(app)
    const bodies: [Record<string, string>, string | Buffer][] = [
      [{ 'content-type': 'application/json' }, '{"a":1,"pin":2}'],
      [{ 'content-type': 'text/plain' }, 'hello'],
      [{ 'content-type': 'application/xml' }, '<a/>'],
      [{}, ''],
      [{ 'content-type': 'application/xml', 'content-encoding': 'gzip' }, gzipSync('<b/>')],
      [{ 'content-type': 'multipart/form-data; boundary=b' }, '--b--'],
    ]
    for (const [headers, body] of bodies) await send(port, '/', { method: 'POST', headers, body })
    expect((await events(6)).map(event => event.requestPayload)).toEqual([
      { a: 1, pin: '[MASKED]' },
      'hello',
      '<a/>',
      undefined,
      '<b/>',
      { fields: ['title', 'pin'] },
    ])
  })

  it('reads a body that has come before it, and waits to be read', async () => {
    const { options, event } = record<Request>()
    const app = express()
    app.use((_request, _response, next) => void setTimeout(next, 20))
    app.use(replaystack(options), express.json())
    app.use((request, response) => void response.json(request.body))
    const { port } = await listen(app)
    expect((await send(port, '/', json({ a: 'ü' }))).text).toBe('{"a":"ü"}')
    expect((await event()).requestPayload).toEqual({ a: 'ü' })
  })

  it('tells the whole path where it is mounted below one', async () => {
    const { options, events } = record<Request>()
    const app = express()
    app.use('/api', replaystack(options))
    app.get('/api/x', (_, response) => void response.send('ok'))
    const { port } = await listen(app)
    for (const path of ['/x', '/api/x?a=1']) await send(port, path)
    expect(await events(1)).toMatchObject([
      { endpoint: '/api/x', requestUrl: `http://127.0.0.1:${port}/api/x?a=1`, metadata: { route: '/api/x' } },
    ])
  })

  it('may be wrapped whole', async () => {
    const { options, events } = record<Request>()
    const app = express()
    app.use(replaystack(options))
    app.get('/x', (_, response) => void response.send('ok'))
    const { port } = await listen(withReplayStack(app, options))
    expect((await send(port, '/x')).text).toBe('ok')
    expect((await send(port, '/nowhere')).status).toBe(404)
    expect((await events(2)).map(event => event.metadata)).toEqual([{ route: '/x' }, undefined])
  })
})

describe('Connect', () => {
  it('records a request, its mounted path, and an error by the handler it is given', async () => {
    const { options, events } = record()
    const recorder = replaystack(options)
    const app = connect()
    app.use(recorder)
    app.use('/api', (request, response) => {
      if (request.url === '/x') throw httpError(409, 'conflict')
      response.end(request.url)
    })
    app.use(recorder.errorHandler)
    const { port } = await listen(app)
    expect((await send(port, '/api/y?z=1')).text).toBe('/y?z=1')
    expect((await send(port, '/api/x')).status).toBe(409)
    expect(await events(2)).toMatchObject([
      { endpoint: '/api/y', requestUrl: `http://127.0.0.1:${port}/api/y?z=1`, statusCode: 200 },
      { endpoint: '/api/x', statusCode: 409, status: 'warning', errorName: 'ConflictError' },
    ])
  })
})
