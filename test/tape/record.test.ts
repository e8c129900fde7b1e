import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import { withReplayStack as fetchHandler } from '../../src/adapters/fetch.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { tapeRecorder } from '../../src/tape/index.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import { fakeAi, fakeDatabase, fakeIndex, fakeKv } from './fake-bindings.ts'
import { record, recordTape } from './record-tape.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('a tape is kept', () => {
  const env = { KV: fakeKv({ a: 'A' }) }
  const respond =
    (status: number, waitMs = 0) =>
    async (bindings: typeof env) => {
      await bindings.KV.get('a')
      if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
      return new Response(null, { status })
    }

  test.each([
    [500, {}, true],
    [404, {}, true],
    [200, {}, false],
    [200, { keep: 'all' as const }, true],
    [200, { slowMs: 5 }, true],
    [200, { slowMs: 60_000 }, false],
  ])('of a %i with %j: %s', async (status, options, isKept) => {
    const { tape } = await record(env, respond(status, 20), options)
    expect(tape !== undefined).toBe(isKept)
  })

  test('with the rest of the metadata beside it, and not where nothing was called', async () => {
    const { event } = await record(env, async (bindings, handle) => {
      handle.addMetadata({ tenant: 't1' })
      await bindings.KV.get('a')
    })
    expect(event.metadata).toEqual({ tenant: 't1', tape: expect.objectContaining({ version: 1, complete: true }) })
    const { event: without } = await record(env, () => {})
    expect(without.metadata).toBeUndefined()
  })
})

describe('a call', () => {
  test('is noted with what it was given and returned at that moment', async () => {
    const stored = { list: [1, 2] }
    const tape = await recordTape(
      { QUEUE: { send: async (_: unknown) => stored, sendBatch: async () => {} } },
      async env => {
        const message = { id: 1 }
        const sent = env.QUEUE.send(message)
        message.id = 2
        const result = await sent
        expect(result).toBe(stored)
        result.list.push(3)
      },
    )
    expect(tape.calls).toEqual([
      {
        kind: 'queue',
        target: 'QUEUE',
        method: 'send',
        input: [{ id: 1 }],
        output: { list: [1, 2] },
        ordinal: 0,
        startedMs: expect.any(Number),
        durationMs: expect.any(Number),
      },
    ])
  })

  test('throws what it threw: the same object, at once or later', async () => {
    const thrown = Object.assign(new TypeError('no'), { code: 'E_NO', cause: new Error('why') })
    const kv = fakeKv({})
    kv.get = () => Promise.reject(thrown)
    kv.delete = () => {
      throw thrown
    }
    const { tape, thrown: caught } = await record({ KV: kv }, async env => {
      expect(() => env.KV.delete('a')).toThrow(thrown)
      await env.KV.get('a')
    })
    expect(caught).toBe(thrown)
    const error = {
      $: 'error',
      name: 'TypeError',
      message: 'no',
      cause: { $: 'error', name: 'Error', message: 'why' },
      fields: { code: 'E_NO' },
    }
    expect(tape?.calls.map(call => call.error)).toEqual([error, error])
  })

  test('has an ordinal among those alike, in the order in which they began', async () => {
    const kv = fakeKv({})
    let count = 0
    kv.get = async () => {
      const number = count++
      await new Promise(resolve => setTimeout(resolve, number === 0 ? 20 : 1))
      return number
    }
    const tape = await recordTape({ KV: kv }, async ({ KV }) => {
      await Promise.all([KV.get('a'), KV.get('b'), KV.get('a'), KV.get('a', undefined)])
    })
    expect(tape.calls.map(({ input, output, ordinal }) => [input, output, ordinal])).toEqual([
      [['a'], 0, 0],
      [['b'], 1, 0],
      [['a'], 2, 1],
      [['a'], 3, 2],
    ])
  })

  test('that has not ended is on the tape, and the tape is not complete', async () => {
    const kv = fakeKv({})
    kv.get = () => new Promise(() => {})
    const tape = await recordTape({ KV: kv }, env => void env.KV.get('a'))
    expect(tape).toMatchObject({ complete: false, why: ['KV.get had not ended'], calls: [{ durationMs: 0 }] })
    expect(tape.calls[0]).not.toHaveProperty('output')
  })

  test('can be anything', async () => {
    const tape = await recordTape({}, async (_env, handle) => {
      expect(await handle.call('stock', { sku: 7 }, async () => new Map([['left', 3n]]))).toEqual(
        new Map([['left', 3n]]),
      )
      expect(handle.call('dice', undefined, () => -0)).toBe(-0)
      expect(() =>
        handle.call('bank', [1], () => {
          throw 'closed'
        }),
      ).toThrow('closed')
      expect(handle.now()).toBeGreaterThan(1.7e12)
      expect(handle.uuid()).toMatch(/^[\da-f]{8}-/)
    })
    expect(
      tape.calls.map(({ kind, target, method, input, output, error }) => [
        kind,
        target,
        method,
        input,
        output ?? error,
      ]),
    ).toEqual([
      [
        'call',
        'stock',
        'call',
        { sku: 7 },
        { $: 'promise', value: { $: 'map', entries: [['left', { $: 'bigint', value: '3' }]] } },
      ],
      ['call', 'dice', 'call', { $: 'undefined' }, { $: 'number', value: '-0' }],
      ['call', 'bank', 'call', [1], 'closed'],
      ['now', 'clock', 'now', [], expect.any(Number)],
      ['uuid', 'random', 'uuid', [], expect.stringMatching(/^[\da-f]{8}-/)],
    ])
  })
})

