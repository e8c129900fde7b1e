/** An outage of the ingest API while an application has much to do: it costs little, and says what it has lost. */
import { Agent } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Delivery } from '../../src/delivery/delivery.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'
import { send } from '../support/node-server.ts'
import { peakMemory } from '../support/peak-memory.ts'
import { ScriptedTransport } from '../support/scripted-transport.ts'
import { ask, total, traceIdOf } from './ask.ts'
import { hosts } from './hosts.ts'
import { type Exchange, openRawIngest } from './raw-ingest.ts'

/** What `offlineQueueMax` is by default. */
const QUEUE = 100

/** Attempts that may be under way at once. */
const AT_ONCE = 20

/**
 * What a Worker may need more after 10,000 requests than after 5,000: a fraction of what the events of these would take. By
 * then the engine has as much room for young objects as it ever takes; until then it grows, also where nothing is recorded.
 */
const SLACK = 16 * 1024 * 1024

describe.each(hosts)('on $name', { timeout: 180_000 }, host => {
  const requests = host.name === 'workerd' ? 10_000 : 1_000

  test(`${requests} requests hold ${AT_ONCE} sockets while the ingest hangs, and the newest ${QUEUE} events arrive when it is back`, async () => {
    const ingest = await openRawIngest()
    const hanging: Exchange[] = []
    ingest.fault = { answer: exchange => void hanging.push(exchange) }
    const settings = {
      RECORDED: 'true',
      REPLAYSTACK_API_KEY: 'rs_live_key',
      REPLAYSTACK_ENDPOINT: ingest.url,
      // No attempt ends by itself: every answer comes while all of them hang.
      REPLAYSTACK_TIMEOUT_MS: '60000',
      REPLAYSTACK_RETRIES: '0',
    }
    const running = await host.start(settings, { engineFlags: ['--expose-gc'] })
    const agent = new Agent({ keepAlive: true, maxSockets: 25 })
    const body = JSON.stringify({ note: 'x'.repeat(4_000) })
    const port = Number(new URL(running.url).port)
    let number = 0
    const others: string[] = []
    const work = async (last: number): Promise<void> => {
      while (number < last) {
        const headers = { 'content-type': 'application/json', 'x-trace-id': traceIdOf(number++) }
        const answer = await send(port, '/echo', { method: 'POST', agent, headers, body })
        if (answer.text !== body) others.push(answer.text)
      }
    }
    // Engines put garbage off for as long as there is room: what they would, is not what the application holds.
    const workTo = async (last: number): Promise<number> => {
      while (number < last) {
        const next = Math.min(last, number + 500)
        await Promise.all(Array.from({ length: 25 }, () => work(next)))
        await running.collect()
      }
      return peakMemory(running.pid)
    }
    const before = await workTo(requests / 2)
    const grown = (await workTo(requests)) - before
    agent.destroy()
    expect(others).toEqual([])
    // That many are too few on Node to tell.
    if (host.name === 'workerd') expect(grown).toBeLessThan(SLACK)
    const { stats } = await running.untilBooks(({ stats }) => stats.captured === requests)
    const held = ingest.requests.flatMap(head => /^idempotency-key: (.*)$/m.exec(head)?.[1]?.split(', ') ?? []).length
    expect(held).toBeGreaterThanOrEqual(AT_ONCE)
    expect(stats).toMatchObject({
      sent: 0,
      pending: held + QUEUE,
      dropped: { max_queue_size: requests - held - QUEUE },
    })
    expect([ingest.requests.length, ingest.connections.most, hanging.length]).toEqual([AT_ONCE, AT_ONCE, AT_ONCE])

    ingest.fault = undefined
    for (const { reset } of hanging) reset()
    await running.untilBooks(({ errors }) => errors.length === AT_ONCE)
    await running.ahead(400_000)
    await ask(running.url, requests)
    const end = await running.untilBooks(({ stats }) => stats.pending === 0)
    expect(end.stats).toEqual({
      captured: requests + 1,
      sent: QUEUE + 1,
      pending: 0,
      dropped: { max_queue_size: requests - QUEUE },
    })
    expect(end.dropped).toEqual(end.stats.dropped)
    expect(end.stats.sent + total(end.stats.dropped)).toBe(end.stats.captured)
    const arrived = ingest.events().map(({ traceId }) => traceId)
    expect(arrived).toHaveLength(QUEUE + 1)
    expect(new Set(arrived).size).toBe(QUEUE + 1)
    expect(ingest.connections.most).toBeLessThanOrEqual(AT_ONCE)
    expect(await running.stop()).toEqual([])
  })
})

test.each([
  ['hangs', 0],
  ['hangs', 1],
  ['refuses', 1],
] as const)('an ingest that %s is asked a few times a minute, with %i retries', async (how, retries) => {
  const clock = new ManualClock()
  const transport = new ScriptedTransport()
  let open = 0
  let most = 0
  const calls: number[] = []
  const started = clock.now()
  transport.post = async (_, { signal }) => {
    calls.push(Math.floor((clock.now() - started) / 60_000))
    most = Math.max(most, ++open)
    try {
      if (how === 'refuses') throw new TypeError('fetch failed')
      return await new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    } finally {
      open--
    }
  }
  const delivery = new Delivery(
    {
      ingestUrl: 'http://h/events',
      bulkUrl: 'http://h/bulk-events',
      headers: {},
      transport,
      timeoutMs: 2_500,
      retries,
      offlineQueueMax: QUEUE,
      batchMaxEvents: 1,
      batchFlushIntervalMs: 5,
      onDrop() {},
      onError() {},
      log() {},
    },
    clock,
  )
  // A hundred events a second, for ten minutes.
  for (let tenth = 0; tenth < 6_000; tenth++) {
    for (let n = 0; n < 10; n++) delivery.deliver('{}', 't').own.catch(() => {})
    await clock.advance(100)
  }
  await settled()
  const minutes = Array.from({ length: 10 }, (_, minute) => calls.filter(one => one === minute).length)
  const attempts = retries + 1
  // After 1, 2, 4, 8 and 16 seconds one finds out whether it is back.
  expect(minutes[0]).toBeLessThanOrEqual((AT_ONCE + 5) * attempts)
  for (const count of minutes.slice(1)) expect(count).toBeLessThanOrEqual(2 * attempts)
  expect(most).toBeLessThanOrEqual(AT_ONCE)
  expect(delivery.stats()).toMatchObject({ captured: 60_000, sent: 0 })
})
