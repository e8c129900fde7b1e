import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { sdkEntries } from '../../build/entries.ts'
import { root } from './bundle-entry.ts'

interface Manifest {
  version: string
  bin: Record<string, string>
  exports: Record<string, string | { types: string; default: string }>
}

const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Subpath, file and types of what can be imported. */
const modules = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ subpath, ...target }],
)

/** What an application gets from one of the package's built files. */
const load = (file: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(root, file)).href)

describe('the published entries', () => {
  test('export these names', async () => {
    const names = await Promise.all(
      modules.map(async ({ subpath, default: file }) => [subpath, Object.keys(await load(file)).sort()] as const),
    )
    expect(Object.fromEntries(names)).toMatchInlineSnapshot(`
      {
        ".": [
          "DEFAULT_MASK_FIELDS",
          "ReplayStack",
          "ReplayStackClient",
          "SDK_NAME",
          "SDK_VERSION",
          "addContextBreadcrumb",
          "buildAbsoluteRequestUrlFromParts",
          "captureFailure",
          "clearContextBreadcrumbs",
          "createReplayStackClient",
          "createTraceId",
          "detectAuthMode",
          "formatStackFrameLocation",
          "getContextBreadcrumbs",
          "getErrorDetails",
          "getReplayStackErrorCapture",
          "headersToObject",
          "maskSensitiveData",
          "normalizeAbsoluteRequestUrl",
          "normalizeEndpoint",
          "parseStackTrace",
          "pickPrimaryStackFrame",
          "resolveMaskFields",
          "runWithReplayStackContext",
          "safeJsonClone",
          "shouldIgnorePath",
          "truncatePayload",
          "truncateUtf8String",
        ],
        "./cloudflare": [
          "consumeReplayStackQueue",
          "instrumentDurableObject",
          "instrumentWorkerEntrypoint",
          "queueTransport",
          "withReplayStack",
        ],
        "./fetch": [
          "withReplayStack",
        ],
        "./hono": [
          "replaystack",
        ],
        "./itty": [
          "replaystack",
        ],
        "./lambda": [
          "withReplayStack",
        ],
        "./netlify": [
          "withReplayStack",
        ],
        "./node": [
          "createReplayStackClient",
          "installReplayStackProcessGuards",
          "replaystack",
          "runReplayStackJob",
          "withReplayStack",
        ],
        "./testing": [
          "createTestClient",
          "expectNoSecrets",
          "memoryTransport",
        ],
        "./vercel": [
          "withReplayStack",
        ],
      }
    `)
  })

  test('are those that are built', () => {
    const built = Object.keys(sdkEntries).map(name => ({
      subpath: name === 'index' ? '.' : `./${name}`,
      types: `./dist/${name}.d.ts`,
      default: `./dist/${name}.js`,
    }))
    expect(modules).toEqual(built)
    expect(manifest.exports['./package.json']).toBe('./package.json')
  })

  test('are there, with their types and commands', () => {
    const files = [...modules.flatMap(({ types, default: file }) => [types, file]), ...Object.values(manifest.bin)]
    expect(files.filter(file => !existsSync(join(root, file)))).toEqual([])
  })

  test("tell the package's own version", async () => {
    const { SDK_NAME, SDK_VERSION } = await load('dist/index.js')
    expect([SDK_NAME, SDK_VERSION]).toEqual(['typescript-edge', manifest.version])
  })
})

/** Types of a framework or of Node, each in the entry that is for it alone. */
const frameworks: Record<string, string[]> = { 'hono.d.ts': ['hono'], 'node.d.ts': ['node:http'] }

describe('the published types', () => {
  const files = readdirSync(join(root, 'dist')).filter(name => name.endsWith('.d.ts'))

  test.each(files)('%s brings no types of its own into a program', name => {
    const read = ts.preProcessFile(readFileSync(join(root, 'dist', name), 'utf8'))
    const references = [read.referencedFiles, read.typeReferenceDirectives, read.libReferenceDirectives].flat()
    expect(references).toEqual([])
    const packages = read.importedFiles.map(({ fileName }) => fileName).filter(path => !path.startsWith('./'))
    expect(packages).toEqual(frameworks[name] ?? [])
  })

  test('change nothing that is global', () => {
    const declared = files.filter(name =>
      /\bdeclare\s+(global|module)\b/.test(readFileSync(join(root, 'dist', name), 'utf8')),
    )
    expect(declared).toEqual([])
  })
})
