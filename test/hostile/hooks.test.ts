/** Every hook that throws, rejects, never settles or answers garbage: the application goes on, and the books balance. */
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { assertEvent } from '../../src/inbox/ingest.ts'
import type { AdapterOptions, ClientOptions, ReplayStackEvent } from '../../src/types.ts'
import { ScriptedTransport } from '../support/scripted-transport.ts'
import { expectBalance, watchRejections } from './application.ts'
import { HOSTILE_VALUES } from './hostile-values.ts'

const rejections = watchRejections()
afterAll(() => rejections.stop())
afterEach(() => rejections.expectNone())

/** What a hook does with a value. */
const WAYS: readonly (readonly [way: string, hook: (value: unknown) => (...args: unknown[]) => never])[] = [
  ['throws', value => () => raise(value)],
  ['rejects with', value => () => answer(Promise.reject(value))],
  ['rejects later with', value => () => answer(rejectLater(value))],
  ['answers', value => () => answer(value)],
  ['promises', value => () => answer(promise(value))],
]

function raise(value: unknown): never {
  throw value
}

/** What no type allows. */
const answer = (value: unknown): never => value as never

async function promise(value: unknown): Promise<unknown> {
  return { value }
}

async function rejectLater(value: unknown): Promise<never> {
  await new Promise(resolve => setImmediate(resolve))
  throw value
}

/** A client whose first event cannot be delivered and whose queue has no room, so that each hook is called. */
async function capture(options: ClientOptions): Promise<ReplayStackEvent[]> {
  const transport = new ScriptedTransport({ throws: 'the network' }, { throws: 'the network' })
  const client = new ReplayStackClient(
    { apiKey: 'key', retries: 0, offlineQueueMax: 0, debug: true, transport, ...options },
    {},
  )
  client.addBreadcrumb('kept')
  for (let count = 0; count < 3; count++)
    expect(await client.captureEvent({ method: 'PUT' })).toBeOneOf([null, { success: true }])
  await client.flush(50)
  await client.close(50)
  expectBalance(client)
  const events = transport.bodies.map((body): ReplayStackEvent => JSON.parse(body))
  for (const event of events) assertEvent(event)
  return events
}

const log = console.log
afterEach(() => {
  console.log = log
})

it.each(HOSTILE_VALUES)('a console that throws %s costs nothing', async (_, make) => {
  const value = make()
  console.log = () => raise(value)
  expect(await capture({})).toHaveLength(3)
})

/** What is awaited by whoever gets it. */
const PROMISES: readonly string[] = [
  'a promise without an end',
  'a thenable whose then throws',
  'a thenable that never settles',
  'a Proxy that answers itself to everything',
]

describe.each(WAYS)('a hook that %s', (way, hook) => {
  describe.each(HOSTILE_VALUES)('%s', (what, make) => {
    it.each(['onError', 'onQueueDrop'] as const)('as %s costs nothing', async name => {
      console.log = () => {}
      expect(await capture({ [name]: hook(make()) })).toHaveLength(3)
    })

    it('as beforeSend costs its event alone', async () => {
      console.log = () => {}
      const given = make()
      let calls = 0
      const events = await capture({ beforeSend: event => (calls++ === 1 ? hook(given)() : event) })
      expect(calls).toBe(3)
      expect(events.filter(({ method }) => method === 'PUT').length).toBeGreaterThanOrEqual(2)
    })

    it.each(['getTraceId', 'shouldCapture'] as const)('as %s answers the request', async name => {
      console.log = () => {}
      const transport = new ScriptedTransport()
      const client = new ReplayStackClient({ apiKey: 'key', transport }, {})
      const options: AdapterOptions<Request> = { client, [name]: hook(make()) }
      const response = new Response('the answer')
      expect(await withReplayStack((_: Request) => response, options)(new Request('https://h.example/'))).toBe(response)
      await client.flush(1000)
      expectBalance(client)
      // One that throws has not said that the event is wanted; whatever it answers but `false` does.
      if (name === 'getTraceId' || way !== 'throws') expect(transport.calls).toHaveLength(1)
    })

    it('as a handler is passed on as it is', async () => {
      const transport = new ScriptedTransport()
      const client = new ReplayStackClient({ apiKey: 'key', transport }, {})
      const value = make()
      let settled: unknown
      try {
        settled = withReplayStack(hook(value), { client })(new Request('https://h.example/'))
        if (way !== 'answers') settled = await settled
        // Its host awaits it, whatever promise it is: it gets what follows from it.
        else if (PROMISES.includes(what)) Promise.resolve(settled).catch(() => {})
        else expect(Object.is(settled, value)).toBe(true)
      } catch (thrown) {
        expect(Object.is(thrown, value)).toBe(true)
      }
      // What it promises may never come: then its work is never over.
      await client.flush(5)
      expectBalance(client)
    })
  })
})

/** Each part of a transport's answer, as a value. */
const PARTS: readonly (readonly [part: string, respond: (value: unknown) => unknown])[] = [
  ['what post answers', value => value],
  ['a status', value => ({ status: value, headers: new Headers(), text: async () => '{}' })],
  ['headers', value => ({ status: 500, headers: value, text: async () => '{}' })],
  ['a Retry-After', value => ({ status: 503, headers: { get: () => value }, text: async () => '{}' })],
  ['what text answers', value => ({ status: 200, headers: new Headers(), text: () => value })],
  ['what the text of a refusal is', value => ({ status: 400, headers: new Headers(), text: () => value })],
]

describe.each(PARTS)('%s may be', (_, respond) => {
  it.each(HOSTILE_VALUES)('%s', async (_, make) => {
    const answer = respond(make())
    const client = new ReplayStackClient(
      { apiKey: 'key', retries: 0, timeoutMs: 20, transport: { post: () => answer as never } },
      {},
    )
    await client.captureEvent({ method: 'PUT' })
    await client.flush(5)
    expectBalance(client)
    await client.close(5)
    expectBalance(client)
    expect(client.stats().captured).toBe(1)
  })
})
