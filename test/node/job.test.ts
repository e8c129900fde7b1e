import { describe, expect, it } from 'vitest'
import { runReplayStackJob } from '../../src/adapters/node/job.ts'
import { runWithReplayStackContext } from '../../src/client/scope.ts'
import type { ClientOptions, ReplayStackEvent } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import { runProcess, titledHosts, usePrograms } from './run-process.ts'

/** A client, and the events it has sent once all is done. */
function record(options: ClientOptions = {}) {
  const recorded = createRecordedClient(options)
  const events = async () => {
    expect(await recorded.client.flush()).toBe(true)
    expect(recorded.errors).toEqual([])
    return recorded.events
  }
  const event = async () => {
    const all = await events()
    expect(all).toHaveLength(1)
    return all[0]
  }
  return { client: recorded.client, events, event }
}

const byEndpoint = (one: ReplayStackEvent, other: ReplayStackEvent): number =>
  `${one.endpoint}`.localeCompare(`${other.endpoint}`)

/** A promise and what settles it. */
function createGate() {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open, opened }
}

describe('a job that gives itself back to BullMQ', () => {
  const errorOf = (name: string, message: string) => Object.assign(new Error(message), { name })

  it.each([
    ['DelayedError', 'bullmq:movedToDelayed', 'delayed'],
    ['DelayedError', 'own words', 'delayed'],
    ['WaitingChildrenError', 'bullmq:movedToWaitingChildren', 'waiting for its children'],
    ['WaitingError', 'bullmq:movedToWait', 'waiting'],
    ['RateLimitError', 'bullmq:rateLimitExceeded', 'rate limited'],
  ])('by %s (%s) is pending, and rejects with the same object', async (name, message, bullmq) => {
    const { client, event } = record()
    const thrown = errorOf(name, message)
    const job = { name: 'send-email', metadata: { id: 7 } }
    await expect(runReplayStackJob(client, job, async () => Promise.reject(thrown))).rejects.toBe(thrown)
    const captured = await event()
    expect(captured).toMatchObject({ status: 'pending', metadata: { id: 7, bullmq } })
    expect([captured?.errorName, captured?.statusCode, captured?.logs]).toEqual([undefined, undefined, undefined])
  })

  it.each([
    ['UnrecoverableError', 'bullmq:unrecoverable'],
    ['RateLimitError', '429 of a model'],
  ])('has failed all the same by %s (%s)', async (name, message) => {
    const { client, event } = record()
    const thrown = errorOf(name, message)
    const run = (): never => {
      throw thrown
    }
    expect(() => runReplayStackJob(client, { name: 'send-email' }, run)).toThrow(thrown)
    expect(await event()).toMatchObject({ status: 'failed', errorName: name })
  })
})

