import { describe, expect, it, vi } from 'vitest'
import { fetchTransport, post, systemClock } from '../../src/delivery/transport.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'
import { until } from '../support/node-server.ts'
import { ScriptedTransport } from '../support/scripted-transport.ts'

const request = { body: '{}', headers: { 'x-replaystack-api-key': 'secret-key' } }

describe('post', () => {
  it('answers status, text and Retry-After', async () => {
    const transport = new ScriptedTransport({ status: 429, body: 'slow down', headers: { 'retry-after': '3' } })
    const answer = await post(transport, 'http://h/', request, 1000, new ManualClock())
    expect(answer).toEqual({ status: 429, text: 'slow down', retryAfter: '3' })
  })

  it.each(['hangs', 'hangs deaf'] as const)('ends after its time when the transport %s', async script => {
    const clock = new ManualClock()
    const transport = new ScriptedTransport(script)
    const outcome = post(transport, 'http://h/', request, 2500, clock).catch(error => error)
    await clock.advance(2499)
    expect(transport.calls[0]?.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(await outcome).toMatchObject({ name: 'ReplayStackError', code: 'timeout' })
    expect(transport.calls[0]?.signal.aborted).toBe(true)
  })

  it('times the answer’s text too', async () => {
    const clock = new ManualClock()
    const transport = {
      post: async () => ({ status: 200, headers: new Headers(), text: () => new Promise<string>(() => {}) }),
    }
    const outcome = post(transport, 'http://h/', request, 2500, clock).catch(error => error)
    await clock.advance(2500)
    expect(await outcome).toMatchObject({ code: 'timeout' })
  })

  it('leaves no timer behind', async () => {
    const clock = new ManualClock()
    await post(new ScriptedTransport(), 'http://h/', request, 2500, clock)
    await post(new ScriptedTransport({ throws: new Error('x') }), 'http://h/', request, 2500, clock).catch(() => {})
    expect(clock.pending).toBe(0)
  })

  it('makes a network error of whatever the transport throws', async () => {
    const cause = new TypeError('fetch failed')
    const outcome = post(new ScriptedTransport({ throws: cause }), 'http://h/', request, 1, new ManualClock())
    await expect(outcome).rejects.toMatchObject({
      code: 'network',
      cause,
      // Where a transport of the application's own sends to, nobody else knows.
      message: 'ReplayStack could not be reached.',
    })
  })
})

describe('fetchTransport', () => {
  const send = (url: string, timeoutMs = 2000) => post(fetchTransport, url, request, timeoutMs, systemClock)

  it('posts the body and the headers as they are', async () => {
    const ingest = await startFaultyIngest({ status: 200, body: '{"success":true}' })
    await send(`${ingest.url}/path`)
    expect(ingest.requests[0]).toMatchObject({ method: 'POST', url: '/path', body: '{}' })
    expect(ingest.requests[0]?.headers['x-replaystack-api-key']).toBe('secret-key')
  })

  it('does not follow a redirect: the key stays with its host', async () => {
    const elsewhere = await startFaultyIngest()
    const ingest = await startFaultyIngest({ status: 307, headers: { location: `${elsewhere.url}/steal` } })
    expect((await send(ingest.url)).status).toBe(307)
    expect(elsewhere.requests).toEqual([])
  })

  it('reads an endless answer only so far, and lets go of the connection', async () => {
    const ingest = await startFaultyIngest('endless')
    const answer = await send(ingest.url)
    expect(answer.status).toBe(200)
    expect(answer.text.length).toBeGreaterThanOrEqual(65_536)
    await until(() => ingest.openRequests === 0)
  })

  it.each(['reset', 'truncated'] as const)('fails by network when the connection is %s', async fault => {
    const ingest = await startFaultyIngest(fault)
    await expect(send(ingest.url)).rejects.toMatchObject({ code: 'network' })
  })

  it('fails by network when nobody listens', async () => {
    const ingest = await startFaultyIngest()
    await ingest.close()
    await expect(send(ingest.url)).rejects.toMatchObject({ code: 'network' })
  })

  it('gives up a connection that hangs', async () => {
    const ingest = await startFaultyIngest('hang')
    await expect(send(ingest.url, 50)).rejects.toMatchObject({ code: 'timeout' })
    await until(() => ingest.openRequests === 0)
    await settled()
  })

  it.each([
    ['of the error behind it', { cause: { code: 'ECONNREFUSED' } }, ' (ECONNREFUSED)'],
    ['of the error itself', { code: 'UND_ERR_SOCKET' }, ' (UND_ERR_SOCKET)'],
    ['that is a sentence', { code: 'it failed' }, ''],
    ['with more before it', { code: '<b>E1' }, ''],
    ['with more behind it', { code: 'E1: no' }, ''],
    ['of no letter', { code: '!' }, ''],
    ['that is a number', { code: 7 }, ''],
    ['that is missing', {}, ''],
  ])('names the place, the cure and a code %s', async (_, fields, shown) => {
    vi.stubGlobal('fetch', () => Promise.reject(Object.assign(new TypeError('fetch failed'), fields)))
    try {
      await expect(send('http://localhost:1/api?x=1')).rejects.toThrow(
        `ReplayStack could not be reached at http://localhost:1${shown}. Does it run there? ` +
          'Check http or https, host and port of REPLAYSTACK_ENDPOINT.',
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('puts a character together that came in two pieces', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (const byte of new TextEncoder().encode('"é€😀"')) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    vi.stubGlobal('fetch', async () => new Response(body))
    try {
      expect((await send('http://h/')).text).toBe('"é€😀"')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('uses the fetch that is there when it is called', async () => {
    const replaced = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('{}', { status: 202 }))
    try {
      expect((await send('http://h/')).status).toBe(202)
      expect(replaced).toHaveBeenCalledOnce()
    } finally {
      replaced.mockRestore()
    }
  })
})
