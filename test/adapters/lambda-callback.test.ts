/** Handlers of Node 22 and before, which answer by a callback. The runtime that calls them so is in test/lambda. */
import { describe, expect, it, vi } from 'vitest'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createContext, readEvent, record } from '../lambda/invoke.ts'
import { eventually } from '../support/eventually.ts'

type Callback = (error?: unknown, result?: unknown) => void
type Legacy = (event: object, context: LegacyContext, callback: Callback) => unknown

interface LegacyContext {
  done: Callback
  succeed: (result?: unknown) => void
  fail: (error?: unknown) => void
}

/** Calls a wrapped handler as Node 22's runtime does. Settles with what reached its callback or context. */
async function run(handler: Legacy, name = 'http-api') {
  const { wrap, client, event, events } = record({ getTraceId: () => 't-1' })
  let settle = (_: [how: string, ...args: unknown[]]): void => {}
  const answered = new Promise<[how: string, ...args: unknown[]]>(resolve => {
    settle = resolve
  })
  const how =
    (name: string) =>
    (...args: unknown[]) => {
      expect(client.stats()).toMatchObject({ pending: 0 })
      settle([name, ...args])
    }
  const context = { ...createContext(), done: how('done'), succeed: how('succeed'), fail: how('fail') }
  const given = { context: undefined as unknown }
  const wrapped = wrap((event: object, seen: LegacyContext, callback: Callback) => {
    given.context = seen
    return handler(event, seen, callback)
  })
  const returned: unknown = wrapped(readEvent(name), context, how('callback'))
  expect(given.context).toBe(context)
  return {
    returned,
    answered,
    event,
    events,
    stats: () => client.stats(),
  }
}

const OK = { statusCode: 200 }
const TRACED = { statusCode: 200, headers: { 'x-trace-id': 't-1' } }

describe('a callback', () => {
  it.each<[string, Legacy]>([
    ['at once', (_, __, callback) => callback(null, OK)],
    ['later', (_, __, callback) => void setTimeout(callback, 1, undefined, OK)],
    ['by a function that also returns something', (_, __, callback) => [callback(null, OK)]],
  ])('called %s passes the answer on when it is delivered', async (_, handler) => {
    const { returned, answered, event, stats } = await run(handler)
    expect(returned instanceof Promise).toBe(false)
    const [name, error, result] = await answered
    expect([name, error ?? null, result]).toEqual(['callback', null, TRACED])
    expect(stats().sent).toBe(1)
    expect(await event()).toMatchObject({ statusCode: 200, status: 'success' })
  })

  it('called with an error passes it on, the same, and is a failure', async () => {
    const thrown = new RangeError('no such order')
    const { answered, event } = await run((_, __, callback) => void setTimeout(callback, 1, thrown))
    expect((await answered)[1]).toBe(thrown)
    expect(await event()).toMatchObject({ status: 'failed', errorName: 'RangeError', errorMessage: 'no such order' })
  })

  it('called twice, or beside a promise, makes one event of the first answer', async () => {
    const { returned, answered, events } = await run(async (_, __, callback) => {
      callback(null, OK)
      callback(new Error('too late'))
      return { statusCode: 500 }
    })
    expect(await answered).toEqual(['callback', null, TRACED])
    expect(await returned).toEqual(TRACED)
    expect(await events()).toMatchObject([{ statusCode: 200 }])
  })

  it('never has our handle in its place', async () => {
    const { wrap } = record()
    const seen: unknown[] = []
    const handler: (...args: unknown[]) => unknown = wrap((...args: unknown[]) => {
      seen.push(...args)
      if (typeof args[2] === 'function') args[2](null, 'done')
    })
    await new Promise(resolve => handler({}, createContext(), resolve))
    expect([typeof seen[2], (seen[3] as ReplayStackHandle).traceId]).toEqual(['function', expect.any(String)])
  })
})

describe('the context', () => {
  it.each<[string, Legacy, unknown[]]>([
    ['done', (_, context) => context.done(null, OK), [null, TRACED]],
    ['succeed', (_, context) => context.succeed(OK), [TRACED]],
  ])('answers by %s', async (name, handler, passed) => {
    const { answered, event } = await run(handler)
    expect(await answered).toEqual([name, ...passed])
    expect(await event()).toMatchObject({ statusCode: 200 })
  })

  it.each<[string, Legacy]>([
    ['done', (_, context) => context.done('broken')],
    ['fail', (_, context) => void setTimeout(context.fail, 1, 'broken')],
  ])('fails by %s', async (name, handler) => {
    const { answered, event } = await run(handler)
    expect(await answered).toEqual([name, 'broken'])
    expect(await event()).toMatchObject({ status: 'failed', errorMessage: 'broken' })
  })
})

describe('a promise', () => {
  it('is what the runtime waits for, as without us', async () => {
    const { returned, event } = await run(async () => OK)
    expect(await returned).toEqual(TRACED)
    expect(await event()).toMatchObject({ statusCode: 200 })
  })

  it('that is rejected fails by the same object', async () => {
    const thrown = new Error('broken')
    const { returned, event } = await run(async () => Promise.reject(thrown))
    await expect(returned).rejects.toBe(thrown)
    expect(await event()).toMatchObject({ status: 'failed', errorMessage: 'broken' })
  })
})

describe('a handler that gives no promise', () => {
  it('fails by what it throws', async () => {
    const thrown = new Error('broken')
    const { returned, event } = await run(() => {
      throw thrown
    })
    await expect(returned).rejects.toBe(thrown)
    expect(await event()).toMatchObject({ status: 'failed', errorMessage: 'broken' })
  })

  it('passes on what it returned, and is open while anything may yet respond', async () => {
    const { wrap, client } = record()
    const handler: (...args: unknown[]) => unknown = wrap((_event: unknown, _context: unknown) => 'at once')
    const callback = vi.fn()
    const pending = setInterval(() => {}, 1_000)
    expect(handler(readEvent('sqs'), createContext(), callback)).toBe('at once')
    expect(handler(readEvent('http-api'), createContext(), callback)).toBe('at once')
    await new Promise(resolve => setTimeout(resolve, 20))
    clearInterval(pending)
    expect(client.stats().captured).toBe(0)
    expect(callback).not.toHaveBeenCalled()
  })

  it('of middleware that passes the context alone is over when its context is called, or when it has returned', async () => {
    const { wrap, events } = record()
    const settled: unknown[] = []
    const context = { ...createContext(), succeed: (result: unknown) => settled.push(result) }
    const handler = wrap((event: { late?: boolean }, own: typeof context) => {
      if (event.late) own.succeed('by its context')
      else return 'by return'
      return undefined
    })
    expect(handler({}, { ...context })).toBe('by return')
    handler({ late: true }, { ...context })
    await eventually(() => expect(settled).toHaveLength(1))
    expect(settled).toEqual(['by its context'])
    expect((await events()).map(({ responsePayload }) => responsePayload)).toEqual(['by return', 'by its context'])
  })
})
