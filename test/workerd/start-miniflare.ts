import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { onTestFinished } from 'vitest'
import { bundleEntry } from '../package/bundle-entry.ts'

/** What a Worker is recorded by, and the same one without it. */
export const ADAPTERS = [
  ['cloudflare', 'none'],
  ['hono', 'none, in Hono'],
  ['fetch', 'none'],
] as const

/** What workerd writes when a Worker did what it must not. */
export const COMPLAINTS: RegExp =
  /.*(hung|different request|Illegal invocation|Disallowed operation|never complete|did not read the body|uncaught).*/gi

export type V4WorkerOptions = Extract<V4MiniflareOptions, { workers: unknown }>['workers'][number]

export interface RunningMiniflare {
  miniflare: Miniflare
  /** Everything that workerd and the Workers wrote. */
  log(): string
}

/** One test Worker as a single module, but for what the platform has built in. */
export async function bundleFixture(name: string): Promise<string> {
  const { code } = await bundleEntry(`test/workerd/fixtures/${name}.ts`, {
    external: ['cloudflare:*'],
    // As wrangler does: a class is called by its name.
    keepNames: true,
  })
  return code
}

/** A Worker's code for {@link startMiniflare}. */
export const moduleOf = (code: string) => ({
  modules: [{ type: 'ESModule' as const, path: 'worker.mjs', contents: code }],
  modulesRoot: '/',
  compatibilityDate: '2026-08-04',
})

/**
 * Workers, objects and queues in the real runtime, until the test is over.
 * @param persisted a folder for what outlives the runtime
 */
export async function startMiniflare(
  workers: V4WorkerOptions[],
  persisted: { resourcePersistencePath?: string } = {},
): Promise<RunningMiniflare> {
  const lines: string[] = []
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      unsafeTriggerHandlers: true,
      handleStructuredLogs: ({ message }) => void lines.push(message),
      workers,
      ...persisted,
    }),
  )
  onTestFinished(() => miniflare.dispose())
  await miniflare.ready
  return { miniflare, log: () => lines.join('\n') }
}
