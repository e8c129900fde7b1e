/** Bodies on their way through `node:http`. Longer than most files: each direction, kind and encoding has its own end. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BodyRecord } from '../../src/adapters/node/body-record.ts'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import type { AdapterOptions, ClientOptions } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { type Answer, listen, openSocket, record, send, until } from '../support/node-server.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

async function serve(handler: Handler, options: AdapterOptions = {}, clientOptions: ClientOptions = {}) {
  const recorded = record<IncomingMessage>(options, clientOptions)
  return { ...recorded, ...(await listen(withReplayStack(handler, recorded.options))) }
}

/** Answers what it is sent. */
const echo: Handler = (request, response) => {
  response.setHeader('content-type', request.headers['content-type'] ?? 'text/plain')
  request.pipe(response)
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }
const LARGE = 50 * 1024 * 1024

/** `LARGE` bytes in chunks, and what was made of them so far. */
function largeBody() {
  const chunk = Buffer.alloc(65_536, 'x')
  const made = { bytes: 0 }
  const stream = Readable.from(
    (function* () {
      for (; made.bytes < LARGE; made.bytes += chunk.byteLength) yield chunk
    })(),
  )
  return { stream, made }
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Bytes outside the heap, after what was let go has gone. */
function bytesHeld(): number {
  collectGarbage()
  const { arrayBuffers, external } = process.memoryUsage()
  return arrayBuffers + external
}

describe('a body of either direction', () => {
  it.each([
    ['JSON', 'application/json', '{"a":[1],"password":"secret"}', { a: [1], password: '[MASKED]' }],
    ['JSON that is none', 'application/json', '{"a":', '{"a":'],
    ['a form', 'application/x-www-form-urlencoded', 'a=1&a=2&pin=3', { a: ['1', '2'], pin: '[MASKED]' }],
    ['text', 'text/plain', 'grüße 🎈', 'grüße 🎈'],
    ['XML', 'application/atom+xml', '<a/>', '<a/>'],
    [
      'multipart',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="title"\r\n\r\nsecret\r\n--b\r\ncontent-disposition: form-data; name="f"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nhello\r\n--b--\r\n',
      { fields: ['title'], files: [{ name: 'f', fileName: 'a.txt', contentType: 'text/plain', sizeBytes: 5 }] },
    ],
  ])('that is %s is shown', async (_, type, body, shown) => {
    const { port, event } = await serve(echo)
    expect((await send(port, '/', { method: 'POST', headers: { 'content-type': type }, body })).text).toBe(body)
    expect(await event()).toMatchObject({ requestPayload: shown, responsePayload: shown })
  })

  it.each([
    ['image/png', 'Binary', 'Binary'],
    [undefined, 'Binary', undefined],
    ['text/event-stream', 'Streaming', 'Streaming'],
    ['application/x-ndjson', 'Streaming', 'Streaming'],
  ])('of %s is told by its size or not at all', async (type, up, down) => {
    const bytes = randomBytes(5000)
    const { port, event } = await serve((request, response) => {
      if (type) response.setHeader('content-type', type)
      request.pipe(response)
    })
    const headers = type ? { 'content-type': type } : {}
    const { body } = await send(port, '/', { method: 'POST', headers, body: bytes })
    expect(body.equals(bytes)).toBe(true)
    const { requestPayload, responsePayload } = await event()
    const size = up === 'Binary' ? { sizeBytes: 5000 } : {}
    const marker = (direction: string) => ({
      captured: false,
      reason: `${up} ${direction} body not captured`,
      ...(up === 'Binary' && type && { contentType: type }),
      ...size,
    })
    expect(requestPayload).toEqual(marker('request'))
    expect(responsePayload).toEqual(marker('response'))
    expect(down === undefined || down === up).toBe(true)
  })

  it('over maxPayloadSizeBytes is its beginning and its size', async () => {
    const { port, event } = await serve(echo, {}, { maxPayloadSizeBytes: 10_000 })
    const body = 'ü'.repeat(10_000)
    expect((await send(port, '/', { method: 'POST', headers: TEXT, body })).text).toBe(body)
    const marker = { __truncated: true, originalSizeBytes: 20_000, maxSizeBytes: 10_000, preview: 'ü'.repeat(2000) }
    expect(await event()).toMatchObject({ requestPayload: marker, responsePayload: marker })
  })

  it('that is not wanted is not kept', async () => {
    const { port, event } = await serve(echo, { captureRequestBody: false, captureResponseBody: false })
    await send(port, '/', { method: 'POST', headers: TEXT, body: 'x' })
    const captured = await event()
    expect(captured).not.toHaveProperty('requestPayload')
    expect(captured).not.toHaveProperty('responsePayload')
  })
})

describe('what is kept of a body', () => {
  it.each([
    ['application/problem+json', 4],
    ['text/html; charset=utf-8', 4],
    ['image/svg+xml', 4],
    ['image/png', 0],
    ['application/octet-stream', 0],
    ['text/event-stream', 0],
    ['application/x-ndjson', 0],
    ['multipart/x-mixed-replace', 0],
    ['', 4],
  ])('of %s is %i of six bytes, where four may be', async (type, kept) => {
    const record = new BodyRecord({ 'content-type': type }, 4)
    record.add('6162', 'hex')
    record.add('Y2RlZg==', 'base64')
    record.complete = true
    const seen = await record.payload(async seen => seen)
    expect(seen).toEqual({ content: new Uint8Array(Buffer.from('abcd'.slice(0, kept))), sizeBytes: 6, complete: true })
  })
})

describe('a request body', () => {
  it('that comes byte by byte, or chunked, is whole', async () => {
    const { port, event } = await serve(echo)
    const { socket, received } = openSocket(port)
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n')
    for (const byte of '{"a":"b"}') {
      socket.write(`1\r\n${byte}\r\n`)
      await new Promise(resolve => setImmediate(resolve))
    }
    socket.write('0\r\n\r\n')
    await until(() => received().includes('\r\n0\r\n'))
    expect(await event()).toMatchObject({ requestPayload: { a: 'b' }, responsePayload: { a: 'b' } })
  })

  it('that nobody reads is told as far as it came before the answer', async () => {
    const { port, events } = await serve((_, response) => void response.writeHead(401).end())
    await send(port, '/', { method: 'POST', headers: TEXT, body: 'unread' })
    const { socket, received } = openSocket(port)
    const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\n'
    socket.write(`${head}half`)
    await until(() => received().includes('401'))
    socket.write(`better${head}all of it.`)
    expect((await events(3)).map(event => event.requestPayload)).toEqual([
      'unread',
      { captured: false, reason: 'The request body did not arrive whole', sizeBytes: 4 },
      'all of it.',
    ])
  })

  it('that is read by setEncoding, by an iterator or by read() is told as it came', async () => {
    const readers: Handler[] = [
      (request, response) =>
        request
          .setEncoding('latin1')
          .on('data', () => {})
          .on('end', () => response.end()),
      async (request, response) => {
        for await (const _ of request);
        response.end()
      },
      (request, response) => request.on('readable', () => request.read()).on('end', () => response.end()),
    ]
    const { port, events } = await serve((request, response) =>
      readers[Number(request.url?.slice(1))]?.(request, response),
    )
    for (const path of ['/0', '/1', '/2']) await send(port, path, { method: 'POST', headers: TEXT, body: 'grüße' })
    expect((await events(3)).map(event => event.requestPayload)).toEqual(['grüße', 'grüße', 'grüße'])
  })

  it.each(['gzip', 'deflate', 'br', 'zstd'] as const)('in %s is decoded', async encoding => {
    const { port, event } = await serve(echo)
    const body = encoders[encoding](Buffer.from('{"a":1,"pin":2}'))
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
    expect((await send(port, '/', { method: 'POST', headers, body })).body.equals(body)).toBe(true)
    expect((await event()).requestPayload).toEqual({ a: 1, pin: '[MASKED]' })
  })

  it('of 50 MB costs no memory, and is read at its reader’s pace', async () => {
    let mostWaiting = 0
    let mostHeld = 0
    let read = 0
    const before = bytesHeld()
    const { port, event } = await serve(async (request, response) => {
      for await (const chunk of request) {
        read += chunk.byteLength
        mostWaiting = Math.max(mostWaiting, request.readableLength)
        if (read % (4 * 1024 * 1024) < chunk.byteLength) mostHeld = Math.max(mostHeld, bytesHeld() - before)
        await new Promise(resolve => setImmediate(resolve))
      }
      response.end(String(read))
    })
    const { stream } = largeBody()
    const upload = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers: TEXT, agent: false })
    const answered = new Promise(resolve => upload.on('response', response => response.resume().on('end', resolve)))
    await pipeline(stream, upload)
    await answered
    expect(read).toBe(LARGE)
    expect(mostWaiting).toBeLessThan(512 * 1024)
    expect(mostHeld).toBeLessThan(LARGE / 2)
    expect((await event()).requestPayload).toMatchObject({ __truncated: true, originalSizeBytes: LARGE })
  })
})

