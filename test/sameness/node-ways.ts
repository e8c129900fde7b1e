/** What applications on `node:http` do: one row a way. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { type Ask, chunked, json, type Server, slow, textOf, type Ways } from './way.ts'

export type NodeAnswer = (request: IncomingMessage, response: ServerResponse, server: Server) => unknown

const JSON_TYPE = { 'content-type': 'application/json' }
const large: Ask = { method: 'POST', headers: ['content-type: text/plain'], body: 'x'.repeat(300_000) }

async function readAll(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

const readers: Readonly<Record<string, NodeAnswer>> = {
  async iteration(request, response, server) {
    server.saw('begun')
    response.end(String((await readAll(request)).length))
  },
  events(request, response, server) {
    server.saw('begun')
    let text = ''
    request.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
    request.on('end', () => response.end(text.slice(0, 100)))
  },
  reading(request, response, server) {
    server.saw('begun')
    let length = 0
    request.on('readable', () => {
      for (let chunk = request.read(2); chunk !== null; chunk = request.read(2)) length += chunk.length
      const rest = request.read()
      length += rest?.length ?? 0
    })
    request.on('end', () => response.end(String(length)))
  },
  piping(request, response, server) {
    server.saw('begun')
    request.pipe(response)
  },
  late(request, response, server) {
    server.saw('begun')
    setImmediate(async () => response.end(await readAll(request)))
  },
  nobody(_, response, server) {
    server.saw('begun')
    response.end('unread')
  },
  half(request, response, server) {
    server.saw('begun')
    request.once('data', () => {
      request.pause()
      response.end('half read')
    })
  },
}

const requests: Ways<NodeAnswer> = Object.fromEntries(
  Object.entries({ json, chunked, slow, large }).flatMap(([how, ask]) =>
    Object.entries(readers)
      // What nobody reads keeps a slow client waiting.
      .filter(([reader]) => how !== 'slow' || !['nobody', 'half'].includes(reader))
      .map(([reader, answer]) => [`${how}-by-${reader}`, { ...ask, answer }]),
  ),
)

/** What the application sees of how a response ends. */
function watch(request: IncomingMessage, response: ServerResponse, server: Server): void {
  response.on('finish', () => server.saw('finish'))
  response.on('error', error => server.saw(`error ${textOf(error)}`))
  response.on('close', () => server.saw(`close ${response.writableFinished} ${request.destroyed}`))
}

/** A readable stream of which the application sees all that happens. */
function pieces(server: Server, end: 'end' | 'fail' | 'never'): Readable {
  let count = 0
  return new Readable({
    async read() {
      const index = count++
      server.saw(`read ${index}`)
      if (index === 0) this.push('{"a"')
      else if (end === 'never') return
      else {
        await server.opened()
        if (end === 'fail') this.destroy(new Error('the source failed'))
        else if (index === 1) this.push(':1}')
        else this.push(null)
      }
    },
    destroy(error, done) {
      server.saw(`destroyed ${error}`)
      done(error)
    },
  })
}

const respond = (answer: (response: ServerResponse) => unknown): { answer: NodeAnswer } => ({
  answer: (_, response) => answer(response),
})

