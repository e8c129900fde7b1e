/** What a host without `waitUntil` has to wait for before its answer leaves: it stops when that has gone. */
import { settledWithin } from '../body/copy.ts'
import type { WaitUntilLike } from '../types.ts'

export class Hold implements WaitUntilLike {
  #promises: Promise<unknown>[] = []

  waitUntil(promise: Promise<unknown>): void {
    this.#promises.push(promise)
  }

  /** Settles when all that it was given has, what came meanwhile too, or after `ms`. Never rejects. */
  settled(ms: number): Promise<void> {
    return this.#promises.length > 0 && ms > 0 ? settledWithin(this.#settleAll(), ms) : Promise.resolve()
  }

  async #settleAll(): Promise<void> {
    while (this.#promises.length > 0) await Promise.allSettled(this.#promises.splice(0))
  }
}
