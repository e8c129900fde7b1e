/** Bodies that fail when their head has left, in the real runtime: bare and recorded. */
import { connect } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ServedWorker, serveWorker } from '../package/serve-workerd.ts'
import { until } from '../support/node-server.ts'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, moduleOf, startMiniflare } from './start-miniflare.ts'

let code: string
beforeAll(async () => {
  code = await bundleFixture('streams')
})

const ADAPTERS = ['cloudflare', 'hono', 'itty', 'fetch']
const BODIES = ['html', 'sse', 'length', 'bare', 'aborted']

/** All that comes down a connection, without what differs from one to the next. */
function receive(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    let text = ''
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n`),
    )
    socket.on('data', data => {
      text += data.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text.replace(/^(date|x-trace-id):.*\r\n/gim, '')))
  })
}

/** Asks for a stream and resets the connection at its first piece. */
function leave({ url }: ServedWorker, path: string): Promise<void> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname, () => socket.write(`GET ${path} HTTP/1.1\r\nhost: w\r\n\r\n`))
    socket.on('data', data => {
      if (String(data).includes('second')) socket.resetAndDestroy()
    })
    socket.on('close', () => resolve())
  })
}

const runtimes = [
  { name: 'no Node compatibility', compatibilityDate: '2024-01-01', compatibilityFlags: [] },
  { name: 'Node compatibility', compatibilityDate: '2026-08-04', compatibilityFlags: [] },
]

describe.each(runtimes)('with $name', { timeout: 60_000 }, ({ name: _, ...settings }) => {
  test('each adapter sends what a Worker sends without it, and records the failure', async () => {
    const ingest = await openIngest()
    const bindings = { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url }
    const worker = await serveWorker(code, { ...settings, bindings })
    for (const body of [...BODIES, 'whole', 'text']) {
      const bare = await receive(worker.url, `/bare/${body}`)
      for (const adapter of ADAPTERS) {
        expect(await receive(worker.url, `/${adapter}/${body}`), `${adapter} ${body}`).toBe(bare)
      }
    }
    const events = await ingest.arrived(ADAPTERS.length * (BODIES.length + 2))
    const found = Object.fromEntries(events.map(event => [event.endpoint, event]))
    for (const adapter of ADAPTERS) {
      for (const body of BODIES) {
        expect(found[`/${adapter}/${body}`], `${adapter} ${body}`).toMatchObject({
          status: 'failed',
          statusCode: body === 'html' ? 201 : 200,
          errorName: 'RangeError',
          errorMessage: 'late boom',
          responsePayload: { preview: 'first second' },
        })
      }
      expect(found[`/${adapter}/whole`]).toMatchObject({ status: 'success', statusCode: 200 })
      expect(found[`/${adapter}/text`]).toMatchObject({ status: 'success', responsePayload: 'a text' })
    }
  })

  test('a client that leaves is no failure, and its source hears of it as it would', async () => {
    const ingest = await openIngest()
    const bindings = { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url }
    const worker = await serveWorker(code, { ...settings, bindings })
    const heard = async (): Promise<string[]> => (await fetch(`${worker.url}/control`)).json() as Promise<string[]>
    for (const who of ['bare', ...ADAPTERS]) {
      await leave(worker, `/${who}/endless`)
      await until(async () => (await heard()).some(line => line.startsWith(`${who} `)))
    }
    const reasons = (await heard()).map(line => line.replace(/^\w+ /, ''))
    expect(new Set(reasons).size).toBe(1)
    expect(reasons).toHaveLength(1 + ADAPTERS.length)
    for (const event of await ingest.arrived(ADAPTERS.length)) {
      expect(event).toMatchObject({ status: 'success', statusCode: 200 })
    }
  })
})

test.each(runtimes)(
  'what a response was made of is seen without a reader, with $name',
  async ({ name: _, ...settings }) => {
    const worker = await serveWorker(code, { ...settings, bindings: {} })
    expect(await (await fetch(`${worker.url}/looks`)).json()).toEqual({
      readers: 0,
      text: { isMade: false, length: 5 },
      made: { isMade: true, length: null },
      locked: { isMade: false, length: null },
      host: { isMade: false, length: null },
    })
  },
)

test("what Hono's stream() hides, its onError captures", async () => {
  const ingest = await openIngest()
  const bindings = { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url }
  const worker = await serveWorker(code, { compatibilityDate: '2026-08-04', compatibilityFlags: [], bindings })
  expect(await receive(worker.url, '/hono/helper')).toMatch(/first\r\n0\r\n\r\n$/)
  const events = await ingest.arrived(2)
  expect(new Set(events.map(({ traceId }) => traceId)).size).toBe(1)
  expect(events.map(({ status, errorMessage }) => ({ status, errorMessage }))).toEqual(
    expect.arrayContaining([{ status: 'failed', errorMessage: 'late boom' }, { status: 'success' }]),
  )
})

test('a Durable Object records the stream that it answered by', async () => {
  const ingest = await openIngest()
  const bindings = { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url }
  const { miniflare } = await startMiniflare([
    { name: 'streams', ...moduleOf(code), bindings, durableObjects: { ROOM: 'Room' } },
  ])
  const url = String(await miniflare.ready)
  expect(await receive(url, '/object/html')).toBe(await receive(url, '/bare/html'))
  expect((await ingest.arrived(1))[0]).toMatchObject({
    endpoint: '/object/html',
    status: 'failed',
    statusCode: 201,
    errorMessage: 'late boom',
    metadata: { durableObject: { class: 'Room' } },
  })
})
