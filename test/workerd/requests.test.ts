import { connect } from 'node:net'
import { beforeAll, describe, expect, type onTestFinished, test } from 'vitest'
import { type ServedWorker, serveWorker } from '../package/serve-workerd.ts'
import { until } from '../support/node-server.ts'
import { type OpenIngest, openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS } from './start-miniflare.ts'

const runtimes = [
  { name: 'a promise of another request hangs', compatibilityDate: '2024-01-01', compatibilityFlags: [] },
  { name: 'a promise of another request rejects', compatibilityDate: '2026-08-04', compatibilityFlags: [] },
]

let code: string
beforeAll(async () => {
  code = await bundleFixture('requests')
})

/** So that each event is on its way by itself. */
const ONE_A_POST = { REPLAYSTACK_BATCH_MAX_EVENTS: '1' }

/** A request whose client resets the connection when it is told to: workerd does not notice a mere end. */
function openRequest(worker: ServedWorker, path: string): { leave(): void } {
  const { hostname, port } = new URL(worker.url)
  const socket = connect(Number(port), hostname, () => socket.write(`GET ${path} HTTP/1.1\r\nhost: w\r\n\r\n`))
  return { leave: () => void socket.resetAndDestroy() }
}

const ask = async (worker: ServedWorker, path: string): Promise<string> => (await fetch(`${worker.url}${path}`)).text()
const stats = async (worker: ServedWorker): Promise<unknown> => JSON.parse(await ask(worker, '/control/stats'))

