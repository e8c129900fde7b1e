/** Tapes that are played back: what was recorded of a small world, without it. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { ReplayStackClient } from '../../src/client/client.ts'
import { maskRules } from '../../src/mask/json.ts'
import type { Tape, TapeCall } from '../../src/tape/format.ts'
import type { OpenTape } from '../../src/tape/open-tape.ts'
import { tapeRecorder } from '../../src/tape/recorder.ts'
import { loadTape, replayBindings, replayFetch } from '../../src/testing.ts'
import type { JsonValue } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'

afterEach(() => {
  Reflect.deleteProperty(globalThis, Symbol.for('@replaystack/edge: playback'))
})

const call = (one: Partial<TapeCall> & Pick<TapeCall, 'kind' | 'target' | 'method' | 'input'>): TapeCall => ({
  ordinal: 0,
  startedMs: 0,
  durationMs: 0,
  ...one,
})
const tapeOf = (...calls: TapeCall[]): Tape => ({ version: 1, complete: true, calls })
const thrownBy = async (run: () => unknown): Promise<unknown> => {
  try {
    await run()
  } catch (thrown) {
    return thrown
  }
  throw new Error('It did not throw.')
}

interface World {
  KV: { get(key: string, type?: string): Promise<unknown>; put(key: string, value: string): Promise<void> }
  DB: { prepare(sql: string): Statement; batch(statements: Statement[]): Promise<unknown> }
  QUEUE: { send(body: unknown): Promise<void> }
}
interface Statement {
  bind(...params: unknown[]): Statement
  first(column?: string): Promise<unknown>
  all(): Promise<unknown>
}

describe('a call', () => {
  const get = (key: string, output: JsonValue, ordinal = 0): TapeCall =>
    call({ kind: 'kv', target: 'KV', method: 'get', input: [key], output, ordinal })

  test('gets what was recorded for its input, in the order of calls with the same input', async () => {
    const tape = loadTape(tapeOf(get('a', 'first'), get('b', 'of b'), get('a', 'second', 1)))
    const { KV } = replayBindings<World>(tape)
    expect(await Promise.all([KV.get('b'), KV.get('a'), KV.get('a')])).toEqual(['of b', 'first', 'second'])
    expect(() => tape.expectUsed()).not.toThrow()
  })

  test('that is not on the tape fails beside the nearest one, also where the application catches it', async () => {
    const tape = loadTape(tapeOf(get('shop:7', 'seven'), get('price', 1)))
    const { KV } = replayBindings<World>(tape)
    const thrown = await thrownBy(() => KV.get('shop:8'))
    expect(String(thrown)).toBe(
      [
        'TapeError: kv KV.get("shop:8") is not on the tape.',
        'The nearest call there: kv KV.get("shop:7")',
        'If the code is right to make it, add it to the tape\'s calls: {"kind":"kv","target":"KV","method":"get",' +
          '"input":["shop:8"],"output":null,"ordinal":0,"startedMs":0,"durationMs":0}',
      ].join('\n'),
    )
    expect(await thrownBy(() => tape.expectKnown())).toBe(thrown)
    expect(await thrownBy(() => tape.expectUsed())).toBe(thrown)
  })

  test('that is made once more than recorded fails', async () => {
    const tape = loadTape(tapeOf(get('a', 'first')))
    const { KV } = replayBindings<World>(tape)
    await KV.get('a')
    await expect(KV.get('a')).rejects.toThrow(
      'kv KV.get("a") is called once more than recorded: the tape has it 1 time.',
    )
  })

  test('that no longer happens is named', async () => {
    const tape = loadTape(tapeOf(get('a', 1), get('b', 2)))
    await replayBindings<World>(tape).KV.get('a')
    tape.expectKnown()
    expect(() => tape.expectUsed()).toThrow('On the tape, and no longer called:\n  kv KV.get("b")')
  })

  test('is found by what is left of an input that was masked', async () => {
    const put = (input: JsonValue): TapeCall =>
      call({ kind: 'kv', target: 'KV', method: 'put', input, output: { $: 'undefined' } })
    const charge = call({
      kind: 'fetch',
      target: 'https://pay.example',
      method: 'POST',
      input: { url: 'https://pay.example/?key=[MASKED]', body: '{"card":"[MASKED]","cents":5}' },
      output: { $: 'response', status: 201, statusText: '', headers: [['x-id', '7']], body: 'paid' },
    })
    const tape = loadTape(tapeOf(put(['session', '[MASKED]']), charge))
    expect(await replayBindings<World>(tape).KV.put('session', 'no secret by its shape')).toBeUndefined()
    const body = '{"card":"a test card","cents":5}'
    const pay = replayFetch(tape)
    await expect(pay('https://pay.example/?key=k', { method: 'POST', body: body.replace('5', '6') })).rejects.toThrow(
      'is not on the tape',
    )
    const response = await pay('https://pay.example/?key=k', { method: 'POST', body })
    expect([response.status, response.headers.get('x-id'), await response.text()]).toEqual([201, '7', 'paid'])
  })

  test('throws the error that was recorded', async () => {
    const error: JsonValue = {
      $: 'error',
      name: 'TypeError',
      message: 'fetch failed',
      cause: { $: 'error', name: 'Error', message: 'refused', fields: { code: 'ECONNREFUSED' } },
    }
    const tape = loadTape(
      tapeOf(call({ kind: 'fetch', target: 'https://a', method: 'GET', input: { url: 'https://a/' }, error })),
    )
    const thrown = await thrownBy(() => replayFetch(tape)('https://a/'))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(thrown).toMatchObject({ message: 'fetch failed', cause: { message: 'refused', code: 'ECONNREFUSED' } })
  })

  test('whose output is not on the tape says why, and a body does so when it is read', async () => {
    const missing: JsonValue = { $: 'missing', why: 'too large', size: 9 }
    const output: JsonValue = { $: 'response', status: 200, statusText: 'OK', headers: [], body: missing }
    const tape = loadTape(
      tapeOf(
        get('a', missing),
        call({ kind: 'fetch', target: 'https://a', method: 'GET', input: { url: 'https://a/' }, output }),
      ),
    )
    await expect(replayBindings<World>(tape).KV.get('a')).rejects.toThrow(
      'What kv KV.get("a") returned is not on the tape: too large (9 bytes).',
    )
    const response = await replayFetch(tape)('https://a/')
    expect(response.ok).toBe(true)
    await expect(response.text()).rejects.toThrow('the body is too large (9 bytes)')
    expect(() => tape.expectKnown()).toThrow('the body is too large')
  })

  test('of a request that was given up is given up', async () => {
    const reason = new Error('too late')
    const fetched = replayFetch(loadTape(tapeOf()))('https://a/', { signal: AbortSignal.abort(reason) })
    await expect(fetched).rejects.toBe(reason)
  })

  test('names where what it got is masked', async () => {
    const tape = loadTape(tapeOf(get('a', { card: '[MASKED]', list: [{ pin: 'x [MASKED]' }] }), get('b', '[MASKED]')))
    expect(tape.masked).toEqual([])
    await replayBindings<World>(tape).KV.get('a')
    expect(tape.masked).toEqual(['kv KV.get: card', 'kv KV.get: list[].pin'])
  })
})

test('a tape of another version, and what is none, are refused', () => {
  expect(() => loadTape({ ...tapeOf(), version: 2 })).toThrow('This is no tape of version 1: its version is 2.')
  expect(() => loadTape('{}')).toThrow(TypeError)
  expect(() => replayFetch({ ...tapeOf(), masked: [], expectKnown() {}, expectUsed() {} })).toThrow(TypeError)
  expect(() => loadTape({ default: tapeOf() })).not.toThrow()
})

test('a variable has its value where it was recorded, or the one that is given', () => {
  const variable = (target: string, output: JsonValue): TapeCall =>
    call({ kind: 'var', target, method: 'get', input: [], output })
  const tape = loadTape(tapeOf(variable('REGION', 'eu'), variable('SECRET', '[MASKED]'), variable('TOKEN', '[MASKED]')))
  const env = replayBindings<Record<string, string>>(tape, { SECRET: 'given' })
  expect({ ...env }).toEqual({ REGION: 'eu', SECRET: 'given', TOKEN: '[MASKED]' })
  expect(env['REGION']).toBe('eu')
  expect(() => tape.expectUsed()).not.toThrow()
})

test('handles play back, whatever records them, and what they are handed is never called', async () => {
  const clock = { kind: 'now', target: 'clock', method: 'now', input: [] } as const
  const promised: JsonValue = { $: 'promise', value: [{ id: 1 }] }
  const failed: JsonValue = { $: 'promise', value: { $: 'error', name: 'Error', message: 'no such table' } }
  loadTape(
    tapeOf(
      call({ ...clock, output: 5 }),
      call({ ...clock, output: 6, ordinal: 1 }),
      call({ kind: 'uuid', target: 'random', method: 'uuid', input: [], output: 'u-1' }),
      call({ kind: 'call', target: 'pg', method: 'call', input: 'SELECT 1', output: promised }),
      call({ kind: 'call', target: 'pg', method: 'call', input: 'SELEKT', error: failed }),
      call({ kind: 'call', target: 'dice', method: 'call', input: 6, output: 4 }),
      call({ kind: 'kv', target: 'KV', method: 'get', input: ['a'], output: 'A' }),
    ),
  )
  const client = new ReplayStackClient({ apiKey: 'test', enabled: false }, {})
  const never = (): never => {
    throw new Error('called')
  }
  expect([client.now(), client.now(), client.uuid()]).toEqual([5, 6, 'u-1'])
  const rows = client.call('pg', 'SELECT 1', async () => never())
  expect(rows).toBeInstanceOf(Promise)
  expect(await rows).toEqual([{ id: 1 }])
  await expect(client.call('pg', 'SELEKT', async () => never())).rejects.toThrow('no such table')
  expect(client.call('dice', 6, never)).toBe(4)
  const env = client.bindings({
    KV: { get: (_key: string): string => never(), put: never, list: never, delete: never, getWithMetadata: never },
    LEVEL: 'low',
  })
  expect([await env.KV.get('a'), env.LEVEL]).toEqual(['A', 'low'])
  await expect(client.fetch('https://a/')).rejects.toThrow(
    'fetch https://a.GET({"url":"https://a/"}) is not on the tape',
  )
  const before = Date.now()
  expect(client.now()).toBeGreaterThanOrEqual(before)
  expect([client.uuid(), client.uuid()]).toEqual([1, 2].map(count => `00000000-0000-4000-8000-00000000000${count}`))
})

/** A world of a few rows and keys. What it answers depends on all that was done before. */
function createWorld(): World {
  const kept = new Map<string, string>()
  let count = 0
  class Row implements Statement {
    readonly sql: string
    readonly params: unknown[]
    constructor(sql: string, params: unknown[] = []) {
      this.sql = sql
      this.params = params
    }
    bind(...params: unknown[]): Statement {
      return new Row(this.sql, params)
    }
    async first(column?: string): Promise<unknown> {
      const row = { n: count++, sql: this.sql, params: this.params, password: 'hunter2', none: null }
      return column === undefined ? row : Reflect.get(row, column)
    }
    async all(): Promise<unknown> {
      if (this.sql.startsWith('fail')) throw new RangeError(`no table: ${count++}`, { cause: new Error('D1') })
      return { success: true, results: [await this.first()], meta: { changes: count } }
    }
  }
  return {
    KV: Object.assign(
      {
        async get(key: string, type?: string): Promise<unknown> {
          count++
          if (type === 'date') return new Date(count)
          return type === 'map' ? new Map([[key, kept.get(key) ?? null]]) : (kept.get(key) ?? null)
        },
        async put(key: string, value: string): Promise<void> {
          count++
          kept.set(key, value)
        },
      },
      { async getWithMetadata() {}, async list() {}, async delete() {} },
    ),
    DB: Object.assign(
      {
        prepare: (sql: string): Statement => new Row(sql),
        batch: (statements: Statement[]): Promise<unknown> => Promise.all(statements.map(one => one.all())),
      },
      { async exec() {} },
    ),
    QUEUE: Object.assign({ async send() {} }, { async sendBatch() {} }),
  }
}

