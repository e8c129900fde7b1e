/** Hostile requests to a Worker in the real runtime, byte by byte: what comes back is the same with and without the SDK. */
import { beforeAll, describe, expect, test } from 'vitest'
import { assertEvent } from '../../src/inbox/ingest.ts'
import { expectNoSecrets } from '../../src/testing.ts'
import { RAW_REQUESTS, readAnswer, UNFINISHED } from '../hostile/raw-requests.ts'
import { type ServedWorker, serveWorker } from '../package/serve-workerd.ts'
import { openSocket, send, until } from '../support/node-server.ts'
import { type OpenIngest, openIngest } from './open-inbox.ts'
import { ADAPTERS, bundleFixture, COMPLAINTS } from './start-miniflare.ts'

let code: string
beforeAll(async () => {
  code = await bundleFixture('hostile')
})

const serve = (adapter: string, ingest: OpenIngest): Promise<ServedWorker> =>
  serveWorker(code, {
    compatibilityDate: '2026-08-04',
    compatibilityFlags: [],
    bindings: { ADAPTER: adapter, REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url },
  })

const portOf = ({ url }: ServedWorker): number => Number(new URL(url).port)

/** What comes back for these bytes until the connection is closed. */
function exchange(port: number, bytes: string): Promise<string> {
  const { socket, closed } = openSocket(port)
  socket.write(bytes, 'latin1')
  return closed
}

describe.each(ADAPTERS)('a Worker recorded by %s', { timeout: 60_000 }, (adapter, bare) => {
  test('answers hostile requests as without it', async () => {
    const ingest = await openIngest()
    const [plain, ours] = [await serve(bare, ingest), await serve(adapter, ingest)]
    const answered: string[] = []
    for (const [what, bytes] of RAW_REQUESTS) {
      const theirs = readAnswer(await exchange(portOf(plain), bytes))
      const { rest, traceIds } = readAnswer(await exchange(portOf(ours), bytes))
      const differs = (text: string): string => text.replaceAll(String(portOf(ours)), String(portOf(plain)))
      expect({ what, rest: differs(rest) }).toEqual({ what, rest: theirs.rest })
      for (const traceId of traceIds) expect(traceId).toMatch(/^[\x21-\x7e]{1,128}$/)
      answered.push(...traceIds)
    }
    expect(answered.length).toBeGreaterThan(40)
    const missing = (): string[] => {
      const arrived = ingest.events().map(event => event.traceId)
      return answered.filter(traceId => !arrived.includes(traceId))
    }
    await until(() => missing().length === 0)
    const events = ingest.events()
    for (const event of events) assertEvent(event)
    expectNoSecrets(
      events.filter(event => JSON.stringify(event).length < 100_000),
      ['hunter2'],
    )
    // What workerd itself has to say of such requests, it says of both.
    const complaints = async (worker: ServedWorker) => (await worker.stop()).match(COMPLAINTS) ?? []
    expect(await complaints(ours)).toEqual(await complaints(plain))
  })

  test('serves others while uploads never end, and when their clients leave', async () => {
    const ingest = await openIngest()
    const ours = await serve(adapter, ingest)
    const sockets = UNFINISHED.map(([, bytes]) => {
      const { socket } = openSocket(portOf(ours))
      socket.write(bytes, 'latin1')
      return socket
    })
    for (let count = 0; count < 5; count++) expect((await send(portOf(ours), '/read')).status).toBe(200)
    for (const socket of sockets) socket.resetAndDestroy()
    for (let count = 0; count < 5; count++) expect((await send(portOf(ours), '/read')).status).toBe(200)
    await ingest.arrived(10)
    expect((await ours.stop()).match(COMPLAINTS)).toBeNull()
  })

  test('answers five hundred at once, and each is an event', async () => {
    const ingest = await openIngest()
    const ours = await serve(adapter, ingest)
    const body = JSON.stringify({ password: 'hunter2' })
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) => {
        const headers = { 'x-trace-id': `trace-${index}`, 'content-type': 'application/json' }
        return send(portOf(ours), '/read', { method: 'POST', headers, body })
      }),
    )
    expect(answers.map(({ status, headers }) => `${status} ${headers['x-trace-id']}`)).toEqual(
      answers.map((_, index) => `200 trace-${index}`),
    )
    const traces = (): Set<string> =>
      new Set(ingest.requests.flatMap(({ body }) => body.match(/\{"traceId":"trace-\d+"/g) ?? []))
    await until(() => traces().size === 500)
    expect(ingest.requests.some(request => request.body.includes('hunter2'))).toBe(false)
  })
})
