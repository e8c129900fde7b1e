import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { inboxEntries, sdkEntries } from '../../build.config.ts'
import { type Import, readImports } from './read-imports.ts'
import { findViolations } from './rooms.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `from → to`, as the table's reader would write it; `type` for an import that is gone at run time. */
function parseImport(line: string): Import {
  const [, type, from = '', to = ''] = /^(type )?(\S+) → (\S+)$/.exec(line) ?? []
  return { from, to, isPackage: !to.startsWith('src/'), isType: type !== undefined }
}

test('nobody in src/ imports what the house forbids', async () => {
  const imports = await readImports(root, [...Object.values(sdkEntries), ...Object.values(inboxEntries)])
  expect(findViolations(imports)).toEqual([])
  // The rules were asked about what is there: a value, a type, a helper.
  expect(imports).toEqual(
    expect.arrayContaining([
      parseImport('src/client.ts → src/pipeline.ts'),
      parseImport('type src/event/auth.ts → src/types.ts'),
      parseImport('src/adapters/hono/index.ts → hono/route'),
    ]),
  )
})

describe('the rules', () => {
  test.each([
    ['1', 'src/event/mask.ts → src/client.ts'],
    ['1', 'type src/event/mask.ts → src/scope.ts'],
    ['1', 'src/event/mask.ts → src/delivery/retry.ts'],
    ['1', 'src/delivery/queue.ts → src/event/mask.ts'],
    ['1', 'src/body/copy.ts → src/adapters/hono/index.ts'],
    ['1', 'src/event/url.ts → hono'],
    ['2', 'src/client.ts → src/adapters/hono/index.ts'],
    ['2', 'type src/observe.ts → src/adapters/cloudflare/index.ts'],
    ['2', 'src/options.ts → src/inbox/store.ts'],
    ['2', 'src/pipeline.ts → src/testing.ts'],
    ['2', 'type src/observer.ts → hono'],
    ['2', 'src/index.ts → src/adapters/hono/index.ts'],
    ['3', 'src/adapters/hono/index.ts → src/adapters/cloudflare/index.ts'],
    ['3', 'src/adapters/cloudflare/queue.ts → src/adapters/hono/index.ts'],
    ['3', 'src/adapters/fetch.ts → src/delivery/delivery.ts'],
    ['3', 'src/adapters/lambda/index.ts → src/inbox/store.ts'],
    ['4', 'src/adapters/lambda/index.ts → node:http'],
    ['4', 'src/scope.ts → node:async_hooks'],
    ['4', 'src/event/stack.ts → path'],
    ['4', 'src/adapters/cloudflare/index.ts → cloudflare:workers'],
    ['4', 'src/inbox/app.ts → cloudflare:workers'],
    ['4', 'src/adapters/fetch.ts → express'],
    ['5', 'type src/adapters/cloudflare/index.ts → @cloudflare/workers-types'],
    ['5', 'type src/adapters/lambda/index.ts → @types/aws-lambda'],
    ['6', 'src/inbox/replay.ts → src/client.ts'],
    ['6', 'src/inbox/replay.ts → src/body/kind.ts'],
    ['6', 'type src/inbox/replay.ts → src/adapters/hono/index.ts'],
    ['–', 'src/types.ts → src/client.ts'],
    ['–', 'src/types.ts → src/event/auth.ts'],
    ['–', 'src/helpers/text.ts → src/types.ts'],
  ])('rule %s forbids %s', (_rule, line) => {
    expect(findViolations([parseImport(line)])).toHaveLength(1)
  })

  test.each([
    'src/event/error.ts → src/event/stack.ts',
    'type src/delivery/queue.ts → src/types.ts',
    'type src/types.ts → src/client.ts',
    'src/client.ts → src/scope.ts',
    'src/observe.ts → src/event/trace.ts',
    'src/adapters/cloudflare/index.ts → src/adapters/cloudflare/queue.ts',
    'src/adapters/hono/index.ts → src/observe.ts',
    'type src/adapters/itty.ts → itty-router',
    'src/adapters/node/guards.ts → node:http',
    'src/inbox/app.ts → src/event/mask.ts',
    'src/inbox/command-line.ts → src/version.ts',
    'src/inbox/server.ts → @hono/node-server',
  ])('allow %s', line => {
    expect(findViolations([parseImport(line)])).toEqual([])
  })

  test('allow an adapter one helper of its framework', () => {
    const helpers = ['src/adapters/hono/index.ts → hono/route', 'src/adapters/hono/index.ts → hono/adapter'].map(
      parseImport,
    )
    expect(findViolations(helpers)).toEqual([
      'src/adapters/hono/index.ts → hono/route, hono/adapter (too many helpers)',
    ])
    expect(findViolations(helpers.slice(1))).toEqual([])
  })
})

test('an import is seen however it is written, and also in a file that no entry reaches', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'replaystack-rules-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const sources = {
    'src/index.ts': "export * from './event/url.ts'\nimport('./event/mask.ts')\n",
    'src/event/url.ts': "import { open } from '../client.ts'\nexport const url = open\n",
    'src/event/mask.ts': "import type { Hono } from 'hono'\nexport let app: Hono | import('../scope.ts').Scope\n",
    'src/client.ts': "export * from 'node:fs'\nexport const open = 1\n",
    'src/scope.ts': 'export interface Scope {}\n',
    'src/adapters/lost.ts': "export type { Scope } from '../delivery/queue.ts'\n",
  }
  for (const [name, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  expect(findViolations(await readImports(folder, ['src/index.ts'])).sort()).toEqual([
    'src/adapters/lost.ts → src/delivery/queue.ts (adapter)',
    'src/client.ts → node:fs (core)',
    'src/event/mask.ts → hono (event)',
    'src/event/mask.ts → src/scope.ts (event)',
    'src/event/url.ts → src/client.ts (event)',
  ])
})
