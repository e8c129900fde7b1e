import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { begin, captureAtOnce, observe, recordError } from '../../src/observe/lifecycle.ts'
import { requestWork } from '../../src/observe/request.ts'
import { lazySetup } from '../../src/observe/setup.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

function createSetup(options: AdapterOptions<Request> = {}) {
  const recorded = createRecordedClient()
  return { recorded, setup: lazySetup<Request>({ client: recorded.client, ...options })() }
}

const job = { eventType: 'custom', endpoint: 'job' } as const

describe('work that begins', () => {
  it('is passed through by every adapter where one has ignored it, and says why', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const { client } = createRecordedClient({ debug: true })
    const { setup } = createSetup({ client, ignoredPaths: ['/a'] })
    const inner = createSetup()
    const work = { eventType: 'api', endpoint: '/a/b', subject: {} } as const
    expect(begin(setup, work).recorded).toBe(false)
    expect(log.mock.calls).toEqual([[expect.stringMatching(/skipped .*\(the path is in ignoredPaths\)$/)]])
    expect(begin(inner.setup, work).recorded).toBe(false)
    expect(begin(inner.setup, { ...work, subject: {} }).recorded).toBe(true)
  })

  it('is passed through too where its request was made anew further in', () => {
    const { setup } = createSetup({ ignoredPaths: ['/a'] })
    const inner = createSetup()
    const work = { eventType: 'api', endpoint: '/a', subject: {} } as const
    const isRecorded = () => begin(inner.setup, { ...work, subject: {} }).recorded
    expect(observe(setup, work, isRecorded, result => ({ result }))).toBe(false)
    expect(observe(setup, { ...work, eventType: 'cron', subject: {} }, isRecorded, result => ({ result }))).toBe(true)
  })

  it('asks for its trace id while the request is as it arrived', () => {
    const asked: string[] = []
    const getTraceId = (request: Request) => {
      asked.push(request.headers.get('x-order') ?? '')
      return 'mine'
    }
    const { setup } = createSetup({ getTraceId })
    const request = new Request('http://h/', { headers: { 'x-order': '7' } })
    const traceId = observe(
      setup,
      requestWork(request, setup, {}),
      handle => {
        request.headers.set('x-order', 'changed')
        return handle.traceId
      },
      result => ({ result }),
    )
    expect(traceId).toBe('mine')
    expect(asked).toEqual(['7'])
  })

  it('runs unrecorded where it cannot begin, and says so', async () => {
    const { setup, recorded } = createSetup()
    const work = {
      ...job,
      traceId: () => {
        throw new Error('no headers')
      },
    }
    expect(begin(setup, work).recorded).toBe(false)
    expect(
      observe(
        setup,
        job,
        () => 'result',
        result => ({ result }),
      ),
    ).toBe('result')
    expect(recorded.errors).toMatchObject([{ code: 'internal', cause: { message: 'no headers' } }])
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([{ endpoint: 'job' }])
  })

  it('joins the work of the same request, and knows what that learned', async () => {
    const { setup, recorded } = createSetup()
    const work = { ...job, subject: {} }
    const outer = begin(setup, work)
    const inner = begin(setup, work)
    expect(inner.scope).toBe(outer.scope)
    expect(inner.handle).toBe(outer.handle)
    inner.end({ fields: { metadata: { route: '/a' } }, error: { thrown: new Error('answered') } })
    await outer.end({ statusCode: 500 })
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([{ errorMessage: 'answered', metadata: { route: '/a' }, statusCode: 500 }])
  })

  it('is work of its own when that of the same request is over', async () => {
    const { setup, recorded } = createSetup()
    const work = { ...job, subject: {} }
    await begin(setup, work).end({})
    await begin(setup, work).end({})
    await recorded.client.flush()
    expect(recorded.events).toHaveLength(2)
  })
})

