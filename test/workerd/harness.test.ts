/** A Worker that wrangler's `createTestHarness` runs, with a tape played back in it. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createTestHarness } from 'wrangler'
import { definitions } from '../../build/entries.ts'
import type { Tape, TapeCall } from '../../src/tape/format.ts'
import { type HarnessedWorker, harnessOptions, loadTape, openHarness, replayFetch } from '../../src/testing.ts'

const timing = { ordinal: 0, startedMs: 0, durationMs: 0 }
const get = (key: string, output: string): TapeCall => ({
  ...{ kind: 'kv', target: 'KV', method: 'get', input: [key], output },
  ...timing,
})
const variable = (target: string, output: string): TapeCall => ({
  ...{ kind: 'var', target, method: 'get', input: [], output },
  ...timing,
})

const TAPE: Tape = {
  version: 1,
  complete: true,
  calls: [
    get('kept', 'of the tape'),
    get('imported', 'of the tape too'),
    variable('GREETING', 'Hello'),
    variable('PLACE', '[MASKED]'),
    {
      ...{ kind: 'fetch', target: 'https://rates.example', method: 'GET', ...timing },
      input: { url: 'https://rates.example/' },
      output: { $: 'response', status: 200, headers: { 'content-type': 'text/plain' }, body: '0.19' },
    },
  ],
}

const server = createTestHarness(
  harnessOptions(
    {
      name: 'harnessed',
      main: 'none.ts',
      compatibility_date: '2026-08-04',
      define: definitions,
      vars: { GREETING: 'Goodbye', PLACE: 'world' },
      // It would need an account.
      ai: { binding: 'AI' },
    },
    'test/workerd/fixtures/harnessed.ts',
  ),
)

beforeAll(async () => {
  await server.listen()
  return () => server.close()
})

let worker: HarnessedWorker

beforeEach(async () => {
  const tape = loadTape(TAPE)
  vi.stubGlobal('fetch', replayFetch(tape))
  worker = await openHarness(server, tape, '2026-03-01T10:00:00.000Z')
})

afterEach(() => {
  vi.unstubAllGlobals()
  Reflect.deleteProperty(globalThis, Symbol.for('@replaystack/edge: playback'))
})

const request = (path: string) =>
  worker.request({
    url: `https://shop.example${path}`,
    method: 'POST',
    headers: { 'x-test': 'yes', 'content-type': 'text/plain' },
    body: 'the body',
  })

test('hears from the tape alone, at the time that is given', async () => {
  const response = await request('/')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(JSON.parse(response.body)).toEqual({
    kept: 'of the tape',
    imported: 'of the tape too',
    outside: '0.19',
    greeting: 'Hello, world',
    time: [1772359200000, '2026-03-01T10:00:00.000Z', 0, true],
    request: ['POST', 'yes', 'the body'],
  })
  await worker.expectUsed()
})

test('rejects with what a handler throws', async () => {
  await expect(request('/throws')).rejects.toMatchObject({
    name: 'RangeError',
    message: 'Nothing at https://shop.example/throws',
    stack: expect.stringContaining('harnessed.ts:'),
  })
  await expect(worker.scheduled('0 3 * * *', '2026-11-30T00:53:20.000Z')).rejects.toMatchObject({
    name: 'RangeError',
    message: '0 3 * * * at 1796000000000 reads of the tape',
  })
  await expect(worker.email('a@b.example', 'info@shop.example')).rejects.toThrow(
    'info@shop.example refuses a@b.example',
  )
  await expect(worker.email('a@b.example', 'orders@shop.example')).resolves.toBeUndefined()
})

test('brings messages as they were', async () => {
  const message = { id: 'm1', timestamp: '2026-02-01T00:00:00.000Z', attempts: 2 }
  await worker.queue('orders', [{ ...message, body: { key: 'kept' } }])
  await worker.expectKnown()
  await expect(worker.queue('orders', [{ ...message, body: { key: 'imported' } }])).rejects.toThrow(
    'orders: m1 of 2026-02-01T00:00:00.000Z at try 2',
  )
})

test('does not follow a redirect', async () => {
  const { status, headers } = await request('/old')
  expect([status, headers.get('location')]).toEqual([302, 'https://shop.example/new'])
})

test('fails for a call that the tape does not have, made after the response and caught', async () => {
  expect((await request('/later')).body).toBe('sent')
  await expect(worker.expectKnown()).rejects.toThrow('kv KV.get("unknown") is not on the tape.')
  await expect(worker.expectUsed()).rejects.toThrow('kv KV.get("unknown") is not on the tape.')
})

test('fails for calls that are no longer made', async () => {
  await worker.expectKnown()
  await expect(worker.expectUsed()).rejects.toThrow('On the tape, and no longer called:\n  kv KV.get("kept")')
})

test('lets nothing out that a module fetches by what it kept of the runtime', async () => {
  await request('/early').catch(() => {})
  await expect(worker.expectKnown()).rejects.toThrow('fetch https://unknown.example.GET')
})
