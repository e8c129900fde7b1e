/** The store whose suite runs: over `node:sqlite`, or with `STORE=object` in a Durable Object. */
import { fileURLToPath } from 'node:url'
import { createSyncFn } from 'synckit'
import { afterAll } from 'vitest'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import type { SqlStoreOptions } from '../../src/inbox/sql/sql-store.ts'
import type { EventStore } from '../../src/inbox/store.ts'
import type { StoreCall } from './object/fixture.ts'
import { decode, encode } from './object/wire.ts'

/** Opens an empty store, in memory alone. */
export function openStore(options?: SqlStoreOptions): EventStore {
  return process.env['STORE'] === 'object' ? openObjectStore(options) : openSqliteStore(options)
}

let inThread: ((call?: string) => string) | undefined

afterAll(() => {
  // The runtime would outlive the thread that has started it.
  inThread?.()
})

/** A store in an object of its own, in real workerd: each call is a request that its Worker makes. */
function openObjectStore({ now = Date.now, ...options }: SqlStoreOptions = {}): EventStore {
  // The caller waits, as the store's callers do: its methods are synchronous.
  inThread ??= createSyncFn(fileURLToPath(new URL('object/thread.ts', import.meta.url)), { timeout: 50_000 })
  const send = inThread
  const object = crypto.randomUUID()
  const call = (method: string, args: unknown[]): unknown => {
    const sent: StoreCall = { object, method, args, now: now() }
    const { result, error }: { result?: unknown; error?: Error } = decode(send(encode(sent)))
    if (error) throw restoreError(error)
    return result
  }
  call('open', [options])
  const like = openSqliteStore()
  like.close()
  const get = (target: EventStore, name: string) =>
    Object.hasOwn(target, name) ? (...args: unknown[]) => call(name, args) : undefined
  return new Proxy(like, { get })
}

function restoreError({ name, message, stack }: Error): Error {
  const error = name === 'RangeError' ? new RangeError(message) : new Error(message)
  return Object.assign(error, { name, stack })
}
