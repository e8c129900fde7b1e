/** Processes that are killed in the middle of a delivery, and begun anew: what was taken is there once, the rest is gone. */
import { describe, expect, test } from 'vitest'
import { until } from '../support/node-server.ts'
import { askAll, traceIds } from './ask.ts'
import { hosts } from './hosts.ts'
import { type Exchange, openRawIngest } from './raw-ingest.ts'

describe.each(hosts)('on $name', host => {
  test('what the ingest has taken is there once, and what it has not is lost with the process', async () => {
    const ingest = await openRawIngest()
    const settings = {
      RECORDED: 'true',
      REPLAYSTACK_API_KEY: 'rs_live_key',
      REPLAYSTACK_ENDPOINT: ingest.url,
      // Each event has a request of its own to be lost with.
      REPLAYSTACK_BATCH_MAX_EVENTS: '1',
      REPLAYSTACK_TIMEOUT_MS: '60000',
    }
    const first = await host.start(settings)
    const hanging: Exchange[] = []
    ingest.fault = { answer: exchange => void hanging.push(exchange) }
    await askAll(first.url, 0, 6)
    await until(() => hanging.length === 6)
    // Half of them are taken; nobody hears of it any more.
    const taken = hanging.slice(0, 3)
    for (const { take } of taken) await take()
    expect((await first.books()).stats).toEqual({ captured: 6, sent: 0, pending: 6, dropped: {} })
    await first.kill()
    await until(() => ingest.connections.open === 0)

    ingest.fault = undefined
    const second = await host.start(settings)
    await askAll(second.url, 6, 8)
    const { stats } = await second.untilBooks(({ stats }) => stats.sent === 2)
    expect(stats).toEqual({ captured: 2, sent: 2, pending: 0, dropped: {} })
    const arrived = ingest.events().map(({ traceId }) => traceId)
    const lost = traceIds(6).filter(traceId => !arrived.includes(traceId))
    expect([arrived.length, new Set(arrived).size, lost.length]).toEqual([5, 5, 3])
    expect(await second.stop()).toEqual([])
  })

  test('an event that is taken again and again, because its answers are lost, is one event', async () => {
    const ingest = await openRawIngest()
    const running = await host.start({
      RECORDED: 'true',
      REPLAYSTACK_API_KEY: 'rs_live_key',
      REPLAYSTACK_ENDPOINT: ingest.url,
      REPLAYSTACK_RETRIES: '3',
      REPLAYSTACK_TIMEOUT_MS: '60000',
    })
    let times = 0
    // Each attempt is taken, and none is told so but the last.
    ingest.fault = {
      async answer({ stream, take, reset }) {
        const answer = await take()
        if (++times < 4) reset()
        else stream.write(answer)
      },
    }
    await askAll(running.url, 0, 1)
    const { stats } = await running.untilBooks(({ stats }) => stats.sent === 1)
    expect(stats).toEqual({ captured: 1, sent: 1, pending: 0, dropped: {} })
    expect(ingest.requests).toHaveLength(4)
    const keys = ingest.requests.map(head => /idempotency-key: (.*)/.exec(head)?.[1])
    expect(new Set(keys).size).toBe(1)
    expect(ingest.events()).toHaveLength(1)
    expect(await running.stop()).toEqual([])
  })
})