/** What compresses, by `content-encoding`. */
const encoders = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
}

describe('a response body', () => {
  it('written in every form and encoding is whole', async () => {
    const late: string[] = []
    const { port, event } = await serve((_, response) => {
      response.setHeader('content-type', 'text/plain')
      response.write('grüße ')
      response.write('7a', 'hex')
      response.write(Buffer.from('b').toString('base64'), 'base64')
      response.write('é', 'latin1')
      response.write(new Uint8Array([0x21]))
      response.end('?', 'utf8', () => {})
      response.on('error', error => late.push(error.message))
      response.write('too late', () => {})
    })
    const expected = Buffer.concat([Buffer.from('grüße zb'), Buffer.from([0xe9]), Buffer.from('!?')])
    expect((await send(port, '/')).body.equals(expected)).toBe(true)
    expect((await event()).responsePayload).toBe('grüße zb\uFFFD!?')
    expect(late).toEqual(['write after end'])
  })

  it('refused by Node is refused as ever', async () => {
    const codes: unknown[] = []
    const { port, event } = await serve((_, response) => {
      response.setHeader('content-type', 'text/plain')
      try {
        Reflect.apply(response.write, response, [7])
      } catch (thrown) {
        codes.push(Reflect.get(Object(thrown), 'code'))
      }
      response.end('ok')
    })
    expect((await send(port, '/')).text).toBe('ok')
    expect([codes, (await event()).responsePayload]).toEqual([['ERR_INVALID_ARG_TYPE'], 'ok'])
  })

  it('that is a stream of events leaves as it is written', async () => {
    const { port, event } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
      response.on('next', () => response.end('data: 2\n\n'))
      responses.push(response)
    })
    const responses: ServerResponse[] = []
    const { socket, received } = openSocket(port)
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await until(() => received().includes('data: 1'))
    expect(received()).not.toContain('data: 2')
    responses[0]?.emit('next')
    await until(() => received().includes('data: 2'))
    expect((await event()).responsePayload).toEqual({
      captured: false,
      reason: 'Streaming response body not captured',
    })
  })

  it.each(['gzip', 'deflate', 'br', 'zstd'] as const)('in %s is decoded, and leaves as it is', async encoding => {
    const body = encoders[encoding](Buffer.from('{"a":1,"pin":2}'))
    const { port, event } = await serve((_, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-encoding': encoding,
        'content-length': body.byteLength,
      })
      response.end(body)
    })
    expect((await send(port, '/')).body.equals(body)).toBe(true)
    expect(await event()).toMatchObject({
      responseHeaders: { 'content-encoding': encoding },
      responsePayload: { a: 1, pin: '[MASKED]' },
    })
  })

  const notCaptured = { captured: false, reason: 'Encoded response body not captured', contentType: 'text/plain' }
  it.each([
    ['deflate without a header', 'deflate', zlib.deflateRawSync('hello'), 'hello'],
    ['two members', 'x-gzip', Buffer.concat([zlib.gzipSync('hel'), zlib.gzipSync('lo')]), 'hello'],
    ['identity', 'identity', Buffer.from('hello'), 'hello'],
    ['an encoding that nobody knows', 'snappy', Buffer.from('hello'), notCaptured],
    ['a member of zlib that is no decoder', '__proto__', Buffer.from('hello'), notCaptured],
    ['what it is not', 'gzip', Buffer.from('hello'), notCaptured],
    ['a part', 'gzip', zlib.gzipSync('hello').subarray(0, 15), notCaptured],
    ['a list', 'gzip, br', zlib.brotliCompressSync(zlib.gzipSync('hello')), notCaptured],
    [
      'a bomb',
      'gzip',
      zlib.gzipSync(Buffer.alloc(20_000_000, 'x')),
      { __truncated: true, originalSizeBytes: expect.any(Number), maxSizeBytes: 50_000, preview: 'x'.repeat(2000) },
    ],
  ])('whose encoding is %s does no harm', async (_, encoding, body, shown) => {
    const { port, event, errors } = await serve(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding })
        response.end(body)
      },
      {},
      { maxPayloadSizeBytes: 50_000 },
    )
    expect((await send(port, '/')).body.equals(body)).toBe(true)
    const { responsePayload } = await event()
    expect(responsePayload).toEqual(shown)
    const size = Reflect.get(Object(responsePayload), 'originalSizeBytes')
    if (size !== undefined) expect(size).toBeLessThan(150_000)
    expect(errors).toEqual([])
  })

  it('whose second part is cut off is not shown as whole', async () => {
    const { port, event } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
      response.write(zlib.gzipSync('hel'), () => response.destroy())
    })
    await expect(send(port, '/')).rejects.toThrow('aborted')
    expect((await event()).responsePayload).toEqual(notCaptured)
  })

  it('of 50 MB costs no memory, and is written at its reader’s pace', async () => {
    const { stream, made } = largeBody()
    let drained = 0
    let mostWaiting = 0
    let mostAhead = 0
    let mostHeld = 0
    let received = 0
    const before = bytesHeld()
    const { port, event } = await serve(async (_, response) => {
      response.setHeader('content-type', 'text/plain')
      response.on('drain', () => drained++)
      await pipeline(stream, response)
    })
    await new Promise<void>((resolve, reject) => {
      const download = httpRequest({ port, host: '127.0.0.1', agent: false }, async response => {
        for await (const chunk of response) {
          received += chunk.byteLength
          mostAhead = Math.max(mostAhead, made.bytes - received)
          mostWaiting = Math.max(mostWaiting, stream.readableLength)
          if (received % (4 * 1024 * 1024) < chunk.byteLength) mostHeld = Math.max(mostHeld, bytesHeld() - before)
          await new Promise(resolve => setImmediate(resolve))
        }
        resolve()
      })
      download.on('error', reject)
      download.end()
    })
    expect(received).toBe(LARGE)
    expect(drained).toBeGreaterThan(10)
    // What lies in the kernel's buffers is ahead of the reader; what lies in ours would be all of it.
    expect(mostAhead).toBeLessThan(LARGE / 2)
    expect(mostHeld).toBeLessThan(LARGE / 2)
    expect((await event()).responsePayload).toMatchObject({ __truncated: true, originalSizeBytes: LARGE })
  })

  it('that is binary is the same byte for byte', async () => {
    const bytes = randomBytes(3_000_001)
    const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex')
    const { port, event } = await serve((_, response) => {
      response.setHeader('content-type', 'application/octet-stream')
      Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]).pipe(response)
    })
    expect(digest((await send(port, '/')).body)).toBe(digest(bytes))
    expect((await event()).responsePayload).toMatchObject({ captured: false, sizeBytes: bytes.byteLength })
  })
})

