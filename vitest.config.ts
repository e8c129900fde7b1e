import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { definitions } from './build/entries.ts'

export default defineConfig({
  test: {
    // Most tests wait for processes and sockets more than they compute.
    maxWorkers: 2,
    projects: [
      {
        define: definitions,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', '**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // The inbox's page in real Chromium: `npm run test:browser`.
        define: definitions,
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
      },
      {
        define: definitions,
        // Test pools switch Node compatibility on by themselves: test/package/raw-workerd.test.ts runs without it.
        plugins: [cloudflareTest({ miniflare: { compatibilityDate: '2026-08-04' } })],
        test: { name: 'workerd', include: ['test/runtimes/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
  },
})
