import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, onTestFinished, test } from 'vitest'
import { inboxEntries, sdkEntries } from '../../build/entries.ts'
import { type Import, readImports } from './read-imports.ts'
import { findCircles, findViolations } from './rooms.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `from → to`, as the table's reader would write it; `type` for an import that is gone at run time. */
function parseImport(line: string): Import {
  const [, type, from = '', to = ''] = /^(type )?(\S+) → (\S+)$/.exec(line) ?? []
  return { from, to, isPackage: !to.startsWith('src/'), isType: type !== undefined }
}

test('nobody in src/ imports what the house forbids', async () => {
  const imports = await readImports(root, [...Object.values(sdkEntries), ...Object.values(inboxEntries)])
  expect(findViolations(imports)).toEqual([])
  expect(findCircles(imports.filter(({ from }) => !from.startsWith('src/inbox/')))).toEqual([])
  // The rules were asked about what is there: a value, a type, a helper.
  expect(imports).toEqual(
    expect.arrayContaining([
      parseImport('src/client/client.ts → src/client/pipeline.ts'),
      parseImport('type src/event/auth.ts → src/types.ts'),
      parseImport('src/adapters/itty.ts → itty-router'),
    ]),
  )
})

/** No other test loads these: a name that `src/` no longer exports is an error of the bundler. */
test('the scripts of bench/ import what is there', async () => {
  const scripts = readdirSync(join(root, 'bench')).filter(name => name.endsWith('.mjs'))
  const { errors } = await build({
    entryPoints: scripts.map(script => join(root, 'bench', script)),
    bundle: true,
    write: false,
    outdir: root,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  })
  expect(errors).toEqual([])
})

describe('the rules', () => {
  test.each([
    'src/mask/json.ts → src/event/stack.ts',
    'type src/mask/json.ts → src/client/scope.ts',
    'src/delivery/queue.ts → src/mask/json.ts',
    'src/event/url.ts → src/body/copy.ts',
    'src/event/url.ts → src/client/client.ts',
    'src/event/url.ts → hono',
    'src/body/copy.ts → src/adapters/hono.ts',
    'src/masks/ibans.ts → src/mask/cards.ts',
    'src/client/options.ts → src/masks/personal-data.ts',
    'src/tape/record.ts → src/event/error.ts',
    'src/client/client.ts → src/observe/lifecycle.ts',
    'src/client/pipeline.ts → src/testing.ts',
    'src/client/options.ts → src/inbox/store.ts',
    'src/client/scope.ts → node:async_hooks',
    'type src/observe/lifecycle.ts → src/adapters/cloudflare/index.ts',
    'type src/observe/setup.ts → hono',
    'src/index.ts → src/adapters/hono.ts',
    'src/adapters/hono.ts → src/adapters/cloudflare/index.ts',
    'src/adapters/cloudflare/queue.ts → src/adapters/hono.ts',
    'src/adapters/fetch.ts → src/delivery/delivery.ts',
    'src/adapters/fetch.ts → src/event/url.ts',
    'src/adapters/lambda/index.ts → src/inbox/store.ts',
    'src/adapters/lambda/index.ts → node:http',
    'src/adapters/cloudflare/index.ts → cloudflare:workers',
    'src/adapters/fetch.ts → express',
    'type src/adapters/cloudflare/index.ts → @cloudflare/workers-types',
    'type src/adapters/lambda/index.ts → @types/aws-lambda',
    'src/event/stack.ts → path',
    'src/inbox/app.ts → cloudflare:workers',
    'src/inbox/app.ts → node:crypto',
    'src/inbox/app.ts → src/inbox/local/server.ts',
    'type src/inbox/store.ts → node:sqlite',
    'src/inbox/app.ts → @hono/node-server',
    'src/inbox/replay.ts → src/client/client.ts',
    'src/inbox/replay.ts → src/body/payload.ts',
    'src/inbox/worker/worker.ts → src/observe/work.ts',
    'src/inbox/worker/worker.ts → src/inbox/local/server.ts',
    'type src/inbox/replay.ts → src/adapters/hono.ts',
    'src/types.ts → src/client/client.ts',
    'type src/types.ts → src/event/auth.ts',
    'type src/safe-read.ts → src/types.ts',
    'src/helpers/text.ts → src/types.ts',
  ])('forbid %s', line => {
    expect(findViolations([parseImport(line)])).toHaveLength(1)
  })

  test.each([
    'type src/masks/ibans.ts → src/types.ts',
    'src/event/error.ts → src/event/stack.ts',
    'src/event/error.ts → src/mask/truncate.ts',
    'src/mask/json.ts → src/safe-read.ts',
    'type src/delivery/queue.ts → src/types.ts',
    'src/client/client.ts → src/client/scope.ts',
    'src/observe/lifecycle.ts → src/event/trace.ts',
    'src/observe/request.ts → src/body/record.ts',
    'src/adapters/cloudflare/index.ts → src/adapters/cloudflare/queue.ts',
    'src/adapters/hono.ts → src/observe/lifecycle.ts',
    'type src/adapters/itty.ts → itty-router',
    'src/adapters/node/guards.ts → node:http',
    'src/inbox/app.ts → src/mask/json.ts',
    'src/inbox/worker/own-errors.ts → src/client/client.ts',
    'src/inbox/local/command-line.ts → src/event/version.ts',
    'src/inbox/local/command-line.ts → src/inbox/format.ts',
    'src/inbox/local/server.ts → @hono/node-server',
    'src/inbox/local/server.ts → node:http',
  ])('allow %s', line => {
    expect(findViolations([parseImport(line)])).toEqual([])
  })

  test('allow an adapter one helper of its framework', () => {
    const helpers = ['src/adapters/hono.ts → hono/route', 'src/adapters/hono.ts → hono/adapter'].map(parseImport)
    expect(findViolations(helpers)).toEqual(['src/adapters/hono.ts → hono/route, hono/adapter (too many helpers)'])
    expect(findViolations(helpers.slice(1))).toEqual([])
  })
})

test('an import is seen however it is written, and also in a file that no entry reaches', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'replaystack-rules-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const sources = {
    'src/index.ts': "export * from './event/url.ts'\nimport('./mask/json.ts')\n",
    'src/event/url.ts': "import { open } from '../client/client.ts'\nexport const url = open\n",
    'src/mask/json.ts': "import type { Hono } from 'hono'\nexport let app: Hono | import('../client/scope.ts').Scope\n",
    'src/client/client.ts': "export * from 'node:fs'\nexport const open = 1\n",
    'src/client/scope.ts': "import type { app } from '../mask/json.ts'\nexport interface Scope { app: typeof app }\n",
    'src/adapters/lost.ts': "export type { Scope } from '../delivery/queue.ts'\n",
  }
  for (const [name, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const imports = await readImports(folder, ['src/index.ts'])
  expect(findViolations(imports).sort()).toEqual([
    'src/adapters/lost.ts → src/delivery/queue.ts (adapter)',
    'src/client/client.ts → node:fs (client)',
    'src/event/url.ts → src/client/client.ts (event)',
    'src/mask/json.ts → hono (mask)',
    'src/mask/json.ts → src/client/scope.ts (mask)',
  ])
  expect(findCircles(imports)).toEqual(['src/mask/json.ts → src/client/scope.ts → src/mask/json.ts'])
})
