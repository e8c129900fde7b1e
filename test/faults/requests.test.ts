/** Requests that end before their time, in the real runtime: what they leave behind is neither lost nor in the way. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { leave, openRequest } from '../support/body-client.ts'
import { until } from '../support/node-server.ts'
import { ask, total, traceIdOf } from './ask.ts'
import { type RunningHost, workerd } from './hosts.ts'
import { type Exchange, openRawIngest } from './raw-ingest.ts'

const NEVER_MS = '60000'

/** A Worker whose ingest hangs until it is let go on. */
async function start(timeoutMs = NEVER_MS, settings: Record<string, string> = {}) {
  const ingest = await openRawIngest()
  const hanging: Exchange[] = []
  ingest.fault = { answer: exchange => void hanging.push(exchange) }
  const running = await workerd.start({
    RECORDED: 'true',
    REPLAYSTACK_API_KEY: 'rs_live_key',
    REPLAYSTACK_ENDPOINT: ingest.url,
    REPLAYSTACK_TIMEOUT_MS: timeoutMs,
    ...settings,
  })
  /** Takes what hangs, and from now on everything. */
  const recover = async (): Promise<void> => {
    ingest.fault = undefined
    for (const { stream, take } of hanging.splice(0)) stream.write(await take())
  }
  return { ingest, hanging, running, recover }
}

const arrivedAt = (ingest: Awaited<ReturnType<typeof openRawIngest>>) => ingest.events().map(event => event.endpoint)

/** The next request is as any other, and the books balance. */
async function goOn({ url, untilBooks, stop }: RunningHost, captured: number): Promise<void> {
  await ask(url, 0)
  const { stats, dropped } = await untilBooks(({ stats }) => stats.captured === captured && stats.pending === 0)
  expect(stats).toEqual({ captured, sent: captured, pending: 0, dropped: {} })
  expect(total(dropped)).toBe(0)
  expect(await stop()).toEqual([])
}

test('a client that leaves while the handler runs takes its request along, and nothing else', async () => {
  const { running, ingest, recover } = await start()
  const { request, answered } = openRequest(`${running.url}/slow?ms=60000`)
  answered.catch(() => {})
  request.end()
  await running.untilBooks(({ requests }) => requests === 1)
  leave(request)
  await recover()
  await goOn(running, 1)
  expect(arrivedAt(ingest)).toEqual(['/json'])
})

test('a client that leaves while the answer streams ends the stream, and takes no event along', async () => {
  const { running, hanging, ingest, recover } = await start()
  const { request, answered } = openRequest(`${running.url}/endless`)
  request.end()
  const answer = await answered
  answer.on('error', () => {})
  await once(answer, 'data')
  await until(() => hanging.length === 1)
  leave(request)
  await running.untilBooks(({ left }) => left === 1)
  expect(ingest.connections.open).toBe(1)
  await recover()
  await goOn(running, 2)
  expect(arrivedAt(ingest)).toEqual(['/endless', '/json'])
})

test('a client that leaves when it has its answer leaves the delivery alone', async () => {
  const { running, hanging, ingest, recover } = await start()
  const { request, answered } = openRequest(`${running.url}/json`)
  request.end()
  await once((await answered).resume(), 'end')
  await until(() => hanging.length === 1)
  leave(request)
  await running.books()
  await recover()
  await goOn(running, 2)
  expect(arrivedAt(ingest)).toEqual(['/json', '/json'])
  expect(ingest.requests).toHaveLength(2)
})

test('requests whose waitUntil is cut off leave their events to the next, when it is sure that they are over', async () => {
  // Each holds a request of its own.
  const { running, ingest } = await start('5000', { REPLAYSTACK_BATCH_MAX_EVENTS: '1' })
  const cut = 25
  for (let number = 0; number < cut; number++) {
    const answer = await fetch(`${running.url}/json?cut=50`, { headers: { 'x-trace-id': traceIdOf(number) } })
    expect(await answer.text()).toBe('{"id":7,"card":"4000"}')
  }
  // As many as may wait for an answer have died doing so. What comes now does not wait with them.
  ingest.fault = undefined
  await ask(running.url, cut)
  const { stats } = await running.untilBooks(({ stats }) => stats.captured === cut + 1)
  expect(stats).toEqual({ captured: cut + 1, sent: 0, pending: cut + 1, dropped: {} })
  expect(ingest.requests.length).toBeLessThanOrEqual(20)

  await running.ahead(60_000)
  await goOn(running, cut + 2)
  const arrived = ingest.events().map(({ traceId }) => traceId)
  const expected = [...Array.from({ length: cut + 1 }, (_, number) => traceIdOf(number)), traceIdOf(0)]
  expect(arrived.sort()).toEqual(expected.sort())
})
