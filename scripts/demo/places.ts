import { fileURLToPath } from 'node:url'

/** The checkout's folder. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

/** A file of the checkout. */
export function fileOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

/** The Worker of `wrangler.toml`, which the demo runs. */
export const EXAMPLE = 'examples/shop'
