/** What the wrapper does whatever it is invoked with. Long, because a handler has many sides; events have files of their own. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/lambda/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createContext, readEvent, record } from '../lambda/invoke.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** What an invocation waits at until it is let through. */
function createGate() {
  let open = () => {}
  const passed = new Promise<void>(resolve => {
    open = resolve
  })
  return { passed, open }
}

type Invocation = ReturnType<typeof readEvent>

describe('a handler', () => {
  it('keeps its name, arity, properties, symbols and this', async () => {
    const { wrap } = record()
    const mark = Symbol.for('aws.lambda.runtime.handler.streaming')
    class Service {
      #greeting = 'hello'
      handler = wrap(
        Object.assign(
          async function greet(this: Service, _event: unknown, _context: unknown) {
            return this.#greeting
          },
          { [mark]: 'response', timeout: 3 },
        ),
      )
    }
    const service = new Service()
    expect(await service.handler({}, createContext())).toBe('hello')
    const { name, length, timeout } = service.handler
    expect([name, length, timeout, Reflect.get(service.handler, mark)]).toEqual(['greet', 2, 3, 'response'])
  })

  it.each<[number, number, (...args: never[]) => unknown]>([
    [0, 0, () => {}],
    [1, 1, (_: unknown) => {}],
    [3, 3, (_: unknown, __: unknown, ___: unknown) => {}],
    [4, 2, (_: unknown, __: unknown, ___: unknown, ____: unknown) => {}],
  ])('of %i parameters shows %i: the fourth is ours', (own, shown, handler) => {
    expect([handler.length, record().wrap(handler).length]).toEqual([own, shown])
  })

  it('has its own arguments, the very same, and its handle in the fourth place', async () => {
    const { wrap, event } = record()
    const [arriving, context] = [readEvent('direct'), Object.freeze(createContext())]
    const seen: unknown[] = []
    const handler = wrap(
      async (event: Invocation, given: object, _callback?: unknown, handle?: ReplayStackHandle): Promise<number> => {
        seen.push(event, given)
        handle?.addBreadcrumb('by hand')
        return 1
      },
    )
    expect(await handler(arriving, context)).toBe(1)
    expect([seen[0] === arriving, seen[1] === context]).toEqual([true, true])
    expect((await event()).breadcrumbs?.map(one => one.message)).toEqual(['Job started', 'by hand', 'Job finished'])
  })

  it('declaring three gets nothing of ours in the callback’s place', async () => {
    const { wrap } = record()
    const handler = wrap(async (_event: object, _context: object, callback?: unknown) => callback)
    expect(await handler({}, createContext())).toBeUndefined()
  })

  it('that is not async still answers, and by what it returned', async () => {
    const { wrap, event } = record()
    const handler: (event: object) => unknown = wrap((_: object) => 'done')
    expect(await handler({})).toBe('done')
    expect((await event()).responsePayload).toBe('done')
  })

  it('may answer by a promise of another library', async () => {
    const { wrap, events } = record()
    const thenable = (settle: (resolve: (value: unknown) => void, reject: (thrown: unknown) => void) => void) => ({
      // biome-ignore lint/suspicious/noThenProperty: it is what is tested.
      then: settle,
    })
    const thrown = new TypeError('from elsewhere')
    const answering: () => unknown = wrap(() => thenable(resolve => resolve(7)))
    const failing: () => unknown = wrap(() => thenable((_, reject) => reject(thrown)))
    expect(await answering()).toBe(7)
    await expect(failing()).rejects.toBe(thrown)
    expect((await events()).map(({ status }) => status)).toEqual(['success', 'failed'])
  })

  it.each([new RangeError('out'), 'text', undefined, null, { code: 1 }])(
    'that throws (%o) fails by the same, and is recorded',
    async thrown => {
      const { wrap, events } = record()
      const sync: (event: object) => unknown = wrap((_: object) => {
        throw thrown
      })
      const caught = (promise: unknown) => Promise.resolve(promise).then(String, (error: unknown) => [error])
      expect(await caught(sync({}))).toEqual([thrown])
      expect(await caught(wrap(async (_: object) => Promise.reject(thrown))({}))).toEqual([thrown])
      expect((await events()).map(({ status, statusCode }) => [status, statusCode])).toEqual([
        ['failed', 500],
        ['failed', 500],
      ])
    },
  )

  it('wrapped twice makes one event', async () => {
    const { wrap, event } = record()
    const result = (await wrap(wrap(async (_: object, __: object) => ({ statusCode: 200 })))(
      readEvent('http-api'),
      createContext(),
    )) as unknown as { headers: Record<string, string> }
    expect(result.headers['x-trace-id']).toBe((await event()).traceId)
  })
})

