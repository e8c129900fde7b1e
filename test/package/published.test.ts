/** The tarball as npm gets it: built in folders of its own, so that `dist/` is not asked. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { BuildOptions } from 'esbuild'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { definitions, inboxEntries, sdkEntries } from '../../build/entries.ts'
import { definePageAssets } from '../../build/page-assets.ts'
import { withoutAjv } from '../../build/without-ajv.ts'
import { buildElsewhere, type Packed, unpackInto } from './build-elsewhere.ts'
import { bundleEntry, root } from './bundle-entry.ts'

const run = promisify(execFile)

let place: string
let one: Packed
let other: Packed

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'replaystack-published-'))
  ;[one, other] = await Promise.all([
    buildElsewhere(join(place, 'one'), { TZ: 'UTC', LANG: 'C' }),
    buildElsewhere(join(place, 'a folder/further down'), { TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', CI: 'true' }),
  ])
}, 120_000)

afterAll(() => rm(place, { recursive: true, force: true }))

const textOf = ({ folder }: Packed, path: string): Promise<string> => readFile(join(folder, path), 'utf8')

async function hashesOf({ folder, files }: Packed): Promise<Record<string, string>> {
  const hashes = files.map(async ({ path }) => {
    const hash = createHash('sha256').update(await readFile(join(folder, path)))
    return [path, hash.digest('hex')] as const
  })
  return Object.fromEntries(await Promise.all(hashes))
}

/** The modules that a packed file imports, by what it calls them. */
async function importsOf(packed: Packed, path: string): Promise<string[]> {
  const found: string[] = []
  const isRequire = (node: ts.Expression) => ts.isIdentifier(node) && node.text === 'require'
  // What a text shows is no import: the command writes code.
  const look = (node: ts.Node): void => {
    let from: ts.Node | undefined
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) from = node.moduleSpecifier
    else if (ts.isImportTypeNode(node)) from = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
    else if (ts.isCallExpression(node)) {
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node.expression)
      from = isImport ? node.arguments[0] : undefined
    }
    if (from && ts.isStringLiteralLike(from)) found.push(from.text)
    ts.forEachChild(node, look)
  }
  look(ts.createSourceFile(path, await textOf(packed, path), ts.ScriptTarget.Latest))
  return found
}

