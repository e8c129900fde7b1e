import { defineConfig } from 'vitest/config'
import { definitions } from '../entries.ts'
import { definePageAssets } from '../page-assets.ts'

/** The tests of the rooms that are mutated, and none that starts another process or reads `dist/`. */
export default defineConfig({
  define: { ...definitions, ...definePageAssets() },
  test: {
    include: [
      'test/{body,client,delivery,event,mask,observe}/**/*.test.ts',
      'test/adapters/{cloudflare-queue,fetch,hono,itty}.test.ts',
    ],
    exclude: ['test/client/first-run.test.ts', 'test/**/*.long.test.ts', '**/node_modules/**'],
    testTimeout: 60_000,
  },
})