describe('what JSON cannot hold', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  test.each<[what: string, value: unknown, mark: unknown]>([
    ['undefined', undefined, { $: 'undefined' }],
    ['not a number', Number.NaN, { $: 'number', value: 'NaN' }],
    ['a date', new Date(0), { $: 'date', value: '1970-01-01T00:00:00.000Z' }],
    ['an invalid date', new Date(Number.NaN), { $: 'date', value: '' }],
    ['a set', new Set([1]), { $: 'set', values: [1] }],
    ['a member $', { $: 'map' }, { $: 'object', value: { $: 'map' } }],
    ['bytes', new TextEncoder().encode('text'), { $: 'bytes', type: 'Uint8Array', text: 'text' }],
    ['binary', new Uint8Array([255, 0]), { $: 'missing', why: 'binary', size: 2, sha256: expect.any(String) }],
    ['headers', new Headers({ A: 'b' }), { $: 'headers', entries: [['a', 'b']] }],
    ['a function', () => 1, { $: 'missing', why: 'not recordable' }],
    ['a cycle', cycle, { self: { $: 'missing', why: 'not recordable' } }],
    ['a sparse list', [undefined, 1], [{ $: 'undefined' }, 1]],
    ['a member that is undefined', { a: undefined, b: 1 }, { b: 1 }],
    ['a member __proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  ])('%s', async (_, value, mark) => {
    const tape = await recordTape({}, (_env, handle) => void handle.call('value', null, () => value))
    expect(tape.calls[0]?.output).toEqual(mark)
  })
})

describe('what there is no room for', () => {
  test('leaves its size and hash', async () => {
    const large = 'x'.repeat(5_000)
    const tape = await recordTape(
      { KV: fakeKv({ large, small: 's' }) },
      async ({ KV }) => {
        expect(await KV.get('large')).toBe(large)
        await KV.put('copy', large)
        await KV.get('small')
      },
      { maxBytes: 4_000 },
    )
    const mark = { $: 'missing', why: 'too large', size: 5_000, sha256: sha256(large) }
    expect(tape).toMatchObject({ complete: false, why: ['KV.get: the output is too large'] })
    expect(tape.calls.map(({ input, output }) => [input, output])).toEqual([
      [['large'], mark],
      [['copy', mark], { $: 'undefined' }],
      [['small'], 's'],
    ])
  })

  test('is left out at the end', async () => {
    const tape = await recordTape(
      { KV: fakeKv({}) },
      async ({ KV }) => {
        for (let index = 0; index < 100; index++) await KV.get(`key ${index}`)
      },
      { maxBytes: 2_000 },
    )
    const { calls, why } = tape
    expect(calls.length).toBeGreaterThan(5)
    expect(calls.map(({ input }) => input)).toEqual(calls.map((_, index) => [`key ${index}`]))
    expect(why).toEqual([`The tape is larger than 2000 bytes: ${100 - calls.length} calls are left out`])
    expect(JSON.stringify(tape).length).toBeLessThanOrEqual(2_000)
  })

  test('does not take the rest of the metadata along', async () => {
    const { event } = await record(
      { KV: fakeKv({ a: 'x'.repeat(3_000) }) },
      async ({ KV }, handle) => {
        handle.addMetadata({ tenant: 't1' })
        await KV.get('a')
      },
      {},
      { maxPayloadSizeBytes: 2_000 },
    )
    expect(event.metadata).toMatchObject({ tenant: 't1', tape: { complete: false } })
  })
})

