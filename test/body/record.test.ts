import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { madeStreamOf, readOutgoing } from '../../src/body/outgoing.ts'
import { recordRequestBody, recordResponseBody } from '../../src/body/record.ts'
import { eventually } from '../support/eventually.ts'
import { runs } from '../support/fuzz.ts'
import { payloadValue } from '../support/payload.ts'

const json = { 'content-type': 'application/json' }
function recordResponse(message: Response, max: number): Promise<unknown> {
  const outgoing = readOutgoing(message)
  return recordResponseBody(outgoing, madeStreamOf(outgoing), max)
}

const recorded = async (message: Request | Response, max = 1000) =>
  payloadValue(
    await (message instanceof Request ? recordRequestBody(message, max)?.(false) : recordResponse(message, max)),
  )

const post = (body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
  new Request('http://h/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)

/** A body whose chunks come when they are told to. */
/** A stream as a host's own are on Node: of bytes. */
function slowBody() {
  let controller: ReadableByteStreamController | undefined
  const cancelled = vi.fn()
  const stream = new ReadableStream({
    type: 'bytes',
    start(given) {
      controller = given
    },
    cancel: cancelled,
  })
  return {
    stream,
    cancelled,
    send: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
  }
}

describe('a body', () => {
  it.each([
    ['application/json', '{"a":[1,"x"]}', { a: [1, 'x'] }],
    ['application/json', 'not json', 'not json'],
    ['application/json', '', ''],
    [
      'application/x-www-form-urlencoded',
      'a=1&b=two+words&a=2&__proto__=x&a=3',
      { a: ['1', '2', '3'], b: 'two words', ['__proto__']: 'x' },
    ],
    ['text/plain', 'héllo 🎉', 'héllo 🎉'],
    ['application/xml', '<a/>', '<a/>'],
  ])('of %s becomes a value that masking can see into', async (type, body, payload) => {
    const length = new TextEncoder().encode(body).length
    const headers = { 'content-type': type, ...(length > 0 && { 'content-length': String(length) }) }
    expect(JSON.stringify(await recorded(post(body, headers)))).toBe(JSON.stringify(payload))
    expect(JSON.stringify(await recorded(new Response(body, { headers })))).toBe(JSON.stringify(payload))
  })

  it('that is none is absent', async () => {
    expect(await recorded(new Request('http://h/'))).toBeUndefined()
    expect(await recorded(new Response(null, { status: 204 }))).toBeUndefined()
  })

  it.each([
    ['application/octet-stream', 'Binary'],
    ['image/png', 'Binary'],
    ['multipart/form-data; boundary=x', 'Multipart'],
  ])('of %s is named, not copied', async (type, name) => {
    const headers = { 'content-type': type, 'content-length': '3' }
    const message = new Response(new Uint8Array(3), { headers })
    expect(await recorded(message)).toEqual({
      captured: false,
      reason: `${name} response body not captured`,
      contentType: type,
      sizeBytes: 3,
    })
    expect(message.bodyUsed).toBe(false)
  })

  it('of a request that is binary is named, too', async () => {
    const headers = { 'content-type': 'image/png', 'content-length': '3' }
    expect(await recorded(post('abc', headers))).toEqual({
      captured: false,
      reason: 'Binary request body not captured',
      contentType: 'image/png',
      sizeBytes: 3,
    })
  })

  it.each(['GET', 'HEAD'])('of a %s is not looked for: some hosts make a stream for whoever asks', method => {
    const request = new Request('http://h/', { method })
    const body = vi.fn(() => null)
    Object.defineProperty(request, 'body', { get: body })
    expect(recordRequestBody(request, 1000)).toBeUndefined()
    expect(body).not.toHaveBeenCalled()
  })

  it('that is empty by its length, or not there, has nothing to record', () => {
    expect(recordRequestBody(post('', { ...json, 'content-length': '0' }), 1000)).toBeUndefined()
    expect(recordRequestBody(new Request('http://h/', { method: 'POST' }), 1000)).toBeUndefined()
  })

  it('that is encoded is told of', async () => {
    const headers = { ...json, 'content-encoding': 'gzip' }
    expect(await recorded(new Response('x', { headers }))).toMatchObject({
      reason: 'Encoded response body not captured',
    })
  })

  it('that was read already, or is being read, is told of', async () => {
    const read = post('{}', json)
    await read.text()
    expect(await recorded(read)).toMatchObject({ captured: false, reason: expect.stringContaining('was read before') })
    const locked = post('{}', json)
    locked.body?.getReader()
    expect(await recorded(locked)).toMatchObject({ captured: false })
  })
})

describe('a large body', () => {
  it('that says so is not copied at all', async () => {
    const headers = { 'content-type': 'text/plain', 'content-length': '1001' }
    let pulled = 0
    // A copy would pull ahead of whoever reads the body itself.
    const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 })
    const message = new Response(body, { headers })
    expect(await recorded(message)).toEqual({ originalSizeBytes: 1001, beginning: '' })
    expect(pulled).toBe(0)
  })

  it('that does not say so is copied to the bound', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(600).fill(0x61))
      },
    })
    expect(await recorded(post(body, { 'content-type': 'text/plain' }))).toEqual({
      originalSizeBytes: 1200,
      sizeIsMinimum: true,
      beginning: 'a'.repeat(1000),
    })
  })
})

