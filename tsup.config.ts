import { defineConfig } from 'tsup'
import { definitions, inboxEntries, sdkEntries } from './build.config.ts'

export default defineConfig([
  {
    name: 'sdk',
    entry: sdkEntries,
    outDir: 'dist',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    splitting: true,
    dts: true,
    define: definitions,
    external: ['hono', /^hono\//, 'itty-router'],
  },
  {
    name: 'inbox',
    entry: inboxEntries,
    outDir: 'dist/inbox',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    define: definitions,
    noExternal: ['hono', '@hono/node-server'],
    banner: { js: '#!/usr/bin/env node' },
  },
])
