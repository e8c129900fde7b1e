/** Nothing that arrives or is thrown ends a line, a header or a debug line early, or reaches a terminal as a command. */
import { createServer } from 'node:http'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { consumeReplayStackQueue } from '../../src/adapters/cloudflare/consume-queue.ts'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import { replaystack as nodeReplaystack } from '../../src/adapters/node/index.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { runWithReplayStackContext } from '../../src/client/scope.ts'
import { createTestClient } from '../../src/testing.ts'
import type { ClientOptions } from '../../src/types.ts'
import { startFaultyIngest } from '../support/faulty-ingest.ts'
import { listen, openSocket, until } from '../support/node-server.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** Lines, escape sequences, a bell, C1 controls, and what turns text around. */
const HOSTILE =
  'first\r\n[replaystack] sent forged\u2028\u2029\u0085\u001b[2J\u001b]0;title\u0007\u009b31m\b\u202eback\u2066\0last'
const CONTROL = /[\p{C}\p{Zl}\p{Zp}]/u

let lines: string[]

beforeEach(() => {
  lines = []
  for (const method of ['log', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => void lines.push(args.join(' ')))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
})

const hostile = (): never => {
  throw new Error(HOSTILE)
}

describe('a debug line', () => {
  it.each<[string, ClientOptions, string]>([
    ['beforeSend throws', { beforeSend: hostile }, 'error (internal'],
    ['onError throws', { onError: hostile }, 'a hook threw: first'],
    ['onQueueDrop throws', { onQueueDrop: hostile }, 'a hook threw: first'],
    [
      'a hook throws a text',
      {
        onQueueDrop: () => {
          throw HOSTILE
        },
      },
      'a hook threw: first',
    ],
    [
      'a hook throws what has no text',
      {
        onQueueDrop: () => {
          throw Object.create(null)
        },
      },
      'a hook threw: ',
    ],
    [
      'a hook throws an error that cannot be read',
      {
        onQueueDrop: () => {
          throw Object.defineProperty(new Error('x'), 'message', { get: hostile })
        },
      },
      'a hook threw: ',
    ],
    ['the ingest API refuses', {}, 'error (rejected: ReplayStack refused an event: 400: first'],
  ])('is one line without control characters when %s', async (_when, options, expected) => {
    const answer = { status: 400, body: JSON.stringify({ message: HOSTILE }) }
    const { client } = createRecordedClient({ debug: true, onError: undefined, ...options }, answer)
    expect(await client.captureEvent({})).toBeNull()
    expect(lines.join('\n')).toContain(expected)
    for (const line of lines) {
      expect(line).toMatch(/^\[replaystack\] (captured|dropped|error) /)
      expect(line).not.toMatch(CONTROL)
    }
  })

  it('says no more of what the ingest API answers than of anything else: secrets are masked', async () => {
    const message = 'No user for Bearer abc.def.ghi and https://me:hunter2@h/?token=t0ken1'
    const { client } = createRecordedClient({ debug: true }, { status: 400, body: JSON.stringify({ message }) })
    await client.captureEvent({})
    expect(lines.join()).toContain('No user for Bearer [MASKED] and https://[MASKED]@h/?token=[MASKED]')
    expect(lines.join()).not.toMatch(/abc\.def|hunter2|t0ken1/)
  })

  it.each([HOSTILE, 'a b', 'x'.repeat(129), '', 'é'])('has no trace id that is none: %j', async traceId => {
    const { client, transport } = createRecordedClient({ debug: true, ignoredPaths: ['/ignored'] })
    await client.captureEvent({ traceId })
    await client.captureEvent({ traceId, endpoint: '/ignored' })
    await runWithReplayStackContext(
      async () => {
        expect(client.traceId).toBeUndefined()
        await client.captureEvent({})
      },
      { traceId },
    )
    expect(lines).toHaveLength(5)
    for (const line of lines) expect(line).toMatch(/^\[replaystack\] (captured|sent|skipped) [\da-f-]{36}( \(.*\))?$/)
    for (const body of transport.bodies) expect(JSON.parse(body).traceId).toMatch(/^[\da-f-]{36}$/)
  })

  it('tells of a wrong option in one line', () => {
    new ReplayStackClient({ apiKey: 'rs_live_key', [HOSTILE]: 1 } as ClientOptions, { REPLAYSTACK_RETRIES: HOSTILE })
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line).not.toMatch(CONTROL)
  })
})

