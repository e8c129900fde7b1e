import { defineConfig } from 'tsup'
import { definitions, inboxEntries, sdkEntries } from './entries.ts'
import { bundledLicences } from './licences.ts'
import { definePageAssets } from './page-assets.ts'
import { smallerChunks } from './smaller-chunks.ts'
import { withoutAjv } from './without-ajv.ts'
import { withoutBareImports } from './without-bare-imports.ts'

export default defineConfig([
  {
    name: 'sdk',
    entry: sdkEntries,
    // One build for all, so that they share one client; the Node entry alone needs Node's types.
    tsconfig: 'tsconfig/build.json',
    outDir: 'dist',
    // CommonJS for those who can require no module: Jest, and Node before 20.19 and 22.12.
    format: ['esm', 'cjs'],
    platform: 'neutral',
    target: 'es2022',
    splitting: true,
    // Deno knows Node's modules by their whole names alone.
    removeNodeProtocol: false,
    dts: true,
    define: definitions,
    plugins: [withoutBareImports, smallerChunks],
    external: ['hono', /^hono\//, 'itty-router', /^node:/],
  },
  {
    name: 'inbox',
    entry: inboxEntries,
    outDir: 'dist/inbox',
    format: 'esm',
    platform: 'node',
    // Most of the package's weight is here.
    minify: true,
    target: 'node22',
    tsconfig: 'tsconfig/inbox.json',
    dts: { entry: { worker: 'src/inbox/worker/index.ts' } },
    define: { ...definitions, ...definePageAssets() },
    noExternal: ['hono', '@hono/node-server', '@jridgewell/trace-mapping', 'diff', /^@modelcontextprotocol\/sdk/],
    banner: { js: '#!/usr/bin/env node' },
    esbuildPlugins: [withoutAjv, bundledLicences('THIRD_PARTY_LICENSES.txt')],
  },
])
