/** Bodies that fail when their head has left, and streams whose client leaves: bare and recorded, on every host of Fetch. */
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { Router } from 'itty-router'
import { describe, expect, it, vi } from 'vitest'
import {
  instrumentDurableObject,
  instrumentWorkerEntrypoint,
  withReplayStack as withCloudflare,
} from '../../src/adapters/cloudflare/index.ts'
import { withReplayStack as withFetch } from '../../src/adapters/fetch.ts'
import { type ReplayStackVariables, replaystack as withHono } from '../../src/adapters/hono.ts'
import { replaystack as withItty } from '../../src/adapters/itty.ts'
import { withReplayStack as withNetlify } from '../../src/adapters/netlify.ts'
import { withReplayStack as withVercel } from '../../src/adapters/vercel/index.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { HostContext } from '../support/adapter-recorder.ts'
import { eventually } from '../support/eventually.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

type Answer = (request: Request) => Response | Promise<Response>

/** Each host as a function from its handler and options to what answers a request. */
const hosts: Record<string, (answer: Answer, options: AdapterOptions<Request>) => Answer> = {
  fetch: (answer, options) => withFetch(answer, options),
  vercel: (answer, options) => withVercel(answer, options),
  netlify: (answer, options) => withNetlify(answer, options),
  hono(answer, options) {
    const app = new Hono()
    app.use(withHono(options))
    app.all('*', c => answer(c.req.raw))
    return request => app.fetch(request)
  },
  itty(answer, options) {
    const router = Router({ ...withItty(options) })
    router.all('*', request => answer(request))
    return request => router.fetch(request)
  },
  'a Worker'(answer, options) {
    const { fetch } = withCloudflare(
      { fetch: (request: Request, _env: object, _ctx: object) => answer(request) },
      options,
    )
    return request => fetch(request, {}, new HostContext())
  },
  'a Durable Object': (answer, options) => ofClass(answer, made => instrumentDurableObject(made, options)),
  'an entrypoint': (answer, options) => ofClass(answer, made => instrumentWorkerEntrypoint(made, options)),
  'two of them, one around the other': (answer, options) => withFetch(withVercel(answer, options), options),
}

type Served = new (...args: object[]) => { fetch: Answer }

function ofClass(answer: Answer, instrument: (target: Served) => Served): Answer {
  class Room {
    fetch(request: Request) {
      return answer(request)
    }
  }
  const room = new (instrument(Room))(new HostContext(), {})
  return request => room.fetch(request)
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const pause = () => new Promise(resolve => setTimeout(resolve, 5))

/** A stream of two pieces, and what follows them. */
function source(end: (controller: ReadableStreamDefaultController<Uint8Array>) => unknown) {
  const cancelled: unknown[] = []
  const pieces = [bytes('first '), bytes('second')]
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await pause()
      const piece = pieces.shift()
      if (piece) controller.enqueue(piece)
      else await end(controller)
    },
    cancel: reason => void cancelled.push(reason),
  })
  return { stream, cancelled }
}

/** All that a client sees of a response. */
async function receive(response: Response) {
  const { status, statusText } = response
  const headers = [...response.headers].filter(([name]) => name !== 'x-trace-id')
  const pieces: string[] = []
  let error: unknown
  const reader = response.body?.getReader()
  try {
    for (let one = await reader?.read(); one && !one.done; one = await reader?.read()) {
      pieces.push(new TextDecoder().decode(one.value))
    }
  } catch (thrown) {
    error = thrown
  }
  return { status, statusText, headers, pieces, error }
}

