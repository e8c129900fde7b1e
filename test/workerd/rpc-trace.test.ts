/** A call by RPC is in its caller's trace where both sides want that, and is otherwise what it was. */
import { expect, test } from 'vitest'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

/** The response to a request, and the events of all that it caused. */
async function ask(path: string, count: number, compatibilityFlags: string[] = []) {
  const ingest = await openIngest()
  const { miniflare, log } = await startMiniflare([
    {
      name: 'shop',
      ...moduleOf(await bundleFixture('rpc-trace')),
      compatibilityFlags,
      bindings: { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url },
      durableObjects: { ROOM: 'Room' },
      serviceBindings: {
        PRICES: { name: 'shop', entrypoint: 'Prices' },
        OTHER: { name: 'shop', entrypoint: 'Other' },
      },
    },
  ])
  const answer = await (await miniflare.dispatchFetch(`http://shop.example${path}`)).json()
  const events = await ingest.arrived(count)
  expect(
    log()
      .match(COMPLAINTS)
      ?.filter(line => !line.includes('no price')) ?? [],
  ).toEqual([])
  return { answer, events, traceId: events.find(({ endpoint }) => endpoint === path)?.traceId }
}

test('what it carries is seen by the events alone', { timeout: 60_000 }, async () => {
  const [bare, traced] = [await ask('/bare', 8), await ask('/traced', 8)]
  expect(traced.answer).toEqual(bare.answer)
  expect(traced.answer).toMatchObject({
    told: ['teapot', { replaystack: { traceId: 'mine' }, more: 1 }, null],
    failure: 'RangeError: no price',
    room: ['first', 2],
  })
  const named = (events: typeof bare.events) => events.map(({ endpoint, status }) => `${endpoint} ${status}`).sort()
  expect(named(traced.events)).toEqual(named(bare.events).map(name => name.replace('/bare', '/traced')))

  const isCall = ({ endpoint }: { endpoint?: string }) => /^(Prices|Room)\./.test(endpoint ?? '')
  const calls = traced.events.filter(isCall)
  expect(calls).toHaveLength(6)
  expect(calls.map(({ traceId }) => traceId)).toEqual(Array(6).fill(traced.traceId))
  expect(new Set(bare.events.filter(isCall).map(({ traceId }) => traceId)).size).toBe(6)
})

test('a class that has not opted in is called with one argument more', async () => {
  const { answer, traceId } = await ask('/other', 2)
  expect(answer).toEqual([1, { replaystack: { traceId } }])
})

test('a handle’s trace is carried where there is no AsyncLocalStorage', async () => {
  const { answer, events, traceId } = await ask('/handle', 2, ['no_nodejs_als'])
  expect(answer).toEqual([1])
  expect(events.map(event => event.traceId)).toEqual([traceId, traceId])
})
