/** No planted secret leaves by a tape, whatever it is in and whichever way it goes: `npm run fuzz` takes it further. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { expectNoSecrets } from '../../src/testing.ts'
import { runs } from '../support/fuzz.ts'
import { fakeAi, fakeDatabase, fakeIndex, fakeKv } from './fake-bindings.ts'
import { record } from './record-tape.ts'

const NAMES = ['password', 'access_token', 'apiKey', 'client-secret', 'sessionToken']
/** Hidden by its name alone. */
const plain = fc.stringMatching(/^Q[a-z]{4,9}Z[0-9]{3}x$/)
/** Hidden by its shape, wherever it stands. */
const shaped = fc.stringMatching(/^ghp_[A-Za-z0-9]{36}$/)

interface Planted {
  secret: string
  name: string
  value: unknown
}

/** Values that have a secret in them. */
const planted: fc.Arbitrary<Planted> = fc
  .tuple(fc.constantFrom(...NAMES), fc.oneof(plain, shaped), fc.nat(11))
  .map(([name, secret, way]) => {
    const member = { a: 1, [name]: secret, z: [true] }
    const values: unknown[] = [
      member,
      [member, member],
      { deep: { list: [{ inner: member }] } },
      new Map([[name, secret]]),
      new Map([['row', member]]),
      JSON.stringify(member),
      new URLSearchParams({ b: '1', [name]: secret }).toString(),
      new TextEncoder().encode(JSON.stringify(member)),
      new TextEncoder().encode(JSON.stringify(member)).buffer,
      new Headers({ [name]: secret }),
      Object.assign(new Error(`failed: ${name}=${secret}`), { [name]: secret, cause: member }),
      [{ name, value: secret }],
    ]
    return { secret, name, value: values[way] }
  })

type Way = (
  planted: Planted,
  handle: ReplayStackHandle,
) => { env: Record<string, unknown>; run: (env: Record<string, never>) => unknown }

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify({ value }))

/** Each calls one binding with the value, or gets the value of it. */
const ways: readonly Way[] = [
  ({ value }) => ({
    env: { KV: fakeKv({ a: value }) },
    run: ({ KV }: Record<string, ReturnType<typeof fakeKv>>) => KV?.get('a'),
  }),
  ({ name, secret }) => ({
    env: { KV: fakeKv({ [name]: secret }) },
    run: async ({ KV }: Record<string, ReturnType<typeof fakeKv>>) => [
      await KV?.get(name),
      await KV?.getWithMetadata(name),
      await KV?.put(name, secret, { metadata: { a: 1 } }),
    ],
  }),
  ({ value }) => ({
    env: { KV: fakeKv({}) },
    run: ({ KV }: Record<string, ReturnType<typeof fakeKv>>) => KV?.put('a', value, { metadata: value }),
  }),
  ({ name, secret }) => ({
    env: { DB: fakeDatabase([{ id: 1, [name]: secret }]) },
    run: async ({ DB }: Record<string, ReturnType<typeof fakeDatabase>>) => {
      const column = name.replace('-', '_')
      await DB?.prepare(`SELECT * FROM t WHERE ${column} = ?`).bind(secret).all()
      await DB?.prepare('SELECT * FROM t').first(name)
      await DB?.prepare('SELECT * FROM t').first()
      await DB?.prepare('SELECT * FROM t').raw({ columnNames: true })
      await DB?.prepare('SELECT * FROM t').raw()
      await DB?.batch([DB.prepare(`INSERT INTO t (id, ${column}) VALUES (?, ?)`).bind(1, secret)])
      await DB?.exec(`UPDATE t SET ${column} = '${secret}'`)
    },
  }),
  ({ value }) => ({
    env: { QUEUE: { send: async (_: unknown) => {}, sendBatch: async (_: unknown) => {} } },
    run: async ({ QUEUE }: Record<string, { send(value: unknown): unknown; sendBatch(list: unknown[]): unknown }>) => {
      await QUEUE?.send(value)
      await QUEUE?.sendBatch([{ body: value }])
    },
  }),
  ({ value, secret }) => ({
    env: {
      SVC: {
        fetch: async (_: string, __?: object) =>
          new Response(textOf(value), { headers: { 'content-type': 'text/plain', authorization: secret } }),
      },
    },
    run: async ({ SVC }: Record<string, { fetch(url: string, init?: object): Promise<Response> }>) => {
      const response = await SVC?.fetch(`https://user:${secret}@svc/?token=${secret}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, accept: 'text/plain' },
        body: textOf(value),
      })
      await response?.text()
    },
  }),
  ({ value }, handle) => ({ env: {}, run: () => handle.call('name', value, () => value) }),
  ({ value }, handle) => ({ env: {}, run: () => handle.call('name', 1, async () => Promise.reject(value)) }),
  ({ name, secret }, handle) => ({ env: {}, run: () => handle.call(name, 1, () => secret) }),
  ({ value }) => ({
    env: { AI: { ...fakeAi(), run: async (_: string, __: unknown) => new Response(textOf(value)).body } },
    run: async ({ AI }: Record<string, { run(model: string, input: unknown): Promise<ReadableStream> }>) =>
      await new Response(await AI?.run('model', { prompt: textOf(value) })).text(),
  }),
  ({ value }) => ({
    env: { INDEX: { ...fakeIndex(), getByIds: async () => [{ id: 'a', metadata: value }] } },
    run: ({ INDEX }: Record<string, { getByIds(ids: string[]): unknown }>) => INDEX?.getByIds(['a']),
  }),
  ({ name, secret }) => ({
    env: { [name]: secret, SETTINGS: { [name]: secret } },
    run: env => [env[name], env['SETTINGS']],
  }),
] as Way[]

test('no planted secret leaves by a tape', async () => {
  let kept = 0
  await fc.assert(
    fc.asyncProperty(planted, fc.constantFrom(...ways), fc.constantFrom(1024, 65_536), async (one, way, maxBytes) => {
      // The ways need the handle before there is one: they are asked again inside.
      const { env } = way(one, Object.create(null))
      const { event, tape } = await record(
        env,
        async (bindings, handle) => {
          const { run } = way(one, handle)
          await Promise.resolve(run(bindings as Record<string, never>)).catch(() => {})
        },
        { maxBytes },
      )
      expect(tape).toBeDefined()
      kept += tape?.calls.length ?? 0
      expectNoSecrets([event], [one.secret])
    }),
    runs(400),
  )
  expect(kept).toBeGreaterThan(100)
})
