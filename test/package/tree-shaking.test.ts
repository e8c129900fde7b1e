/** What of the built package ends up in an application that imports a part of it, as a bundler's metafile tells. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { sdkEntries } from '../../build/entries.ts'
import { root } from './bundle-entry.ts'

interface Kept {
  /** Bytes of each file that are left, of those of which any are. */
  files: Record<string, number>
  code: string
}

/** An application of one line, bundled with what it needs. */
async function bundleLine(line: string, options: BuildOptions = {}): Promise<Kept> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: line, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    external: ['hono', 'hono/*', 'itty-router', 'node:*'],
    logOverride: { 'ignored-bare-import': 'silent' },
    logLevel: 'silent',
    write: false,
    ...options,
    metafile: true,
  })
  const [output] = Object.values(metafile.outputs)
  const kept = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  return {
    files: Object.fromEntries(kept.map(([file, { bytesInOutput }]) => [file, bytesInOutput])),
    code: outputFiles?.[0]?.text ?? '',
  }
}

const names = Object.keys(sdkEntries)
const specifier = (name: string): string => (name === 'index' ? '@replaystack/edge' : `@replaystack/edge/${name}`)

/** The rooms of `src/` that are one entry's alone. */
const ownRoom = (file: string): string | undefined =>
  /^src\/adapters\/([\w-]+)/.exec(file)?.[1] ?? /^src\/(console|inbox|masks|otlp|tape|testing)\b/.exec(file)?.[1]

/** The rooms of an entry that has not exactly the one of its own name. */
const ownRooms: Readonly<Record<string, readonly string[]>> = {
  index: [],
  nest: ['node'],
  // Its functions of the form `export const handler` are Lambda functions.
  netlify: ['lambda', 'netlify'],
  // It plays tapes back, and reads what Lambda functions return.
  testing: ['lambda', 'tape', 'testing'],
}

describe.each(names)('the entry %s', name => {
  test('brings nothing of another entry', async () => {
    const source = JSON.stringify(`./${sdkEntries[name]}`)
    const { files } = await bundleLine(`export * from ${source}`, { define: { __SDK_VERSION__: '"0"' } })
    const rooms = new Set(Object.keys(files).map(ownRoom))
    expect([...rooms].filter(room => room !== undefined).sort()).toEqual(ownRooms[name] ?? [name])
  })

  test('brings, as it is published, its own file and those that it shares', async () => {
    const { files } = await bundleLine(`export * from '${specifier(name)}'`)
    const entries = Object.keys(files).filter(file => /^dist\/[\w-]+\.js$/.test(file) && !/\/chunk-/.test(file))
    expect(entries).toEqual([`dist/${name}.js`])
  })

  test('leaves nothing where nothing of it is used', async () => {
    const { files, code } = await bundleLine(
      `import '${specifier(name)}'\nimport * as unused from '${specifier(name)}'`,
    )
    expect(files).toEqual({})
    expect(code.replace(/import"(hono|itty-router|node:)[^"]*";|\s/g, '')).toBe('')
  })
})

test('every file that is built for the SDK is in use', async () => {
  const { files } = await bundleLine(names.map((name, at) => `export * as e${at} from '${specifier(name)}'`).join('\n'))
  const built = readdirSync(join(root, 'dist')).filter(file => file.endsWith('.js'))
  const used = Object.keys(files).map(file => file.replace('dist/', ''))
  expect(built.filter(file => file !== 'index.js' && !used.includes(file))).toEqual([])
})
