/**
 * What clients get is what they would get without us. Each case is answered twice in the same run, by a handler as it is
 * and by the same one recorded, and both answers are compared: status, headers, bytes, and how reading them fails.
 * Long, because the cases are a table, and all of it runs through each adapter.
 */
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { createMemoryHost, type MemoryHost } from './memory.ts'

type Handler = (request: Request) => Response | Promise<Response>
type Answer = (request: Request) => Promise<Response>

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** Every byte there is, some of which are no UTF-8. */
const allBytes = Uint8Array.from({ length: 1024 }, (_, index) => index)

/** A body that is made while it is read. */
function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...chunks]
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift()
      if (chunk) controller.enqueue(chunk.slice())
      else controller.close()
    },
  })
}

/** The same handler behind each adapter, and without. */
const adapters: Record<
  string,
  { bare(handler: Handler): Answer; recorded(handler: Handler, host: MemoryHost): Answer }
> = {
  fetch: {
    bare: handler => async request => handler(request),
    recorded(handler, { transport, ctx }) {
      const wrapped = withReplayStack((request: Request, _ctx: object) => handler(request), options(transport))
      return async request => wrapped(request, ctx)
    },
  },
  hono: {
    bare: handler => async request => new Hono().all('*', c => handler(c.req.raw)).fetch(request),
    recorded(handler, { transport, ctx }) {
      const app = new Hono().use(replaystack(options(transport))).all('*', c => handler(c.req.raw))
      return async request => app.fetch(request, {}, ctx)
    },
  },
}

const options = (transport: MemoryHost['transport']) => ({ apiKey: 'test-key', transport, maxPayloadSizeBytes: 5000 })

/** All that a client can see of an answer. */
async function seen(answering: Promise<Response>): Promise<object> {
  const response = await answering
  const { status, statusText, type, redirected, bodyUsed, body } = response
  const headers = [...response.headers].filter(([name]) => name !== 'x-trace-id' && name !== 'set-cookie')
  const read = await response.arrayBuffer().then(
    buffer => [...new Uint8Array(buffer)],
    () => 'cannot be read',
  )
  const cookies = response.headers.getSetCookie()
  return { status, statusText, type, redirected, bodyUsed, hasBody: body !== null, headers, cookies, read }
}

const get = (path = '/') => new Request(`https://b.test${path}`)
const post = (body: NonNullable<ConstructorParameters<typeof Response>[0]>, contentType: string) => {
  const init = { method: 'POST', body, headers: { 'content-type': contentType }, duplex: 'half' as const }
  return new Request('https://b.test/upload', init)
}
const ofType = (contentType: string, more: Record<string, string> = {}) => ({
  headers: { 'content-type': contentType, ...more },
})
const notCaptured = (reason: string) => ({ captured: false, reason: expect.stringContaining(reason) })

interface Case {
  request?: () => Request | Promise<Request>
  handler: Handler
  /** What the event tells of both bodies. */
  tells?: { requestPayload?: unknown; responsePayload?: unknown; statusCode?: number }
}