/** A step of the chain of that name. Chains that make the very same call cannot be told apart. */
type Step = (world: World, chain: string) => Promise<unknown>
const key = fc.constantFrom('a', 'b', 'c')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, fc.constantFrom(undefined, 'date', 'map')).map(
    ([one, type]): Step =>
      ({ KV }, chain) =>
        KV.get(chain + one, type),
  ),
  fc.tuple(key, fc.string({ maxLength: 4 })).map(
    ([one, value]): Step =>
      ({ KV }, chain) =>
        KV.put(chain + one, value),
  ),
  fc.tuple(key, fc.integer()).map(
    ([sql, id]): Step =>
      ({ DB }, chain) =>
        DB.prepare(chain + sql)
          .bind(id, -0)
          .first(),
  ),
  key.map(
    (sql): Step =>
      ({ DB }, chain) =>
        DB.prepare(chain + sql).first('n'),
  ),
  fc.constant<Step>(({ DB }, chain) => DB.prepare(`fail ${chain}`).all()),
  key.map(
    (sql): Step =>
      ({ DB }, chain) =>
        DB.batch([DB.prepare(chain + sql).bind(1), DB.prepare('x')]),
  ),
  fc.jsonValue({ maxDepth: 2 }).map(
    (body): Step =>
      ({ QUEUE }) =>
        QUEUE.send(body),
  ),
)
const chains = fc.array(fc.array(step, { maxLength: 5 }), { minLength: 1, maxLength: 4 })
const turns = fc.array(fc.nat(5), { maxLength: 12 })

