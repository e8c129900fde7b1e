/** Large bodies through a server on Node, with the SDK and without it, and those whose client leaves. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import { headOf, leave, openRequest, textOf } from '../support/body-client.ts'
import { type BodyUpstream, largeBody, receive, startBodyUpstream } from '../support/body-upstream.ts'
import { until } from '../support/node-server.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import { atScale } from '../support/scale.ts'

const MEGABYTES = atScale(16, 50)
const SIZE = MEGABYTES * 1024 * 1024
/** Of a body, between two looks at the memory. */
const SAMPLED_BYTES = 6 * 1024 * 1024
/** What may be held at once, more than without the SDK: some chunks on their way, and what is copied of a body. */
const SLACK = 5 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

type Handler = (request: Request) => Response | Promise<Response>

const proxyTo =
  (upstream: BodyUpstream): Handler =>
  async request => {
    const { pathname, search } = new URL(request.url)
    if (pathname === '/ignored') return new Response('ignored')
    if (pathname === '/counted') return Response.json(await receive(request.body ?? []))
    if (request.method === 'GET') return fetch(`${upstream.url}${pathname}${search}`)
    const headers = { 'content-type': request.headers.get('content-type') ?? '' }
    return fetch(`${upstream.url}/upload`, { method: 'POST', body: request.body, headers, duplex: 'half' })
  }

/** Serves on a free loopback port until the test is over. */
async function listen(handler: Handler): Promise<string> {
  const server = serve({ fetch: handler, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false })
  onTestFinished(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const adapters = {
  fetch: (handler: Handler, recorded: ReturnType<typeof createRecordedClient> | undefined): Handler =>
    recorded ? withReplayStack((request: Request) => handler(request), { client: recorded.client }) : handler,
  hono: (handler: Handler, recorded: ReturnType<typeof createRecordedClient> | undefined): Handler => {
    const app = new Hono()
    if (recorded) app.use(replaystack({ client: recorded.client }))
    return app.all('*', c => handler(c.req.raw)).fetch
  },
}
const names = ['fetch', 'hono'] as const

/** Bytes in buffers that are in use, at most, over the time of `work`. */
async function peakBuffers(work: (sample: () => void) => Promise<void>): Promise<number> {
  let peak = 0
  const sample = () => {
    // The first one leaves its sweeping to a thread, the second waits for that.
    collectGarbage()
    collectGarbage()
    peak = Math.max(peak, process.memoryUsage().arrayBuffers)
  }
  sample()
  const before = peak
  await work(sample)
  return peak - before
}

/** The same body, with a sample of memory now and then. */
async function* sampled(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sample: () => void,
): AsyncGenerator<Uint8Array> {
  let since = 0
  for await (const chunk of body) {
    since += chunk.length
    if (since >= SAMPLED_BYTES) {
      since = 0
      sample()
    }
    yield chunk
  }
}

describe.each(names)(`${MEGABYTES} MB through %s on Node cost no memory`, { timeout: 180_000 }, name => {
  /** Does the same without the SDK and with it, and compares the answers and what they took. */
  async function compare(
    transfer: (url: string, upstream: BodyUpstream, sample: () => void) => Promise<unknown>,
  ): Promise<void> {
    const upstream = await startBodyUpstream()
    const peaks: number[] = []
    const answers: unknown[] = []
    for (const recorded of [undefined, createRecordedClient()]) {
      const url = await listen(adapters[name](proxyTo(upstream), recorded))
      peaks.push(
        await peakBuffers(async sample => {
          answers.push(await transfer(url, upstream, sample))
        }),
      )
      await recorded?.client.flush()
      if (recorded) expect(recorded.events).not.toHaveLength(0)
      expect(recorded?.errors ?? []).toEqual([])
    }
    expect(answers[1]).toEqual(answers[0])
    const [without = 0, withSdk = 0] = peaks
    expect(withSdk - without).toBeLessThan(SLACK)
  }

  const uploads = [
    { 'content-type': 'application/json', 'content-length': SIZE },
    { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
    ...atScale([], [{ 'content-type': 'multipart/form-data; boundary=x', 'content-length': SIZE }]),
  ]

  const downloads = [
    'text/plain',
    'application/json&chunked',
    ...atScale(
      [],
      ['application/octet-stream', 'application/octet-stream&chunked', 'text/plain&chunked', 'application/json'],
    ),
  ]

  test.each(['/counted', '/forwarded', '/ignored'])('when they are sent to be %s', async path => {
    await compare(async (url, _upstream, sample) => {
      const results: unknown[] = []
      for (const headers of uploads) {
        const { request, answered } = openRequest(`${url}${path}`, headers)
        // The server may close the connection of a client whose body it does not read.
        const sending = pipeline(sampled(largeBody(SIZE), sample), request).catch(() => {})
        const answer = await answered
        results.push([headOf(answer), await textOf(answer)])
        if (path === '/ignored') leave(request)
        await sending
      }
      return results
    })
  })

  test('when they are received, and come as they are sent', async () => {
    const expected = await receive(largeBody(SIZE))
    await compare(async (url, upstream, sample) => {
      const results: unknown[] = []
      for (const query of downloads) {
        const { request, answered } = openRequest(`${url}/download?size=${SIZE}&type=${query}`)
        request.end()
        const answer = await answered
        // Nothing more is sent before the beginning is here.
        answer.once('readable', () => upstream.proceed())
        expect(await receive(sampled(answer, sample))).toEqual(expected)
        expect(answer.headers['content-length']).toBe(query.endsWith('&chunked') ? undefined : String(SIZE))
        results.push(headOf(answer))
      }
      return results
    })
  })
})

describe.each(names)('an answer through %s on Node whose client leaves', name => {
  test.each([
    ['text/event-stream', 'Streaming response body not captured'],
    ['text/plain', 'Streaming response body not captured'],
    ['application/octet-stream', 'Binary response body not captured'],
    ['application/json&known', 'The response body did not arrive whole'],
  ])('is left at its source: %s', async (type, reason) => {
    const [upstream, recorded] = [await startBodyUpstream(), createRecordedClient()]
    const url = await listen(adapters[name](proxyTo(upstream), recorded))
    const path = `/endless?type=${type}`
    const { request, answered } = openRequest(`${url}${path}`)
    request.end()
    const answer = await answered
    answer.on('error', () => {})
    await once(answer, 'data')
    leave(request)
    // It would send for minutes.
    await until(() => upstream.left.includes(path))
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([{ statusCode: 200, responsePayload: { captured: false, reason } }])
  })
})
