/** A Worker whose objects are stores: each request calls one method. */
import { createSqlStore } from '../../../src/inbox/sql/sql-store.ts'
import type { EventStore } from '../../../src/inbox/store.ts'
import { openObjectDriver } from '../../../src/inbox/worker/object-driver.ts'
import type { ObjectState } from '../../../src/inbox/worker/platform.ts'
import { decode, encode } from './wire.ts'

export interface StoreCall {
  /** The object's name. */
  object: string
  /** `open`, or one of the store's. */
  method: string
  args: unknown[]
  /** What the time is: milliseconds since the epoch. */
  now: number
}

interface Namespace {
  get(id: unknown): { fetch(request: Request): Promise<Response> }
  idFromName(name: string): unknown
}

export class StoreObject {
  readonly #state: ObjectState
  #store: EventStore | undefined
  #now = 0

  constructor(state: ObjectState) {
    this.#state = state
  }

  async fetch(request: Request): Promise<Response> {
    try {
      return new Response(encode({ result: this.#call(decode(await request.text())) }))
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
      return new Response(encode({ error: { name, message, stack } }))
    }
  }

  #call({ method, args, now }: StoreCall): unknown {
    this.#now = now
    if (method === 'open') {
      const options: object = Object(args[0])
      this.#store = createSqlStore(openObjectDriver(this.#state.storage), { ...options, now: () => this.#now })
      return undefined
    }
    const store: Record<string, unknown> = { ...this.#store }
    const run = store[method]
    if (typeof run !== 'function') throw new TypeError(`A store has no ${method}`)
    return run(...args)
  }
}

export default {
  async fetch(request: Request, env: { STORES: Namespace }): Promise<Response> {
    const text = await request.text()
    const { object }: StoreCall = decode(text)
    return env.STORES.get(env.STORES.idFromName(object)).fetch(new Request(request.url, { method: 'POST', body: text }))
  },
}