describe('a job', () => {
  it('is one event, with its outcome, time and breadcrumbs', async () => {
    const { client, event } = record()
    const result = { accepted: 1, token: 'secret-2' }
    const payload = { to: 'ada@example.com', password: 'secret-1' }
    const job = { name: 'send-email', payload, metadata: { id: 'job-7', attempt: 2 } }
    const returned = await runReplayStackJob(client, job, async handle => {
      client.addBreadcrumb('Rendered')
      handle.addBreadcrumb('Connected', { category: 'smtp' })
      return result
    })
    expect(returned).toBe(result)
    const captured = await event()
    expect(captured).toMatchObject({
      eventType: 'queue',
      endpoint: 'send-email',
      status: 'success',
      requestPayload: { to: 'ada@example.com', password: '[MASKED]' },
      responsePayload: { accepted: 1, token: '[MASKED]' },
      executionTimeMs: expect.any(Number),
      metadata: { id: 'job-7', attempt: 2 },
    })
    expect(captured?.breadcrumbs?.map(({ message }) => message)).toEqual([
      'Job started',
      'Rendered',
      'Connected',
      'Job finished',
    ])
    expect(captured).not.toHaveProperty('statusCode')
    expect(client.getBreadcrumbs()).toEqual([])
  })

  it.each(['queue', 'cron', 'webhook', 'custom'] as const)('may be a %s', async eventType => {
    const { client, event } = record()
    runReplayStackJob(client, { name: 'daily-report-job', eventType }, () => {})
    expect(await event()).toMatchObject({ eventType, endpoint: 'daily-report-job', status: 'success' })
  })

  it.each([
    ['at once', () => Promise.resolve()],
    ['later', () => new Promise(resolve => setImmediate(resolve))],
  ])('that fails %s is recorded, and its error rethrown as it is', async (_, before) => {
    const { client, event } = record()
    const error = new RangeError('The mailbox is full')
    const job = { name: 'send-email', payload: { to: 'ada' } }
    const running = runReplayStackJob(client, job, async () => {
      await before()
      throw error
    })
    expect(await running.catch(thrown => thrown)).toBe(error)
    expect(await event()).toMatchObject({
      status: 'failed',
      statusCode: 500,
      errorName: 'RangeError',
      errorMessage: 'The mailbox is full',
      stackFrames: expect.arrayContaining([
        expect.objectContaining({ fileName: expect.stringContaining('job.test.ts') }),
      ]),
      requestPayload: { to: 'ada' },
    })
  })

  it('without a promise returns and throws at once', async () => {
    const { client, events } = record()
    const result = { done: true }
    expect(runReplayStackJob(client, { name: 'a' }, () => result)).toBe(result)
    const error = new Error('broken')
    const fail = () =>
      runReplayStackJob(client, { name: 'b' }, () => {
        throw error
      })
    expect(fail).toThrow(error)
    expect((await events()).map(({ endpoint, status }) => [endpoint, status])).toEqual([
      ['a', 'success'],
      ['b', 'failed'],
    ])
  })

  it('is waited for by flush and close', async () => {
    const { client, events } = record()
    const gate = createGate()
    const running = runReplayStackJob(client, { name: 'slow' }, () => gate.opened)
    const closed = client.close()
    gate.open()
    await running
    expect(await closed).toBe(true)
    expect(await events()).toHaveLength(1)
  })

  it('answers when its event has gone, with asyncSend false', async () => {
    const { client } = record({ asyncSend: false })
    expect(await runReplayStackJob(client, { name: 'a' }, async () => 'done')).toBe('done')
    expect(client.stats()).toMatchObject({ captured: 1, sent: 1 })
  })

  it('whose work ends at once has its result at once, with asyncSend false too', () => {
    const { client } = record({ asyncSend: false })
    expect(runReplayStackJob(client, { name: 'a' }, () => 5)).toBe(5)
    const thrown = new RangeError('at once')
    expect(() =>
      runReplayStackJob(client, { name: 'a' }, () => {
        throw thrown
      }),
    ).toThrow(thrown)
  })

  it('never mixes with others that run at the same time', async () => {
    const { client, events } = record()
    const gate = createGate()
    const names = Array.from({ length: 20 }, (_, index) => `job-${index}`)
    const running = names.map(name =>
      runReplayStackJob(client, { name, traceId: `trace-${name}` }, async () => {
        client.addBreadcrumb(`${name} waits`)
        await gate.opened
        await new Promise(resolve => setImmediate(resolve))
        client.addBreadcrumb(`${name} goes on`)
        return client.traceId
      }),
    )
    gate.open()
    expect(await Promise.all(running)).toEqual(names.map(name => `trace-${name}`))
    for (const { endpoint, traceId, breadcrumbs } of await events()) {
      expect(traceId).toBe(`trace-${endpoint}`)
      expect(breadcrumbs?.map(({ message }) => message)).toEqual([
        'Job started',
        `${endpoint} waits`,
        `${endpoint} goes on`,
        'Job finished',
      ])
    }
  })

  it('in a request has its trace id, and breadcrumbs of its own', async () => {
    const { client, events } = record()
    await runWithReplayStackContext(
      async () => {
        client.addBreadcrumb('of the request')
        await runReplayStackJob(client, { name: 'nested' }, () => client.addBreadcrumb('of the job'))
        await runReplayStackJob(client, { name: 'other', traceId: 'its-own' }, async () => {})
        await client.captureEvent({ endpoint: '/request' })
      },
      { traceId: 'trace-of-the-request' },
    )
    const told = (await events())
      .toSorted(byEndpoint)
      .map(({ endpoint, traceId, breadcrumbs }) => [endpoint, traceId, breadcrumbs?.map(({ message }) => message)])
    expect(told).toEqual([
      ['/request', 'trace-of-the-request', ['of the request']],
      ['nested', 'trace-of-the-request', ['Job started', 'of the job', 'Job finished']],
      ['other', 'its-own', ['Job started', 'Job finished']],
    ])
  })

  it.each(['', 'with space', 'x'.repeat(129), 7])('with the trace id %j has a new one', async traceId => {
    const { client, event } = record()
    runReplayStackJob(client, { name: 'a', traceId: traceId as string }, () => {})
    expect((await event())?.traceId).toMatch(/^[\da-f-]{36}$/)
  })

  it.each([
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
    [
      [1, 2],
      [1, 2],
    ],
    ['text', 'text'],
    [0, 0],
    [false, false],
    [Object.assign(Object.create(null), { bare: true }), { bare: true }],
    [undefined, undefined],
    [new Map([['a', 1]]), undefined],
    [new Date(0), undefined],
    [new (class Connection {})(), undefined],
    [() => {}, undefined],
    [new Response('x'), undefined],
  ])('that returns %o tells of it as %j', async (result, responsePayload) => {
    const { client, event } = record()
    expect(await runReplayStackJob(client, { name: 'a' }, async () => result)).toBe(result)
    expect((await event())?.responsePayload).toEqual(responsePayload)
  })

  it('runs as it is where nothing is captured', async () => {
    const { client, events } = record({ enabled: false })
    expect(await runReplayStackJob(client, { name: 'a' }, async () => 'done')).toBe('done')
    expect(await events()).toEqual([])
  })
})

describe('jobs of a worker', () => {
  const programs = usePrograms()

  it.each(titledHosts)('are recorded until one ends it ($title)', async host => {
    const endpoint = programs.ingest.open()
    const environment = { REPLAYSTACK_API_KEY: 'local', REPLAYSTACK_ENDPOINT: endpoint.url }
    const ended = await runProcess(host, `${programs.folder}/working.mjs`, { environment })
    expect(ended).toMatchObject({ code: 1, signal: null, stdout: ['sent', 'failed: The mailbox is full'] })
    expect(ended.stderr).toContain('Nobody awaits this')
    const events = endpoint.events().toSorted(byEndpoint)
    expect(events).toMatchObject([
      { endpoint: '/runtime/unhandledRejection', status: 'failed', errorMessage: 'Nobody awaits this' },
      { endpoint: 'send-email', status: 'success', requestPayload: { to: 'ada' } },
      { endpoint: 'send-mail-again', status: 'failed', errorMessage: 'The mailbox is full' },
    ])
    // Node tells of an error in the scope that it left; Bun tells of a rejection outside of any.
    const left = events[0]?.breadcrumbs?.map(({ message }) => message)
    expect(left).toEqual(host.name === 'Bun' ? undefined : ['Job started'])
  })
})
