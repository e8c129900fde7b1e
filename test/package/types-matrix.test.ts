/** The published types, under every way in which an application is likely to check them: one process for all. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeEntries, sdkEntries } from '../../build/entries.ts'
import { root } from './bundle-entry.ts'

let folder: string

/** A project of its own, in which the package is what npm would have unpacked. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replaystack-types-'))
  const modules = join(folder, 'node_modules')
  const installed = join(modules, '@replaystack/edge')
  await mkdir(installed, { recursive: true })
  for (const name of ['package.json', 'dist']) await cp(join(root, name), join(installed, name), { recursive: true })
  await cp(join(root, 'test/package/fixtures/types'), folder, { recursive: true })
  for (const name of ['hono', 'itty-router', '@types', '@cloudflare']) {
    await symlink(join(root, 'node_modules', name), join(modules, name))
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const entries = Object.keys(sdkEntries)

/** Whose `Request` and `Response` are in the global scope. One of them has to be: the types name them. */
interface Globals {
  name: string
  lib: string[]
  types: string[]
}

const ES = 'lib.es2022.d.ts'
const DOM = [ES, 'lib.dom.d.ts', 'lib.dom.iterable.d.ts']
const CLOUDFLARE = '@cloudflare/workers-types'
const platforms: readonly Globals[] = [
  { name: "Cloudflare's types alone", lib: [ES], types: [CLOUDFLARE] },
  { name: "Node's types alone", lib: [ES], types: ['node'] },
  { name: 'DOM alone', lib: DOM, types: [] },
  { name: 'web workers alone', lib: [ES, 'lib.webworker.d.ts', 'lib.webworker.iterable.d.ts'], types: [] },
  { name: "DOM and Node's types", lib: DOM, types: ['node'] },
  { name: "DOM and Cloudflare's types", lib: DOM, types: [CLOUDFLARE] },
  { name: "Cloudflare's and Node's types", lib: [ES], types: [CLOUDFLARE, 'node'] },
]

const resolutions = [
  { name: 'NodeNext', module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  { name: 'Bundler', module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
]

/** Source files by how they are read: parsed once, not once a program. */
const parsed = new Map<string, ts.SourceFile | undefined>()

/**
 * What TypeScript says of fixtures and of the package's own declarations, which `skipLibCheck: false` has it look at. What
 * it says of others' declarations is theirs: DOM and Cloudflare's are at odds, and itty-router's name modules it lacks.
 */
function check(fixtures: readonly string[], { lib, types }: Globals, options: ts.CompilerOptions): string[] {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    types,
    lib,
    ...options,
  }
  const host = ts.createCompilerHost(compilerOptions)
  const { getSourceFile } = host
  host.getCurrentDirectory = () => folder
  host.getSourceFile = (name, how, ...rest) => {
    const key = `${options.module} ${JSON.stringify(how, ['impliedNodeFormat', 'languageVersion'])} ${name}`
    if (!parsed.has(key)) parsed.set(key, getSourceFile(name, how, ...rest))
    return parsed.get(key)
  }
  const program = ts.createProgram(
    fixtures.map(name => join(folder, name)),
    compilerOptions,
    host,
  )
  const ours = program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(folder) && !/node_modules\/(?!@replaystack\/)/.test(fileName))
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ]
  return diagnostics.map(({ file, start = 0, messageText }) => {
    const line = file
      ? `${file.fileName.slice(folder.length)}:${file.getLineAndCharacterOfPosition(start).line + 1} `
      : ''
    return line + ts.flattenDiagnosticMessageText(messageText, '\n')
  })
}

/** Node's entry names Node's types: who has none of them has no use for it. */
const fixturesFor = ({ types }: Globals): string[] => [
  ...entries.filter(name => !nodeEntries.includes(name) || types.includes('node')).map(name => `${name}.ts`),
  ...(types.join() === CLOUDFLARE ? ['workers-types.ts'] : []),
]

describe.each(platforms)('with $name', globals => {
  test.each(resolutions)('every entry fits, resolved as $name does', ({ name: _name, ...options }) => {
    expect(check(fixturesFor(globals), globals, options)).toEqual([])
  })
})