describe('secrets', () => {
  test.each<[what: string, run: (handle: ReplayStackHandle, env: ReturnType<typeof bindings>) => unknown]>([
    ['under a key', (_, { KV }) => KV.get('password')],
    ['put under a key', (_, { KV }) => KV.put('password', 'hunter2', { expirationTtl: 60 })],
    ['put under a key, as bytes', (_, { KV }) => KV.put('api_key', new TextEncoder().encode('hunter2'))],
    ['in a row', (_, { DB }) => DB.prepare('SELECT * FROM users').all()],
    ['in a column', (_, { DB }) => DB.prepare('SELECT * FROM users').first('password')],
    ['in rows without names', (_, { DB }) => DB.prepare('SELECT * FROM users').raw({ columnNames: true })],
    ['in a parameter', (_, { DB }) => DB.prepare('UPDATE users SET password = ?').bind('hunter2').run()],
    [
      'in a parameter of a function',
      (_, { DB }) => DB.prepare('SELECT 1 WHERE token = lower(?)').bind('hunter2').all(),
    ],
    [
      'in a parameter of an insert',
      (_, { DB }) => DB.prepare('INSERT INTO users (id, password) VALUES (?, ?)').bind(1, 'hunter2').run(),
    ],
    ['in a batch', (_, { DB }) => DB.batch([DB.prepare('UPDATE users SET password = ?').bind('hunter2')])],
    ['in a statement', (_, { DB }) => DB.exec("UPDATE users SET password = 'hunter2'")],
    ['in a variable', (_, env) => env.SECRET],
    ['in a message', (_, { QUEUE }) => QUEUE.send({ password: 'hunter2' })],
    ['in a map', handle => handle.call('users', null, () => new Map([['password', 'hunter2']]))],
    ['of a call', handle => handle.call('password', null, () => 'hunter2')],
    ['in a header', handle => handle.call('x', null, () => new Headers({ authorization: 'hunter2' }))],
    ['in an error', handle => handle.call('x', null, () => Promise.reject(new Error('password=hunter2')))],
  ])('%s are masked', async (_, run) => {
    const { event } = await record(bindings(), (env, handle) => run(handle, env))
    const json = JSON.stringify(Object(event.metadata).tape)
    expect(json).not.toContain('hunter2')
    expect(json).toContain('[MASKED]')
  })

  const bindings = () => ({
    KV: fakeKv({ password: 'hunter2' }),
    DB: fakeDatabase([{ id: 1, password: 'hunter2' }]),
    QUEUE: { send: async (_: unknown) => {}, sendBatch: async () => {} },
    SECRET: 'hunter2',
  })
})

