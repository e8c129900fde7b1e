/** What a reader is told in whose first minute something is set wrong: one line each, with its cure. */
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { bundleEntry } from '../package/bundle-entry.ts'
import { serveWorker } from '../package/serve-workerd.ts'
import { freePort } from '../support/example-project.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'

let lines: string[]

beforeEach(() => {
  lines = []
  for (const method of ['log', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation(line => void lines.push(line))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** The one line that tells why an event did not arrive, in debug output; `onError` gets the same text. */
async function tellWhy(endpoint: string): Promise<string | undefined> {
  const errors: Error[] = []
  const settings = { apiKey: 'rs_live_key', endpoint, retries: 0 }
  await new ReplayStackClient({ ...settings, onError: error => errors.push(error) }, {}).captureEvent({})
  await new ReplayStackClient(settings, { REPLAYSTACK_DEBUG: '1' }).captureEvent({})
  const [told, ...more] = lines.filter(line => line.startsWith('[replaystack] error'))
  expect(more).toEqual([])
  expect(errors).toHaveLength(1)
  expect(told).toContain(errors[0]?.message)
  return errors[0]?.message
}

describe('an endpoint', () => {
  const cure = 'Does it run there? Check http or https, host and port of REPLAYSTACK_ENDPOINT.'

  it('where nobody listens', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`
    expect(await tellWhy(endpoint)).toBe(`ReplayStack could not be reached at ${endpoint} (ECONNREFUSED). ${cure}`)
  })

  it('that no name server knows', async () => {
    // Without a network it is not even asked.
    const told = (await tellWhy('https://inbox.invalid'))?.replace('EAI_AGAIN', 'ENOTFOUND')
    expect(told).toBe(`ReplayStack could not be reached at https://inbox.invalid (ENOTFOUND). ${cure}`)
  })

  it('with https where http is spoken', async () => {
    const ingest = await startFaultyIngest()
    const endpoint = ingest.url.replace('http:', 'https:')
    const told = (await tellWhy(endpoint))?.replace(/\(ERR_SSL_\w+\)/, '(ERR_SSL_…)')
    expect(told).toBe(`ReplayStack could not be reached at ${endpoint} (ERR_SSL_…). ${cure}`)
  })

  it('with http where https is spoken, or nothing that is HTTP', async () => {
    const server = createServer(socket => socket.end('\x15\x03\x01\x00\x02\x02\x28'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const endpoint = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
    // What the parser calls it depends on how much of the answer it has seen.
    const told = (await tellWhy(endpoint))?.replace(/ \(\w+\)/, '')
    server.close()
    expect(told).toBe(`ReplayStack could not be reached at ${endpoint}. ${cure}`)
  })

  it('with a path that is none', async () => {
    const ingest = await startFaultyIngest()
    expect(await tellWhy(`${ingest.url}/api?token=hunter2`)).toMatch(
      /^ReplayStack refused an event: 404.*\. It was sent to http:\/\/127\.0\.0\.1:\d+\/api: check REPLAYSTACK_ENDPOINT\.$/,
    )
    expect(lines.join()).not.toContain('hunter2')
  })

  it('that is elsewhere now', async () => {
    const ingest = await startFaultyIngest()
    ingest.always = { status: 301, headers: { location: 'https://elsewhere.example/' } }
    expect(await tellWhy(ingest.url)).toBe(
      `ReplayStack refused an event: 301. It was sent to ${ingest.url}/api/v1/ingest/events: check REPLAYSTACK_ENDPOINT.`,
    )
  })
})

describe('a key', () => {
  it.each([
    [401, 'Invalid API key'],
    [403, 'The key may only read'],
  ])('that is refused with %i', async (status, message) => {
    const ingest = await startFaultyIngest()
    ingest.always = { status, body: JSON.stringify({ success: false, message }) }
    expect(await tellWhy(ingest.url)).toBe(
      `ReplayStack refused an event: ${status}: ${message}. Check REPLAYSTACK_API_KEY.`,
    )
  })

  it('that is missing', async () => {
    const handler = withReplayStack((_request: Request) => new Response('done'), { serviceName: 'shop' })
    for (const path of ['/one', '/two']) await handler(new Request(`http://h${path}`))
    expect(lines).toEqual(['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. No request is recorded.'])
  })

  it('that is missing in a Worker', async () => {
    const { code } = await bundleEntry('test/workerd/fixtures/keyless.ts')
    const settings = { compatibilityDate: '2026-08-04', compatibilityFlags: [], bindings: {} }
    const worker = await serveWorker(code, settings)
    for (const path of ['/one', '/two']) expect((await fetch(worker.url + path)).status).toBe(200)
    expect((await worker.stop()).match(/^.*apiKey.*$/gm)).toEqual([
      expect.stringMatching(
        /ReplayStack apiKey is required\. Set REPLAYSTACK_API_KEY \(\.dev\.vars, or npx wrangler secret put\)\. No request is recorded\.$/,
      ),
    ])
  })
})
