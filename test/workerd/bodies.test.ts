/**
 * Bodies that go through a Worker, in the real runtime: large ones cost no memory, all of them stream, and one whose
 * client leaves is left by the Worker too. What is compared is the same Worker without the SDK, in the same run.
 */
import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ServedWorker, serveWorker } from '../package/serve-workerd.ts'
import { headOf, leave, openRequest, textOf } from '../support/body-client.ts'
import { type BodyUpstream, largeBody, type Received, receive, startBodyUpstream } from '../support/body-upstream.ts'
import { until } from '../support/node-server.ts'
import { childProcesses, peakMemory } from '../support/peak-memory.ts'
import { atScale } from '../support/scale.ts'
import { type OpenIngest, openIngest } from './open-inbox.ts'
import { ADAPTERS, bundleFixture, COMPLAINTS } from './start-miniflare.ts'

const SIZE = 50 * 1024 * 1024

/** What a recorded Worker may need more than the same one without: a fraction of what it would take to hold a body. */
const SLACK = 30 * 1024 * 1024

const DATES = ['2024-01-01', '2026-08-04']

let code: string
beforeAll(async () => {
  code = await bundleFixture('bodies')
})

interface Settings {
  adapter: string
  date?: string
  captureAborted?: boolean
}

const serve = (upstream: BodyUpstream, ingest: OpenIngest, { adapter, date, captureAborted = false }: Settings) =>
  serveWorker(code, {
    compatibilityDate: date ?? '2026-08-04',
    compatibilityFlags: [],
    bindings: {
      ADAPTER: adapter,
      UPSTREAM: upstream.url,
      CAPTURE_ABORTED: String(captureAborted),
      REPLAYSTACK_API_KEY: 'key',
      REPLAYSTACK_ENDPOINT: ingest.url,
    },
  })