describe('bindings', () => {
  test('of AI and Vectorize are recorded', async () => {
    const tape = await recordTape({ AI: fakeAi(), INDEX: fakeIndex() }, async ({ AI, INDEX }) => {
      await AI.run('@cf/llama', { prompt: 'hi' })
      const stream = await AI.run('@cf/llama', { prompt: 'hi', stream: true })
      expect(await new Response(stream as ReadableStream).text()).toContain('"hel"')
      await AI.models()
      await AI.toMarkdown([{ name: 'a.txt', blob: new Blob(['hello'], { type: 'text/plain' }) }])
      await INDEX.query([0.1, 0.2], { topK: 1 })
      await INDEX.getByIds(['a'])
      await INDEX.upsert()
      await INDEX.describe()
    })
    expect(tape.complete).toBe(true)
    expect(tape.calls.map(({ kind, method, input, output }) => [kind, method, input, output])).toEqual([
      ['ai', 'run', ['@cf/llama', { prompt: 'hi' }], { response: 'hello' }],
      [
        'ai',
        'run',
        ['@cf/llama', { prompt: 'hi', stream: true }],
        { $: 'stream', text: 'data: {"response":"hel"}\n\ndata: {"response":"lo"}\n\n' },
      ],
      ['ai', 'models', [], [{ name: '@cf/meta/llama-3-8b-instruct' }]],
      [
        'ai',
        'toMarkdown',
        [[{ name: 'a.txt', blob: { $: 'bytes', type: 'Blob', contentType: 'text/plain', text: 'hello' } }]],
        [{ name: 'a.txt', data: '# hello' }],
      ],
      ['vectorize', 'query', [[0.1, 0.2], { topK: 1 }], { count: 1, matches: [{ id: 'a', score: 0.9 }] }],
      ['vectorize', 'getByIds', [['a']], [{ id: 'a', values: [0.5, -0.5] }]],
      ['vectorize', 'upsert', [], { mutationId: 'm1' }],
      ['vectorize', 'describe', [], { vectorCount: 1, dimensions: 2 }],
    ])
  })

  test('stream what they stream: no faster than it is read, to an end that the source hears of', async () => {
    let [made, left] = [0, '']
    const source = new ReadableStream({
      pull: controller => controller.enqueue(`piece ${made++}`),
      cancel: reason => {
        left = String(reason)
      },
    })
    const AI = { ...fakeAi(), run: async (_: string) => source }
    const tape = await recordTape({ AI }, async env => {
      const reader = (await env.AI.run('model')).getReader()
      expect((await reader.read()).value).toBe('piece 0')
      expect(made).toBeLessThanOrEqual(2)
      await reader.cancel('enough')
    })
    expect(left).toBe('enough')
    expect(tape.calls[0]?.output).toEqual({ $: 'stream', text: { $: 'missing', why: 'not recordable' } })
  })

  test('take a stream no faster than what they call reads it', async () => {
    let made = 0
    const source = new ReadableStream({
      pull(controller) {
        if (made === 4) controller.close()
        else controller.enqueue(new TextEncoder().encode(`piece ${made++} `))
      },
    })
    const read: number[] = []
    const KV = {
      ...fakeKv({}),
      put: async (_key: string, stream: ReadableStream) => {
        const reader = stream.getReader()
        for (;;) {
          const { done } = await reader.read()
          if (done) return
          // What is read ahead is what the application's own stream reads ahead.
          read.push(made)
        }
      },
    }
    const tape = await recordTape({ KV }, env => env.KV.put('key', source))
    expect(read.every((count, place) => count <= place + 2)).toBe(true)
    expect(tape.calls[0]?.input).toEqual(['key', { $: 'stream', text: 'piece 0 piece 1 piece 2 piece 3 ' }])
  })

  test('that cannot be recorded say so, and are what they were', async () => {
    class Hyperdrive {
      connectionString = 'postgres://'
    }
    class Workflow {
      create() {
        return 'created'
      }
    }
    const env = {
      HYPER: new Hyperdrive(),
      FLOW: new Workflow(),
      AI: fakeAi(),
      SVC: { fetch: async () => new Response(), quote: () => 7 },
    }
    const tape = await recordTape(env, async recorded => {
      expect(recorded.HYPER).toBe(env.HYPER)
      expect(recorded.FLOW.create()).toBe('created')
      await recorded.AI.gateway('g').getLog()
      expect(recorded.SVC.quote()).toBe(7)
    })
    expect(tape.why).toEqual([
      'HYPER is not recordable',
      'FLOW is not recordable',
      'AI.gateway is not recordable',
      'SVC.quote is RPC: name SVC in services',
    ])
  })

  test('are those that are named, and variables too', async () => {
    const env = { A: fakeKv({}), B: fakeKv({}), REGION: 'eu', TOKEN: 'hunter2', LIMITS: { max: 1 } }
    const tape = await recordTape(
      env,
      async recorded => {
        expect(recorded.B).toBe(env.B)
        await recorded.A.get('a')
        await recorded.B.get('b')
        expect([recorded.REGION, recorded.REGION, recorded.TOKEN, recorded.LIMITS]).toEqual([
          'eu',
          'eu',
          'hunter2',
          { max: 1 },
        ])
      },
      { bindings: ['A', 'REGION', 'TOKEN', 'LIMITS'], variables: ['REGION', 'LIMITS'] },
    )
    expect(tape.calls.map(({ kind, target, output }) => [kind, target, output])).toEqual([
      ['kv', 'A', null],
      ['var', 'REGION', 'eu'],
      ['var', 'TOKEN', '[MASKED]'],
      ['var', 'LIMITS', { max: 1 }],
    ])
  })

  test('are the same objects each time, and their env looks as it did', async () => {
    const env = { KV: fakeKv({}), DB: fakeDatabase([]) }
    await record(env, recorded => {
      expect(recorded.KV).toBe(recorded.KV)
      expect(recorded.KV.get).toBe(recorded.KV.get)
      expect(Object.keys({ ...recorded })).toEqual(['KV', 'DB'])
      expect({ ...recorded }.KV).toBe(recorded.KV)
      expect('KV' in recorded).toBe(true)
      expect(recorded).not.toBe(env)
      Object.assign(recorded, { ADDED: 1 })
      expect(env).toHaveProperty('ADDED', 1)
    })
    await record(Object.freeze({ KV: fakeKv({ a: 1 }) }), async ({ KV }) => expect(await KV.get('a')).toBe(1))
  })

  test('are not looked for in what is no env', async () => {
    class Server {
      requestIP() {
        return this
      }
    }
    const server = new Server()
    await record(server, given => expect(given).toBe(server))
    const nodes = { incoming: {}, outgoing: {} }
    await record(nodes, given => expect(given).toBe(nodes))
  })
})