const [, forNode, , , everyday] = platforms
const [nodeNext, bundler] = resolutions

test('every entry fits where undefined is as good as absent', () => {
  if (!everyday || !bundler) throw new Error('No platform')
  const { name: _name, ...options } = bundler
  expect(check(fixturesFor(everyday), everyday, { ...options, exactOptionalPropertyTypes: false })).toEqual([])
})

test("every entry fits where CommonJS requires it, which Node's own rules allow", async () => {
  if (!forNode || !nodeNext) throw new Error('No platform')
  const lines = entries.map(name => {
    const from = name === 'index' ? '@replaystack/edge' : `@replaystack/edge/${name}`
    return `import ${name} = require('${from}')\n// @ts-expect-error Its types are known.\n${name}.nothing`
  })
  await writeFile(join(folder, 'common.cts'), lines.join('\n'))
  const { name: _name, ...options } = nodeNext
  expect(check(['common.cts'], forNode, options)).toEqual([])
})

test.each([
  ['`moduleResolution: node10`', ts.ModuleKind.CommonJS, ts.ModuleResolutionKind.Node10],
  ['`module: node16`', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
  ['`module: nodenext`', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
])('every entry is found by a CommonJS project with %s', async (_name, module, moduleResolution) => {
  if (!forNode) throw new Error('No platform')
  const lines = entries.map(name => {
    const from = name === 'index' ? '@replaystack/edge' : `@replaystack/edge/${name}`
    return `import * as ${name} from '${from}'\n// @ts-expect-error Its types are known.\n${name}.nothing`
  })
  await mkdir(join(folder, 'common'), { recursive: true })
  await writeFile(join(folder, 'common/package.json'), '{ "private": true }')
  await writeFile(join(folder, 'common/entries.ts'), lines.join('\n'))
  const options = { module, moduleResolution, verbatimModuleSyntax: false, allowImportingTsExtensions: false }
  expect(check(['common/entries.ts'], forNode, { ...options, ignoreDeprecations: '6.0' })).toEqual([])
})

describe('the check', () => {
  test('asks of every name that can be imported', async () => {
    const forgotten = await Promise.all(
      entries.map(async name => {
        const program = ts.createProgram([join(root, `dist/${name}.d.ts`)], {
          noLib: true,
          noResolve: false,
          types: [],
        })
        const checker = program.getTypeChecker()
        const file = program.getSourceFile(join(root, `dist/${name}.d.ts`))
        const symbol = file && checker.getSymbolAtLocation(file)
        const exported = symbol ? checker.getExportsOfModule(symbol).map(one => one.getName()) : []
        const text = await readFile(join(folder, `${name}.ts`), 'utf8')
        expect(exported.length).toBeGreaterThan(0)
        return exported.filter(one => text.split(new RegExp(`\\b${one}\\b`)).length < 3).map(one => `${name}: ${one}`)
      }),
    )
    expect(forgotten.flat()).toEqual([])
  })

  test('tells what does not fit', async () => {
    if (!forNode || !nodeNext) throw new Error('No platform')
    const wrong = `import { withReplayStack } from '@replaystack/edge/fetch'
      withReplayStack((request: Request) => new Response(request.url), { timeoutMs: 1 })
      withReplayStack(7)
      // @ts-expect-error Nothing is wrong.
      withReplayStack(() => 7)
    `
    await writeFile(join(folder, 'wrong.ts'), wrong)
    const { name: _name, ...options } = nodeNext
    expect(check(['wrong.ts'], forNode, options)).toEqual([
      expect.stringMatching(/^\/wrong\.ts:3 Argument of type 'number' is not assignable/),
      "/wrong.ts:4 Unused '@ts-expect-error' directive.",
    ])
  })

  test('looks at the declarations themselves: one that names a type nobody has does not pass', async () => {
    if (!forNode || !nodeNext) throw new Error('No platform')
    const { name: _name, ...options } = nodeNext
    const nothing = { ...forNode, types: [] }
    expect(check(['fetch.ts'], nothing, options)).toContainEqual(
      expect.stringMatching(/^\/node_modules\/@replaystack\/edge\/dist\/fetch\.d\.ts:\d+ Cannot find name 'Request'/),
    )
  })
})
