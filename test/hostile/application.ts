/** What an application would notice of the SDK. */
import { expect } from 'vitest'
import type { ReplayStackClient } from '../../src/client/client.ts'

/** `captured = sent + pending + the sum of dropped`. */
export function expectBalance(client: ReplayStackClient): void {
  const { captured, sent, pending, dropped } = client.stats()
  expect(sent + pending + Object.values(dropped).reduce((sum, one) => sum + one, 0)).toBe(captured)
}

/** Counts promises that nobody has handled: Node would end the process. */
export function watchRejections(): { expectNone(): Promise<void>; stop(): void } {
  let unhandled = 0
  const count = (): void => void unhandled++
  process.on('unhandledRejection', count)
  return {
    async expectNone() {
      for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
      const found = unhandled
      unhandled = 0
      expect(found).toBe(0)
    },
    stop: () => void process.off('unhandledRejection', count),
  }
}
