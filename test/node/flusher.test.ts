import { describe, expect, it, vi } from 'vitest'
import { createReplayStackClient } from '../../src/adapters/node/client.ts'
import { flushPeriodically, nodeSetup } from '../../src/adapters/node/flusher.ts'
import { pipelineOf, ReplayStackClient } from '../../src/client/client.ts'
import type { ClientOptions, ReplayStackEvent, Transport } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'
import { ScriptedTransport } from '../support/scripted-transport.ts'
import { runProcess, titledHosts, usePrograms } from './run-process.ts'

/** `fetch`, and how many of its calls were under way at the same time. */
function countingTransport() {
  const counts = { calls: 0, underWay: 0, most: 0 }
  const transport: Transport = {
    async post(url, request) {
      counts.calls++
      counts.most = Math.max(counts.most, ++counts.underWay)
      try {
        const response = await fetch(url, { method: 'POST', ...request })
        return { status: response.status, headers: response.headers, text: () => response.text() }
      } finally {
        counts.underWay--
      }
    },
  }
  return { counts, transport }
}

describe('the periodic flush', () => {
  const options: ClientOptions = { apiKey: 'local', retries: 0 }

  it('sends what an outage left waiting, without another capture', async () => {
    const ingest = await startFaultyIngest()
    ingest.always = { status: 503 }
    const client = createReplayStackClient({ ...options, endpoint: ingest.url, flushIntervalMs: 2000 }, {})
    for (const endpoint of ['one', 'two', 'three']) await client.captureEvent({ endpoint })
    expect(client.stats()).toMatchObject({ captured: 3, sent: 0, pending: 3 })
    ingest.always = undefined
    const delivered = () => expect(client.stats()).toMatchObject({ captured: 3, sent: 3, pending: 0 })
    await eventually(delivered)
    const { events }: { events: ReplayStackEvent[] } = JSON.parse(ingest.requests.at(-1)?.body ?? '')
    expect(events.map(({ endpoint }) => endpoint)).toEqual(['one', 'two', 'three'])
    await client.close()
  })

  it('waits for the one before, although the ingest hangs', async () => {
    const ingest = await startFaultyIngest()
    ingest.always = { status: 503 }
    const { counts, transport } = countingTransport()
    const client = createReplayStackClient({ ...options, transport, endpoint: ingest.url, flushIntervalMs: 10 }, {})
    const flush = vi.spyOn(pipelineOf(client).delivery, 'flush')
    for (const endpoint of ['one', 'two', 'three']) await client.captureEvent({ endpoint })
    ingest.always = 'hang'
    // From here on, nothing sends but the flush.
    counts.most = 0
    await eventually(() => expect(flush.mock.calls.length).toBeGreaterThan(5))
    expect(counts.most).toBe(1)
    await client.close(1)
  })

  it('leaves alone what is only under way', async () => {
    const { client, flush } = (() => {
      const client = createReplayStackClient({ ...options, transport: new ScriptedTransport(), flushIntervalMs: 5 }, {})
      return { client, flush: vi.spyOn(pipelineOf(client).delivery, 'flush') }
    })()
    const other = createReplayStackClient(
      { ...options, transport: { post: () => new Promise(() => {}) }, flushIntervalMs: 5, timeoutMs: 60_000 },
      {},
    )
    const work = pipelineOf(client).delivery.beginWork(60_000)
    other.captureEvent({ endpoint: 'hangs' })
    const otherFlush = vi.spyOn(pipelineOf(other).delivery, 'flush')
    await eventually(() => expect(otherFlush).toHaveBeenCalled())
    expect(flush).not.toHaveBeenCalled()
    pipelineOf(client).delivery.endWork(work)
    await Promise.all([client.close(1), other.close(1)])
  })

  it('is one for each client, whoever asks for it', () => {
    const client = new ReplayStackClient({ ...options, flushIntervalMs: 60_000 }, {})
    const pipeline = pipelineOf(client)
    const stop = flushPeriodically(pipeline)
    nodeSetup({ client })()
    expect(flushPeriodically(pipeline)).toBe(stop)
    stop()
    // Once stopped, it does not begin again.
    expect(flushPeriodically(pipeline)).toBe(stop)
  })

  it("runs for an adapter's own client", async () => {
    const transport = new ScriptedTransport({ status: 503 })
    const { pipeline } = nodeSetup({ ...options, transport, flushIntervalMs: 5 })()
    await pipeline.capture({ endpoint: 'a' }, pipeline.ownScope)
    await eventually(() => expect(pipeline.delivery.stats().sent).toBe(1))
    flushPeriodically(pipeline)()
  })
})

describe('a process with a periodic flush ends when its work does', () => {
  const programs = usePrograms()

  it.each(titledHosts)('$title', async host => {
    const run = async (interval: number, faults: readonly (number | 'hang')[], signal?: NodeJS.Signals) => {
      const endpoint = programs.ingest.open(faults)
      const ended = await runProcess(host, `${programs.folder}/flushing.mjs`, {
        environment: {
          REPLAYSTACK_API_KEY: 'local',
          REPLAYSTACK_ENDPOINT: endpoint.url,
          REPLAYSTACK_RETRIES: '0',
          REPLAYSTACK_TIMEOUT_MS: '60000',
          REPLAYSTACK_FLUSH_INTERVAL_MS: String(interval),
          UNTIL: signal ? 'signal' : '',
        },
        async during(child) {
          if (!signal) return
          await endpoint.hanging(1)
          child.kill(signal)
        },
      })
      return { ...ended, events: endpoint.events() }
    }
    // Nothing waits; something waits; a flush is under way.
    expect(await run(50, [])).toMatchObject({ code: 0, signal: null, stdout: ['done'] })
    expect(await run(3_600_000, [500])).toMatchObject({ code: 0, signal: null, stdout: ['done'], events: [] })
    const hanging = Array.from({ length: 10_000 }, () => 'hang' as const)
    expect(await run(50, [500, ...hanging], 'SIGUSR2')).toMatchObject({ code: 0, signal: null, stdout: ['done'] })
  })
})