describe('options', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  it('may be made from the environment', async () => {
    vi.stubEnv('SHOP_KEY', 'rs_live_from_env')
    const { transport } = createRecordedClient()
    const handler = withReplayStack(
      async (_: object) => 'done',
      (env: Record<string, string>) => ({ apiKey: env['SHOP_KEY'], transport }),
    )
    await handler({})
    expect(transport.calls[0]?.headers).toMatchObject({ 'x-replaystack-api-key': 'rs_live_from_env' })
  })

  it('without a key are reported once, and invocations pass through as they are', async () => {
    vi.stubEnv('REPLAYSTACK_API_KEY', undefined)
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const handler = withReplayStack((_event: object, _context: object) => 'not async')
    expect([handler({}, createContext()), handler({}, createContext())]).toEqual(['not async', 'not async'])
    expect(warn).toHaveBeenCalledOnce()
  })

  it('that are wrong throw at once', () => {
    expect(() => withReplayStack(async () => {}, { timeoutMs: -1 })).toThrow(TypeError)
  })

  it('hand the event to getTraceId', async () => {
    const { client, events } = record()
    const handler = withReplayStack(async (event: { id: string }) => event.id, { client, getTraceId: ({ id }) => id })
    await handler({ id: 'order-7' })
    expect(await events()).toMatchObject([{ traceId: 'order-7' }])
  })
})

describe('delivery', () => {
  /** A handler whose ingest never answers, and what it knows when it has answered. */
  const hanging = (options = {}) => {
    const recorded = createRecordedClient({ timeoutMs: 400, retries: 0, ...options }, 'hangs')
    const handler = withReplayStack(async (_event: object, _context: object) => 'done', { client: recorded.client })
    return { ...recorded, handler }
  }

  it('is over before the answer', async () => {
    const { client, wrap, transport } = record()
    expect(await wrap(async (_: object) => 'done')({})).toBe('done')
    expect([client.stats(), transport.calls.length]).toEqual([{ captured: 1, sent: 1, pending: 0, dropped: {} }, 1])
  })

  it('includes what the handler captured and did not await, also when nothing of the invocation is', async () => {
    for (const ignoredPaths of [[], ['lambda']]) {
      const { client, wrap } = record({ ignoredPaths })
      const handler = wrap(
        async (_event: object, _context?: object, _callback?: unknown, handle?: ReplayStackHandle) => {
          handle?.captureEvent({ endpoint: 'by-hand' })
        },
      )
      await handler({})
      expect(client.stats()).toMatchObject({ sent: 2 - ignoredPaths.length, pending: 0 })
    }
  })

  it.each([
    ['is over', 0],
    ['is nearly over', 200],
    ['is negative', -5],
  ])('is not awaited when the time that remains %s', async (_, remaining) => {
    const { client, handler } = hanging()
    expect(await handler({}, createContext(remaining))).toBe('done')
    expect(client.stats()).toMatchObject({ captured: 1, sent: 0, pending: 1 })
    expect(await client.flush()).toBe(true)
  })

  it('is not awaited longer than the time that remains, less a margin', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { handler, client } = hanging({ timeoutMs: 60_000 })
      const answered = vi.fn()
      const answering = handler({}, createContext(1200)).then(answered)
      await vi.advanceTimersByTimeAsync(999)
      expect(answered).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect(answered).toHaveBeenCalledWith('done')
      expect(client.stats()).toMatchObject({ pending: 1, dropped: {} })

      const other = vi.fn()
      const patient = hanging({ timeoutMs: 60_000 }).handler({}, createContext(900_000)).then(other)
      await vi.advanceTimersByTimeAsync(4_999)
      expect(other).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect(other).toHaveBeenCalledWith('done')
      await Promise.all([answering, patient])
    } finally {
      vi.useRealTimers()
    }
  })

  it('that did not come through leaves with the next invocation, as the same event', async () => {
    const { client, handler, transport } = hanging({ timeoutMs: 20 })
    await handler({}, createContext())
    expect(client.stats()).toMatchObject({ sent: 0, pending: 1 })
    await handler({}, createContext())
    expect(client.stats()).toEqual({ captured: 2, sent: 2, pending: 0, dropped: {} })
    const [first, , again] = transport.calls.map(({ headers }) => headers['idempotency-key'])
    expect(again).toBe(first)
  })
})

describe('invocations', () => {
  it('are told apart: the first of an environment starts cold', async () => {
    const { wrap, events } = record()
    const handler = wrap(async (_: object) => {})
    await handler({})
    await handler({})
    const starts = (await events()).map(({ metadata }) => Reflect.get(Object(metadata), 'coldStart'))
    expect(starts).toEqual([true, false])
  })

  it('at the same time never mix', async () => {
    const { wrap, events } = record()
    const gates = Array.from({ length: 5 }, () => createGate())
    const handler = wrap(
      async (event: { n: number }, _context: object, _callback?: unknown, handle?: ReplayStackHandle) => {
        handle?.addBreadcrumb(`begin ${event.n}`)
        await gates[event.n]?.passed
        handle?.addBreadcrumb(`end ${event.n}`)
        return { n: event.n }
      },
    )
    const running = gates.map((_, n) => handler({ n }, createContext()))
    for (const gate of gates.toReversed()) gate.open()
    expect(await Promise.all(running)).toEqual(gates.map((_, n) => ({ n })))
    const all = await events()
    expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(5)
    for (const { requestPayload, responsePayload, breadcrumbs } of all) {
      const n = Reflect.get(Object(requestPayload), 'n')
      expect(responsePayload).toEqual({ n })
      expect(breadcrumbs?.map(one => one.message).slice(1, 3)).toEqual([`begin ${n}`, `end ${n}`])
    }
  })
})
