/** Whether a function takes linear time, measured as CPU time of this process: other work on the machine does not count. */
import { expect } from 'vitest'

const SMALL = 4_000
const LARGE = 64_000
/** A search of 64,000 characters that begins anew at each of them takes many times as long. */
const LINEAR_MS = 10
/** Sixteen times as much may cost so many times as much. Quadratic work costs 256 times as much. */
const MAX_RATIO = 48

function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/**
 * Expects that `read` takes no more than linear time for the texts that `write` returns.
 * @param write returns a text of about so many characters
 */
export function expectLinearTime(write: (characters: number) => string, read: (text: string) => unknown): void {
  const [small, large] = [write(SMALL), write(LARGE)]
  const ratios: number[] = []
  // A compiler or a collection of garbage may get in the way of one measurement.
  while (ratios.length < 5) {
    const largeMs = cpuMilliseconds(() => read(large))
    if (largeMs < LINEAR_MS) return
    const smallMs = cpuMilliseconds(() => read(small))
    const ratio = largeMs / smallMs
    if (ratio < MAX_RATIO) return
    ratios.push(ratio)
  }
  expect(
    Math.min(...ratios),
    `${LARGE / SMALL} times ${JSON.stringify(small.slice(0, 40))} took so many times as long`,
  ).toBeLessThan(MAX_RATIO)
}
