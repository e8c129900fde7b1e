import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { consumeReplayStackQueue, queueTransport, withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import { withReplayStack as fetchHandler } from '../../src/adapters/fetch.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { otlpTransport } from '../../src/otlp/transport.ts'
import type { ClientOptions, QueueDrop, ReplayStackEvent, Transport } from '../../src/types.ts'
import { type Script, ScriptedTransport } from '../support/scripted-transport.ts'

interface Sent {
  replaystack: 1
  idempotencyKey: string
  body: string
}

/** A queue that keeps what it is sent, by the limits of Cloudflare's. */
function createQueue() {
  const sent: Sent[] = []
  const groups: number[] = []
  const keep = (message: Sent) => {
    const bytes = new TextEncoder().encode(JSON.stringify(message)).length
    if (bytes > 128_000) throw new Error(`message length of ${bytes} bytes exceeds limit`)
    sent.push(JSON.parse(JSON.stringify(message)))
    return bytes
  }
  const queue = {
    async send(message: Sent) {
      keep(message)
    },
    async sendBatch(messages: Iterable<{ body: Sent }>) {
      const bodies = [...messages].map(({ body }) => body)
      const bytes = bodies.reduce((sum, body) => sum + keep(body), 0)
      if (bytes > 256_000 || bodies.length > 100) throw new Error('batch exceeds limit')
      groups.push(bodies.length)
    },
  }
  return { queue, sent, groups }
}

const eventOf = (message: Sent | undefined): ReplayStackEvent => JSON.parse(message?.body ?? 'null')

describe('queueTransport', () => {
  it('hands an event over as plain JSON, with its idempotency key and without any API key', async () => {
    const { queue, sent } = createQueue()
    const client = new ReplayStackClient({ apiKey: 'rs_live_secret', transport: queueTransport(queue) }, {})
    expect(await client.captureEvent({ endpoint: 'job' })).toEqual({ success: true })
    expect(sent).toEqual([
      { replaystack: 1, idempotencyKey: expect.stringMatching(/^[\da-f-]{36}$/), body: expect.any(String) },
    ])
    expect(eventOf(sent[0])).toMatchObject({ endpoint: 'job' })
    expect(JSON.stringify(sent)).not.toContain('rs_live_secret')
    expect(client.stats()).toEqual({ captured: 1, sent: 1, pending: 0, dropped: {} })
  })

  it('takes batches apart, in groups that the queue takes', async () => {
    const { queue, sent, groups } = createQueue()
    const options = { apiKey: 'k', transport: queueTransport(queue), batchMaxEvents: 100 }
    const client = new ReplayStackClient(options, {})
    const handler = fetchHandler((_request: Request) => new Response('done'), { client })
    const text = 'x'.repeat(40_000)
    const payloads = Array.from({ length: 10 }, (_, index) => ({ index, text }))
    await Promise.all(
      payloads.map(payload => {
        const headers = { 'content-type': 'application/json' }
        return handler(new Request('http://h/orders', { method: 'POST', headers, body: JSON.stringify(payload) }))
      }),
    )
    await client.flush()
    expect(sent.map(message => eventOf(message).requestPayload)).toEqual(payloads)
    expect(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(10)
    expect(groups.length).toBeGreaterThan(1)
  })

  it('truncates the largest parts of an event that no message takes, and keeps the others', async () => {
    const { queue, sent } = createQueue()
    const client = new ReplayStackClient({ apiKey: 'k', transport: queueTransport(queue) }, {})
    const large = { text: '"\\'.repeat(60_000) }
    client.addBreadcrumb('before')
    await client.captureEvent({
      endpoint: 'job',
      requestPayload: large,
      responsePayload: { ok: true },
      errorMessage: 'é'.repeat(9_000),
    })
    const event = eventOf(sent[0])
    expect(event).toMatchObject({
      endpoint: 'job',
      requestPayload: { __truncated: true, maxSizeBytes: 127_000, originalSizeBytes: JSON.stringify(large).length },
      responsePayload: { ok: true },
      breadcrumbs: [{ message: 'before' }],
    })
    expect(event.errorMessage).toHaveLength(9_000)
  })

  const call = (index: number) => ({
    kind: 'kv',
    target: 'KV',
    method: 'get',
    input: [`key ${index}`],
    output: 'x'.repeat(900),
  })
  const tape = { version: 1, complete: true, calls: Array.from({ length: 60 }, (_, index) => call(index)) }

  it('cuts the tape of an event first, and keeps the rest of its metadata', async () => {
    const { queue, sent } = createQueue()
    const client = new ReplayStackClient({ apiKey: 'k', transport: queueTransport(queue) }, {})
    const requestPayload = { text: 'r'.repeat(90_000) }
    await client.captureEvent({ endpoint: 'job', requestPayload, metadata: { tenant: 't1', tape } })
    const event = eventOf(sent[0])
    expect(event).toMatchObject({ requestPayload, metadata: { tenant: 't1', tape: { version: 1, complete: false } } })
    const { calls, why } = Object(event.metadata).tape
    expect(why).toEqual(['The message of a queue had no room for the rest'])
    expect(calls).toEqual(tape.calls.slice(0, calls.length))
    // As many as there is room for.
    expect(calls.length).toBeGreaterThan(25)
    expect(calls.length).toBeLessThan(60)
  })

  it('calls no tape complete whose request it cuts', async () => {
    const { queue, sent } = createQueue()
    const client = new ReplayStackClient({ apiKey: 'k', transport: queueTransport(queue) }, {})
    const requestPayload = { text: 'r'.repeat(200_000) }
    await client.captureEvent({ endpoint: 'job', requestPayload, metadata: { tenant: 't1', tape } })
    expect(eventOf(sent[0])).toMatchObject({
      requestPayload: { __truncated: true },
      metadata: { tenant: 't1', tape: { complete: false, why: [expect.any(String)], calls: [] } },
    })
  })

  it('leaves the tape of an event that fits as it is', async () => {
    const { queue, sent } = createQueue()
    const client = new ReplayStackClient({ apiKey: 'k', transport: queueTransport(queue) }, {})
    await client.captureEvent({ endpoint: 'job', metadata: { tape } })
    expect(eventOf(sent[0]).metadata).toEqual({ tape })
  })

  it('finds room whatever an event consists of', async () => {
    const { queue, sent } = createQueue()
    const client = new ReplayStackClient(
      { apiKey: 'k', transport: queueTransport(queue), maxPayloadSizeBytes: 200_000 },
      {},
    )
    const hostile = '\u0001'.repeat(60_000)
    const breadcrumbs = Array.from({ length: 50 }, () => {
      return { message: hostile, level: 'info' as const, timestamp: new Date(0).toISOString() }
    })
    await client.captureEvent({
      traceId: 'trace',
      method: hostile,
      endpoint: hostile,
      requestUrl: `https://h/${hostile}`,
      requestPayload: hostile,
      responsePayload: [hostile],
      requestHeaders: { hostile },
      responseHeaders: { hostile },
      metadata: { hostile },
      errorName: hostile,
      errorMessage: hostile,
      stackTrace: hostile,
      userAgent: hostile,
      breadcrumbs,
      statusCode: 503,
    })
    expect(eventOf(sent[0])).toMatchObject({ traceId: 'trace', status: 'failed', statusCode: 503 })
  })
})

/** A message of a batch that remembers what was done with it. */
function createMessage(body: unknown, attempts = 1) {
  const done: unknown[] = []
  return {
    body,
    attempts,
    done,
    ack: () => void done.push('ack'),
    retry: (options?: { delaySeconds?: number }) => void done.push(options),
  }
}

const relayed = (name: string): Sent => ({
  replaystack: 1,
  idempotencyKey: `key-${name}`,
  body: JSON.stringify({ traceId: `trace-${name}`, eventType: 'custom', endpoint: name, status: 'success' }),
})

async function consume(messages: ReturnType<typeof createMessage>[], options: ClientOptions, ...script: Script[]) {
  const transport = new ScriptedTransport(...script)
  const errors: Error[] = []
  const drops: QueueDrop[] = []
  await consumeReplayStackQueue(
    { messages },
    { apiKey: 'k', transport, onError: error => errors.push(error), onQueueDrop: drop => drops.push(drop), ...options },
    {},
  )
  return { transport, errors, drops, done: messages.map(message => message.done) }
}

describe('consumeReplayStackQueue', () => {
  const messages = (...names: string[]) => names.map(name => createMessage(relayed(name)))

  it('ships each event under its own idempotency key, and acknowledges it', async () => {
    const { transport, done } = await consume(messages('a', 'b'), {})
    expect(done).toEqual([['ack'], ['ack']])
    expect(transport.calls.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-a', 'key-b'])
    expect(transport.calls[0]).toMatchObject({
      url: 'https://api.replaystack.co/api/v1/ingest/events',
      body: relayed('a').body,
      headers: { 'x-replaystack-api-key': 'k' },
    })
  })

  it('ships as many at once as batchMaxEvents says', async () => {
    const { transport, done } = await consume(messages('a', 'b', 'c'), { batchMaxEvents: 2 })
    expect(done).toEqual([['ack'], ['ack'], ['ack']])
    expect(transport.calls.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-a, key-b', 'key-c'])
    expect(JSON.parse(transport.bodies[0] ?? '')).toMatchObject({ events: [{ endpoint: 'a' }, { endpoint: 'b' }] })
  })

  it('gives a failure and all that is behind it back, without trying them', async () => {
    const { transport, errors, drops, done } = await consume(
      messages('a', 'b', 'c'),
      {},
      { status: 200 },
      { status: 503 },
    )
    expect(done).toEqual([['ack'], [{ delaySeconds: 10 }], [{ delaySeconds: 10 }]])
    expect([transport.calls.length, errors.length, drops.length]).toEqual([2, 1, 0])
  })

  it('waits longer from time to time, and no less than it is asked to', async () => {
    const bodies = [1, 2, 5, 90].map(attempts => createMessage(relayed('a'), attempts))
    expect((await consume(bodies, {}, { throws: new Error('down') })).done.flat()).toEqual([
      { delaySeconds: 10 },
      { delaySeconds: 20 },
      { delaySeconds: 160 },
      { delaySeconds: 900 },
    ])
    const limited = await consume(messages('a'), {}, { status: 429, headers: { 'retry-after': '77' } })
    expect(limited.done).toEqual([[{ delaySeconds: 77 }]])
  })

  it('acknowledges what is refused, and tells of it', async () => {
    const { errors, drops, done } = await consume(messages('a', 'b'), {}, { status: 400 })
    expect(done).toEqual([['ack'], ['ack']])
    expect(drops).toEqual([{ reason: 'rejected', traceId: 'trace-a', dropped: 1 }])
    expect(errors).toMatchObject([{ code: 'rejected', status: 400 }])
  })

  it('takes a refused batch apart: the others in it are delivered', async () => {
    const script = [{ status: 400 }, { status: 200 }, { status: 400 }, { status: 200 }]
    const { drops, done, errors } = await consume(messages('a', 'b', 'c'), { batchMaxEvents: 10 }, ...script)
    expect(done).toEqual([['ack'], ['ack'], ['ack']])
    expect(drops.map(({ traceId }) => traceId)).toEqual(['trace-b'])
    expect(errors).toHaveLength(1)
  })

  it.each([
    [401, 1],
    [403, 1],
    // Where there are no batches, a single event finds out whether the endpoint is wrong too.
    [404, 2],
    [405, 2],
  ])('gives everything back where the sender is refused with %i', async (status, calls) => {
    const script = Array.from({ length: calls }, () => ({ status }))
    const { transport, drops, done, errors } = await consume(messages('a', 'b', 'c'), { batchMaxEvents: 2 }, ...script)
    expect(done).toEqual([[{ delaySeconds: 10 }], [{ delaySeconds: 10 }], [{ delaySeconds: 10 }]])
    expect([transport.calls.length, drops]).toEqual([calls, []])
    expect(errors).toMatchObject([{ code: 'rejected', status }])
  })

  it('tells of a wrong variable once, however many batches come', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const environment = { REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_MAX_LOGS: 'some' }
    for (const name of ['a', 'b', 'c']) {
      const transport = new ScriptedTransport()
      await consumeReplayStackQueue({ messages: messages(name) }, { transport }, environment)
      expect(transport.calls).toHaveLength(1)
    }
    expect(warn.mock.calls).toEqual([[expect.stringContaining('REPLAYSTACK_MAX_LOGS must be a whole number')]])
  })

  it('says in one line of the console that its key is refused, where nobody hears of errors', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const answer = { status: 401, body: JSON.stringify({ message: 'No key of Bearer abc.def.ghi is valid' }) }
    const { done } = await consume(messages('a', 'b'), { onError: undefined }, answer)
    expect(done).toEqual([[{ delaySeconds: 10 }], [{ delaySeconds: 10 }]])
    expect(warn.mock.calls).toEqual([
      ['ReplayStack refused an event: 401: No key of Bearer [MASKED] is valid. Check REPLAYSTACK_API_KEY.'],
    ])
  })

  it('leaves messages of another kind alone', async () => {
    const others = [{ order: 1 }, 'text', null, { ...relayed('a'), replaystack: 2 }].map(body => createMessage(body))
    const { transport, done } = await consume([...others, ...messages('a')], {})
    expect(done).toEqual([[], [], [], [], ['ack']])
    expect(transport.calls).toHaveLength(1)
  })

  it('needs a key, of the options or of env', async () => {
    const [message] = messages('a')
    if (!message) throw new Error('no message')
    const batch = { messages: [message] }
    await expect(consumeReplayStackQueue(batch, {}, {})).rejects.toThrow('ReplayStack apiKey is required.')
    expect(message.done).toEqual([])
    const transport = new ScriptedTransport()
    await consumeReplayStackQueue(batch, { transport }, { REPLAYSTACK_API_KEY: 'of-env' })
    expect(transport.calls[0]?.headers['x-replaystack-api-key']).toBe('of-env')
  })

  it.each<[how: string, wrap: (transport: Transport) => Transport]>([
    ['by itself', transport => transport],
    ['behind a collector', transport => otlpTransport({ transport, url: 'http://127.0.0.1:9/v1/logs' }, {})],
  ])('never ships to a queue %s, and its runs are not recorded through one', async (_how, wrap) => {
    const { queue, sent } = createQueue()
    const transport = wrap(queueTransport(queue))
    const options = { apiKey: 'k', transport, ingestUrl: 'http://127.0.0.1:9/events', timeoutMs: 1000 }
    const worker = withReplayStack(
      {
        queue: async (batch: { queue: string; messages: ReturnType<typeof createMessage>[] }) =>
          consumeReplayStackQueue(batch, options, {}),
      },
      options,
    )
    const batch = { queue: 'events', messages: messages('a') }
    await worker.queue(batch)
    expect(batch.messages.map(({ done }) => done)).toEqual([[{ delaySeconds: 10 }]])
    expect(sent).toEqual([])
  })
})
