/** The code of the pages: it compiles, and where it says to be an example's, it is. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { parseQuery } from '../../src/inbox/query/parse-query.ts'
import { root } from '../package/bundle-entry.ts'
import { pages, type Snippet, snippets } from './read-pages.ts'

const CODE = ['ts', 'js', 'jsonc']
const examples = snippets.filter(({ example }) => example !== undefined)
const own = snippets.filter(({ language, example }) => CODE.includes(language) && example === undefined)

/** What stands around a piece of code that is shown without it. A snippet's own names win. */
const SURROUNDINGS = `
import type { ReplayStackHandle } from '@replaystack/edge'
import type { replaystack as middleware } from '@replaystack/edge/hono'
import type { Hono } from 'hono'
declare global {
  interface Env { REPLAYSTACK_API_KEY: string; EVENTS: Queue; INBOX: Fetcher }
  const handle: ReplayStackHandle
  const replaystack: typeof middleware
  const app: Hono
  const error: unknown
  const worker: ExportedHandler<Env>
  function report(): Promise<void>
}
`

/** What frameworks export, as far as it is used: none of them is installed here. */
const FRAMEWORKS = `
declare module '@sveltejs/kit' {
  interface RequestEvent { request: Request; params: Record<string, string> }
  export type Handle = (input: {
    event: RequestEvent
    resolve(event: RequestEvent): Promise<Response>
  }) => Response | Promise<Response>
  export type HandleServerError = (input: { error: unknown; event: RequestEvent }) => void
}
declare module 'astro' {
  export type MiddlewareHandler = (
    context: { request: Request },
    next: () => Promise<Response>,
  ) => Response | Promise<Response>
}
declare module '@tanstack/react-start' {
  type Server = (input: { next(): Promise<unknown>; request: Request }) => Promise<unknown>
  export function createMiddleware(): { server(run: Server): object }
  export function createStart(make: () => { requestMiddleware: object[] }): object
}
declare module '@tanstack/react-start/server-entry' {
  const handler: { fetch(request: Request): Promise<Response> }
  export default handler
  export function createServerEntry(entry: { fetch(request: Request): Promise<Response> }): object
}
declare module 'next/headers' {
  export function headers(): Promise<Headers>
}
declare module 'next/navigation' {
  export function redirect(url: string): never
}
declare module 'next/server' {
  export const NextResponse: { next(init: { request: { headers: Headers } }): Response }
}
declare module 'koa' {
  type Context = { method: string; path: string; status: number; body: unknown; req: AsyncIterable<Uint8Array> } & {
    throw(status: number, message: string): never
  }
  export default class Koa {
    use(middleware: (context: Context, next: () => Promise<unknown>) => unknown): this
    callback(): (
      request: import('node:http').IncomingMessage,
      response: import('node:http').ServerResponse,
    ) => Promise<void>
  }
}
declare module 'h3' {
  export type H3Event = NitroEvent
  type Event = { req: Request; res: { status: number }; context: { params?: Record<string, string> } }
  export class H3 {
    use(middleware: object): this
    post(route: string, handler: (event: Event) => unknown): this
    fetch(request: Request): Response | Promise<Response>
  }
  export function onError(hook: (error: Error, event: Event) => unknown): object
  export function readBody(event: Event): Promise<{ sku: string; quantity: number }>
  export function serve(app: { fetch(request: Request): Response | Promise<Response> }, options: { port: number }): object
}
declare module 'elysia' {
  type Call = { body: { sku: string; quantity: number }; params: { id: string }; set: { status?: number } }
  export class Elysia {
    onError(hook: (input: { error: unknown; request: Request }) => unknown): this
    post(route: string, handler: (call: Call) => unknown, schema: { body: object }): this
    fetch(request: Request): Response | Promise<Response>
  }
  export const t: { [Type in 'Object' | 'String' | 'Number' | 'Optional']: (of?: object) => object }
}
interface NitroEvent {
  context: { pageRoute?: string | undefined; matchedRoute?: { path: string } }
  node: { req: import('node:http').IncomingMessage & Partial<import('@replaystack/edge/node').ReplayStackRequest> }
}
interface Nitro {
  hooks: {
    hook(name: 'request' | 'beforeResponse', run: (event: NitroEvent) => unknown): void
    hook(name: 'error', run: (error: Error, context: { event?: NitroEvent }) => unknown): void
  }
}
declare module 'nitropack/presets/aws-lambda/runtime/aws-lambda' {
  export function handler(event: object, context: object): Promise<object>
}
declare module 'nitropack/presets/netlify/runtime/netlify' {
  export default function handler(request: Request): Promise<Response>
}
declare function defineNuxtPlugin(plugin: () => void): object
declare function useRequestEvent(): NitroEvent | undefined
declare function useRouter(): { afterEach(run: (to: { matched: { path: string }[] }) => void): void }
declare function defineNitroPlugin(plugin: (nitro: Nitro) => void): object
declare function fromNodeMiddleware(middleware: import('@replaystack/edge/node').Recorder): (event: object) => unknown
`

