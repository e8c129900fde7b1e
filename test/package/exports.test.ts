import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { sdkEntries } from '../../build/entries.ts'
import { root } from './bundle-entry.ts'

/** One copy for all who can import or require a module; CommonJS for the others, which are Jest and old Nodes. */
interface Conditions {
  workerd?: string
  bun?: string
  'module-sync'?: string
  module?: string
  require?: { types: string; default: string }
  types: string
  default: string
}

interface Manifest {
  version: string
  bin: Record<string, string>
  types: string
  typesVersions: { '*': Record<string, string[]> }
  exports: Record<string, string | Conditions>
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
          "captureUnhandledRejections",
          "consumeReplayStackQueue",
          "instrumentDurableObject",
          "instrumentWorkerEntrypoint",
          "instrumentWorkflow",
          "queueTransport",
          "serviceTransport",
          "traceQueue",
          "traceRpc",
          "withReplayStack",
        ],
        "./console": [
          "recordConsole",
        ],
        "./fetch": [
          "recordError",
          "withReplayStack",
        ],
        "./hono": [
          "replaystack",
        ],
        "./inbox-worker": [
          "InboxDirectory",
          "InboxProject",
          "default",
        ],
        "./itty": [
          "replaystack",
        ],
        "./lambda": [
          "withReplayStack",
        ],
        "./masks": [
          "personalData",
        ],
        "./nest": [
          "createReplayStackNestExceptionFilter",
          "createReplayStackNestInterceptor",
        ],
        "./netlify": [
          "withReplayStack",
        ],
        "./node": [
          "createReplayStackClient",
          "installReplayStackProcessGuards",
          "pinoLogMethod",
          "recordError",
          "replaystack",
          "runReplayStackJob",
          "withReplayStack",
        ],
        "./otlp": [
          "otlpTransport",
        ],
        "./tape": [
          "tapeRecorder",
        ],
        "./testing": [
          "createTestClient",
          "expectNoSecrets",
          "harnessOptions",
          "invokeLambda",
          "loadTape",
          "maskedValue",
          "memoryTransport",
          "openHarness",
          "playWorker",
          "replayBindings",
          "replayFetch",
          "requestApp",
          "requestLambda",
          "runEmail",
          "runQueue",
          "runScheduled",
        ],
        "./vercel": [
          "captureRequestErrors",
          "withReplayStack",
          "withServerAction",
        ],
      }
    `)
  })

  test('are those that are built', () => {
    const built = Object.keys(sdkEntries).map(name => ({
      subpath: name === 'index' ? '.' : `./${name}`,
      workerd: `./dist/${name}.js`,
      bun: `./dist/${name}.js`,
      'module-sync': `./dist/${name}.js`,
      module: `./dist/${name}.js`,
      require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
      types: `./dist/${name}.d.ts`,
      default: `./dist/${name}.js`,
    }))
    // It is a Worker, and runs in workerd alone.
    const worker = {
      subpath: './inbox-worker',
      types: './dist/inbox/worker.d.ts',
      default: './dist/inbox/worker.js',
    }
    // Their order decides: a host takes the first condition that it knows.
    expect(JSON.stringify(modules)).toBe(JSON.stringify([...built, worker]))
    expect(manifest.exports['./package.json']).toBe('./package.json')
  })

  test('are those that `moduleResolution: node10` finds, which reads no exports', () => {
    const [main, ...others] = Object.keys(sdkEntries).map(name => [name, [`./dist/${name}.d.ts`]] as const)
    const worker = { 'inbox-worker': ['./dist/inbox/worker.d.ts'] }
    expect(manifest.types).toBe(main?.[1][0])
    expect(manifest.typesVersions).toEqual({ '*': { ...Object.fromEntries(others), ...worker } })
  })

  test('are there, with their types and commands', () => {
    const files = [
      ...modules.flatMap(({ types, default: file, require: common = {} }) => [types, file, ...Object.values(common)]),
      ...Object.values(manifest.bin),
    ]
    expect(files.filter(file => !existsSync(join(root, file)))).toEqual([])
  })

  test("tell the package's own version", async () => {
    const { SDK_NAME, SDK_VERSION } = await load('dist/index.js')
    expect([SDK_NAME, SDK_VERSION]).toEqual(['typescript-edge', manifest.version])
  })
})

/** Types of a framework or of Node, each in the entry that is for it alone. */
const frameworks: Record<string, string[]> = { hono: ['hono'], node: ['node:http'], nest: ['node:http'] }

describe('the published types', () => {
  const files = [...readdirSync(join(root, 'dist')), 'inbox/worker.d.ts'].filter(name => /\.d\.c?ts$/.test(name))

  test.each(files)('%s brings no types of its own into a program', name => {
    const read = ts.preProcessFile(readFileSync(join(root, 'dist', name), 'utf8'))
    const references = [read.referencedFiles, read.typeReferenceDirectives, read.libReferenceDirectives].flat()
    expect(references).toEqual([])
    const packages = read.importedFiles.map(({ fileName }) => fileName).filter(path => !path.startsWith('./'))
    expect(packages).toEqual(frameworks[name.replace(/\.d\.c?ts$/, '')] ?? [])
  })

  test('change nothing that is global', () => {
    const declared = files.filter(name =>
      /\bdeclare\s+(global|module)\b/.test(readFileSync(join(root, 'dist', name), 'utf8')),
    )
    expect(declared).toEqual([])
  })
})