describe.each(ADAPTERS.slice(0, atScale(1, 2)))(
  '50 MB through %s cost no memory',
  { timeout: 180_000 },
  (adapter, bare) => {
    /** Sends the same through the Worker without the SDK and with it, and compares the answers and what they took. */
    async function compare(
      transfer: (worker: ServedWorker, upstream: BodyUpstream) => Promise<unknown>,
    ): Promise<void> {
      const [upstream, ingest] = [await startBodyUpstream(), await openIngest()]
      const answers: unknown[] = []
      const peaks: number[] = []
      for (const which of [bare, adapter]) {
        const others = childProcesses()
        const worker = await serve(upstream, ingest, { adapter: which })
        const [pid] = childProcesses().filter(one => !others.includes(one))
        if (!pid) throw new Error('The Worker is in no process of its own.')
        // The first request compiles the Worker.
        await (await fetch(`${worker.url}/ignored`)).text()
        const before = peakMemory(pid)
        answers.push(await transfer(worker, upstream))
        peaks.push(peakMemory(pid) - before)
        expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
      }
      expect(answers[1]).toEqual(answers[0])
      const [without = 0, recorded = 0] = peaks
      expect(recorded - without).toBeLessThan(SLACK)
    }

    const uploads = [
      { 'content-type': 'application/json', 'content-length': SIZE },
      { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
      ...atScale(
        [],
        [
          { 'content-type': 'application/octet-stream', 'content-length': SIZE },
          { 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' },
        ],
      ),
    ]
    const downloads = [
      'text/plain',
      'application/json&chunked',
      ...atScale(
        [],
        ['application/octet-stream', 'application/octet-stream&chunked', 'text/plain&chunked', 'application/json'],
      ),
    ]

    test.each(['/counted', '/forwarded'])('when they are sent to be %s', async path => {
      await compare(async worker => {
        const results: unknown[] = []
        for (const headers of uploads) {
          const { request, answered } = openRequest(`${worker.url}${path}`, headers)
          await pipeline(largeBody(SIZE), request)
          const answer = await answered
          results.push([headOf(answer), await textOf(answer)])
        }
        return results
      })
    })

    test('when they are sent to be ignored', async () => {
      await compare(async worker => {
        const results: unknown[] = []
        for (const headers of uploads) {
          const { request, answered } = openRequest(`${worker.url}/ignored`, headers)
          request.write('x'.repeat(16_384))
          const answer = await answered
          results.push([headOf(answer), await textOf(answer)])
          // The runtime closes the connection of a client that goes on.
          await pipeline(largeBody(SIZE - 16_384), request).catch(() => {})
        }
        return results
      })
    })

    test('when they are received, and come as they are sent', async () => {
      const expected: Received = await receive(largeBody(SIZE))
      await compare(async (worker, upstream) => {
        const results: unknown[] = []
        for (const query of downloads) {
          const { request, answered } = openRequest(`${worker.url}/download?size=${SIZE}&type=${query}`)
          request.end()
          const answer = await answered
          // Nothing more is sent before the beginning is here.
          answer.once('readable', () => upstream.proceed())
          expect(await receive(answer)).toEqual(expected)
          expect(answer.headers['content-length']).toBe(query.endsWith('&chunked') ? undefined : String(SIZE))
          results.push(headOf(answer))
        }
        return results
      })
    })
  },
)

test.each(ADAPTERS)('a JSON answer through %s comes as it is sent, and is recorded whole', async adapter => {
  const [upstream, ingest] = [await startBodyUpstream(), await openIngest()]
  const worker = await serve(upstream, ingest, { adapter })
  const { request, answered } = openRequest(`${worker.url}/download?size=200000&type=application/json`)
  request.end()
  const answer = await answered
  answer.once('readable', () => upstream.proceed())
  expect(await receive(answer)).toEqual(await receive(largeBody(200_000)))
  expect(answer.headers['content-length']).toBe('200000')
  const [event] = await ingest.arrived(1)
  expect(event?.responsePayload).toBe(Buffer.concat([...largeBody(200_000)]).toString())
  expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
})

test.each(ADAPTERS)('an upload through %s is copied, and sent on as it came', async (adapter, bare) => {
  const answers: string[] = []
  const upstream = await startBodyUpstream()
  for (const which of [bare, adapter]) {
    const ingest = await openIngest()
    const worker = await serve(upstream, ingest, { adapter: which })
    const headers = { 'content-type': 'application/json', 'content-length': 200_000 }
    const { request, answered } = openRequest(`${worker.url}/forwarded`, headers)
    await pipeline(largeBody(200_000), request)
    answers.push(await textOf(await answered))
    if (which === adapter) {
      const [event] = await ingest.arrived(1)
      expect(event?.requestPayload).toBe(Buffer.concat([...largeBody(200_000)]).toString())
    }
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  }
  expect(JSON.parse(answers[0] ?? '')).toEqual({ ...(await receive(largeBody(200_000))), length: '200000' })
  expect(answers[1]).toBe(answers[0])
})

describe.each(ADAPTERS.filter(([adapter]) => adapter !== 'hono'))(
  'passThroughOnException through %s',
  (adapter, bare) => {
    test.each([
      ['unread', 16],
      ['unread', 400_000],
      ['read', 400_000],
    ])('forwards a body that was %s as without the SDK (%i bytes)', async (use, size) => {
      const answers: unknown[] = []
      for (const which of [bare, adapter]) {
        const [upstream, ingest] = [await startBodyUpstream(), await openIngest()]
        const worker = await serve(upstream, ingest, { adapter: which })
        const headers = { host: new URL(upstream.url).host, 'content-type': 'text/plain', 'content-length': size }
        const { request, answered } = openRequest(`${worker.url}/upload?${use}`, headers)
        await pipeline(largeBody(size), request)
        const answer = await answered
        answers.push([answer.statusCode, await textOf(answer)])
        if (which === bare) continue
        const [event] = await ingest.arrived(1)
        const requestPayload =
          use === 'read' ? Buffer.concat([...largeBody(size)]).toString() : expect.objectContaining({ captured: false })
        expect(event).toMatchObject({ endpoint: '/upload', status: 'failed', errorMessage: 'thrown', requestPayload })
      }
      expect(answers[1]).toEqual(answers[0])
      expect(answers[0]).toEqual([200, expect.stringContaining(`"size":${use === 'read' ? 0 : size}`)])
    })
  },
)

test.each(ADAPTERS)('a WebSocket through %s is what it was', async adapter => {
  const [upstream, ingest] = [await startBodyUpstream(), await openIngest()]
  const worker = await serve(upstream, ingest, { adapter })
  const socket = new WebSocket(`${worker.url.replace('http', 'ws')}/socket`)
  socket.addEventListener('open', () => socket.send('hello'), { once: true })
  const [{ data }] = await once(socket, 'message')
  expect(data).toBe('echo hello')
  socket.close()
  const [event] = await ingest.arrived(1)
  expect(event).toMatchObject({ endpoint: '/socket', status: 'success', statusCode: 101 })
  expect(event).not.toHaveProperty('responsePayload')
  expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
})

test.each(ADAPTERS)('Response.error() through %s is answered as without the SDK', async (adapter, bare) => {
  const [upstream, ingest] = [await startBodyUpstream(), await openIngest()]
  const answers: unknown[] = []
  for (const which of [bare, adapter]) {
    const worker = await serve(upstream, ingest, { adapter: which })
    const { request, answered } = openRequest(`${worker.url}/error`)
    request.end()
    const answer = await answered
    answers.push([headOf(answer), await textOf(answer)])
    if (which === adapter) {
      expect((await ingest.arrived(1))[0]).toMatchObject({ endpoint: '/error', status: 'failed', statusCode: 500 })
    }
    // The runtime complains of it either way.
    answers.push((await worker.stop()).match(COMPLAINTS)?.length)
  }
  expect(answers.slice(2)).toEqual(answers.slice(0, 2))
})

describe.each(DATES)('of %s', date => {
  test.each(ADAPTERS)('what passes through %s ends when its client leaves', { timeout: 60_000 }, async adapter => {
    const [upstream, ingest] = [await startBodyUpstream(), await openIngest()]
    const worker = await serve(upstream, ingest, { adapter, date, captureAborted: true })
    let arrived = 0

    for (const [headers, reason] of [
      [{ 'content-type': 'text/plain', 'transfer-encoding': 'chunked' }, 'Streaming request body not captured'],
      [{ 'content-type': 'image/png', 'transfer-encoding': 'chunked' }, 'Binary request body not captured'],
      [{ 'content-type': 'application/json', 'content-length': 9999 }, 'The request body did not arrive whole'],
    ] as const) {
      await leaveUpload(worker, upstream, headers)
      const event = (await ingest.arrived(++arrived)).at(-1)
      expect(event).toMatchObject({ endpoint: '/forwarded', statusCode: 502, requestPayload: { reason } })
    }

    for (const [type, reason] of [
      ['text/event-stream', 'Streaming response body not captured'],
      ['text/plain', 'Streaming response body not captured'],
      ['application/octet-stream', 'Binary response body not captured'],
      ['application/json&known', 'The response body did not arrive whole'],
    ]) {
      const path = `/endless?type=${type}`
      const { request, answered } = openRequest(`${worker.url}${path}`)
      request.end()
      const answer = await answered
      answer.on('error', () => {})
      await once(answer, 'data')
      leave(request)
      // It would send for minutes.
      await until(() => upstream.left.includes(path))
      const event = (await ingest.arrived(++arrived)).at(-1)
      expect(event).toMatchObject({ statusCode: 200, responsePayload: { captured: false, reason } })
    }
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })

  test.each(ADAPTERS)('an upload through %s whose client leaves makes no event by default', async adapter => {
    const [upstream, ingest] = [await startBodyUpstream(), await openIngest()]
    const worker = await serve(upstream, ingest, { adapter, date })
    await leaveUpload(worker, upstream, { 'content-type': 'application/json', 'content-length': 9999 })
    await (await fetch(`${worker.url}/ignored`)).text()
    await ingest.arrived(1)
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
    expect(ingest.events().map(event => event.endpoint)).toEqual(['/ignored'])
  })
})

/** Begins an upload and leaves, until its other end has noticed: to that it never looks whole. */
async function leaveUpload(
  worker: ServedWorker,
  upstream: BodyUpstream,
  headers: Parameters<typeof openRequest>[1],
): Promise<void> {
  const before = upstream.left.length
  const { request, answered } = openRequest(`${worker.url}/forwarded`, headers)
  answered.catch(() => {})
  request.write('first')
  await until(() => upstream.open === 1)
  leave(request)
  await until(() => upstream.left.length > before)
  expect(upstream.left.at(-1)).toBe('/upload')
}
