import { vi } from 'vitest'

/**
 * Waits until `met` no longer throws. Vitest's own limit of one second is too short for a busy machine.
 * @returns what `met` returned
 */
export const eventually = <Met>(met: () => Met | Promise<Met>): Promise<Met> =>
  vi.waitFor(met, { timeout: 30_000, interval: 5 })
