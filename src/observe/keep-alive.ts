/** What keeps a host alive until an event is delivered. */
import { callMember, hasWaitUntil } from '../safe-read.ts'
import type { WaitUntilLike } from '../types.ts'

/** The context of a request that is found without an argument: Vercel's own, and that of other hosts of Next.js. */
export function ambientContext(): WaitUntilLike | undefined {
  const hosts = ['@vercel/request-context', '@next/request-context'].map(name =>
    Reflect.get(globalThis, Symbol.for(name)),
  )
  return hosts.map(host => callMember(host, 'get')).find(hasWaitUntil)
}

/** What a host without `waitUntil` has to wait for before its answer leaves: it stops when that has gone. */
export class Hold implements WaitUntilLike {
  #promises: Promise<unknown>[] = []

  waitUntil(promise: Promise<unknown>): void {
    this.#promises.push(promise)
  }

  /** Resolves when every promise that it was given has settled, later ones too, or after `ms`. Never rejects. */
  settled(ms: number): Promise<void> {
    if (this.#promises.length === 0 || ms <= 0) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#settleAll().then(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async #settleAll(): Promise<void> {
    while (this.#promises.length > 0) await Promise.allSettled(this.#promises.splice(0))
  }
}
