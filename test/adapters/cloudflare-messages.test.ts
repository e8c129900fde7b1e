import { describe, expect, it, vi } from 'vitest'
import { traceQueue, withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import { runWithReplayStackContext } from '../../src/client/scope.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** A message as the platform makes it: its methods refuse any other `this`. */
class Message {
  readonly timestamp = new Date(0)
  readonly id: string
  readonly body: unknown
  readonly attempts: number
  #calls: string[]
  constructor(id: string, calls: string[], body: unknown = { id }, attempts = 1) {
    this.id = id
    this.body = body
    this.attempts = attempts
    this.#calls = calls
  }
  ack(): void {
    this.#calls.push(`${this.id} ack`)
  }
  retry(options?: { delaySeconds: number }): void {
    this.#calls.push(`${this.id} retry ${options?.delaySeconds}`)
  }
}

class Batch {
  readonly queue = 'orders'
  readonly messages: readonly Message[]
  readonly calls: string[]
  #all: string[]
  constructor(calls: string[], ...messages: Message[]) {
    this.messages = messages
    this.calls = calls
    this.#all = calls
  }
  ackAll(): void {
    this.#all.push('ackAll')
  }
  retryAll(): void {
    this.#all.push('retryAll')
  }
}

type Handler = (batch: Batch) => unknown

/** Runs a handler on messages a, b and c, and returns its event. */
async function handled(
  handler: Handler,
  options: AdapterOptions<Request> & { maxRetries?: Record<string, number> } = {},
) {
  const recorded = createRecordedClient()
  const calls: string[] = []
  const batch = new Batch(calls, ...['a', 'b', 'c'].map((id, place) => new Message(id, calls, { id }, place + 1)))
  const worker = withReplayStack(
    { queue: async (given: Batch) => handler(given) },
    { client: recorded.client, ...options },
  )
  const ended = await worker.queue(batch).then(
    () => 'returned',
    () => 'threw',
  )
  await recorded.client.flush()
  const [event] = recorded.events
  const { messages }: { messages?: { outcome: string }[] } = Object(event?.metadata)
  return { event, outcomes: messages?.map(({ outcome }) => outcome), calls, ended }
}

const fail = (): never => {
  throw new Error('packing broke')
}

describe('what became of a message', () => {
  it.each<[string, Handler, string[], string]>([
    ['nothing', () => {}, ['implicit', 'implicit', 'implicit'], 'success'],
    ['each acknowledged', ({ messages }) => messages.map(one => one.ack()), ['ack', 'ack', 'ack'], 'success'],
    [
      'one given back',
      ({ messages: [a] }) => a?.retry({ delaySeconds: 9 }),
      ['retry', 'implicit', 'implicit'],
      'warning',
    ],
    ['all given back', batch => batch.retryAll(), ['retry', 'retry', 'retry'], 'warning'],
    [
      'one given back, then all acknowledged',
      batch => [batch.messages[1]?.retry(), batch.ackAll()],
      ['ack', 'retry', 'ack'],
      'warning',
    ],
    [
      'the first word counts',
      ({ messages: [a] }) => [a?.ack(), a?.retry()],
      ['ack', 'implicit', 'implicit'],
      'success',
    ],
    [
      'the batch’s first word, too',
      batch => [batch.ackAll(), batch.retryAll(), batch.messages[0]?.retry()],
      ['ack', 'ack', 'ack'],
      'success',
    ],
    ['thrown after one', ({ messages: [a] }) => [a?.ack(), fail()], ['ack', 'implicit', 'implicit'], 'failed'],
  ])('%s', async (_, handler, outcomes, status) => {
    const { event, ...rest } = await handled(handler)
    expect(rest.outcomes).toEqual(outcomes)
    expect(event?.status).toBe(status)
  })

  it('is dead-lettered where its retries are used up', async () => {
    const maxRetries = { orders: 1 }
    const given = await handled(batch => batch.retryAll(), { maxRetries })
    expect(given.outcomes).toEqual(['retry', 'dead-letter', 'dead-letter'])
    expect(given.event).toMatchObject({ status: 'failed' })
    const thrown = await handled(({ messages }) => [messages[1]?.ack(), fail()], { maxRetries })
    expect(thrown.outcomes).toEqual(['implicit', 'ack', 'dead-letter'])
    const other = await handled(batch => batch.retryAll(), { maxRetries: { parcels: 0 } })
    expect(other.outcomes).toEqual(['retry', 'retry', 'retry'])
  })

  it('reaches the platform as it was said', async () => {
    const { calls } = await handled(({ messages: [a, b], ...rest }) => {
      a?.retry({ delaySeconds: 30 })
      b?.ack()
      expect(rest).toHaveProperty('queue', 'orders')
    })
    expect(calls).toEqual(['a retry 30', 'b ack'])
    const whole = await handled(batch => {
      expect(batch).toBeInstanceOf(Batch)
      expect(batch.messages[0]).toBe(batch.messages[0])
      expect(batch.messages[0]).toBeInstanceOf(Message)
      batch.retryAll()
    })
    expect(whole.calls).toEqual(['retryAll'])
    expect(whole.ended).toBe('returned')
  })

  it('is nothing of a batch that may not be replaced, which the handler gets', async () => {
    const recorded = createRecordedClient()
    const batch = Object.freeze({ queue: 'orders', messages: Object.freeze([Object.freeze({ id: 'a', ack() {} })]) })
    const seen: unknown[] = []
    const worker = withReplayStack(
      {
        queue: async (given: typeof batch) => {
          seen.push(given.messages)
          given.messages[0]?.ack()
        },
      },
      { client: recorded.client },
    )
    await worker.queue(batch)
    expect(seen).toEqual([batch.messages])
  })

  it('refuses a number of retries that is none', () => {
    const { client } = createRecordedClient()
    const wrong = { client, maxRetries: { orders: -1 } }
    expect(() => withReplayStack({}, wrong)).toThrow(/option "maxRetries" must be a whole number for each queue; got/)
  })
})

describe('bodies, with captureRequestBody', () => {
  it.each<[string, AdapterOptions['captureRequestBody'], Handler, string[] | undefined]>([
    ['true', true, ({ messages: [a] }) => a?.retry(), ['a', 'b', 'c']],
    ['false', false, ({ messages: [a] }) => a?.retry(), undefined],
    ['failed, where one is given back', 'failed', ({ messages: [, b] }) => b?.retry(), ['b']],
    ['failed, where the handler throws', 'failed', ({ messages: [a] }) => [a?.ack(), fail()], ['b', 'c']],
    ['failed, where all is well', 'failed', batch => batch.ackAll(), undefined],
  ])('%s', async (_, captureRequestBody, handler, kept) => {
    const { event } = await handled(handler, { captureRequestBody })
    const { messages }: { messages?: { body: { id: string } }[] } = Object(event?.requestPayload)
    expect(messages?.map(({ body }) => body.id)).toEqual(kept)
  })
})

describe('traceQueue', () => {
  const sent = () => {
    const queue = {
      send: vi.fn(async (_body: unknown, _options?: object) => {}),
      sendBatch: vi.fn(async (_messages: Iterable<{ body: unknown }>, _options?: object) => {}),
      metrics: () => 'metrics',
    }
    return { queue, traced: traceQueue(queue) }
  }

  it('sends the trace id of its scope beside the body’s members', async () => {
    const { queue, traced } = sent()
    const body = { sku: 'teapot' }
    await runWithReplayStackContext(
      async () => {
        await traced.send(body, { delaySeconds: 3 })
        await traced.sendBatch(new Set([{ body, delaySeconds: 1 }, { body: 'text' }]))
      },
      { traceId: 'trace-7' },
    )
    const carried = { sku: 'teapot', replaystack: { traceId: 'trace-7' } }
    expect(queue.send.mock.calls).toEqual([[carried, { delaySeconds: 3 }]])
    expect(queue.sendBatch.mock.calls).toEqual([[[{ body: carried, delaySeconds: 1 }, { body: 'text' }]]])
    expect(body).toEqual({ sku: 'teapot' })
    expect(traced.metrics()).toBe('metrics')
  })

  it.each([['a text'], [new Map()], [[1]], [new Date(0)], [null], [{ replaystack: 1 }], [{ toJSON: () => 1 }]])(
    'sends %s as it is',
    async body => {
      const { queue, traced } = sent()
      await runWithReplayStackContext(() => traced.send(body), { traceId: 'trace-7' })
      expect(queue.send.mock.calls[0]?.[0]).toBe(body)
    },
  )

  it('sends nothing more outside a scope, and the handle’s where there is one', async () => {
    const { queue, traced } = sent()
    const body = { sku: 'teapot' }
    await traced.send(body)
    await traceQueue(queue, { traceId: 'trace-8' }).send(body)
    expect(queue.send.mock.calls).toEqual([[body], [{ ...body, replaystack: { traceId: 'trace-8' } }]])
    expect(queue.send.mock.calls[0]?.[0]).toBe(body)
  })

  it('leaves it to the platform to refuse what is no list', async () => {
    const { queue, traced } = sent()
    await traced.sendBatch(undefined as never)
    expect(queue.sendBatch).toHaveBeenCalledWith(undefined)
  })

  it.each([
    [['trace-7', 'trace-7'], 'trace-7'],
    [['trace-7', 'trace-8'], undefined],
    [['trace-7', undefined], undefined],
    [['not\nvalid'], undefined],
  ])('gives a batch of %j its trace: %s', async (traceIds, own) => {
    const recorded = createRecordedClient()
    const messages = traceIds.map((traceId, id) => ({ id, attempts: 1, body: { replaystack: { traceId } } }))
    const worker = withReplayStack({ queue: async (_: object) => {} }, { client: recorded.client })
    await worker.queue({ queue: 'orders', messages })
    await recorded.client.flush()
    const [event] = recorded.events
    if (own) expect(event?.traceId).toBe(own)
    else expect(traceIds).not.toContain(event?.traceId)
    expect(event?.metadata).toMatchObject({
      messages: traceIds.map((traceId, id) => (traceId ? { id, traceId } : { id })),
    })
  })
})
