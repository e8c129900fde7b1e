/** One request is one event in the real runtime, however many adapters it goes through. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { bundleEntry } from '../package/bundle-entry.ts'
import { serveWorker } from '../package/serve-workerd.ts'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

describe('a request that is made anew', () => {
  let code: string
  beforeAll(async () => {
    code = await bundleFixture('one-event')
  })

  test.each([
    ['/rewritten', 'POST', { statusCode: 500, errorMessage: 'deep boom', metadata: { route: '/orders/:id' } }],
    ['/mounted/orders/7', 'POST', { statusCode: 500, errorMessage: 'deep boom' }],
    ['/override/7', 'POST', { statusCode: 200, responsePayload: 'put' }],
    ['/twice', 'POST', { statusCode: 200, responsePayload: 'twice' }],
  ])('%s is one event, with what each adapter knows', async (path, method, expected) => {
    const { answer, events } = await ask(path, method)
    expect(events).toMatchObject([{ endpoint: path, method, traceId: answer.headers.get('x-trace-id'), ...expected }])
  })

  test.each(['/binding', '/object'])('for another Worker or object is one of its own: %s', async path => {
    const { events } = await ask(path, 'POST', 2)
    expect(events.map(({ endpoint }) => endpoint).sort()).toEqual([path, `/inner${path}`].sort())
  })

  async function ask(path: string, method: string, count = 1) {
    const ingest = await openIngest()
    const { miniflare, log } = await startMiniflare([
      {
        name: 'one-event',
        ...moduleOf(code),
        bindings: { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url },
        durableObjects: { ROOM: 'Room' },
        serviceBindings: { SELF: 'one-event' },
      },
    ])
    const answer = await miniflare.dispatchFetch(`http://shop.example${path}`, {
      method,
      headers: { 'x-method': 'PUT' },
    })
    await answer.text()
    await ingest.arrived(count)
    // What else there were would have come with a request that is handled later.
    await (await miniflare.dispatchFetch('http://shop.example/inner/last')).text()
    const events = (await ingest.arrived(count + 1)).filter(({ endpoint }) => endpoint !== '/inner/last')
    expect(log().match(COMPLAINTS)).toBeNull()
    return { answer, events }
  }
})

describe('Express in a Worker', () => {
  let code: string
  beforeAll(async () => {
    const bundle = await bundleEntry('test/workerd/fixtures/express.ts', {
      external: ['cloudflare:*'],
      platform: 'node',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
    })
    code = bundle.code
  })

  const requests = [
    { path: '/orders/7', method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } },
    { path: '/throws' },
    { path: '/rejects' },
    { path: '/pieces' },
  ]

  /** What clients get of each request, and the events of all. */
  async function run(recorders: string) {
    const ingest = await openIngest()
    const bindings = {
      REPLAYSTACK_API_KEY: 'key',
      REPLAYSTACK_ENDPOINT: ingest.url,
      RECORDERS: recorders,
    }
    const worker = await serveWorker(code, { compatibilityDate: '2026-08-04', compatibilityFlags: [], bindings })
    const answers: unknown[] = []
    for (const { path, ...init } of requests) {
      const answer = await fetch(`${worker.url}${path}`, init)
      const headers = [...answer.headers].filter(([name]) => !['date', 'x-trace-id'].includes(name))
      answers.push([answer.status, headers, await answer.text()])
    }
    const events: Record<string, ReplayStackEvent> = {}
    const arrived = recorders ? await ingest.arrived(requests.length) : []
    for (const event of arrived) events[String(event.endpoint)] = event
    expect(Object.keys(events)).toHaveLength(arrived.length)
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
    return { answers, events }
  }

  test.each(['node', 'cloudflare and node', 'cloudflare'])('recorded by %s: one event each', async recorders => {
    const { answers, events } = await run(recorders)
    expect(answers).toEqual((await run('')).answers)
    const order = { method: 'POST', statusCode: 201, requestPayload: { a: 1 }, responsePayload: { got: { a: 1 } } }
    expect(events).toMatchObject({
      '/orders/7': order,
      '/throws': { status: 'failed', statusCode: 500, responsePayload: 'caught express boom' },
      '/rejects': { status: 'failed', statusCode: 500, responsePayload: 'caught express boom' },
      '/pieces': { status: 'success', statusCode: 200 },
    })
    // Of Express's own, nothing but its middleware can know.
    if (!recorders.includes('node')) return
    const error = { errorName: 'TypeError', errorMessage: 'express boom' }
    expect(events).toMatchObject({
      '/orders/7': { metadata: { route: '/orders/:id' } },
      '/throws': error,
      '/rejects': error,
    })
  })
})
