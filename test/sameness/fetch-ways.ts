/** What applications of the Fetch API do: one row a way. A list of rows is long by nature. */
import { type Ask, chunked, json, type Server, slow, source, textOf, type Ways } from './way.ts'

export type FetchAnswer = (request: Request, server: Server) => Response | undefined | Promise<Response | undefined>

const JSON_TYPE = { 'content-type': 'application/json' }
const TEXT_TYPE = { 'content-type': 'text/plain' }
const bytes = new Uint8Array([123, 34, 97, 34, 58, 49, 125])

/** The request's body as it was read, or what the reading failed with. */
const report = async (server: Server, reading: Promise<unknown>): Promise<Response> => {
  try {
    const value = await reading
    const text = value instanceof ArrayBuffer ? `${value.byteLength} bytes` : JSON.stringify(value)
    return new Response(`read ${text}`)
  } catch (thrown) {
    server.saw(`not read: ${textOf(thrown)}`)
    return new Response('not read', { status: 400 })
  }
}

async function readChunks(body: ReadableStream<Uint8Array> | null, most = Number.POSITIVE_INFINITY): Promise<string> {
  const reader = body?.getReader()
  let text = ''
  for (let count = 0; reader && count < most; count++) {
    const { done, value } = await reader.read()
    if (done) break
    text += new TextDecoder().decode(value)
  }
  return text
}

const fields = (form: FormData): unknown => Array.from(form, ([name, value]) => [name, String(value)])

const form: Ask = {
  method: 'POST',
  headers: ['content-type: application/x-www-form-urlencoded'],
  body: 'a=1&b=2',
}
const multipart: Ask = {
  method: 'POST',
  headers: ['content-type: multipart/form-data; boundary=x'],
  body: '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
}
const large: Ask = { method: 'POST', headers: ['content-type: text/plain'], body: 'x'.repeat(300_000) }
const cutUpload: Ask = {
  method: 'POST',
  headers: ['content-type: application/json', 'content-length: 700'],
  steps: [{ send: '{"a"' }, { saw: 'begun' }, 'leave'],
}

const readers: Readonly<Record<string, (request: Request) => Promise<unknown>>> = {
  json: request => request.json(),
  text: request => request.text(),
  bytes: request => request.arrayBuffer(),
  blob: async request => (({ type, size }) => [type, size])(await request.blob()),
  stream: request => readChunks(request.body),
  clone: async request => [await request.clone().text(), await request.text()],
  remade: request => new Request(request).text(),
}

const requests: Ways<FetchAnswer> = Object.fromEntries(
  Object.entries({ json, chunked, slow, large }).flatMap(([how, ask]) =>
    Object.entries(readers).map(([reader, read]) => [
      `${how}-by-${reader}`,
      {
        ...ask,
        answer: (request: Request, server: Server) => {
          server.saw('begun')
          return report(server, read(request))
        },
      },
    ]),
  ),
)

const unread: Ways<FetchAnswer> = Object.fromEntries(
  Object.entries({ json, large, form, multipart }).flatMap(([how, ask]) => [
    [`${how}-unread`, { ...ask, answer: () => new Response('unread') }],
    [
      `${how}-half-read`,
      {
        ...ask,
        answer: async (request: Request) => new Response(String((await readChunks(request.body, 1)).length > 0)),
      },
    ],
    [
      `${how}-unread-and-thrown`,
      {
        ...ask,
        answer: () => {
          throw new Error('no')
        },
      },
    ],
  ]),
)