/** Runs the steps of each chain one after the other, and the chains at once; before each step it waits some turns. */
async function runChains(list: Step[][], world: World, waits: readonly number[]): Promise<unknown[][]> {
  return await Promise.all(
    list.map(async (chain, which) => {
      const results: unknown[] = []
      for (const [place, run] of chain.entries()) {
        for (let turn = waits[(which * 7 + place) % Math.max(waits.length, 1)] ?? 0; turn > 0; turn--) await undefined
        try {
          results.push(await run(world, `${which}:`))
        } catch (thrown) {
          results.push(thrown)
        }
      }
      return results
    }),
  )
}

async function record(list: Step[][], waits: readonly number[]): Promise<{ results: unknown[][]; tape: unknown }> {
  const recorder: { open(rules: object): OpenTape; bindings(env: object, find: () => OpenTape): World } = Object(
    tapeRecorder({ keep: 'all', maxBytes: 1_000_000 }),
  )
  const open = recorder.open(maskRules([], 2_000_000))
  const results = await runChains(
    list,
    recorder.bindings(createWorld(), () => open),
    waits,
  )
  const tape = await open.close({}, { status: 'success', executionTimeMs: 1 })
  return { results, tape: tape?.tape ?? tapeOf() }
}

/** As the tape has them: what was masked is not the same. */
const withoutSecrets = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutSecrets)
    : typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
      ? Object.fromEntries(
          Object.entries(value).map(([name, one]) => [name, name === 'password' ? '[MASKED]' : withoutSecrets(one)]),
        )
      : value

test('any program gets the same results from its tape, also where its chains interleave in another way', async () => {
  await fc.assert(
    fc.asyncProperty(chains, turns, turns, async (list, waits, others) => {
      const { results, tape } = await record(list, waits)
      const loaded = loadTape(JSON.parse(JSON.stringify(tape)))
      expect(await runChains(list, replayBindings<World>(loaded), others)).toEqual(results.map(withoutSecrets))
      loaded.expectUsed()
    }),
    runs(200),
  )
})
