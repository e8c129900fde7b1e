import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { definitions } from './build/entries.ts'
import { definePageAssets } from './build/page-assets.ts'

/** On this Node in `npm test`; on every runtime in `test:runtimes`. */
const anyRuntime = [
  'test/every-runtime.test.ts',
  'test/adapters/node-hosts.test.ts',
  'test/node/{flusher,guards,job,key,signals,top-level}.test.ts',
  'test/package/fresh-projects.test.ts',
]
/** On Deno and Bun alone. */
const otherRuntimes = ['test/sameness/runtimes.test.ts', 'test/examples-deno-bun.test.ts']
/** On runtimes in JavaScript in `npm test`; on AWS's own in `test:lambda`. */
const lambdaRuntimes = ['test/{lambda/**/*,sameness/lambda}.test.ts', 'test/faults/frozen.test.ts']
/** At a small scale in `npm test`; as far as applications go in `test:long`. */
const anyScale = [
  'test/body/large.test.ts',
  'test/faults/{ingest-workerd,outage}.test.ts',
  'test/inbox/{burst,two-inboxes}.test.ts',
  'test/workerd/{bodies,objects}.test.ts',
]
/** On `node:sqlite` in the project `node`, in a Durable Object in the project `objects`. */
const anyStore = [
  'test/inbox/{store,store-limits,store-search,store-volume,query-events,issues,store-backup,store-person}.test.ts',
]
const apart = ['test/browser/**', 'test/hosts/**', '**/node_modules/**']

const nodeDefinitions = { ...definitions, ...definePageAssets() }

/** A project whose script, `test:<name>`, says first what it needs. */
const needy = (
  name: string,
  include: string[],
  options: { env?: Record<string, string>; exclude?: string[] } = {},
): TestProjectInlineConfiguration => ({
  define: nodeDefinitions,
  test: {
    name,
    include,
    globalSetup: `test/setup/${name}.ts`,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    ...options,
  },
})

export default defineConfig({
  test: {
    // Most tests wait for processes and sockets more than they compute.
    maxWorkers: 2,
    projects: [
      {
        define: nodeDefinitions,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...apart, ...otherRuntimes],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        define: definitions,
        // Test pools switch Node compatibility on by themselves: test/package/raw-workerd.test.ts runs without it.
        plugins: [cloudflareTest({ miniflare: { compatibilityDate: '2026-08-04' } })],
        test: { name: 'workerd', include: ['test/runtimes/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
      },
      {
        define: nodeDefinitions,
        test: {
          name: 'objects',
          include: anyStore,
          env: { STORE: 'object' },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      needy('lambda', lambdaRuntimes, { env: { LAMBDA_CLIENTS: 'aws' } }),
      needy('browser', ['test/browser/**/*.test.ts']),
      needy('runtimes', [...anyRuntime, ...otherRuntimes], { env: { RUNTIMES: 'all' } }),
      needy('hosts', ['test/hosts/**/*.test.ts'], { exclude: ['**/node_modules/**'] }),
      needy('long', anyScale, { env: { LONG: 'true' } }),
    ],
  },
})