describe('the tarball', () => {
  test('is the same, file by file and byte by byte, wherever and whenever it is built', async () => {
    const hashes = await hashesOf(one)
    expect(Object.keys(hashes).length).toBeGreaterThan(30)
    expect(await hashesOf(other)).toEqual(hashes)
    expect(other.files).toEqual(one.files)
    expect(other.integrity).toBe(one.integrity)
    const tarballs = await Promise.all([one, other].map(({ file }) => readFile(file)))
    expect(tarballs[0]?.equals(tarballs[1] ?? Buffer.alloc(0))).toBe(true)
    expect(tarballs[0]?.length).toBeLessThan(600_000)
  })

  test('holds the build, its types, what explains them and the licences of what is in it, and nothing else', () => {
    // Parts that several entries share are named for what is in them: the names change with the code.
    const names = one.files.map(({ path }) => path.replace(/-[A-Z\d]{8}(?=\.c?js$)|-[\w-]{8}(?=\.d\.c?ts$)/, '-*'))
    const entries = Object.keys(sdkEntries).flatMap(name =>
      ['d.ts', 'js', 'd.cts', 'cjs'].map(kind => `dist/${name}.${kind}`),
    )
    const commands = [
      'alerts',
      'backup',
      'compare',
      'delete',
      'export',
      'inbox',
      'issues',
      'mcp',
      'replay',
      'restore',
      'sourcemaps',
      'tail',
      'team',
      'test',
    ].map(name => `dist/inbox/${name}-*.js`)
    const expected = [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'],
      ...['dist/chunk-*.js', 'dist/chunk-*.cjs', ...entries],
      ...['client', 'lifecycle', 'message', 'types'].flatMap(part => [`dist/${part}-*.d.ts`, `dist/${part}-*.d.cts`]),
      ...['dist/inbox/THIRD_PARTY_LICENSES.txt', 'dist/inbox/chunk-*.js', 'dist/inbox/cli.js', ...commands],
      ...['dist/inbox/worker.js', 'dist/inbox/worker.d.ts'],
    ]
    expect([...new Set(names)].sort()).toEqual(expected.sort())
    // One name, one file, but for the parts.
    const single = names.filter(name => !name.includes('/chunk-'))
    expect(single.length).toBe(new Set(single).size)
  })

  test('weighs less than 670 kB, the server for agents less than 100 kB of it, and no other command loads that', async () => {
    expect((await readFile(one.file)).byteLength).toBeLessThan(670_000)
    const commands = one.files.map(({ path }) => path).filter(path => /^dist\/inbox\/.*\.js$/.test(path))
    const texts = await Promise.all(commands.map(async path => ({ path, text: await textOf(one, path) })))
    const serving = texts.filter(({ text }) => text.includes('notifications/initialized'))
    expect(serving.map(({ path }) => path)).toEqual([expect.stringMatching(/^dist\/inbox\/mcp-[A-Z\d]{8}\.js$/)])
    expect(gzipSync(serving.map(({ text }) => text).join('')).byteLength).toBeLessThan(100_000)
  })

  test('explains itself where an editor looks, and holds no notes to ourselves', async () => {
    for (const { path } of one.files) {
      const text = await textOf(one, path)
      if (/^dist\/[^/]+\.d\.c?ts$/.test(path)) expect(text, path).toMatch(/\/\*\*/)
      expect(text, path).not.toMatch(/^\/\/# sourceMappingURL|\bTODO\b|\bFIXME\b|@ts-ignore|@ts-nocheck/m)
    }
  })

  test('tells nothing of the machine that built it', async () => {
    const places = [place, root.replace(/\/$/, ''), homedir(), 'sourceMappingURL'].filter(text => text.length > 5)
    for (const { path } of one.files) {
      const text = await textOf(one, path)
      expect(
        places.filter(found => text.includes(found)),
        path,
      ).toEqual([])
    }
  })
})

describe('the licences', () => {
  /** Whose code is in the command: esbuild writes above each part where it comes from. */
  async function bundledPackages(): Promise<string[]> {
    const options: BuildOptions = {
      platform: 'node',
      plugins: [withoutAjv],
      define: { ...definitions, ...definePageAssets() },
    }
    const bundles = await Promise.all(Object.values(inboxEntries).map(file => bundleEntry(file, options)))
    const found = bundles.flatMap(({ files }) =>
      files.flatMap(file => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
    )
    return [...new Set(found)].sort()
  }

  test('of all that is bundled are beside it, whole', async () => {
    const names = await bundledPackages()
    expect(names).toEqual([
      '@hono/node-server',
      '@jridgewell/resolve-uri',
      '@jridgewell/sourcemap-codec',
      '@jridgewell/trace-mapping',
      '@modelcontextprotocol/sdk',
      'diff',
      'hono',
      'zod',
      'zod-to-json-schema',
    ])
    const shipped = await textOf(one, 'dist/inbox/THIRD_PARTY_LICENSES.txt')
    const titles = [...shipped.matchAll(/^=+\n(\S+) (\S+) \(\S+\)\n=+\n/gm)].map(([, name]) => name)
    expect(titles).toEqual(names)
    for (const name of names) {
      const text = await readFile(join(root, 'node_modules', name, 'LICENSE'), 'utf8')
      expect(text, name).toMatch(/copyright/i)
      expect(shipped.includes(text.trim()), name).toBe(true)
    }
  })

  test('of the SDK is its own alone: no code of others is in it', async () => {
    for (const { path } of one.files.filter(({ path }) => /^dist\/[^/]+\.js$/.test(path))) {
      expect(await textOf(one, path), path).not.toMatch(/^\/\/ .*node_modules\//m)
    }
  })
})

describe('what ships', () => {
  test('depends on nothing, and runs nothing when it is installed', async () => {
    const manifest: Record<string, unknown> = JSON.parse(await textOf(one, 'package.json'))
    for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies']) {
      expect(manifest, field).not.toHaveProperty(field)
    }
    expect(Object.keys(Object(manifest['peerDependencies'])).sort()).toEqual(['hono', 'itty-router'])
    const optional = Object.entries<{ optional?: boolean }>(Object(manifest['peerDependenciesMeta']))
    expect(optional.filter(([, { optional }]) => optional === true).map(([name]) => name)).toEqual([
      'hono',
      'itty-router',
    ])
    const scripts = Object.keys(Object(manifest['scripts']))
    expect(
      scripts.filter(name => /^(pre|post)?(install|prepare|publish|pack|uninstall)$|^dependencies$/.test(name)),
    ).toEqual([])
  })

  test('imports its own files, modules of Node and the frameworks that have an entry, and nothing else', async () => {
    const paths = new Set(one.files.map(({ path }) => path))
    const foreign: string[] = []
    for (const path of paths) {
      if (!/\.(c?js|d\.c?ts)$/.test(path)) continue
      for (const name of await importsOf(one, path)) {
        const own = posix.join(dirname(path), path.includes('.d.') ? name.replace(/\.(c?)js$/, '.d.$1ts') : name)
        const isNode = name.startsWith('node:') || builtinModules.includes(name)
        if (name.startsWith('.') ? !paths.has(own) : !isNode) foreign.push(`${path}: ${name}`)
        // Of Node, the entries for it alone, and what they share: test/package/neutral.test.ts has the others.
        if (isNode && !/^dist\/(inbox\/|node\.|nest\.|lambda\.|chunk-|message-)/.test(path)) {
          foreign.push(`${path}: ${name}`)
        }
      }
    }
    expect(foreign.sort()).toEqual([
      'dist/hono.d.cts: hono',
      'dist/hono.d.ts: hono',
      'dist/itty.cjs: itty-router',
      'dist/itty.js: itty-router',
    ])
  })

  test('works where there is nothing beside it', async () => {
    const folder = join(place, 'project')
    const home = await unpackInto(folder, one)
    const manifest: { version: string; exports: Record<string, unknown> } = JSON.parse(
      await readFile(join(home, 'package.json'), 'utf8'),
    )
    const entries = Object.keys(manifest.exports).filter(
      entry => !['./hono', './itty', './package.json'].includes(entry),
    )
    const lines = entries.map(entry => `await import('@replaystack/edge${entry.slice(1)}')`)
    await writeFile(join(folder, 'program.mjs'), `${lines.join('\n')}\nconsole.log('loaded')\n`)
    const options = { cwd: folder }
    expect((await run(process.execPath, ['program.mjs'], options)).stdout).toBe('loaded\n')
    const cli = join(home, 'dist/inbox/cli.js')
    expect((await run(process.execPath, [cli, '--version'], options)).stdout).toBe(`${manifest.version}\n`)
  })
})