describe('an error for onError', () => {
  it('says in one line what the ingest API has said in many', async () => {
    const ingest = await startFaultyIngest({ status: 401, body: JSON.stringify({ message: HOSTILE }) })
    const errors: Error[] = []
    const client = new ReplayStackClient(
      { apiKey: 'rs_live_key', endpoint: ingest.url, onError: error => errors.push(error) },
      {},
    )
    await client.captureEvent({})
    expect(errors).toHaveLength(1)
    expect(errors[0]?.message).toMatch(/^ReplayStack refused an event: 401: first \[replaystack\] sent forged /)
    expect(errors[0]?.message).not.toMatch(CONTROL)
    expect(errors[0]?.stack?.split('\n')[0]).toBe(`ReplayStackError: ${errors[0]?.message}`)
  })
})

describe('x-trace-id', () => {
  const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

  it.each([HOSTILE, 'a\r\nset-cookie: evil=1', 'a b', '\u001b[31mred', 'é', '', 'x'.repeat(129), 5, null])(
    'goes out as what getTraceId answers only where that is one: %j',
    async answer => {
      const { client, events } = createTestClient()
      const getTraceId = () => answer as string
      const app = new Hono()
      app.use(replaystack({ client, getTraceId }))
      const wrapped = withReplayStack((_request: Request) => new Response('done'), { client, getTraceId })
      const { url } = await listen(
        createServer((request, response) => {
          nodeReplaystack({ client, getTraceId })(request, response, () => response.end('done'))
        }),
      )
      for (const response of [await app.request('/a'), await wrapped(new Request('http://h/b')), await fetch(url)]) {
        expect(response.headers.get('x-trace-id')).toMatch(UUID)
        expect(response.headers.get('set-cookie')).toBeNull()
        await response.text()
      }
      await until(() => events.length === 3)
      for (const { traceId } of events) expect(traceId).toMatch(UUID)
    },
  )

  it.each(['a\u001b[31mb', 'a\tb', 'a b', '\u00e9', '\u009b31m', '%0d%0aset-cookie: a=1', `${'x'.repeat(129)}`])(
    'that arrives as bytes no trace id has is not sent back: %j',
    async traceId => {
      const { client, events } = createTestClient({ debug: true })
      const { port } = await listen(
        createServer((request, response) => {
          nodeReplaystack({ client })(request, response, () => response.end('done'))
        }),
      )
      const { socket, closed } = openSocket(port)
      const head = `GET / HTTP/1.1\r\nhost: h\r\nx-trace-id: ${traceId}\r\nconnection: close\r\n\r\n`
      socket.write(Buffer.from(head, 'latin1'))
      const answer = await closed
      const sent = /^x-trace-id: (.*)\r$/im.exec(answer)?.[1]
      if (answer.startsWith('HTTP/1.1 200')) {
        expect(sent).toMatch(UUID)
        await until(() => events.length === 1)
      } else expect(sent).toBeUndefined()
      expect(answer).not.toMatch(/^set-cookie/im)
      for (const line of lines) expect(line).not.toMatch(CONTROL)
    },
  )
})

describe('a message of a queue', () => {
  it.each([HOSTILE, 'a\r\nx-evil: 1', 'a, b', '', 'x'.repeat(256), 'é'])(
    'is none of ours when its key could not be a header of its own: %j',
    async idempotencyKey => {
      const outcomes: string[] = []
      const message = (key: string) => ({
        body: { replaystack: 1, idempotencyKey: key, body: '{"traceId":"t"}' },
        attempts: 1,
        ack: () => void outcomes.push('ack'),
        retry: () => void outcomes.push('retry'),
      })
      const sent: string[] = []
      const transport: ClientOptions['transport'] = {
        post: async (_url, { headers }) => {
          sent.push(headers['idempotency-key'] ?? '')
          return { status: 200, headers: new Headers(), text: async () => '' }
        },
      }
      const good = crypto.randomUUID()
      const batch = { messages: [message(idempotencyKey), message(good)] }
      await consumeReplayStackQueue(batch, { apiKey: 'rs_live_key', transport, batchMaxEvents: 10 }, {})
      expect(sent).toEqual([good])
      expect(outcomes).toEqual(['ack'])
    },
  )
})
