/** Replays whose calls are played back, on servers of Node: what was called is gone by then. */
import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { replaystack as hono, type ReplayStackVariables } from '../../src/adapters/hono.ts'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { replaystack as node, type ReplayStackRequest } from '../../src/adapters/node/middleware.ts'
import { ReplayStackClient, type ReplayStackHandle } from '../../src/client/client.ts'
import { runReplay } from '../../src/inbox/local/replay/run-replay.ts'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import { openReplays } from '../../src/inbox/replay/fetch-event.ts'
import { tapeRecorder } from '../../src/tape/index.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { listen, send, until } from '../support/node-server.ts'

/** What the application does: whatever it heard is in its answer. */
type Work = (handle: ReplayStackHandle, kept: { fetch?: typeof fetch }) => Promise<{ status: number; body: object }>

interface Options {
  client: ReplayStackClient
}
type Host = (work: Work, options: Options) => Promise<string>

/** Servers of Node that run the work for `POST /orders`, with one client that is kept between requests. */
const HOSTS: Record<string, Host> = {
  'node:http': async (work, { client }) => {
    const kept = {}
    const recorder = node({ client, recordCalls: tapeRecorder() })
    const server = createServer((request: Parameters<typeof recorder>[0] & Partial<ReplayStackRequest>, response) => {
      recorder(request, response, async () => {
        const { status, body } = await work(request.replaystack ?? client, kept)
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    })
    return (await listen(server)).url
  },
  'a bare handler': async (work, { client }) => {
    const kept = {}
    const handler = async (
      _request: object,
      response: Parameters<Parameters<typeof createServer>[1] & object>[1],
      _next: unknown,
      handle: ReplayStackHandle,
    ) => {
      const { status, body } = await work(handle, kept)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const wrapped: (...args: never[]) => unknown = withReplayStack(handler, { client, recordCalls: tapeRecorder() })
    return (await listen(createServer((...args) => void Reflect.apply(wrapped, undefined, args)))).url
  },
  Express: async (work, { client }) => {
    const kept = {}
    const app = express()
    app.use(node({ client, recordCalls: tapeRecorder() }), express.json())
    app.post('/orders', async (request: express.Request & Partial<ReplayStackRequest>, response) => {
      const { status, body } = await work(request.replaystack ?? client, kept)
      response.status(status).json({ ...body, given: request.body })
    })
    return (await listen(app)).url
  },
  Hono: async (work, { client }) => {
    const kept = {}
    const app = new Hono<{ Variables: ReplayStackVariables }>()
    app.use(hono({ client, recordCalls: tapeRecorder() }))
    app.post('/orders', async c => {
      const { status, body } = await work(c.var.replaystack, kept)
      return new Response(JSON.stringify({ ...body, given: await c.req.json() }), {
        status,
        headers: { 'content-type': 'application/json' },
      })
    })
    return await new Promise<string>(resolve => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      )
      onTestFinished(() => void server.close())
    })
  },
}

const order = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/orders`, {
    method: 'POST',
    body: '{"item":"lamp"}',
    headers: { 'content-type': 'application/json', ...headers },
  })

/** A gateway that is asked, counted, and gone. */
async function startGateway() {
  let asked = 0
  const { url, server } = await listen(
    createServer((_request, response) => {
      asked++
      // A recorded call has its response's headers: two of them would differ where a second ends between them.
      response.sendDate = false
      response.end(`answer ${asked}`)
    }),
  )
  const stop = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return { url, stop, asked: () => asked }
}

async function openInbox(): Promise<RunningInbox> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  return inbox
}

const clientOf = (inbox: { url: string }) => new ReplayStackClient({ apiKey: 'key', endpoint: inbox.url })

async function onlyEvent({ store }: RunningInbox): Promise<{ id: string; event: ReplayStackEvent }> {
  await until(async () => store.count() === 1)
  const id = store.list().events[0]?.id ?? ''
  return { id, event: JSON.parse(store.get(id)?.json ?? '') }
}

afterEach(() => vi.unstubAllEnvs())

const work = (gateway: string, status = 502): Work => {
  const run: Work = async (handle, kept) => {
    kept.fetch ??= handle.fetch
    const [first, second] = await Promise.all([
      kept.fetch(`${gateway}/charge`, { method: 'POST', body: 'one' }).then(response => response.text()),
      handle.fetch(`${gateway}/charge`, { method: 'POST', body: 'two' }).then(response => response.text()),
    ])
    const stock = await handle.call('stock', { sku: 7 }, async () => (await fetch(gateway)).text())
    const now = handle.call('clock', [], () => Math.random())
    return { status, body: { first, second, stock, now, time: handle.now(), id: handle.uuid() } }
  }
  return (handle, kept) => run(handle, kept).catch(error => ({ status: 500, body: { error: String(error) } }))
}

describe.each(Object.entries(HOSTS))('%s', (_name, start) => {
  test('plays a request back, with clients that are kept, and says when it is repaired', async () => {
    vi.stubEnv('REPLAYSTACK_REPLAY', '1')
    const inbox = await openInbox()
    const gateway = await startGateway()
    const target = await start(work(gateway.url), { client: clientOf(inbox) })
    const answer: unknown = await (await order(target)).json()
    const { id, event } = await onlyEvent(inbox)
    await gateway.stop()

    const replays = openReplays(inbox.url, { eventId: id, isHermetic: true }, AbortSignal.timeout(60_000))
    const hermetic = { eventId: id, replays, isHermetic: true }
    const same = await runReplay(event, { ...hermetic, target, times: 3 })
    expect(same).toMatchObject({ same: true, differences: [], tape: { notOnTape: [], notCalled: [] } })
    expect(JSON.parse(same.replayed.body)).toEqual(answer)

    const repaired = await start(work(gateway.url, 200), { client: clientOf(inbox) })
    const fixed = await runReplay(event, { ...hermetic, target: repaired })
    expect(fixed.verdict).toBe('Fixed: from the same tape it answers 200, where 502 was captured.')

    const other = await start(work(`${gateway.url}/v2`), { client: clientOf(inbox) })
    const failed = await runReplay(event, { ...hermetic, target: other })
    expect(failed).toMatchObject({ same: false, verdict: 'The code makes 2 calls that the tape does not have.' })
    expect(failed.tape?.notOnTape[0]).toMatch(/\/v2\/charge.* is not on the tape\.\nThe nearest call there: fetch /)
    expect(gateway.asked()).toBe(3)
  })
})

test('against a baseline, both builds are played the tape, and how each fails is compared, not what was captured', async () => {
  vi.stubEnv('REPLAYSTACK_REPLAY', '1')
  const inbox = await openInbox()
  const gateway = await startGateway()
  const start = async (message: string, status = 500, more = 0) => {
    const app = new Hono<{ Variables: ReplayStackVariables }>()
    app.use(hono({ client: clientOf(inbox), recordCalls: tapeRecorder() }))
    app.post('/orders', async c => {
      const heard = await (await c.var.replaystack.fetch(gateway.url)).text()
      for (let count = 0; count < more; count++) await c.var.replaystack.fetch(`${gateway.url}/more`).catch(() => {})
      if (status === 500) throw new RangeError(message)
      return c.json({ heard }, 200)
    })
    app.onError((_, c) => c.json({ error: 'failed' }, 500))
    return await new Promise<string>(resolve => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      )
      onTestFinished(() => void server.close())
    })
  }
  await order(await start('as it was'))
  const { id, event } = await onlyEvent(inbox)
  await gateway.stop()
  const replays = openReplays(inbox.url, { eventId: id, isHermetic: true }, AbortSignal.timeout(60_000))
  const hermetic = { eventId: id, replays, isHermetic: true }
  const baseline = await start('as it is today')

  const same = await runReplay(event, { ...hermetic, baseline, target: await start('as it is today') })
  expect(same).toMatchObject({ same: true, differences: [], comparedWith: 'baseline' })
  expect(same.verdict).toBe('From the tape alone, the answers are the same: status and body.')

  const otherwise = await runReplay(event, { ...hermetic, baseline, target: await start('as it was') })
  expect(otherwise).toMatchObject({
    same: false,
    verdict: 'It fails in another way.',
    differences: [{ path: 'errorMessage', original: 'as it is today', replayed: 'as it was' }],
  })

  const repaired = await runReplay(event, { ...hermetic, baseline, target: await start('', 200) })
  expect(repaired).toMatchObject({ same: false, verdict: 'The answers differ.' })

  const talkative = await start('as it is today', 500, 2)
  const held = await runReplay(event, { ...hermetic, baseline: talkative, target: baseline })
  expect(held.notes).toContain('The baseline makes calls that the tape does not have: 2.')
  expect(gateway.asked()).toBe(1)
})

/** An application's answer to a request with the header of a replay, its event, and what its inbox was asked. */
async function answerTo(header: string | undefined, options: { endpoint?: string; variable?: string; host?: string }) {
  vi.unstubAllEnvs()
  vi.stubEnv('REPLAYSTACK_REPLAY', options.variable)
  const asked: string[] = []
  const events: ReplayStackEvent[] = []
  const inbox = await listen(
    createServer(async (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(404).end()
    }),
  )
  const gateway = await startGateway()
  const client = new ReplayStackClient({
    apiKey: 'key',
    endpoint: options.endpoint ?? inbox.url,
    transport: {
      async post(_url, { body }) {
        events.push(JSON.parse(body))
        return { status: 200, headers: new Headers(), text: async () => '{}' }
      },
    },
  })
  let id = 0
  const url = await HOSTS['node:http']?.(
    async handle => {
      const text = await handle.fetch(gateway.url).then(
        response => response.text(),
        () => 'unheard',
      )
      let call: unknown
      try {
        call = handle.call('id', [], () => ++id)
      } catch {
        call = 'unheard'
      }
      return { status: 500, body: { text, call } }
    },
    { client },
  )
  const { port } = new URL(url ?? '')
  const answer = await send(Number(port), '/orders', {
    method: 'POST',
    body: '{}',
    headers: {
      ...(header !== undefined && { 'x-replaystack-replay': header }),
      ...(options.host !== undefined && { host: options.host }),
      'x-trace-id': 'trace',
    },
  })
  await until(async () => events.length === 1)
  const [event] = events
  const plain: unknown = JSON.parse(JSON.stringify(event), (name, value) =>
    // What is another at each run: times, and what the request itself had.
    /^(timestamp|executionTimeMs|startedMs|durationMs|requestHeaders|requestUrl|target|url)$/.test(name) ? 0 : value,
  )
  const headers = answer.rawHeaders.filter((_, place, all) => all[place - 1] !== 'Date')
  return { asked, called: gateway.asked(), answer: { status: answer.status, headers, text: answer.text }, event: plain }
}

describe('a request with the header of a replay', () => {
  const HEADER = 'event-1; tape=0d4b1c9e-58d1-4e0a-9d0a-2c8e2f5b7a11'

  test.each([
    ['the variable is not set', {}],
    ['the variable is not 1', { variable: 'true' }],
    ['events go to another host', { variable: '1', endpoint: 'https://api.replaystack.co' }],
    [
      'events go to another host, and the request came to this machine',
      { variable: '1', endpoint: 'http://10.0.0.1', host: 'localhost' },
    ],
    ['events go to a host named like this machine', { variable: '1', endpoint: 'http://127.0.0.1.example.com' }],
  ])('changes nothing where %s', async (_why, options) => {
    const sent = await answerTo(HEADER, options)
    const without = await answerTo(undefined, options)
    expect(sent).toEqual(without)
    expect(sent).toMatchObject({ asked: [], called: 1, event: { metadata: { tape: { calls: [{}, {}] } } } })
    expect(JSON.stringify(sent.event)).not.toContain('"replay"')
  })

  test.each([['event-1'], ['; tape=x'], ['event-1; tape=../../events'], ['event-1, event-2; tape=x']])(
    'changes nothing where it names no tape: %s',
    async header => {
      expect(await answerTo(header, { variable: '1' })).toEqual(await answerTo(undefined, { variable: '1' }))
    },
  )

  test('reaches nothing outside where the inbox has no tape for it', async () => {
    const { asked, called, event } = await answerTo(HEADER, { variable: '1' })
    expect({ asked, called }).toEqual({
      asked: ['GET /api/v1/replays/0d4b1c9e-58d1-4e0a-9d0a-2c8e2f5b7a11/tape'],
      called: 0,
    })
    const refused = expect.stringContaining('The inbox has no tape for this replay: it answered 404')
    expect(event).toMatchObject({ metadata: { replay: { notOnTape: [refused, refused] } } })
  })
})