describe('a streaming response', () => {
  const marker = { captured: false, reason: 'Streaming response body not captured' }

  it('is known by its type', async () => {
    const message = new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
    expect(await recorded(message)).toEqual(marker)
    expect(message.bodyUsed).toBe(false)
  })

  it('is known by what it does: it is not there at once', async () => {
    const { stream, send, end, cancelled } = slowBody()
    const message = new Response(stream, { headers: { 'content-type': 'text/plain' } })
    send('first')
    expect(await recorded(message)).toEqual(marker)
    send('second')
    end()
    expect(await message.text()).toBe('firstsecond')
    expect(cancelled).not.toHaveBeenCalled()
  })

  it('that the application has made is left alone', async () => {
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'text/plain', 'content-length': '100' },
    ]) {
      const cancelled = vi.fn()
      const pulled = vi.fn((controller: ReadableStreamDefaultController<Uint8Array>) =>
        controller.enqueue(new TextEncoder().encode('first')),
      )
      const message = new Response(new ReadableStream({ pull: pulled, cancel: cancelled }), { headers })
      expect(await recorded(message)).toEqual(marker)
      expect(pulled).toHaveBeenCalledOnce()
      await message.body?.cancel('gone')
      expect(cancelled.mock.calls).toEqual([['gone']])
    }
  })

  it('is none where it comes a turn later, and is not waited for longer than two', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const late = slowBody()
    const payload = recordResponse(new Response(late.stream, { headers: json }), 1000)
    await vi.advanceTimersToNextTimerAsync()
    late.send('{"a":1}')
    late.end()
    expect(payloadValue(await payload)).toEqual({ a: 1 })

    const never = recordResponse(new Response(slowBody().stream, { headers: json }), 1000)
    // The first wait, and then two turns.
    for (let turns = 0; turns < 3; turns++) await vi.advanceTimersToNextTimerAsync()
    expect(vi.getTimerCount()).toBe(0)
    expect(await never).toEqual(marker)
  })

  it('of as many bytes as are kept is one, too', async () => {
    const { stream, send } = slowBody()
    const message = new Response(stream, { headers: { 'content-type': 'text/plain' } })
    send('x'.repeat(1000))
    expect(await recorded(message)).toEqual(marker)
  })

  it('still hears its client leave', async () => {
    const { stream, send, cancelled } = slowBody()
    const message = new Response(stream, { headers: { 'content-type': 'text/plain' } })
    send('first')
    await recorded(message)
    await message.body?.cancel('gone')
    await eventually(() => expect(cancelled).toHaveBeenCalledOnce())
  })

  it('is known by what it does: its pieces do not end', async () => {
    const { stream, send, cancelled } = slowBody()
    const message = new Response(stream, { headers: { 'content-type': 'text/plain' } })
    let pieces = 0
    // One in each turn of the event loop, as from a source that is asked for the next one.
    const outgoing = setInterval(() => send(`${++pieces}\n`))
    onTestFinished(() => clearInterval(outgoing))
    expect(await recorded(message, 1_000_000)).toEqual(marker)
    expect(pieces).toBeGreaterThan(2)
    await message.body?.cancel('gone')
    await eventually(() => expect(cancelled).toHaveBeenCalledOnce())
  })

  it('of a known length is waited for a second, and no longer', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { stream, send, cancelled } = slowBody()
    const message = new Response(stream, { headers: { ...json, 'content-length': '100' } })
    const payload = recordResponse(message, 1000)
    send('{"a":')
    message.body?.cancel('gone')
    await vi.advanceTimersByTimeAsync(900)
    expect(cancelled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(100)
    expect(cancelled).toHaveBeenCalledOnce()
    expect(await payload).toMatchObject({ captured: false, reason: 'The response body did not arrive whole' })
  })

  it('of a known length leaves no timer behind when it has come', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { stream, send, end } = slowBody()
    const message = new Response(stream, { headers: { ...json, 'content-length': '7' } })
    const payload = recordResponse(message, 1000)
    await vi.advanceTimersByTimeAsync(10)
    expect(vi.getTimerCount()).toBe(1)
    send('{"a":1}')
    end()
    expect(payloadValue(await payload)).toEqual({ a: 1 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that was made whole is no stream, whatever its length', async () => {
    expect(await recorded(Response.json({ a: 1 }))).toEqual({ a: 1 })
    expect(await recorded(new Response('x'.repeat(900)))).toBe('x'.repeat(900))
  })
})

