import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import { nodeEntries, sdkEntries } from '../../build/entries.ts'
import { bundleEntry, root } from './bundle-entry.ts'
import { freeNames } from './free-names.ts'
import { namedModules } from './named-modules.ts'

/** What the SDK may take from its host: all of it is in Workers, Node, Deno, Bun and the edge VM. */
const WEB_PLATFORM = [
  ...[
    'fetch',
    'Blob',
    'FormData',
    'Headers',
    'Request',
    'Response',
    'AbortController',
    'AbortSignal',
    'ReadableStream',
    'TransformStream',
  ],
  ...['URL', 'URLSearchParams', 'TextDecoder', 'TextEncoder', 'atob', 'btoa', 'crypto'],
  ...['clearTimeout', 'setTimeout', 'queueMicrotask', 'performance', 'console'],
]

/** The language's own names, and two that TypeScript counts as names. */
const LANGUAGE = [...vm.runInNewContext('Object.getOwnPropertyNames(globalThis)'), 'arguments', 'undefined']

/** What a module may not touch when it is loaded: in workerd the clock stands at 0 there, and chance is forbidden. */
const FORBID_EFFECTS = `
  const refuse = () => { throw new Error('This ran at module scope.') }
  Math.random = refuse
  globalThis.Date = class { constructor() { refuse() } static now = refuse }
  for (const name of ['console', 'WebAssembly']) delete globalThis[name]
`

/** Runs code as a script in a global scope that holds the language and nothing else; answers the names it left there. */
function runInEmptyGlobal(code: string): string[] {
  const context = vm.createContext(Object.create(null))
  vm.runInContext(FORBID_EFFECTS, context)
  const names = (): string[] => vm.runInContext('Object.getOwnPropertyNames(globalThis)', context)
  const before = names()
  vm.runInContext(code, context)
  return names().filter(name => !before.includes(name))
}

const external = ['hono', 'hono/*']

/** How scopes find `AsyncLocalStorage`. */
const SCOPES = [
  'src/client/scope.ts',
  [
    "host.process?.getBuiltinModule?.('node:async_hooks')",
    "name = 'node:async_hooks'",
    'import(/* webpackIgnore: true */ /* @vite-ignore */ name)',
  ],
]

/** Where the recorded `env` becomes the one that a Worker imports. */
const WORKERS_MODULE = ["callMember(read(globalThis, 'process'), 'getBuiltinModule', 'cloudflare:workers')"]
const WITH_ENV = ['src/tape/with-environment.ts', WORKERS_MODULE]

/** Where a Worker's bindings are had outside any handler. */
const MODULE_SCOPE_ENV = ['src/adapters/cloudflare/unhandled-rejections.ts', WORKERS_MODULE]

/** What is looked up by entries that do more than have scopes, or have none. */
const LOOKED_UP: Readonly<Record<string, unknown[]>> = {
  cloudflare: [SCOPES, MODULE_SCOPE_ENV],
  console: [],
  masks: [],
  otlp: [],
  tape: [WITH_ENV],
  testing: [SCOPES, WITH_ENV],
}

/** Every entry but those that are written against Node. */
const edgeEntries = Object.entries(sdkEntries).filter(([name]) => !nodeEntries.includes(name))

describe.each(edgeEntries)('the entry %s', (name, source) => {
  test('bundles for no platform, without a warning', async () => {
    const { imports, warnings } = await bundleEntry(source, { external })
    expect(warnings).toEqual([])
    expect(imports.filter(path => !/^hono(\/|$)/.test(path))).toEqual([])
    if (name !== 'hono') expect(imports).toEqual([])
  })

  test('takes from its host what every runtime has', async () => {
    const { code } = await bundleEntry(source, { external })
    const names = freeNames(code).filter(free => !LANGUAGE.includes(free))
    if (!['console', 'masks'].includes(name)) expect(names).toContain('fetch')
    expect(names.filter(free => !WEB_PLATFORM.includes(free))).toEqual([])
  })

  test("names no module of Node's but the one it looks up", async () => {
    const { files } = await bundleEntry(source, { external })
    const named = files.map(file => [file, namedModules(readFileSync(join(root, file), 'utf8'))] as const)
    expect(named.filter(([, found]) => found.length > 0)).toEqual(LOOKED_UP[name] ?? [SCOPES])
  })

  test('does nothing when it is loaded', async () => {
    const { code } = await bundleEntry(`dist/${name}.js`, { format: 'iife', globalName: 'entry' })
    expect(runInEmptyGlobal(code)).toEqual(['entry'])
  })
})

describe('the checks', () => {
  test('find a name that is taken from the global scope, and only that', () => {
    const code = `
      // process.env
      const text = 'Deno', object = { Bun: 1, require() {}, inner: { __dirname: text } }
      function own(Buffer) { return Buffer ?? object.process ?? arguments }
      label: for (const global of []) { break label }
      class Taken extends Base { field = typeof process; static { setImmediate(own) } }
      const { key: renamed = fallback, short } = { short, [computed]: Taken }
      export { text as window, renamed }
    `
    expect(freeNames(code)).toEqual(['Base', 'arguments', 'computed', 'fallback', 'process', 'setImmediate'])
  })

  test('find a module that is named, and an import of what is computed', () => {
    const code = `
      // import('node:fs')
      import { text } from './node.ts'
      const found = load?.("node:fs") ?? open(\`cloudflare:sockets\`), other = 'a node: of a tree'
      await import(text)
    `
    expect(namedModules(code)).toEqual(['load?.("node:fs")', 'open(`cloudflare:sockets`)', 'import(text)'])
  })

  test.each([
    'Date.now()',
    'new Date()',
    'Math.random()',
    'setTimeout(() => {}, 0)',
    'new URL("https://a.test")',
    'console.log(1)',
  ])('do not let %s run at module scope', code => {
    expect(() => runInEmptyGlobal(code)).toThrow()
  })

  test('see what is left in the global scope', () => {
    expect(runInEmptyGlobal('globalThis.leftover = 1')).toEqual(['leftover'])
  })
})
