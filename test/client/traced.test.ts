/** Requests by `handle.fetch`: they carry the trace of the work that makes them, and are otherwise what they were. */
import { createServer } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { withReplayStack as withNodeReplayStack } from '../../src/adapters/node/handler.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { tapeRecorder } from '../../src/tape/recorder.ts'
import { createTestClient } from '../../src/testing.ts'
import type { CallRecorder } from '../../src/types.ts'
import { listen } from '../support/node-server.ts'

interface Seen {
  headers: Record<string, unknown>
  /** In the order and the letters in which they came. */
  names: string[]
  method: string | undefined
  body: string
}

/** A server that answers with what it was sent. */
async function openMirror(): Promise<string> {
  const { url } = await listen(
    createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      const names = request.rawHeaders.filter((_, place) => place % 2 === 0)
      response.end(JSON.stringify({ headers: request.headers, names, method: request.method, body }))
    }),
  )
  return url
}

const readSeen = async (response: Response): Promise<Seen> => JSON.parse(await response.text())

/** Sends a request from within a handler. */
async function sendFrom(
  send: (fetch: ReplayStackHandle['fetch'], url: string) => Promise<Response>,
  { recordCalls, headers = {} }: { recordCalls?: CallRecorder; headers?: Record<string, string> } = {},
): Promise<Seen & { traceId: string | undefined }> {
  const url = await openMirror()
  const { client, events } = createTestClient()
  const handler = withReplayStack(
    async (_request: Request, handle?: ReplayStackHandle) => {
      if (!handle) throw new Error('There is no handle.')
      return await send(handle.fetch, url)
    },
    { client, ...(recordCalls && { recordCalls }) },
  )
  const response = await handler(new Request('http://shop.example/', { headers }))
  const seen = await readSeen(response)
  await client.flush()
  return { ...seen, traceId: events[0]?.traceId }
}

const withoutTrace = ({ headers: { traceparent, tracestate, ...headers }, names, method, body }: Seen) => ({
  headers,
  names: names.filter(name => name !== 'traceparent' && name !== 'tracestate'),
  method,
  body,
})

const WAYS: [string, (send: typeof fetch, url: string) => Promise<Response>][] = [
  ['a URL', (send, url) => send(url)],
  ['a URL and headers', (send, url) => send(new URL(url), { headers: { 'X-Own': 'a' } })],
  [
    'headers as pairs',
    (send, url) =>
      send(url, {
        headers: [
          ['X-Own', 'a'],
          ['x-own', 'b'],
        ],
      }),
  ],
  ['Headers', (send, url) => send(url, { method: 'PUT', headers: new Headers({ 'x-own': 'a' }), body: 'text' })],
  ['a request', (send, url) => send(new Request(url, { method: 'POST', headers: { 'x-own': 'a' }, body: 'text' }))],
  [
    'a request whose body is a stream, and headers instead of its own',
    (send, url) => {
      const init = {
        method: 'POST',
        body: new Response('a stream').body,
        headers: { 'x-own': 'a' },
        duplex: 'half' as const,
      }
      return send(new Request(url, init), { headers: { 'x-other': 'b' } })
    },
  ],
]

describe.each([
  ['recorded', tapeRecorder()],
  ['not recorded', undefined],
])('a request that is %s', (_what, recordCalls) => {
  test.each(WAYS)('of %s carries the trace, and is what it was', async (_way, send) => {
    const seen = await sendFrom(send, recordCalls && { recordCalls })
    expect(seen.headers['traceparent']).toMatch(new RegExp(`^00-${seen.traceId?.replaceAll('-', '')}-[\\da-f]{16}-01$`))
    expect(seen.headers['tracestate']).toBe(`replaystack=${seen.traceId}`)
    const url = await openMirror()
    const bare = await readSeen(await send(fetch, url))
    const of = (one: Seen) => ({ ...withoutTrace(one), headers: { ...withoutTrace(one).headers, host: '' } })
    expect(of(seen)).toEqual(of(bare))
  })

  test.each(['traceparent', 'tracestate', 'x-trace-id', 'TraceParent'])('keeps a %s of its own', async name => {
    const { headers } = await sendFrom(
      (send, url) => send(url, { headers: { [name]: 'own=1' } }),
      recordCalls && { recordCalls },
    )
    expect([headers['traceparent'], headers['tracestate'], headers['x-trace-id']].filter(one => one)).toEqual(['own=1'])
  })

  test('goes on as it arrived', async () => {
    const id = '0af7651916cd43dd8448eb211c80319c'
    const { headers, traceId } = await sendFrom((send, url) => send(url), {
      ...(recordCalls && { recordCalls }),
      headers: { traceparent: `00-${id}-b7ad6b7169203331-00`, tracestate: 'vendor=1' },
    })
    expect(traceId).toBe(id)
    expect(headers['traceparent']).toMatch(new RegExp(`^00-${id}-(?!b7ad6b7169203331)[\\da-f]{16}-00$`))
    expect(headers['tracestate']).toBe('vendor=1')
  })

  test('changes no object of the application, and no argument that it cannot copy', async () => {
    const init = Object.freeze({ headers: Object.freeze({ 'x-own': 'a' }) })
    await sendFrom((send, url) => send(url, init), recordCalls && { recordCalls })
    const other = await sendFrom(
      (send, url) => send(url, new Request(url, { method: 'POST', body: 'text' })),
      recordCalls && { recordCalls },
    )
    expect([other.method, other.body, other.headers['traceparent']]).toEqual(['POST', 'text', undefined])
    await expect(sendFrom(send => send('http://[broken'), recordCalls && { recordCalls })).rejects.toThrow(TypeError)
  })
})

test('the other end of it is in the same trace', async () => {
  const { client, events } = createTestClient()
  const stock = withNodeReplayStack((_request, response) => void response.end('stock'), { client })
  const { url } = await listen(createServer(stock))
  const handler = withReplayStack(
    async (_request: Request, handle?: ReplayStackHandle) => (await handle?.fetch(`${url}/items`)) ?? new Response(),
    { client },
  )
  await (await handler(new Request('http://shop.example/orders'))).text()
  await client.flush()
  expect(events.map(({ endpoint }) => endpoint).sort()).toEqual(['/items', '/orders'])
  expect(new Set(events.map(({ traceId }) => traceId)).size).toBe(1)
})

test('outside any scope there is no trace', async () => {
  const { client } = createTestClient()
  const seen = await readSeen(await client.fetch(await openMirror()))
  expect(seen.headers).not.toHaveProperty('traceparent')
})

test('in a browser, another origin is not asked whether it takes the header', async () => {
  const seenAt = async (origin: (url: string) => string) =>
    await sendFrom((send, url) => {
      vi.stubGlobal('location', { origin: origin(url) })
      return send(url)
    })
  expect((await seenAt(() => 'https://shop.example')).headers).not.toHaveProperty('traceparent')
  expect((await seenAt(url => url)).headers).toHaveProperty('traceparent')
})

afterEach(() => {
  vi.unstubAllGlobals()
})