describe('any response', () => {
  const name = fc.constantFrom('X-A', 'x-b', 'Set-Cookie', 'Cache-Control', 'Link')
  const value = fc.stringMatching(/^[\x21-\x7e]{1,12}$/)
  const headers = fc.oneof(
    fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }))),
    fc.array(fc.tuple(name, value)).map(pairs => pairs.flat()),
    fc.constant(undefined),
  )
  const chunk = fc.oneof(fc.string(), fc.uint8Array({ maxLength: 300 }))
  const script = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'POST'),
    status: fc.constantFrom(200, 201, 204, 206, 302, 304, 404, 500),
    message: fc.option(fc.constantFrom('Fine', 'Made Up'), { nil: undefined }),
    type: fc.constantFrom('text/plain', 'application/json', 'image/png', 'text/event-stream', undefined),
    set: fc.dictionary(name, value),
    given: headers,
    explicit: fc.boolean(),
    flushed: fc.boolean(),
    knownLength: fc.boolean(),
    chunks: fc.array(chunk, { maxLength: 5 }),
  })

  const play =
    (one: typeof script extends fc.Arbitrary<infer Script> ? Script : never): Handler =>
    (_, response) => {
      for (const [key, value] of Object.entries(one.set)) response.setHeader(key, value)
      if (one.type) response.setHeader('Content-Type', one.type)
      if (one.knownLength) {
        response.setHeader(
          'Content-Length',
          one.chunks.reduce((size, part) => size + Buffer.byteLength(part), 0),
        )
      }
      response.statusCode = one.status
      if (one.explicit) {
        const args = one.message === undefined ? [one.status, one.given] : [one.status, one.message, one.given]
        Reflect.apply(response.writeHead, response, args)
      }
      if (one.flushed) response.flushHeaders()
      const last = one.chunks.at(-1)
      for (const part of one.chunks.slice(0, -1)) response.write(part)
      if (last === undefined) response.end()
      else response.end(last)
    }

  const seen = ({ status, rawHeaders, body }: Answer) => ({
    status,
    headers: rawHeaders
      .flatMap((key, at) => (at % 2 === 0 ? [[key, rawHeaders[at + 1]]] : []))
      .filter(([key]) => !/^(date|x-trace-id)$/i.test(String(key))),
    body: body.toString('hex'),
  })

  it('has the same status, headers and bytes with and without us', async () => {
    let handler: Handler = () => {}
    const { options, events } = record<IncomingMessage>()
    const [recorded, plain] = [
      await listen(
        withReplayStack((request: IncomingMessage, response: ServerResponse) => handler(request, response), options),
      ),
      await listen(createServer((request, response) => void handler(request, response))),
    ]
    let answered = 0
    await fc.assert(
      fc.asyncProperty(script, async one => {
        handler = play(one)
        const { method } = one
        const [ours, theirs] = [await send(recorded.port, '/', { method }), await send(plain.port, '/', { method })]
        expect(seen(ours)).toEqual(seen(theirs))
        expect(ours.headers['x-trace-id']).toMatch(/^[\da-f-]{36}$/)
        answered++
      }),
      runs(150),
    )
    expect(await events(answered)).toHaveLength(answered)
  })
})
