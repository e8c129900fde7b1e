import type { Clock } from '../../src/delivery/transport.ts'

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now = Date.parse('2026-11-22T12:00:00Z')
  #timers = new Set<{ at: number; run: () => void }>()

  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.timer(ms, resolve))
  }

  timer(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets what is already decided happen, then runs each timer due within `ms` at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      const due = [...this.#timers].filter(timer => timer.at <= end).sort((one, other) => one.at - other.at)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
      await settled()
    }
    this.#now = end
  }
}

/** Long enough for every promise that waits for nothing outside. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
}
