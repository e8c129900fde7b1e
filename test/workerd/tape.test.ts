import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import { read } from '../../src/safe-read.ts'
import type { Tape, TapeCall } from '../../src/tape/format.ts'
import { until } from '../support/node-server.ts'
import { operations } from './fixtures/tape-operations.ts'
import { type OpenIngest, openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

const schema: object = JSON.parse(readFileSync(new URL('../../docs/tape.schema.json', import.meta.url), 'utf8'))
const isTape = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<Tape>(schema)

let code: string
beforeAll(async () => {
  code = await bundleFixture('tape')
})

const start = (ingest: OpenIngest) =>
  startMiniflare([
    {
      name: 'tape',
      ...moduleOf(code),
      bindings: {
        REPLAYSTACK_API_KEY: 'key',
        REPLAYSTACK_ENDPOINT: ingest.url,
        REGION: 'eu',
        SECRET_KEY: 'hunter2',
        SETTINGS: { deep: true },
      },
      kvNamespaces: ['KV'],
      d1Databases: ['DB'],
      r2Buckets: ['R2'],
      queueProducers: { QUEUE: 'queue' },
      durableObjects: { COUNTER: 'Counter' },
      serviceBindings: {
        PRICES: { name: 'tape', entrypoint: 'Prices' },
        READER: { name: 'tape', entrypoint: 'Reader' },
      },
      ratelimits: { LIMITER: { namespace_id: '1', simple: { limit: 100, period: 60 } } },
      secretsStoreSecrets: { VAULT: { store_id: 'store', secret_name: 'name' } },
    },
  ])

/** The event of a path, once it has arrived. */
async function eventOf(ingest: OpenIngest, path: string): Promise<{ metadata?: unknown } | undefined> {
  const find = () => ingest.events().find(({ endpoint }) => endpoint === path)
  await until(async () => find() !== undefined)
  return find()
}

const tapeOf = (event: { metadata?: unknown } | undefined): Tape => {
  const { tape } = Object(event?.metadata)
  expect(isTape(tape), JSON.stringify(isTape.errors, null, 1)).toBe(true)
  return tape
}

/** Each kind of binding, and the methods that are on the tape. */
const METHODS: Record<string, string[]> = {
  kv: ['delete', 'get', 'getWithMetadata', 'list', 'put'],
  d1: ['all', 'batch', 'exec', 'first', 'raw', 'run'],
  r2: [
    'abort',
    'complete',
    'createMultipartUpload',
    'delete',
    'get',
    'head',
    'list',
    'put',
    'resumeMultipartUpload',
    'uploadPart',
  ],
  queue: ['send', 'sendBatch'],
  service: ['GET', 'POST', 'PUT'],
  rpc: [
    '()',
    'add',
    'adder',
    'callback',
    'cart',
    'fail',
    'get currency',
    'get size',
    'nested',
    'nothing',
    'peer',
    'quote',
    'response',
    'self',
    'stream',
  ],
  object: ['add', 'fail', 'fetch', 'idFromName', 'idFromString', 'newUniqueId'],
  ratelimit: ['limit'],
  var: ['get'],
}

function methodsOf({ calls }: Tape): Record<string, string[]> {
  const methods: Record<string, string[]> = {}
  for (const { kind, method } of calls) methods[kind] = [...new Set([...(methods[kind] ?? []), method])].sort()
  return methods
}

const bodyOf = ({ output }: TapeCall): string | undefined => JSON.stringify(Object(output).body)

describe('each binding', () => {
  test('returns and throws what it would without us, and is on the tape', async () => {
    const ingest = await openIngest()
    const bare = await start(ingest)
    const recorded = await start(ingest)
    const answers: Record<string, unknown>[] = []
    for (const [{ miniflare }, path] of [
      [bare, 'bare'],
      [recorded, 'recorded'],
    ] as const) {
      answers.push(Object(await (await miniflare.dispatchFetch(`http://w/${path}`)).json()))
    }
    for (const name of Object.keys(operations)) expect(answers[1]?.[name], name).toEqual(answers[0]?.[name])
    const tape = tapeOf(await eventOf(ingest, '/recorded'))
    expect(tape.why).toEqual(['PRICES.callback was given a function'])
    expect(methodsOf(tape)).toEqual(METHODS)
    const call = (target: string, method: string, input: unknown): TapeCall | undefined =>
      tape.calls.find(one => one.target === target && one.method === method && isDeepStrictEqual(one.input, input))
    expect(call('KV', 'get', ['b', 'stream'])?.output).toEqual({ $: 'stream', text: 'text' })
    expect(call('KV', 'getWithMetadata', ['a', 'stream'])?.output).toMatchObject({
      value: { $: 'stream', text: '{"a":1}' },
      metadata: { kind: 'json' },
    })
    const stream = (text: unknown): object => ({ $: 'stream', text })
    const tooLarge = stream({ $: 'missing', why: 'too large', size: 2_000_000 })
    for (const [target, method, input] of [
      ['KV', 'put', ['s', stream('streamed')]],
      ['KV', 'put', ['made', stream('pieces')]],
      ['KV', 'put', ['large', tooLarge]],
      ['R2', 'put', ['copy', stream('{"n":1,"text":"stored"}')]],
      ['R2', 'put', ['fixed', stream('fixed')]],
      ['PRICES', 'POST', { url: 'https://prices/', body: stream('a stream') }],
      ['PRICES', 'POST', { url: 'https://prices/', body: stream('known') }],
    ] as const)
      expect(call(target, method, input), JSON.stringify(input)).toBeDefined()
    expect(
      tape.calls.some(
        ({ method, input }) => method === 'uploadPart' && isDeepStrictEqual(read(input, 'args'), [1, stream('a part')]),
      ),
    ).toBe(true)
    expect(call('KV', 'get', [''])?.error).toMatchObject({ $: 'error', name: 'TypeError' })
    expect(call('DB', 'raw', { sql: 'SELECT id, text FROM notes', params: [] })?.output).toEqual({
      columns: ['id', 'text'],
      rows: [
        [1, 'one'],
        [2, null],
      ],
    })
    expect(call('R2', 'get', ['stored', { range: { offset: 2, length: 3 } }])?.output).toMatchObject({
      $: 'r2',
      fields: { key: 'stored', size: 23, range: { offset: 2, length: 3 } },
      body: 'n":',
    })
    const bodies = tape.calls.filter(({ target, method }) => target === 'R2' && method === 'get').map(bodyOf)
    expect(new Set(bodies)).toEqual(
      new Set(
        [
          undefined,
          '{"n":1,"text":"stored"}',
          'n":',
          'the first part',
          'a part',
          'fixed',
          { $: 'missing', why: 'not read' },
        ].map(one => JSON.stringify(one)),
      ),
    )
    expect(call('PRICES', 'POST', { url: 'https://prices/', body: '{"sku":7}' })?.output).toMatchObject({
      $: 'response',
      status: 200,
      body: JSON.stringify({ method: 'POST', body: '{"sku":7}' }),
    })
    expect(call('PRICES.cart([]).self([])', 'add', ['tea'])?.output).toBe(1)
    expect(call('PRICES.cart([])#2', 'add', ['b'])?.output).toBe(2)
    expect(call('PRICES', 'fail', [])?.error).toEqual({
      $: 'error',
      name: 'RangeError',
      message: 'sold out',
      fields: { remote: true },
    })
    expect(call('COUNTER(rpc)', 'add', [3])?.output).toBe(5)
    expect(call('REGION', 'get', [])?.output).toBe('eu')
    expect(call('SECRET_KEY', 'get', [])?.output).toBe('[MASKED]')
    expect(call('VAULT', 'get', [])?.output).toBe('[MASKED]')
    expect(bare.log().match(COMPLAINTS)).toEqual(recorded.log().match(COMPLAINTS))
  })

  test('is recorded as this.env of a class, and as the env that is imported', async () => {
    const ingest = await openIngest()
    const { miniflare } = await start(ingest)
    const kv = await miniflare.getKVNamespace('KV')
    for (const key of ['of an object', 'of an entrypoint', 'imported']) await kv.put(key, `${key}: found`)
    for (const path of ['/object', '/entrypoint', '/imported']) {
      expect(await (await miniflare.dispatchFetch(`http://w${path}`)).text()).toMatch(/: found$/)
    }
    for (const [event, key] of [
      ['PlainCounter.cached', 'of an object'],
      ['Reader.read', 'of an entrypoint'],
      ['/imported', 'imported'],
    ] as const) {
      expect(tapeOf(await eventOf(ingest, event)).calls).toContainEqual(
        expect.objectContaining({ kind: 'kv', target: 'KV', method: 'get', input: [key], output: `${key}: found` }),
      )
    }
  })

  test('is recorded for each request by a client that is kept between them', async () => {
    const ingest = await openIngest()
    const { miniflare } = await start(ingest)
    const kv = await miniflare.getKVNamespace('KV')
    await kv.put('a', 'A')
    await kv.put('b', 'B')
    const ask = async (key: string) => (await miniflare.dispatchFetch(`http://w/kept/${key}`)).text()
    expect(await Promise.all([ask('a'), ask('b')])).toEqual(['A', 'B'])
    for (const key of ['a', 'b']) {
      const { calls } = tapeOf(await eventOf(ingest, `/kept/${key}`))
      expect(calls.map(({ input }) => input)).toEqual([[key]])
    }
  })
})

describe('a library takes the recorded D1', () => {
  const user = { id: 1, email: 'a@example.com', password: 'hunter2' }
  test.each([
    [
      'drizzle',
      [2, user, { id: 2, email: 'c@example.com', password: null }, 2],
      ['exec', 'run', 'batch', 'raw', 'run', 'raw', 'raw'],
    ],
    ['kysely', [1, [{ ...user, email: 'b@example.com' }]], ['exec', 'all', 'all', 'all', 'all']],
  ])('%s', async (name, answer, methods) => {
    const ingest = await openIngest()
    const { miniflare } = await startMiniflare([
      {
        name: 'databases',
        ...moduleOf(await bundleFixture('tape-databases')),
        bindings: { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url },
        d1Databases: ['DB'],
      },
    ])
    for (let count = 1; count <= 2; count++) {
      const response = await miniflare.dispatchFetch(`http://w/${name}`)
      expect(await response.json()).toEqual(answer)
      await ingest.arrived(count)
    }
    // Made at the first request, it records each request's own calls.
    for (const event of ingest.events()) {
      const tape = tapeOf(event)
      expect(tape.complete).toBe(true)
      expect(tape.calls.map(({ method }) => method)).toEqual(methods)
      expect(JSON.stringify(tape)).not.toContain('hunter2')
    }
  })
})

/** Without the names of the platform's classes, and their members that are not there. */
const dataOf = (value: unknown): unknown =>
  typeof value !== 'object' || value === null
    ? value
    : Array.isArray(value)
      ? value.map(dataOf)
      : Object.fromEntries(
          Object.entries(value)
            .filter(([name, member]) => name !== 'class' && member !== 'undefined')
            .map(([name, member]) => [name, dataOf(member)]),
        )

describe('a tape that is played back', () => {
  test('returns and throws what was recorded, with none of the bindings there', async () => {
    const ingest = await openIngest()
    const recorded = await start(ingest)
    const before = Object(await (await recorded.miniflare.dispatchFetch('http://w/recorded')).json())
    const tape = tapeOf(await eventOf(ingest, '/recorded'))
    const { miniflare } = await startMiniflare([{ name: 'played', ...moduleOf(code), durableObjects: {} }])
    const response = await miniflare.dispatchFetch('http://w/played', { method: 'POST', body: JSON.stringify(tape) })
    const { answers, told } = Object(await response.json())
    const { names, variable, secret, ...others } = operations
    expect(Object.keys({ names, variable, secret }).map(name => answers[name])).toEqual([
      ['COUNTER', 'DB', 'KV', 'LIMITER', 'PRICES', 'QUEUE', 'R2', 'REGION', 'SECRET_KEY', 'SETTINGS', 'VAULT'],
      ['eu', '[MASKED]', '[MASKED]'],
      'a secret',
    ])
    for (const name of Object.keys(others)) {
      expect.soft(dataOf(answers[name]), name).toEqual(dataOf(before[name]))
    }
    expect(told).toEqual(['', ''])
  })
})