// They wait more than they compute: side by side.
describe.concurrent.each(runtimes)('where $name', { timeout: 60_000 }, ({ name: _, ...settings }) => {
  const serve = (
    ingest: OpenIngest,
    onFinished: typeof onTestFinished,
    captureAborted = false,
    more: Record<string, string> = {},
  ) => {
    const bindings = {
      REPLAYSTACK_API_KEY: 'key',
      REPLAYSTACK_ENDPOINT: ingest.url,
      CAPTURE_ABORTED: String(captureAborted),
      ...more,
    }
    return serveWorker(code, { ...settings, bindings }, onFinished)
  }

  test('a capture that is not awaited arrives', async ({ onTestFinished: onFinished }) => {
    const ingest = await openIngest(onFinished)
    const worker = await serve(ingest, onFinished)
    expect(await ask(worker, '/captures')).toBe('done')
    expect((await ingest.arrived(2)).map(({ endpoint }) => endpoint).sort()).toEqual(['/captures', 'not-awaited'])
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })

  test.for([false, true])(
    'a request whose client leaves is kept running where captureAborted is %s',
    async (kept, { onTestFinished: onFinished }) => {
      const ingest = await openIngest(onFinished)
      const worker = await serve(ingest, onFinished, kept)
      const left = openRequest(worker, '/slow?id=left')
      await until(async () => (await ask(worker, '/control/steps')).includes('left began'))
      left.leave()
      // One that stays takes as long: what the other was to do is done by then, or never.
      await ask(worker, '/slow?id=stayed')
      expect(JSON.parse(await ask(worker, '/control/steps'))).toEqual([
        'left began',
        'stayed began',
        ...(kept ? ['left ended'] : []),
        'stayed ended',
      ])
      expect(await ingest.arrived(kept ? 2 : 1)).toHaveLength(kept ? 2 : 1)
      expect(ingest.events().every(event => event.endpoint === '/slow' && event.statusCode === 200)).toBe(true)
      expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
    },
  )

  test('an event whose request is cancelled on its way is sent by the next', async ({ onTestFinished: onFinished }) => {
    const ingest = await openIngest(onFinished)
    const worker = await serve(ingest, onFinished)
    ingest.always = 'hang'
    const left = openRequest(worker, '/captures-slowly')
    await until(() => ingest.openRequests === 1)
    left.leave()
    await until(() => ingest.openRequests === 0)
    ingest.always = undefined
    expect(await stats(worker)).toMatchObject({ captured: 1, sent: 0, pending: 1 })
    await ask(worker, '/next')
    expect((await ingest.arrived(2)).map(({ endpoint }) => endpoint)).toEqual(['/next', 'on-its-way'])
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })

  test('what dead requests leave behind is sent when their lease is over, and holds no one up', async ({
    onTestFinished: onFinished,
  }) => {
    const ingest = await openIngest(onFinished)
    const worker = await serve(ingest, onFinished, false, ONE_A_POST)
    ingest.always = 'hang'
    for (const id of [1, 2, 3]) await ask(worker, `/dies?id=${id}`)
    await until(async () => JSON.stringify(await stats(worker)).includes('"pending":3'))
    ingest.always = undefined
    await ask(worker, '/next')
    await until(async () => JSON.stringify(await stats(worker)).includes('"sent":1'))
    expect(await stats(worker)).toEqual({ captured: 4, sent: 1, pending: 3, dropped: {} })

    await ask(worker, '/control/ahead?ms=20000')
    await ask(worker, '/last')
    const events = await ingest.arrived(5)
    expect(events.map(({ endpoint }) => endpoint)).toEqual(['/next', '/last', '/dies', '/dies', '/dies'])
    await until(async () => JSON.stringify(await stats(worker)).includes('"pending":0'))
    expect(await stats(worker)).toEqual({ captured: 5, sent: 5, pending: 0, dropped: {} })
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })

  test('an event whose request died while it waited for others leaves with the next', async ({
    onTestFinished: onFinished,
  }) => {
    const ingest = await openIngest(onFinished)
    const worker = await serve(ingest, onFinished, false, { REPLAYSTACK_BATCH_FLUSH_INTERVAL_MS: '20000' })
    await ask(worker, '/cut')
    await until(async () => JSON.stringify(await stats(worker)).includes('"captured":1'))
    expect(await stats(worker)).toEqual({ captured: 1, sent: 0, pending: 1, dropped: {} })
    // Another joins it, and does not wait.
    await ask(worker, '/joins')
    await until(async () => JSON.stringify(await stats(worker)).includes('"captured":2'))
    await ask(worker, '/control/ahead?ms=20500')
    await ask(worker, '/next')
    expect((await ingest.arrived(3)).map(({ endpoint }) => endpoint)).toEqual(['/cut', '/joins', '/next'])
    await until(async () => JSON.stringify(await stats(worker)).includes('"pending":0'))
    expect(ingest.requests.map(({ url }) => url)).toEqual(['/api/v1/ingest/bulk-events'])
    expect(await stats(worker)).toEqual({ captured: 3, sent: 3, pending: 0, dropped: {} })
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })

  test('requests that end together leave together, none through a promise or timer of another', async ({
    onTestFinished: onFinished,
  }) => {
    const ingest = await openIngest(onFinished)
    const worker = await serve(ingest, onFinished)
    const paths = Array.from({ length: 60 }, (_, index) => `/order/${index}`)
    await Promise.all(paths.map(path => ask(worker, path)))
    const events = await ingest.arrived(60)
    expect(events.map(({ endpoint }) => endpoint).sort()).toEqual(paths.sort())
    expect(ingest.requests.length).toBeLessThan(30)
    await until(async () => JSON.stringify(await stats(worker)).includes('"pending":0'))
    expect(await stats(worker)).toEqual({ captured: 60, sent: 60, pending: 0, dropped: {} })
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })

  test('an ingest API that hangs delays no answer, and gets everything when it is back', async ({
    onTestFinished: onFinished,
  }) => {
    const ingest = await openIngest(onFinished)
    const worker = await serve(ingest, onFinished, false, ONE_A_POST)
    ingest.always = 'hang'
    const paths = Array.from({ length: 12 }, (_, index) => `/order/${index}`)
    for (const path of paths) await ask(worker, path)
    // Every answer is there while every attempt still hangs: none has waited for its own.
    await until(() => ingest.openRequests === paths.length)
    await until(() => ingest.openRequests === 0)
    ingest.always = undefined
    await ask(worker, '/control/ahead?ms=31000')
    await ask(worker, '/next')
    const events = await ingest.arrived(13)
    expect(events.map(({ endpoint }) => endpoint)).toEqual(['/next', ...paths])
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })
})
