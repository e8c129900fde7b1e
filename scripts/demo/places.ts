import { fileURLToPath } from 'node:url'

/** The checkout's folder. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

/** A file of the checkout. */
export function fileOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

/** The Worker that the demo runs, from its own configuration. */
export const EXAMPLE = 'examples/shop'