const answers: Record<string, Case> = {
  'JSON is kept as it was written': {
    handler: () => new Response('{ "a" : 1.0,\n"é": "\\u00e9" }', ofType('application/json')),
    tells: { responsePayload: { a: 1, é: 'é' } },
  },
  'a form is': {
    handler: () => new Response('a=1&b=%20+&a=2', ofType('application/x-www-form-urlencoded')),
    tells: { responsePayload: { a: ['1', '2'], b: '  ' } },
  },
  'text that is no UTF-8 is': {
    handler: () => new Response(allBytes, ofType('text/plain; charset=latin1')),
    tells: { responsePayload: expect.any(String) },
  },
  'text over the limit is': {
    handler: () => new Response('x'.repeat(6000), ofType('text/plain')),
    tells: { responsePayload: { __truncated: true, preview: 'x'.repeat(2000) } },
  },
  'binary is': {
    handler: () => new Response(allBytes, ofType('image/png')),
    tells: { responsePayload: notCaptured('Binary') },
  },
  'what is encoded is': {
    handler: () => new Response(allBytes, ofType('application/json', { 'content-encoding': 'zstd' })),
    tells: { responsePayload: notCaptured('Encoded') },
  },
  'server-sent events are': {
    handler: () => new Response(streamOf(encode('data: 1\n\n'), encode('data: 2\n\n')), ofType('text/event-stream')),
    tells: { responsePayload: notCaptured('Streaming') },
  },
  'chunks of text are': {
    handler: () =>
      new Response(streamOf(encode('caf'), encode('é').slice(0, 1), encode('é').slice(1)), ofType('text/plain')),
  },
  'a stream whose length is told is': {
    handler: () => new Response(streamOf(allBytes, allBytes), ofType('text/plain', { 'content-length': '2048' })),
  },
  'a stream that breaks breaks all the same': {
    handler: () => {
      let pulls = 0
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (pulls++ === 0) controller.enqueue(encode('half'))
          else controller.error(new Error('reset'))
        },
      })
      return new Response(body, ofType('text/plain'))
    },
  },
  'cookies stay apart': {
    handler: () => {
      const response = new Response('ok')
      response.headers.append('set-cookie', 'a=1; Path=/')
      response.headers.append('set-cookie', 'b=2; Expires=Wed, 09 Jun 2027 10:18:14 GMT')
      return response
    },
  },
  'a redirect, whose headers cannot be changed': {
    handler: () => Response.redirect('https://b.test/elsewhere', 307),
    tells: { statusCode: 307 },
  },
  '204': { handler: () => new Response(null, { status: 204 }), tells: { statusCode: 204 } },
  '304 with its validators': {
    handler: () => new Response(null, { status: 304, headers: { etag: '"1"' } }),
    tells: { statusCode: 304 },
  },
  'a status text': { handler: () => new Response('short', { status: 418, statusText: 'Teapot' }) },
  'an error of the network': { handler: () => Response.error(), tells: { statusCode: 500 } },
  'HEAD, with the headers of GET': {
    request: () => new Request('https://b.test/', { method: 'HEAD' }),
    handler: () => new Response('never sent', ofType('text/plain', { 'content-length': '10' })),
  },
  'HEAD whose body cannot be sent': {
    request: () => new Request('https://b.test/', { method: 'HEAD' }),
    handler: () => new Response(streamOf(), ofType('text/plain')),
  },
  'a body that was read already': {
    handler: async () => {
      const response = new Response('read', ofType('text/plain'))
      await response.text()
      return response
    },
    tells: { responsePayload: notCaptured('was read before') },
  },
  'a body that someone reads': {
    handler: () => {
      const response = new Response(streamOf(encode('locked')), ofType('text/plain'))
      response.body?.getReader()
      return response
    },
    tells: { responsePayload: notCaptured('was read before') },
  },
}

const uploads: Record<string, Case> = {
  'is read by its handler': {
    request: () => post('{"a":1}', 'application/json'),
    handler: async request => Response.json({ got: await request.json() }),
    tells: { requestPayload: { a: 1 } },
  },
  'is read as it comes': {
    request: () => post(streamOf(encode('one '), encode('two')), 'text/plain'),
    handler: async request => {
      const sizes: number[] = []
      const reader = request.body?.getReader()
      for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) sizes.push(chunk.value.length)
      return Response.json(sizes)
    },
    tells: { requestPayload: 'one two' },
  },
  'is sent back as it came': {
    request: () => post(allBytes, 'application/octet-stream'),
    handler: request => new Response(request.body, ofType('application/octet-stream')),
    tells: { requestPayload: notCaptured('Binary') },
  },
  'of text over the limit is sent back as it came': {
    request: () =>
      post(streamOf(encode('a'.repeat(3000)), encode('b'.repeat(3000)), encode('c'.repeat(3000))), 'text/plain'),
    handler: request => new Response(request.body, ofType('application/octet-stream')),
    tells: { requestPayload: { __truncated: true, maxSizeBytes: 5000 } },
  },
  'is never read': {
    request: () => post('{"a":1}', 'application/json'),
    handler: () => new Response('ignored'),
    tells: { requestPayload: { a: 1 } },
  },
  'is cloned and read twice by its handler': {
    request: () => post('a=1', 'text/plain'),
    handler: async request => {
      const copy = request.clone()
      return new Response(`${await copy.text()} ${await request.text()}`)
    },
    tells: { requestPayload: 'a=1' },
  },
  'that was read before': {
    request: async () => {
      const request = post('{"a":1}', 'application/json')
      await request.text()
      return request
    },
    handler: async request => new Response(await request.text().catch(() => 'cannot be read')),
    tells: { requestPayload: notCaptured('was read before') },
  },
  'that someone reads': {
    request: () => {
      const request = post(streamOf(encode('{"a":1}')), 'application/json')
      request.body?.getReader()
      return request
    },
    handler: async request => new Response(await request.text().catch(() => 'cannot be read')),
    tells: { requestPayload: notCaptured('was read before') },
  },
}

