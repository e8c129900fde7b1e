/**
 * An ingest API that fails in every way, in front of an application that must not notice. Each time the books are looked
 * at in the end: what was promised is there, once, and what is not was told.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, type onTestFinished, test } from 'vitest'
import { SELF_SIGNED } from '../inbox/replay-certificate.ts'
import { ask, askAll, type Told, total, traceIdOf, traceIds } from './ask.ts'
import type { FaultCase } from './faults.ts'
import type { Host } from './hosts.ts'
import { openRawIngest } from './raw-ingest.ts'

/** Questions that meet the fault, and those that come when the ingest is left alone. */
const MET = 4
const MORE = 2

/** Longer than a test takes: what is over sooner was not ended by it. */
const NEVER_MS = 60_000

/** Another host, to which nothing may ever be sent. */
async function openStranger(onFinished: typeof onTestFinished): Promise<{ url: string; visits(): number }> {
  let visits = 0
  const server = createServer(socket => {
    visits++
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, visits: () => visits }
}

export function describeFaults(host: Host, faults: readonly FaultCase[]): void {
  let told: Promise<Told[]> | undefined
  /** What the application answers without the SDK. */
  async function askBare(onFinished: typeof onTestFinished): Promise<Told[]> {
    const { url, kill } = await host.start({ RECORDED: 'false' }, { onFinished })
    const answers = await askAll(url, 0, MET)
    await kill()
    return answers
  }

  const cases = faults.map(one => ({ ...one, ...one.except?.[host.name] }))

  test.concurrent.for(cases)(
    '$title',
    async ({ fault, verdict, error, requests, timeoutMs, secure = false }, { onTestFinished: onFinished }) => {
      told ??= askBare(onFinished)
      const bare = await told
      const stranger = await openStranger(onFinished)
      const ingest = await openRawIngest({ secure, onFinished })
      ingest.fault = fault(stranger.url)
      const openGate = ingest.closeGate()
      const settings = {
        RECORDED: 'true',
        REPLAYSTACK_API_KEY: 'rs_live_key',
        REPLAYSTACK_ENDPOINT: ingest.url,
        REPLAYSTACK_TIMEOUT_MS: String(timeoutMs ?? NEVER_MS),
        // Each event meets the fault by itself.
        REPLAYSTACK_BATCH_MAX_EVENTS: '1',
      }
      const started = await host.start(settings, { trusts: SELF_SIGNED.cert, onFinished })
      const { url, books, untilBooks, stopClock, ahead, stop } = started

      // Behind the gate the ingest has done nothing at all, when the last answer is there.
      expect(await askAll(url, 0, MET)).toEqual(bare)
      expect(ingest.met).toBe(0)
      await untilBooks(({ stats }) => stats.captured === MET)
      // How long the ingest is left alone is told by the clock: however long what follows takes, it is still left alone.
      await stopClock()
      openGate()
      await untilBooks(({ stats, errors }) => stats.sent + errors.length >= MET)
      const { stats, errors, dropped } = await books()
      expect(errors).toEqual(error ? Array(MET).fill(error) : [])
      const counts = { delivered: { sent: MET }, failed: { pending: MET }, rejected: { dropped: { rejected: MET } } }
      expect(stats).toEqual({ captured: MET, sent: 0, pending: 0, dropped: {}, ...counts[verdict] })
      expect(dropped).toEqual(stats.dropped)
      const expected = MET * (requests ?? (verdict === 'failed' ? 2 : 1))
      if (ingest.fault.meet) expect(ingest.requests).toEqual([])
      else expect(ingest.requests).toHaveLength(expected)
      // Node opens a connection in advance in the place of each that was given up.
      expect(ingest.connections.all).toBeLessThanOrEqual(2 * expected)
      expect(stranger.visits()).toBe(0)

      // From several failures in a row on, the ingest is left alone.
      if (verdict === 'failed') {
        const before = [ingest.requests.length, ingest.connections.all]
        expect(await askAll(url, MET, MET + MORE)).toEqual(bare.slice(0, MORE))
        expect((await books()).stats).toMatchObject({ captured: MET + MORE, pending: MET + MORE })
        expect([ingest.requests.length, ingest.connections.all]).toEqual(before)
      }

      // Where it was the connections that were sick, they end.
      if (ingest.fault.meet) ingest.drop()
      ingest.fault = undefined
      await ahead(400_000)
      const last = verdict === 'failed' ? MET + MORE : MET
      await ask(url, last)
      await untilBooks(({ stats }) => stats.pending === 0)
      const arrived = ingest.events().map(({ traceId }) => traceId)
      // By the keys that came with them, each is there once, however often it was sent.
      expect(arrived.sort()).toEqual(verdict === 'failed' ? traceIds(last + 1) : [traceIdOf(last)])
      const { stats: end, dropped: hooked, errors: reported } = await books()
      expect(end.captured).toBe(last + 1)
      expect(end.sent + total(end.dropped)).toBe(end.captured)
      expect([hooked, reported]).toEqual([end.dropped, errors])
      expect(await stop()).toEqual([])
    },
  )
}