describe('a request body', () => {
  it('that never ends does not hold the event up', async () => {
    const { stream, send } = slowBody()
    send('{"a":')
    expect(await recorded(post(stream, json))).toEqual({
      captured: false,
      reason: 'The request body did not arrive whole',
      sizeBytes: 5,
    })
  })

  it('that breaks half way is told of', async () => {
    let pulls = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(new Uint8Array(4))
        else controller.error(new Error('reset'))
      },
    })
    const message = post(stream, json)
    expect(await recorded(message)).toMatchObject({ captured: false, sizeBytes: 4 })
    await expect(message.text()).rejects.toThrow('reset')
  })

  it('that is sent in chunks is told of, not copied', async () => {
    let pulled = 0
    const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 })
    const message = post(body, { ...json, 'transfer-encoding': 'chunked' })
    expect(await recorded(message)).toEqual({ captured: false, reason: 'Streaming request body not captured' })
    expect(pulled).toBe(0)
  })

  it('that is sent in chunks is recorded where its reader has kept it', async () => {
    const readText = async () => '{"a":1}'
    const message = post('{"a":1}', { ...json, 'transfer-encoding': 'chunked' })
    const record = recordRequestBody(message, 1000, readText)
    await message.text()
    expect(payloadValue(await record?.(false))).toEqual({ a: 1 })
    const forgotten = recordRequestBody(message, 1000, () => Promise.reject(new Error('gone')))
    expect(await forgotten?.(false)).toEqual({ captured: false, reason: 'Streaming request body not captured' })
  })

  it('of a known length is taken from its reader, which has kept it, where it has that length', async () => {
    const headers = { ...json, 'content-length': '7' }
    const recordedOf = async (kept: string) => {
      const message = post('{"a":1}', headers)
      const record = recordRequestBody(message, 1000, async () => kept)
      await message.text()
      return payloadValue(await record?.(false))
    }
    expect(await recordedOf('{"a":2}')).toEqual({ a: 2 })
    expect(await recordedOf('{"a":')).toEqual({ a: 1 })
  })

  it('is read by its handler, and recorded when that is done', async () => {
    const message = post('{"a":1}', json)
    const record = recordRequestBody(message, 1000)
    expect(await message.json()).toEqual({ a: 1 })
    expect(payloadValue(await record?.(false))).toEqual({ a: 1 })
  })

  it('that a host may yet forward is recorded only where its handler has read it', async () => {
    const unread = post('{"a":1}', json)
    const record = recordRequestBody(unread, 1000)
    expect(await record?.(true)).toMatchObject({ captured: false, reason: 'Unread request body not captured' })
    expect(await unread.text()).toBe('{"a":1}')
    const used = post('{"a":1}', json)
    const recordOfUsed = recordRequestBody(used, 1000)
    await used.text()
    expect(payloadValue(await recordOfUsed?.(true))).toEqual({ a: 1 })
  })
})

