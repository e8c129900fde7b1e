import { beforeAll, describe, expect, test } from 'vitest'
import { serveWorker } from '../package/serve-workerd.ts'
import { type Fault, startFaultyIngest } from '../support/faulty-ingest.ts'
import { keyForms } from '../support/key-forms.ts'
import { bundleFixture } from './start-miniflare.ts'

const runtimes = [
  { compatibilityDate: '2024-01-01', compatibilityFlags: [] },
  { compatibilityDate: '2026-08-04', compatibilityFlags: [] },
]

const KEY = `odd+"k'e\\y$&<#`

let code: string
beforeAll(async () => {
  code = await bundleFixture('key')
})

describe.each(runtimes)('in workerd of $compatibilityDate', { timeout: 60_000 }, settings => {
  const serve = (endpoint: string) =>
    serveWorker(code, {
      ...settings,
      bindings: { REPLAYSTACK_API_KEY: KEY, REPLAYSTACK_ENDPOINT: endpoint, REPLAYSTACK_DEBUG: '1' },
    })

  const echo = JSON.stringify({ success: true, message: `Thank you, ${KEY}`, data: { eventId: 'e-1', key: KEY } })
  const faults: [string, Fault][] = [
    ['/', { status: 200, body: echo }],
    ['/', { status: 401, body: echo }],
    ['/', { status: 500, body: echo }],
    ['/', 'reset'],
    ['/uncaught', { status: 401, body: echo }],
    ['/transport', 'pass'],
  ]

  test('no key is in anything that is printed, whatever fails', async () => {
    const ingest = await startFaultyIngest()
    const worker = await serve(ingest.url)
    for (const [path, fault] of faults) {
      ingest.always = fault
      await (await fetch(worker.url + path)).text()
    }
    expect(ingest.requests.every(({ headers }) => headers['x-replaystack-api-key'] === KEY)).toBe(true)
    const log = await worker.stop()
    expect(log).toContain('ReplayStack refused an event: 401: Thank you, [MASKED].')
    expect(log).toContain('The request failed')
    expect(keyForms(KEY).filter(form => log.includes(form))).toEqual([])
  })

  test.each([301, 302, 303, 307, 308])('a redirect with %i is not followed to another host', async status => {
    const elsewhere = await startFaultyIngest()
    const ingest = await startFaultyIngest()
    ingest.always = { status, headers: { location: `${elsewhere.url}/steal` } }
    const worker = await serve(ingest.url)
    await (await fetch(worker.url)).text()
    expect(await worker.stop()).toContain(`ReplayStack refused an event: ${status}.`)
    expect(elsewhere.requests).toEqual([])
  })
})