const types: Record<string, string>[] = [
  { 'content-type': 'text/html' },
  { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  { 'content-type': 'application/octet-stream' },
  { 'content-type': 'application/json', 'content-length': '300' },
  {},
]

const request = () =>
  new Request('https://shop.example/report', {
    method: 'POST',
    body: '{"a":1}',
    headers: { 'content-type': 'application/json' },
  })

describe.each(Object.entries(hosts))('through %s', (_, host) => {
  it.each(types)('a body that fails half way is a failure: %o', async headers => {
    const thrown = new RangeError('late boom')
    const answer: Answer = () =>
      new Response(
        source(() => {
          throw thrown
        }).stream,
        { status: 201, statusText: 'Made', headers },
      )
    const bare = await receive(await answer(request()))
    const recorded = createRecordedClient()
    const sent = await receive(await host(answer, { client: recorded.client })(request()))
    expect(sent).toEqual(bare)
    expect(sent.error).toBe(thrown)
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([
      {
        status: 'failed',
        statusCode: 201,
        errorName: 'RangeError',
        errorMessage: 'late boom',
        requestPayload: { a: 1 },
      },
    ])
    const isBinary = headers['content-type'] === 'application/octet-stream'
    expect(recorded.events[0]?.responsePayload).toMatchObject(
      isBinary
        ? { captured: false, reason: 'Binary response body not captured' }
        : { __truncated: true, preview: 'first second' },
    )
    expect(recorded.errors).toEqual([])
  })

  it('a client that leaves is no failure, and its reason reaches the source as it would', async () => {
    const reason = new Error('gone')
    const leave = async (answer: Answer) => {
      const reader = (await answer(request())).body?.getReader()
      await reader?.read()
      await reader?.cancel(reason)
    }
    const bare = source(pause)
    await leave(() => new Response(bare.stream))
    const left = source(pause)
    const recorded = createRecordedClient()
    await leave(host(() => new Response(left.stream), { client: recorded.client }))
    expect(left.cancelled).toEqual(bare.cancelled)
    expect(left.cancelled[0]).toBe(reason)
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([
      { status: 'success', statusCode: 200, responsePayload: { reason: 'Streaming response body not captured' } },
    ])
  })

  it('a source is asked for no more than its client asks for', async () => {
    const pulls = async (wrap: (answer: Answer) => Answer) => {
      let count = 0
      const pull = (controller: ReadableStreamDefaultController) => controller.enqueue(bytes(`${++count}`))
      const answer = wrap(() => new Response(new ReadableStream({ pull }, { highWaterMark: 0 })))
      const reader = (await answer(request())).body?.getReader()
      for (let read = 0; read < 3; read++) await reader?.read()
      await pause()
      await reader?.cancel()
      return count
    }
    const { client } = createRecordedClient()
    expect(await pulls(answer => host(answer, { client }))).toBe(await pulls(answer => answer))
  })
})

describe('an event', () => {
  it('does not wait for a stream that nobody reads, or that does not end; an error that comes later is its own', async () => {
    vi.useFakeTimers()
    const recorded = createRecordedClient()
    let fail: (thrown: unknown) => void = () => {}
    const answer = withFetch(
      (_: Request) =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(bytes('first'))
              fail = thrown => controller.error(thrown)
            },
          }),
        ),
      { client: recorded.client },
    )
    await answer(request())
    await vi.advanceTimersByTimeAsync(1_100)
    expect(recorded.events).toHaveLength(1)
    const reader = (await answer(request())).body?.getReader()
    await reader?.read()
    await vi.advanceTimersByTimeAsync(29_000)
    expect(recorded.events).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_100)
    expect(recorded.events).toHaveLength(2)
    fail(new Error('late boom'))
    await expect(reader?.read()).rejects.toThrow('late boom')
    await vi.advanceTimersByTimeAsync(10)
    vi.useRealTimers()
    const [, event, late] = recorded.events
    expect(event).toMatchObject({ status: 'success', responsePayload: { captured: false } })
    expect(late).toMatchObject({
      status: 'failed',
      traceId: event?.traceId,
      method: 'POST',
      endpoint: '/report',
      errorMessage: 'late boom',
    })
  })

  it('that has to leave before the response does not wait, and an error that comes later is its own', async () => {
    const recorded = createRecordedClient({ asyncSend: false })
    const answer = withFetch(
      async (_: Request) =>
        new Response(
          source(() => {
            throw new Error('late boom')
          }).stream,
        ),
      { client: recorded.client },
    )
    const response = await answer(request())
    expect(recorded.events).toHaveLength(1)
    await receive(response)
    await eventually(() => expect(recorded.events).toHaveLength(2))
    expect(recorded.events).toMatchObject([{ status: 'success' }, { status: 'failed', errorMessage: 'late boom' }])
  })

  it('of a body that is captured only where it failed has what was sent', async () => {
    const recorded = createRecordedClient()
    const answer = withFetch(
      (_: Request) => new Response(source(controller => controller.error(new Error('late'))).stream),
      {
        client: recorded.client,
        captureResponseBody: 'failed',
        captureRequestBody: 'failed',
      },
    )
    await receive(await answer(request()))
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([
      { status: 'failed', requestPayload: { a: 1 }, responsePayload: { preview: 'first second' } },
    ])
  })
})

describe("Hono's streaming helpers", () => {
  it('hide what their callback throws, which its onError may capture', async () => {
    const recorded = createRecordedClient()
    const app = new Hono<{ Variables: ReplayStackVariables }>()
    app.use(withHono({ client: recorded.client }))
    app.get('/', c =>
      streamSSE(
        c,
        async stream => {
          await stream.writeSSE({ data: 'first' })
          throw new Error('late boom')
        },
        async error => {
          await c.var.replaystack.captureException(error)
        },
      ),
    )
    const response = await app.fetch(new Request('https://shop.example/'))
    expect(await response.text()).toContain('data: first')
    await recorded.client.flush()
    const [error, event] = recorded.events
    expect(event).toMatchObject({ eventType: 'api', status: 'success', statusCode: 200 })
    expect(error).toMatchObject({ status: 'failed', errorMessage: 'late boom', traceId: event?.traceId })
  })
})
