import { readFileSync } from 'node:fs'

const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** What is known when the package is built, and nowhere typed by hand. tsup and vitest both replace these names. */
export const definitions: Record<string, string> = { __SDK_VERSION__: JSON.stringify(manifest.version) }

/** The SDK's public entries: `dist/<key>.js` is what `@replaystack/edge/<key>` resolves to (`index`: the bare name). */
export const sdkEntries: Record<string, string> = {
  index: 'src/index.ts',
  hono: 'src/adapters/hono.ts',
  itty: 'src/adapters/itty.ts',
  fetch: 'src/adapters/fetch.ts',
  cloudflare: 'src/adapters/cloudflare/index.ts',
  vercel: 'src/adapters/vercel/index.ts',
  netlify: 'src/adapters/netlify.ts',
  lambda: 'src/adapters/lambda/index.ts',
  node: 'src/adapters/node/index.ts',
  nest: 'src/adapters/node/nest.ts',
  masks: 'src/masks/index.ts',
  console: 'src/console/index.ts',
  otlp: 'src/otlp/index.ts',
  tape: 'src/tape/index.ts',
  testing: 'src/testing.ts',
}

/** Those that are written against Node: they import its modules, and their types its types. */
export const nodeEntries: readonly string[] = ['node', 'nest']

/**
 * The inbox, which carries its own copy of what it needs: `dist/inbox/<key>.js` is the `replaystack` command, on Node alone, and
 * what `@replaystack/edge/inbox-worker` resolves to. Both share what they have in common.
 */
export const inboxEntries: Record<string, string> = {
  cli: 'src/inbox/local/cli.ts',
  worker: 'src/inbox/worker/index.ts',
}