describe('work that ends', () => {
  it('returns and throws what its handler did, the same objects', async () => {
    const { setup } = createSetup()
    const [value, error] = [{}, new Error('mine')]
    const run = (handler: () => unknown) => observe(setup, job, handler, result => ({ result }))
    expect(run(() => value)).toBe(value)
    expect(await run(async () => value)).toBe(value)
    expect(() =>
      run(() => {
        throw error
      }),
    ).toThrow(error)
    await expect(run(() => Promise.reject(error))).rejects.toBe(error)
  })

  it('makes its event when the response has left, which waits for nothing', async () => {
    const { setup, recorded } = createSetup()
    const encoded = vi.fn(() => 'text')
    const handled = observe(
      setup,
      { ...job, eventType: 'api' },
      async () => 'response',
      result => ({ result, fields: { metadata: { toJSON: encoded, own: { toJSON: encoded } } } }),
    )
    expect(await handled).toBe('response')
    // Whatever waits for its turn as a promise has had it.
    for (let turn = 0; turn < 100; turn++) await undefined
    expect(encoded).not.toHaveBeenCalled()
    await recorded.client.flush()
    expect(encoded).toHaveBeenCalled()
    expect(recorded.events).toHaveLength(1)
  })

  it('costs its event a body that cannot be read, and nothing else', async () => {
    const { setup, recorded } = createSetup()
    const payload = () => Promise.reject(new Error('gone'))
    observe(
      setup,
      { ...job, describe: () => ({ payload }) },
      () => 1,
      result => ({ result, payload }),
    )
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([
      {
        endpoint: 'job',
        requestPayload: { captured: false, reason: 'The request body could not be read' },
        responsePayload: { captured: false, reason: 'The response body could not be read' },
      },
    ])
  })

  it('is counted under its trace id where it cannot be recorded', async () => {
    const dropped: unknown[] = []
    const recorded = createRecordedClient({ onQueueDrop: drop => void dropped.push(drop) })
    const shouldCapture = () => {
      throw new Error('no decision')
    }
    const { setup } = createSetup({ client: recorded.client, shouldCapture })
    await begin(setup, { ...job, traceId: () => 'mine' }).end({})
    expect(dropped).toEqual([{ reason: 'internal', traceId: 'mine', dropped: 1 }])
    expect(recorded.errors).toMatchObject([
      { message: expect.stringContaining('record what it observed'), cause: { message: 'no decision' } },
    ])
  })

  it('logs what was thrown, and nothing where a failure was answered', async () => {
    const { setup, recorded } = createSetup()
    await begin(setup, job).end({ statusCode: 500 })
    await begin(setup, job).end({ statusCode: 404, error: { thrown: new Error('answered') } })
    expect(recorded.events.map(({ logs }) => logs)).toEqual([undefined, undefined])
    await begin(setup, job).end({ statusCode: 500, error: { thrown: new Error('thrown') } })
    expect(recorded.events[2]?.logs).toMatchObject([{ level: 'error', message: 'thrown' }])
  })

  it('is recorded also where its outcome cannot be read', async () => {
    const { setup, recorded } = createSetup()
    const conclude = () => {
      throw new Error('no outcome')
    }
    expect(observe(setup, job, () => 'result', conclude)).toBe('result')
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([{ endpoint: 'job', status: 'success' }])
    expect(recorded.errors).toMatchObject([{ cause: { message: 'no outcome' } }])
  })
})

describe('a failure whose host stops at once', () => {
  it('waits for the next event, with what is known of it', async () => {
    const { setup, recorded } = createSetup()
    captureAtOnce(setup, job, new Error('first'))
    captureAtOnce(setup, { ...job, describe: () => ({ fields: { metadata: { route: '/a' } } }) }, new Error('second'))
    expect(recorded.transport.calls).toEqual([])
    expect(recorded.client.stats()).toMatchObject({ captured: 2, pending: 2 })
    await recorded.client.flush()
    const failed = { eventType: 'custom', endpoint: 'job', status: 'failed', statusCode: 500 }
    expect(recorded.events.flatMap(event => Reflect.get(event, 'events') ?? event)).toMatchObject([
      { ...failed, errorMessage: 'first' },
      { ...failed, errorMessage: 'second', metadata: { route: '/a' } },
    ])
  })

  it('is left out where it is not wanted', () => {
    const { client } = createRecordedClient({ ignoredPaths: ['job'] })
    const { setup } = createSetup({ client })
    captureAtOnce(setup, job, new Error('ignored'))
    expect(client.stats().captured).toBe(0)
  })
})

describe('an error that a framework has made a response of', () => {
  it('is added to the event of its request, and to no other', async () => {
    const { setup, recorded } = createSetup()
    const [subject, other] = [{}, {}]
    const work = begin(setup, { ...job, subject })
    recordError(new Error('answered'), subject)
    recordError(new Error('of another'), other)
    recordError(new Error('of none'), undefined)
    await work.end({ statusCode: 500 })
    recordError(new Error('late'), subject)
    expect(recorded.events).toMatchObject([{ errorMessage: 'answered', statusCode: 500, status: 'failed' }])
  })
})