export const NODE_WAYS: Ways<NodeAnswer> = {
  ...requests,
  nothing: respond(response => response.end()),
  text: respond(response => response.end('Hello')),
  'not-ascii': respond(response => response.end('Grüße, 世界')),
  latin1: respond(response => response.end('Grüße', 'latin1')),
  base64: respond(response => response.end('SGVsbG8=', 'base64')),
  bytes: respond(response => response.end(new Uint8Array([1, 2, 3]))),
  json: respond(response => response.writeHead(200, JSON_TYPE).end('{"a":1}')),
  'spelled-headers': respond(response => {
    response.setHeader('X-B', '2')
    response.writeHead(201, 'Made', { 'Content-TYPE': 'text/plain', 'x-A': '1' })
    response.end('Hello')
  }),
  'flat-headers': respond(response => response.writeHead(200, ['X-B', '2', 'x-A', '1', 'X-B', '3']).end('Hello')),
  'paired-headers': respond(response =>
    response
      .writeHead(200, [
        ['X-B', '2'],
        ['x-A', '1'],
      ] as never)
      .end('Hello'),
  ),
  'map-of-headers': respond(response => {
    response.setHeaders(
      new Map([
        ['X-B', '2'],
        ['x-A', '1'],
      ]),
    )
    response.end('Hello')
  }),
  cookies: respond(response => {
    response.appendHeader('set-cookie', 'a=1')
    response.appendHeader('set-cookie', 'b=2')
    response.end('two')
  }),
  'cookies-at-once': respond(response => response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] }).end('two')),
  'own-length': respond(response => response.writeHead(200, { 'Content-Length': 5 }).end('Hello')),
  'own-trace-id': respond(response => response.writeHead(200, { 'X-Trace-Id': 'mine' }).end('Hello')),
  'no-date': respond(response => {
    response.sendDate = false
    response.end('Hello')
  }),
  closing: respond(response => {
    response.shouldKeepAlive = false
    response.end('Hello')
  }),
  'status-message': respond(response => {
    response.statusCode = 201
    response.statusMessage = 'Made'
    response.end('Hello')
  }),
  'two-writes': respond(response => {
    response.write('{"a"')
    response.end(':1}')
  }),
  'head-and-end': respond(response => {
    response.writeHead(200)
    response.end('Hello')
  }),
  'flushed-head': respond(response => {
    response.flushHeaders()
    response.end('Hello')
  }),
  'corked-writes': respond(response => {
    response.cork()
    response.write('{"a"')
    response.write(':1}')
    response.uncork()
    response.end()
  }),
  'calls-back': {
    answer(_, response, server) {
      response.write('a', () => server.saw('written'))
      response.end('b', () => server.saw('ended'))
    },
    steps: [{ saw: 'ended' }],
  },
  'ends-twice': respond(response => response.end('Hello').end()),
  'large-text': respond(response => response.end('x'.repeat(700_000))),
  'empty-write': respond(response => {
    response.write('')
    response.end()
  }),
  'no-content': respond(response => response.writeHead(204).end()),
  'not-modified': respond(response => response.writeHead(304, { etag: '"a"' }).end()),
  redirect: respond(response => response.writeHead(302, { Location: '/elsewhere' }).end()),
  range: respond(response => response.writeHead(206, { 'Content-Range': 'bytes 0-1/5' }).end('He')),
  'head-text': { method: 'HEAD', ...respond(response => response.end('Hello')) },
  'head-length': {
    method: 'HEAD',
    ...respond(response => response.writeHead(200, { 'content-length': 5 }).end()),
  },
  'early-hints': {
    answer(_, response) {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.end('Hello')
    },
  },
  processing: respond(response => {
    response.writeProcessing()
    response.end('Hello')
  }),
  trailers: respond(response => {
    response.writeHead(200, { Trailer: 'x-sum' })
    response.write('Hello')
    response.addTrailers({ 'x-sum': '1' })
    response.end()
  }),
  'expects-a-hundred': {
    ...json,
    headers: [...(json.headers ?? []), 'expect: 100-continue'],
    answer: readers['events'] as NodeAnswer,
  },
  'http-1.0': { headers: ['connection: close'], ...respond(response => response.end('Hello')) },
  piped: {
    steps: [{ until: '{"a"' }, 'open', { until: ':1}' }, 'open'],
    answer: (_, response, server) => pieces(server, 'end').pipe(response.writeHead(200, JSON_TYPE)),
  },
  gzip: {
    answer: (_, response) =>
      Readable.from(['{"a"', ':1}'])
        .pipe(createGzip())
        .pipe(response.writeHead(200, { 'content-encoding': 'gzip', ...JSON_TYPE })),
  },
  events: {
    steps: [{ until: 'data: 1' }, 'open', { until: 'data: 2' }, 'open'],
    async answer(_, response, server) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const number of [1, 2]) {
        response.write(`data: ${number}\n\n`)
        await server.opened()
      }
      response.end()
    },
  },
  'head-before-body': {
    steps: [{ until: '\r\n\r\n' }, 'open'],
    async answer(_, response, server) {
      response.writeHead(200, JSON_TYPE).flushHeaders()
      await server.opened()
      response.end('{"a":1}')
    },
  },
  'waits-for-drain': {
    answer(_, response, server) {
      let written = 0
      const go = (): void => {
        while (written++ < 64) if (!response.write('x'.repeat(20_000))) return void response.once('drain', go)
        response.end(() => server.saw('ended'))
      }
      go()
    },
    steps: [{ saw: 'ended' }],
  },
  left: {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'close' }],
    answer(request, response, server) {
      watch(request, response, server)
      response.writeHead(200, JSON_TYPE).write('{"a"')
    },
  },
  'left-before-anything': {
    steps: [{ saw: 'begun' }, 'leave', { saw: 'close' }],
    answer(request, response, server) {
      watch(request, response, server)
      server.saw('begun')
    },
  },
  'left-while-piped': {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'unpiped' }],
    answer(_, response, server) {
      response.on('unpipe', () => server.saw('unpiped'))
      response.on('close', () => server.saw('unpiped or closed'))
      pieces(server, 'never').pipe(response.writeHead(200, JSON_TYPE))
    },
  },
  'left-upload': {
    method: 'POST',
    headers: ['content-type: application/json', 'content-length: 700'],
    steps: [{ send: '{"a"' }, { saw: 'begun' }, 'leave', { saw: 'not read' }],
    async answer(request, _, server) {
      server.saw('begun')
      await readAll(request).catch(error => server.saw(`not read: ${textOf(error)}`))
    },
  },
  'destroyed-half-way': {
    steps: [{ until: '{"a"' }, 'open'],
    async answer(_, response, server) {
      response.writeHead(200, JSON_TYPE).write('{"a"')
      await server.opened()
      response.destroy()
    },
  },
  'destroyed-at-once': respond(response => response.destroy()),
  'source-fails': {
    steps: [{ until: '{"a"' }, 'open'],
    answer(_, response, server) {
      const stream = pieces(server, 'fail')
      stream.on('error', () => response.destroy())
      stream.pipe(response.writeHead(200, JSON_TYPE))
    },
  },
  'write-after-end': {
    answer(_, response, server) {
      response.on('error', error => server.saw(textOf(error)))
      response.end('Hello')
      response.write('more')
    },
    steps: [{ saw: 'Error' }],
  },
  'bad-header': {
    answer(_, response, server) {
      try {
        response.setHeader('x-bad', 'a\nb')
      } catch (thrown) {
        server.saw(textOf(thrown))
      }
      response.end('Hello')
    },
  },
  'bad-chunk': {
    answer(_, response, server) {
      try {
        response.end({} as never)
      } catch (thrown) {
        server.saw(textOf(thrown))
      }
      response.end('Hello')
    },
  },
  'head-twice': {
    answer(_, response, server) {
      response.writeHead(200).write('a')
      try {
        response.writeHead(201)
      } catch (thrown) {
        server.saw(textOf(thrown))
      }
      response.end()
    },
  },
}