/** As a file of TypeScript: JSON is an event, or a tape. */
function sourceOf({ language, code }: Snippet): string {
  if (language !== 'jsonc') return `${code}export {}\n`
  if (code.includes('"calls"') && !code.includes('"traceId"')) {
    return `import type { Tape } from '@replaystack/edge/tape'\nexport const tape: Tape = ${code}`
  }
  return `import type { ReplayStackEvent } from '@replaystack/edge'\nexport const event: ReplayStackEvent = ${code}`
}

const at = (path: string): string => join(root, path)

/** Where a snippet is in the program: nowhere on disk. */
const fileOf = ({ page, language, line }: Snippet): string =>
  at(`test/docs/${page.replaceAll('/', '-')}-line-${line}.${language === 'js' ? 'js' : 'ts'}`)

/** The types of what the code runs on. Cloudflare's and the others' say different things of the same names. */
interface Platform {
  lib: string[]
  types: string[]
}

const WORKERS: Platform = { lib: ['ES2023'], types: ['node', '@cloudflare/workers-types'] }
const OTHERS: Platform = { lib: ['ES2023', 'DOM', 'DOM.Iterable'], types: ['node', 'aws-lambda'] }

/** What TypeScript has against these files, as `file:line: message`. */
function compile(platform: Platform, names: readonly string[], virtual: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(at('tsconfig/base.json'), path => readFileSync(path, 'utf8'))
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      ...platform,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      erasableSyntaxOnly: false,
      checkJs: true,
      paths: {
        '@replaystack/edge': ['./dist/index.d.ts'],
        '@replaystack/edge/inbox-worker': ['./dist/inbox/worker.d.ts'],
        '@replaystack/edge/*': ['./dist/*.d.ts'],
      },
    },
    root,
  )
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = name => virtual.get(name) ?? readFile(name)
  host.fileExists = name => virtual.has(name) || fileExists(name)
  host.getSourceFile = (name, target, ...rest) => {
    const text = virtual.get(name)
    return text === undefined ? getSourceFile(name, target, ...rest) : ts.createSourceFile(name, text, target)
  }
  const program = ts.createProgram([...names, ...virtual.keys()], options, host)
  return [...errors, ...ts.getPreEmitDiagnostics(program)].map(({ file, start, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start ?? 0).line + 1 : 0
    return `${file?.fileName.slice(root.length) ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}

test('every snippet compiles, and every file that one is a part of', { timeout: 60_000 }, () => {
  const files = [...new Set(examples.map(({ example = '' }) => at(example)))]
  const isWorker = (file: string): boolean =>
    existsSync(join(file, '../../wrangler.jsonc')) || file.startsWith(at('examples/shop/'))
  const virtual = new Map(own.map(snippet => [fileOf(snippet), sourceOf(snippet)]))
  virtual.set(at('test/docs/surroundings.ts'), SURROUNDINGS)
  virtual.set(at('test/docs/frameworks.d.ts'), FRAMEWORKS)
  expect(own.length).toBeGreaterThan(5)
  const elsewhere = files.filter(file => !isWorker(file))
  expect([files.length > 9, elsewhere.length < files.length]).toEqual([true, true])
  expect(compile(WORKERS, files.filter(isWorker), virtual)).toEqual([])
  expect(compile(OTHERS, elsewhere, new Map([[at('test/docs/frameworks.d.ts'), FRAMEWORKS]]))).toEqual([])
})

test('a snippet that does not compile is seen', { timeout: 60_000 }, () => {
  const wrong = new Map([[at('test/docs/wrong.ts'), "import { replaystak } from '@replaystack/edge/hono'\n"]])
  expect(compile(WORKERS, [], wrong)).toEqual([expect.stringContaining("has no exported member named 'replaystak'")])
})

/** Stands for what is left out of an example. */
const ELISION = /^\/\/ …\n/m

test.each(examples)('$page, line $line is in $example, word for word', ({ example = '', code }) => {
  let rest = existsSync(at(example)) ? readFileSync(at(example), 'utf8') : ''
  for (const part of code.split(ELISION)) {
    expect(rest).toContain(part)
    rest = rest.slice(rest.indexOf(part) + part.length)
  }
})

test.each(examples)('$page, line $line can be pasted: it is whole, and says where its names come from', ({ code }) => {
  const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true })
  expect(diagnostics?.map(({ messageText }) => messageText)).toEqual([])
  expect(code).toMatch(/ from '@replaystack\/edge\/[\w-]+'/)
})

test.each(snippets.filter(({ language }) => language === 'query'))('$page, line $line is queries', ({ code }) => {
  for (const query of code.trim().split('\n')) expect(parseQuery(query).clauses).not.toEqual([])
})

test('every snippet has a language that is looked at', () => {
  expect([...new Set(snippets.map(({ language }) => language))].sort()).toEqual(['jsonc', 'query', 'sh', 'ts'])
  // A fence that is not understood would hide what is in it.
  for (const { path, text, snippets } of pages)
    expect(text.match(/^```/gm) ?? [], path).toHaveLength(snippets.length * 2)
})