describe('without a recorder', () => {
  test('env is env, and a call is its result', async () => {
    const { client } = createRecordedClient()
    const env = { KV: fakeKv({}) }
    const handler = fetchHandler(
      async (_request: Request, _env: unknown, _ctx: unknown, handle?: ReplayStackHandle) => {
        expect(handle?.bindings(env)).toBe(env)
        const result = {}
        expect(handle?.call('name', null, () => result)).toBe(result)
        expect(Math.abs((handle?.now() ?? 0) - Date.now())).toBeLessThan(1000)
        expect(handle?.uuid()).toMatch(/^[\da-f-]{36}$/)
        const { bindings, call, now, uuid } = handle ?? client
        expect([bindings(env), call('name', null, () => result)]).toEqual([env, result])
        expect([typeof now(), typeof uuid()]).toEqual(['number', 'string'])
        return new Response('done')
      },
      { client },
    )
    expect(await (await handler(new Request('http://h/'), {}, {})).text()).toBe('done')
  })
})

test('what a request that is not recorded makes is recorded for those that are', async () => {
  const recorded = createRecordedClient()
  const { client } = recorded
  let kept: ReturnType<typeof fakeKv> | undefined
  const worker = withReplayStack(
    {
      async fetch(request: Request, env: { KV: ReturnType<typeof fakeKv> }) {
        kept ??= env.KV
        await kept.get(new URL(request.url).pathname)
        return new Response(null, { status: 500 })
      },
    },
    { client, ignoredPaths: ['/ignored'], recordCalls: tapeRecorder() },
  )
  const env = { KV: fakeKv({}) }
  for (const path of ['/ignored', '/one', '/two']) await worker.fetch(new Request(`http://h${path}`), env)
  await client.flush()
  expect(recorded.events.map(({ metadata }) => Object(metadata).tape.calls[0].input)).toEqual([['/one'], ['/two']])
})

test.each([
  [{ maxBytes: 100 }, '"maxBytes" of tapeRecorder must be a number from 1024; got 100.'],
  [{ slowMs: -1 }, '"slowMs" of tapeRecorder must be a number from 0; got -1.'],
  [{ keep: 'success' }, `"keep" of tapeRecorder must be 'failed' or 'all'; got success.`],
  [{ services: 'PRICES' }, '"services" of tapeRecorder must be a list of names; got PRICES.'],
])('the options %j throw', (options, message) => {
  expect(() => tapeRecorder(options as object)).toThrow(new TypeError(`ReplayStack option ${message}`))
})

test('a recorder is one', () => {
  expect(() => withReplayStack({}, { recordCalls: tapeRecorder as never })).toThrow(
    /option "recordCalls" must be what tapeRecorder/,
  )
})
