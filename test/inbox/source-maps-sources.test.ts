import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSourceMaps } from '../../src/inbox/local/open-source-maps.ts'
import type { ResolvedFrame } from '../../src/inbox/source-maps.ts'
import { type Files, frame, write } from './bundled-project.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

describe('a source', () => {
  /** The resolved first place of a map that has this one source. */
  function resolveSource(source: string, map: object = {}, files: Files = {}): ResolvedFrame | undefined {
    const project = createTemporaryFolder()
    const json = { version: 3, sources: [source], names: [], mappings: 'AAAA', ...map }
    write(project, { 'package.json': '{}', 'dist/index.js.map': JSON.stringify(json), ...files })
    return openSourceMaps(join(project, 'dist')).resolve(frame('index.js', { lineNumber: 1, columnNumber: 1 }))
  }

  it.each<[source: string, fileName: string, own: boolean]>([
    ['../src/a.ts', 'src/a.ts', true],
    ['a.ts', 'dist/a.ts', true],
    ['webpack://shop/./src/a.ts?1f2e', 'src/a.ts', true],
    ['webpack:///../../src/a.ts', 'src/a.ts', true],
    ['webpack://shop/webpack/runtime/global', 'webpack/runtime/global', false],
    ['https://shop.example/src/a.ts', 'src/a.ts', true],
    ['file:///elsewhere/src/a.ts', 'elsewhere/src/a.ts', true],
    ['../../../../../../../../../../outside/a.ts', 'outside/a.ts', true],
    ['../node_modules/hono/dist/hono.js', 'node_modules/hono/dist/hono.js', false],
    ['../../../../node_modules/.pnpm/hono@4/node_modules/hono/hono.js', 'node_modules/hono/hono.js', false],
    [
      '../../../node_modules/wrangler/templates/middleware/common.ts',
      'node_modules/wrangler/templates/middleware/common.ts',
      false,
    ],
    [
      '../.wrangler/tmp/bundle-1/middleware-insertion-facade.js',
      '.wrangler/tmp/bundle-1/middleware-insertion-facade.js',
      false,
    ],
    ['../bundle-1/middleware-loader.entry.ts', 'bundle-1/middleware-loader.entry.ts', false],
    ['node:internal/async', 'node:internal/async', false],
    ['cloudflare-internal:sockets', 'cloudflare-internal:sockets', false],
    ['<define:process>', 'dist/<define:process>', false],
    ['../src/node_modules_of_ours.ts', 'src/node_modules_of_ours.ts', true],
  ])('%s is %s', (source, fileName, own) => {
    expect(resolveSource(source)).toMatchObject({ fileName, own })
  })

  it.each([
    ['/elsewhere', 'elsewhere/src/a.ts'],
    ['../src', 'src/src/a.ts'],
    // What Wrangler writes for `--outdir dist`: the sources are told from the map all the same.
    ['dist', 'src/a.ts'],
    ['dist/', 'src/a.ts'],
    ['./dist', 'src/a.ts'],
  ])('under the root %s is told from there', (sourceRoot, fileName) => {
    const source = sourceRoot.includes('dist') ? '../src/a.ts' : 'src/a.ts'
    expect(resolveSource(source, { sourceRoot })).toMatchObject({ fileName })
  })

  it('that the build ignores is not the project’s own', () => {
    expect(resolveSource('../src/a.ts', { ignoreList: [0] })).toMatchObject({ own: false })
    expect(resolveSource('../src/a.ts', { x_google_ignoreList: [0] })).toMatchObject({ own: false })
  })

  it.each([
    ['@replaystack/edge', 'dist/hono.js', false],
    ['@replaystack/edge', 'src/adapters/hono.ts', false],
    ['@replaystack/edge', 'examples/shop/src/index.ts', true],
    ['@acme/orders', 'src/adapters/hono.ts', true],
  ])('of the linked package %s, %s, is the application’s: %j', (name, file, own) => {
    const linked = createTemporaryFolder()
    write(linked, { 'package.json': JSON.stringify({ name }), [file]: '', 'dist/package.json': '{"type":"module"}' })
    expect(resolveSource(join(linked, file))).toMatchObject({ own })
  })

  it('is read from the disk when the map has no text', () => {
    const files = { 'src/a.ts': 'one\r\ntwo\rthree\nfour\nfive' }
    const context = ['one', 'two', 'three', 'four'].map((text, index) => ({ line: index + 1, text }))
    expect(resolveSource('../src/a.ts', {}, files)?.context).toEqual(context)
    expect(resolveSource('../src/a.ts', { sourcesContent: [null] }, files)?.context).toEqual(context)
    expect(resolveSource('../src/gone.ts', {}, files)).toEqual({
      functionName: 'charge',
      fileName: 'src/gone.ts',
      lineNumber: 1,
      columnNumber: 1,
      own: true,
    })
  })

  it('is cut where a line is too long to read', () => {
    const [line] = resolveSource('../src/a.ts', { sourcesContent: ['x'.repeat(5000)] })?.context ?? []
    expect(line?.text).toBe('x'.repeat(1000))
  })

  it('that a link leads to is not read', () => {
    const outside = createTemporaryFolder()
    write(outside, { 'secret.ts': 'secret' })
    const project = createTemporaryFolder()
    write(project, { 'package.json': '{}', 'src/.keep': '' })
    symlinkSync(join(outside, 'secret.ts'), join(project, 'src/a.ts'))
    const map = { version: 3, sources: ['../src/a.ts'], names: [], mappings: 'AAAA' }
    write(project, { 'dist/index.js.map': JSON.stringify(map) })
    expect(existsSync(join(project, 'src/a.ts'))).toBe(true)
    const resolved = openSourceMaps(join(project, 'dist')).resolve(
      frame('index.js', { lineNumber: 1, columnNumber: 1 }),
    )
    expect(resolved).toMatchObject({ fileName: 'src/a.ts' })
    expect(resolved?.context).toBeUndefined()
  })
})
