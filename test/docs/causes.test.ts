/** "My event did not arrive": each cause on that page, and the very lines that it prints. */
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { createReplayStackClient } from '../../src/client/client.ts'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import { memoryTransport } from '../../src/testing.ts'
import type { AdapterOptions, ClientOptions, Transport } from '../../src/types.ts'
import { readPage, readRows } from './read-pages.ts'

const chapter = readPage('docs/troubleshooting.md').text
const causes = readRows(chapter)

/** What is printed in code in a text: whole lines, and what stands in brackets in place of the line's before it. */
function linesOf(text: string): string[] {
  const found: string[] = []
  for (const [, code = ''] of text.matchAll(/`([^`]+)`/g)) {
    const whole = code.startsWith('(') ? (found.at(-1) ?? '').replace(/\(.*\)$/s, () => code) : code
    found.push(whole)
  }
  return found
}

let printed: string[] = []

beforeEach(() => {
  printed = []
  const keep = (line: string) => {
    const shown = line.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/, 'ID')
    printed.push(shown.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:4319'))
  }
  vi.spyOn(console, 'log').mockImplementation(keep)
  vi.spyOn(console, 'warn').mockImplementation(keep)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const key = { apiKey: 'rs_live_example', debug: true }
const hangs: Transport = { post: () => new Promise(() => {}) }

const clientOf = (options: ClientOptions) => createReplayStackClient({ ...key, ...options }, {})

/** An inbox that takes this key alone. */
async function startTestInbox(key: string): Promise<RunningInbox> {
  const inbox = await startInbox({ key })
  onTestFinished(() => inbox.close())
  return inbox
}

/** One request to an application that is recorded so. */
async function request(options: AdapterOptions<Request>, env: object = {}, isLate = false): Promise<void> {
  const app = new Hono()
  if (!isLate) app.use(replaystack(options))
  app.get('/orders', c => c.text('done'))
  if (isLate) app.use(replaystack(options))
  const waiting: Promise<unknown>[] = []
  const context = { waitUntil: (promise: Promise<unknown>) => void waiting.push(promise), passThroughOnException() {} }
  await app.request('/orders', {}, env, { ...context, props: {} })
  await Promise.all(waiting)
}

/** One event to an API that answers so. */
async function capture(options: ClientOptions, ...answers: (number | Error)[]): Promise<void> {
  const transport = memoryTransport()
  transport.answerWith(...answers)
  await clientOf({ transport, retries: 0, ...options }).captureEvent({})
}

/** How each comes about, in the order of the table. */
const WAYS: readonly [cause: string, run: () => Promise<unknown>][] = [
  ['There is no key', () => request({})],
  [
    'A variable cannot be used',
    async () => createReplayStackClient({}, { REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: 'localhost:4319' }),
  ],
  ['It was not seen', () => request({ ...key, transport: memoryTransport() }, {}, true)],
  [
    'It was not wanted',
    async () => {
      const options = { ...key, transport: memoryTransport() }
      await request({ ...options, ignoredPaths: ['/orders'] })
      await request({ ...options, enabled: false })
      await request({ ...options, sampleRate: 0 })
      await request({ ...options, captureSuccess: false })
      await request({ ...options, shouldCapture: () => false })
      await request({ ...options, beforeSend: () => null })
    },
  ],
  [
    'The API refused it',
    async () => {
      const { url } = await startTestInbox('rs_live_another')
      await clientOf({ endpoint: url }).captureEvent({})
    },
  ],
  [
    "The plan's limit is reached",
    async () => {
      const message = 'Monthly event limit reached. Please upgrade your plan.'
      const text = async () => JSON.stringify({ success: false, message })
      await capture({ transport: { post: async () => ({ status: 403, headers: new Headers(), text }) } })
    },
  ],
  [
    'The API could not be reached',
    async () => {
      const inbox = await startInbox()
      await inbox.close()
      await capture({ endpoint: inbox.url, transport: undefined })
      vi.useFakeTimers()
      const captured = capture({ transport: hangs })
      await vi.advanceTimersByTimeAsync(2_500)
      await captured
      const transport: Transport = {
        post: async () => ({ status: 503, headers: new Headers(), text: async () => '' }),
      }
      await capture({ transport })
    },
  ],
  [
    'The API was left alone',
    async () => {
      const transport = memoryTransport()
      transport.answerWith(500, 500, 500, 500, 500)
      const failing = clientOf({ transport, retries: 0 })
      for (let number = 0; number < 6; number++) await failing.captureEvent({})
      const hanging = clientOf({ transport: hangs, offlineQueueMax: 1 })
      const begun = Array.from({ length: 22 }, () => hanging.captureEvent({}))
      expect(await Promise.all(begun.slice(20))).toEqual([null, null])
    },
  ],
  [
    'The process ended first',
    async () => {
      const transport = memoryTransport()
      transport.answerWith(500, 500)
      const client = clientOf({ transport, retries: 0 })
      await client.captureEvent({})
      await client.close()
      await client.captureEvent({})
    },
  ],
]

describe('the table of causes', () => {
  test('has nine, each with a way to see it', () => {
    expect(causes.map(([cause]) => cause)).toEqual(WAYS.map(([cause]) => cause))
    expect(causes).toHaveLength(9)
  })

  test.each(WAYS)('%s: its lines are those that are printed', async (cause, run) => {
    await run()
    const [, told = ''] = causes.find(([name]) => name === cause) ?? []
    if (cause === 'It was not seen')
      return expect([told, printed]).toEqual(['no line with `captured` or `skipped`', []])
    const lines = linesOf(told).filter(line => line !== 'captured' && line !== 'sent')
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(printed).toContain(line)
    if (cause === 'The process ended first') {
      expect(printed.filter(line => line.startsWith('[replaystack] captured'))).toHaveLength(1)
      expect(printed.filter(line => line.startsWith('[replaystack] sent'))).toEqual([])
    }
  })

  test('an event that could not be made is told as its last line says', async () => {
    const errors: Error[] = []
    const beforeSend = () => {
      throw new RangeError('not this one')
    }
    await capture({ beforeSend, onError: error => void errors.push(error) })
    const [line = ''] = linesOf(chapter.split('\n').findLast(text => text.startsWith('`[replaystack]')) ?? '')
    expect(printed).toContain(line)
    expect(errors).toMatchObject([{ code: 'internal', cause: { message: 'not this one' } }])
  })

  test('one that arrives says so', async () => {
    await capture({})
    expect(printed).toEqual(['[replaystack] captured ID', '[replaystack] sent ID'])
  })
})
