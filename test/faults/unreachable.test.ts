/** An ingest API to which there is no way. */
import { describe, expect, test } from 'vitest'
import { ask, askAll, total, traceIds } from './ask.ts'
import { closeDoor } from './deaf-door.ts'
import { hosts, type RunningHost } from './hosts.ts'
import { openRawIngest } from './raw-ingest.ts'

/** Failures in a row after which the client stops trying. */
const FAILURES = 5

describe.each(hosts)('on $name', host => {
  const start = (endpoint: string, timeoutMs = 5_000): Promise<RunningHost> => {
    const settings = {
      RECORDED: 'true',
      REPLAYSTACK_API_KEY: 'rs_live_key',
      REPLAYSTACK_ENDPOINT: endpoint,
      REPLAYSTACK_TIMEOUT_MS: String(timeoutMs),
      REPLAYSTACK_RETRIES: '0',
    }
    return host.start(settings)
  }

  /** Asks until the client stops trying, and then some more. */
  async function failTo(running: RunningHost, code: string): Promise<void> {
    for (let number = 0; number < FAILURES; number++) {
      await ask(running.url, number)
      await running.untilBooks(({ errors }) => errors.length === number + 1)
    }
    await askAll(running.url, FAILURES, FAILURES + 3)
    const { stats, errors } = await running.books()
    expect(errors).toEqual(Array(FAILURES).fill(code))
    expect(stats).toEqual({ captured: FAILURES + 3, sent: 0, pending: FAILURES + 3, dropped: {} })
  }

  test.each([
    ['a port on which nobody listens', 'network'],
    ['a port on which connections are not accepted', 'timeout'],
  ])('%s: when it is there again, it gets everything', async (title, code) => {
    const ingest = await openRawIngest()
    const door = code === 'timeout' ? await closeDoor(ingest.port) : undefined
    const running = door ? await start(door.url, 500) : await start(ingest.url)
    if (!door) await ingest.refuse()
    await failTo(running, code)
    expect([title, ingest.requests]).toEqual([title, []])
    if (door) door.open()
    else await ingest.listen()
    let asked = FAILURES + 3
    for (let left = asked; left > 0; ) {
      const { errors } = await running.books()
      await running.ahead(400_000)
      await ask(running.url, asked++)
      // On a machine that is busy an answer can be late: then the client waits again, and is given its time again.
      const { stats } = await running.untilBooks(now => now.stats.pending === 0 || now.errors.length > errors.length)
      left = stats.pending
    }
    const { stats } = await running.books()
    expect(stats).toEqual({ captured: asked, sent: asked, pending: 0, dropped: {} })
    // One that was given up may be read after all: its key makes it one.
    expect(
      ingest
        .events()
        .map(({ traceId }) => traceId)
        .sort(),
    ).toEqual(traceIds(asked))
    expect(await running.stop()).toEqual([])
  })

  test.each([
    ['a certificate that nobody trusts', '127.0.0.1', FAILURES],
    ['a name that is nobody’s', 'ingest.invalid', 0],
  ])('%s: nothing is sent, and all of it is told to be lost in the end', async (_, name, connections) => {
    const ingest = await openRawIngest({ secure: true })
    const running = await start(ingest.url.replace('127.0.0.1', name))
    await failTo(running, 'network')
    expect([ingest.connections.all, ingest.requests]).toEqual([connections, []])
    await fetch(`${running.url}/control/close`)
    const { stats, dropped } = await running.books()
    expect(dropped).toEqual({ closed: FAILURES + 3 })
    expect(stats).toEqual({ captured: FAILURES + 3, sent: 0, pending: 0, dropped })
    expect(total(dropped)).toBe(stats.captured)
    expect(await running.stop()).toEqual([])
  })
})
