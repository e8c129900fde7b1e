import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { definitions } from './build.config.ts'

export default defineConfig({
  test: {
    projects: [
      {
        define: definitions,
        test: { name: 'node', include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      {
        define: definitions,
        // Test pools switch Node compatibility on by themselves: test/package/raw-workerd.test.ts runs without it.
        plugins: [cloudflareTest({ miniflare: { compatibilityDate: '2026-08-04' } })],
        test: { name: 'workerd', include: ['test/runtimes/**/*.test.ts'] },
      },
    ],
  },
})