/** Both answers of a case, and the one event. */
async function compare(adapter: string, compared: Case | undefined): Promise<ReplayStackEvent[]> {
  const behind = adapters[adapter]
  if (!behind || !compared) throw new Error('no such case')
  const { request = () => get(), handler, tells = {} } = compared
  const host = createMemoryHost()
  const expected = await seen(behind.bare(handler)(await request()))
  expect(await seen(behind.recorded(handler, host)(await request()))).toEqual(expected)
  const events = await host.events()
  expect(events).toMatchObject([tells])
  return events
}

/** A form as a browser sends it, its bytes kept, so that both handlers are sent the same. */
async function createForm(): Promise<{ file: Uint8Array; request: () => Request }> {
  const file = crypto.getRandomValues(new Uint8Array(3000))
  const form = new FormData()
  form.append('title', 'value-secret')
  form.append('città', 'naïve value-secret')
  form.append('password', 'value-secret')
  form.append('title', 'a second value-secret')
  form.append('archivo', new Blob([file], { type: 'application/pdf' }), 'résumé 文.pdf')
  return { file, request: await requestOf(form) }
}

/** Answers requests with the same form, byte for byte. */
async function requestOf(form: FormData): Promise<() => Request> {
  const whole = new Response(form)
  // Bun has no content type any more once the body was read.
  const contentType = whole.headers.get('content-type') ?? ''
  const bytes = await whole.arrayBuffer()
  return () => post(bytes, contentType)
}

const formPayload = {
  fields: ['title', 'città', 'password'],
  files: [{ name: 'archivo', fileName: 'résumé 文.pdf', contentType: 'application/pdf', sizeBytes: 3000 }],
}

for (const adapter of Object.keys(adapters)) {
  describe(`through ${adapter}`, () => {
    describe('an answer', () => {
      test.each(Object.keys(answers))('%s', async name => {
        await compare(adapter, answers[name])
      })
    })

    describe('an upload that', () => {
      test.each(Object.keys(uploads))('%s', async name => {
        await compare(adapter, uploads[name])
      })
    })

    describe('a form with a file', () => {
      test('is its handler’s alone: the event has names and sizes', async () => {
        const { file, request } = await createForm()
        const handler: Handler = async received => {
          const form = await received.formData()
          const sent = form.get('archivo')
          if (typeof sent === 'string' || !sent) return new Response('no file', { status: 400 })
          expect(new Uint8Array(await sent.arrayBuffer())).toEqual(file)
          return Response.json([form.getAll('title').length, form.has('città'), sent.name, sent.size])
        }
        const events = await compare(adapter, { request, handler, tells: { requestPayload: formPayload } })
        expect(events[0]?.responsePayload).toEqual([2, true, 'résumé 文.pdf', 3000])
        expect(JSON.stringify(events)).not.toContain('value-secret')
      })

      test('that its handler does not read is told of too', async () => {
        const { request } = await createForm()
        const handler: Handler = () => new Response('ignored')
        const events = await compare(adapter, { request, handler, tells: { requestPayload: formPayload } })
        expect(JSON.stringify(events)).not.toContain('value-secret')
      })

      test('over the limit, or that is none, is a marker', async () => {
        const handler: Handler = async received => new Response(String((await received.arrayBuffer()).byteLength))
        const compareForm = (request: () => Request, reason: string) =>
          compare(adapter, { request, handler, tells: { requestPayload: notCaptured(reason) } })
        const large = new FormData()
        large.append('note', `value-secret ${'x'.repeat(6000)}`)
        const broken = 'value-secret, and no boundary'
        const events = [
          ...(await compareForm(await requestOf(large), 'Large multipart')),
          ...(await compareForm(() => post(broken, 'multipart/form-data; boundary=x'), 'Multipart')),
          ...(await compareForm(() => post(broken, 'multipart/form-data'), 'Multipart')),
        ]
        expect(JSON.stringify(events)).not.toContain('value-secret')
      })
    })
  })
}