export const FETCH_WAYS: Ways<FetchAnswer> = {
  ...requests,
  ...unread,
  'form-by-form': { ...form, answer: (request, server) => report(server, request.formData().then(fields)) },
  'multipart-by-form': { ...multipart, answer: (request, server) => report(server, request.formData().then(fields)) },
  'bad-json': { ...json, body: '{"a"', answer: (request, server) => report(server, request.json()) },
  'twice-read': {
    ...json,
    answer: (request, server) =>
      report(
        server,
        request.text().then(() => request.text()),
      ),
  },
  'empty-body': { ...json, body: '', answer: (request, server) => report(server, request.text()) },
  'cut-upload': {
    ...cutUpload,
    steps: [...(cutUpload.steps ?? []), { saw: 'not read' }],
    answer(request, server) {
      server.saw('begun')
      return report(server, request.text())
    },
  },
  echo: { ...json, answer: request => new Response(request.body, { headers: JSON_TYPE }) },

  nothing: { answer: () => new Response(null) },
  'empty-text': { answer: () => new Response('') },
  text: { answer: () => new Response('Hello') },
  'not-ascii': { answer: () => new Response('Grüße, 世界') },
  html: { answer: () => new Response('<p>Hello', { headers: { 'content-type': 'text/html' } }) },
  json: { answer: () => Response.json({ a: 1 }) },
  bytes: { answer: () => new Response(bytes) },
  'typed-bytes': { answer: () => new Response(bytes, { headers: JSON_TYPE }) },
  buffer: { answer: () => new Response(bytes.buffer) },
  png: { answer: () => new Response(bytes, { headers: { 'content-type': 'image/png' } }) },
  blob: { answer: () => new Response(new Blob(['{"a":1}'], { type: 'application/json' })) },
  'untyped-blob': { answer: () => new Response(new Blob(['Hello'])) },
  form: { answer: () => new Response(new URLSearchParams({ a: '1' })) },
  'odd-type': {
    answer: () => new Response('{}', { headers: { 'Content-Type': 'APPLICATION/Json ;Charset="UTF-8"' } }),
  },
  'no-type': {
    answer() {
      const response = new Response('Hello')
      response.headers.delete('content-type')
      return response
    },
  },
  'own-length': { answer: () => new Response('Hello', { headers: { 'content-length': '5' } }) },
  'large-text': { answer: () => new Response('x'.repeat(700_000)) },
  cookies: {
    answer() {
      const response = new Response('two')
      for (const cookie of ['a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT', 'b=2']) {
        response.headers.append('set-cookie', cookie)
      }
      return response
    },
  },
  'own-trace-id': { answer: () => new Response('Hello', { headers: { 'x-trace-id': 'mine' } }) },
  'many-headers': { answer: () => new Response('Hello', { headers: { 'X-B': '2', 'x-A': '1', vary: 'origin' } }) },
  range: {
    headers: ['range: bytes=0-1'],
    answer: () => new Response('He', { status: 206, headers: { 'content-range': 'bytes 0-1/5', ...TEXT_TYPE } }),
  },
  'no-content': { answer: () => new Response(null, { status: 204 }) },
  'reset-content': { answer: () => new Response(null, { status: 205 }) },
  'not-modified': { answer: () => new Response(null, { status: 304, headers: { etag: '"a"' } }) },
  redirect: { answer: () => Response.redirect('https://shop.example/elsewhere', 303) },
  'made-redirect': { answer: () => new Response(null, { status: 302, headers: { location: '/elsewhere' } }) },
  'not-found': { answer: () => new Response('?', { status: 404 }) },
  'status-text': { answer: () => new Response('Hello', { status: 201, statusText: 'Made' }) },
  'head-text': { method: 'HEAD', answer: () => new Response('Hello') },
  'head-length': { method: 'HEAD', answer: () => new Response(null, { headers: { 'content-length': '5' } }) },
  'cloned-text': { answer: () => new Response('Hello').clone() },
  'original-of-clone': {
    async answer() {
      const response = Response.json({ a: 1 })
      await response.clone().text()
      return response
    },
  },
  remade: { answer: () => new Response(Response.json({ a: 1 }).body, { status: 201, headers: JSON_TYPE }) },

  stream: { answer: (_, server) => new Response(source(server, { pieces: ['{"a"', ':1}'] })) },
  'eager-stream': { answer: (_, server) => new Response(source(server, { pieces: ['{"a"', ':1}'], eager: true })) },
  'empty-stream': { answer: (_, server) => new Response(source(server, { pieces: [] })) },
  'json-stream': {
    answer: (_, server) => new Response(source(server, { pieces: ['{"a"', ':1}'] }), { headers: JSON_TYPE }),
  },
  'byte-stream': {
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"', ':1}'], type: 'bytes' }), { headers: JSON_TYPE }),
  },
  'stream-of-known-length': {
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"', ':1}'] }), { headers: { ...JSON_TYPE, 'content-length': '7' } }),
  },
  'transformed-stream': {
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"', ':1}'] }).pipeThrough(new TransformStream()), {
        headers: JSON_TYPE,
      }),
  },
  'gzip-stream': {
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"', ':1}'] }).pipeThrough(new CompressionStream('gzip')), {
        headers: { ...JSON_TYPE, 'content-type': 'text/plain' },
      }),
  },
  'head-stream': {
    method: 'HEAD',
    answer: () => new Response(new ReadableStream(), { headers: TEXT_TYPE }),
  },
  'head-stream-left': {
    method: 'HEAD',
    steps: [{ until: '\r\n\r\n' }, 'leave', { saw: 'cancel' }],
    answer: (_, server) => new Response(source(server, { pieces: ['a', 'b'], gated: 'all' }), { headers: TEXT_TYPE }),
  },
  'events-one-by-one': {
    steps: [{ until: 'data: 1' }, 'open', { until: 'data: 2' }, 'open'],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['data: 1\n\n', 'data: 2\n\n'], gated: true }), {
        headers: { 'content-type': 'text/event-stream' },
      }),
  },
  'pieces-one-by-one': {
    steps: [{ until: '{"a"' }, 'open', { until: ':1}' }, 'open'],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"', ':1}'], gated: true }), { headers: JSON_TYPE }),
  },
  'pieces-of-known-length': {
    steps: [{ until: '{"a"' }, 'open', { until: ':1}' }, 'open', { saw: 'closed' }],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"', ':1}'], gated: true }), {
        headers: { ...JSON_TYPE, 'content-length': '7' },
      }),
  },
  'untyped-pieces': {
    steps: [{ until: '{"a"' }, 'open', { until: ':1}' }, 'open'],
    answer: (_, server) => new Response(source(server, { pieces: ['{"a"', ':1}'], gated: true })),
  },

  'left-after-the-first-piece': {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'cancel' }],
    answer: (_, server) => new Response(source(server, { pieces: ['{"a"'], end: 'never' }), { headers: JSON_TYPE }),
  },
  'left-an-untyped-stream': {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'cancel' }],
    answer: (_, server) => new Response(source(server, { pieces: ['{"a"'], end: 'never' })),
  },
  'left-events': {
    steps: [{ until: 'data: 1' }, 'leave', { saw: 'cancel' }],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['data: 1\n\n'], end: 'never' }), {
        headers: { 'content-type': 'text/event-stream' },
      }),
  },
  'left-bytes': {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'cancel' }],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"'], end: 'never', type: 'bytes' }), { headers: JSON_TYPE }),
  },
  'left-a-known-length': {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'cancel' }],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"'], end: 'never' }), {
        headers: { ...JSON_TYPE, 'content-length': '700' },
      }),
  },
  'fails-half-way': {
    steps: [{ until: '{"a"' }, 'open'],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"'], gated: true, end: 'fail' }), { headers: JSON_TYPE }),
  },
  'fails-at-once': {
    answer: (_, server) => new Response(source(server, { pieces: [], end: 'fail' }), { headers: JSON_TYPE }),
  },
  'fails-of-known-length': {
    steps: [{ until: '{"a"' }, 'open'],
    answer: (_, server) =>
      new Response(source(server, { pieces: ['{"a"'], gated: true, end: 'fail' }), {
        headers: { ...JSON_TYPE, 'content-length': '7' },
      }),
  },
  throws: {
    answer() {
      throw new Error('no')
    },
  },
  'throws-later': {
    async answer() {
      await undefined
      throw new Error('no')
    },
  },
  'throws-a-response': {
    answer() {
      throw new Response('thrown', { status: 418 })
    },
  },
  'answers-nothing': { answer: () => undefined },
  'error-response': { answer: () => Response.error() },
  'used-response': {
    async answer() {
      const response = new Response('Hello')
      await response.text()
      return response
    },
  },
  'locked-response': {
    answer() {
      const response = new Response('Hello')
      response.body?.getReader()
      return response
    },
  },

  'passed-on-length': { answer: (_, server) => fetch(server.upstream('/length')) },
  'passed-on-chunked': { answer: (_, server) => fetch(server.upstream('/chunked')) },
  'passed-on-gzip': { answer: (_, server) => fetch(server.upstream('/gzip')) },
  'passed-on-cookies': { answer: (_, server) => fetch(server.upstream('/cookies')) },
  'passed-on-not-modified': { answer: (_, server) => fetch(server.upstream('/not-modified')) },
  'passed-on-redirect': { answer: (_, server) => fetch(server.upstream('/moved'), { redirect: 'manual' }) },
  'passed-on-clone': { answer: async (_, server) => (await fetch(server.upstream('/length'))).clone() },
  'passed-on-remade': {
    async answer(_, server) {
      const response = await fetch(server.upstream('/chunked'))
      return new Response(response.body, response)
    },
  },
  'passed-on-and-left': {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'upstream left' }],
    answer: (_, server) => fetch(server.upstream('/endless')),
  },
  'passed-on-known-and-left': {
    steps: [{ until: '{"a"' }, 'leave', { saw: 'upstream left' }],
    answer: (_, server) => fetch(server.upstream('/endless-of-known-length')),
  },
  'passed-on-cut': { steps: [{ until: '{"a"' }, 'open'], answer: (_, server) => fetch(server.upstream('/cut')) },

  upgrade: {
    headers: [
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ],
    // A text, masked by zeros, and how the other side sends it back.
    steps: [{ until: '\r\n\r\n' }, { send: '\x81\x82\0\0\0\0hi' }, { until: '\x81\x02hi' }, 'leave'],
    answer: (request, server) => server.upgrade?.(request) ?? new Response('no WebSockets here', { status: 426 }),
  },
}