describe('a copy that is none', () => {
  it('because a response hands itself out leaves the body alone', async () => {
    const message = new Response('{"a":1}', { headers: json })
    Object.defineProperty(message, 'clone', { value: () => message })
    expect(await recordResponse(message, 1000)).toMatchObject({ reason: 'The response body cannot be copied' })
    expect(await message.text()).toBe('{"a":1}')
  })

  it.each([
    ['is the message itself', (message: Response) => message],
    [
      'has its stream',
      (message: Response) => ({ body: message.body, bodyUsed: false, headers: message.headers, status: 200 }),
    ],
  ])('because it %s leaves the body alone', async (_, clone) => {
    // As of a library that has a Response of its own.
    const { body, headers } = new Response('{"a":1}', { headers: json })
    const message = { body, headers, bodyUsed: false, status: 200, clone: () => clone(message) } as unknown as Response
    expect(await recordResponse(message, 1000)).toMatchObject({
      captured: false,
      reason: 'The response body cannot be copied',
    })
    expect(await new Response(body).text()).toBe('{"a":1}')
  })
})

describe('a body without a type', () => {
  const untyped = (body: string | Uint8Array<ArrayBuffer>) => new Response(new Blob([body]))

  it('is a text where its bytes are one', async () => {
    expect(await recorded(untyped('héllo 🎉\n'))).toBe('héllo 🎉\n')
    expect(await recorded(untyped(''))).toBe('')
  })

  it.each([
    ['no UTF-8', [0xff, 0xfe, 0x41]],
    ['a control character', [0x41, 0x00, 0x42]],
  ])('is binary where it has %s', async (_, bytes) => {
    expect(await recorded(untyped(new Uint8Array(bytes)))).toEqual({
      captured: false,
      reason: 'Binary response body not captured',
      sizeBytes: 3,
    })
  })

  it('that is larger than what is kept is a text to the last whole character', async () => {
    expect(await recorded(untyped('ü'.repeat(10)), 5)).toEqual({
      originalSizeBytes: 20,
      beginning: 'üü',
      sizeIsMinimum: true,
    })
  })
})

it('copying never changes a byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }),
      fc.constantFrom('text/plain', 'application/json', 'application/octet-stream', 'text/event-stream'),
      fc.integer({ min: 1, max: 1500 }),
      fc.boolean(),
      async (chunks, contentType, max, known) => {
        const sent = chunks.flatMap(chunk => [...chunk])
        const stream = new ReadableStream<Uint8Array>({
          async start(controller) {
            for (const chunk of chunks) {
              controller.enqueue(chunk.slice())
              await null
            }
            controller.close()
          },
        })
        const headers = { 'content-type': contentType, ...(known && { 'content-length': String(sent.length) }) }
        const message = new Response(stream, { headers })
        const record = recordResponse(message, max)
        const [received] = await Promise.all([message.arrayBuffer(), record])
        expect([...new Uint8Array(received)]).toEqual(sent)
      },
    ),
    runs(100),
  )
})
