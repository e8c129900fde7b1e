/**
 * Frameworks, each with its middleware bare and recorded, by a client that sees each byte: `test/sameness`. Long, because each row is a
 * project.
 */
import { execFile } from 'node:child_process'
import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test, vi } from 'vitest'
import { bundleEntry, root } from '../package/bundle-entry.ts'
import { compare, type Host, type Known } from '../sameness/compare.ts'
import { describe } from '../sameness/hosts.ts'
import { freePort, runExample } from '../support/example-project.ts'
import { linkInstalled, packForProjects } from '../support/fresh-project.ts'
import { bun } from '../support/legs/hosts.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')
const makeProject = packForProjects()
const QUIET = { ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }

/** Some ways end in an error that nobody handles; it is to end no other way. */
const SURVIVES = `for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => {})\n`

interface Framework {
  /** What `app.js` is, in `test/sameness`. Default: an application that has the Fetch API's requests. */
  app?: string
  files: Record<string, string>
  /** A command's file below `node_modules` and its arguments. */
  build?: readonly string[]
  /** What the runtime is called with in the project's folder. */
  start: readonly string[]
  /** Default: Node. */
  runtime?: string
  known?: Known
}

const SVELTEKIT: Framework = {
  files: {
    'src/app.html': '<!doctype html><head>%sveltekit.head%</head><body>%sveltekit.body%</body>',
    'src/hooks.server.js': `
import { record, recordError } from '../app.js'
${SURVIVES}
export const handle = record(({ event, resolve }) => resolve(event))
export const handleError = ({ error, event }) => recordError(error, event.request)
`,
    'src/routes/[...path]/+server.js': `
import { createEndpoint } from '../../../app.js'
const endpoint = createEndpoint(['head-stream-left', 'error-response'])
export const fallback = ({ request }) => endpoint(request)
export { fallback as GET, fallback as HEAD, fallback as POST }
`,
    'vite.config.js': `
import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
export default { plugins: [sveltekit({ adapter: adapter(), csrf: { trustedOrigins: ['*'] } })] }
`,
  },
  build: ['vite/bin/vite.js', 'build'],
  start: ['build'],
  known: { differs: ['blob', 'untyped-blob', 'left-bytes'] },
}

const ASTRO: Framework = {
  files: {
    'astro.config.mjs': `
import node from '@astrojs/node'
export default { output: 'server', adapter: node({ mode: 'standalone' }), security: { checkOrigin: false } }
`,
    'src/middleware.js': `
import { record } from '../app.js'
${SURVIVES}
export const onRequest = record((_context, next) => next())
`,
    'src/pages/[...path].js': `
import { createEndpoint } from '../../app.js'
const endpoint = createEndpoint(['head-stream-left'])
export const ALL = ({ request }) => endpoint(request)
`,
  },
  build: ['astro/bin/astro.mjs', 'build'],
  start: ['dist/server/entry.mjs'],
  known: { differs: ['left-bytes'] },
}

const START: Framework = {
  files: {
    'vite.config.js': `
import { tanstackStart } from '@tanstack/react-start/plugin/vite'
import react from '@vitejs/plugin-react'
export default { plugins: [tanstackStart(), react()] }
`,
    'src/router.tsx': `
import { createRouter } from '@tanstack/react-router'
import { routeTree } from './routeTree.gen'
export const getRouter = () => createRouter({ routeTree })
`,
    'src/routes/__root.tsx': `
import { createRootRoute, HeadContent, Outlet, Scripts } from '@tanstack/react-router'
export const Route = createRootRoute({
  component: () => <html><head><HeadContent /></head><body><Outlet /><Scripts /></body></html>,
})
`,
    'src/routes/$.ts': `
import { createFileRoute } from '@tanstack/react-router'
import { createEndpoint } from '../../app.js'
const endpoint = createEndpoint(['head-stream-left'])
const answer = ({ request }) => endpoint(request)
export const Route = createFileRoute('/$')({ server: { handlers: { GET: answer, HEAD: answer, POST: answer } } })
`,
    'src/server.ts': `
import handler, { createServerEntry } from '@tanstack/react-start/server-entry'
import { record } from '../app.js'
export default createServerEntry({ fetch: record(request => handler.fetch(request)) })
`,
    'server.mjs': `
import { serve } from 'srvx'
import handler from './dist/server/server.js'
${SURVIVES}
serve({ fetch: request => handler.fetch(request), port: Number(process.env.PORT), hostname: '127.0.0.1', silent: true })
`,
  },
  build: ['vite/bin/vite.js', 'build'],
  start: ['server.mjs'],
  known: { differs: ['left-bytes'] },
}

const H3: Framework = {
  files: {
    'server.mjs': `
import { H3, onError, serve } from 'h3'
import { createEndpoint, record, recordError } from './app.js'
${SURVIVES}
const endpoint = createEndpoint(['head-stream-left'])
const app = new H3().use(onError((error, event) => recordError(error.cause ?? error, event.req))).all('/**', event => endpoint(event.req))
serve({ fetch: record(app.fetch), port: Number(process.env.PORT), hostname: '127.0.0.1', silent: true })
`,
  },
  start: ['server.mjs'],
  known: { differs: ['left-bytes', 'answers-nothing'] },
}

const ELYSIA: Framework = {
  files: {
    'server.mjs': `
import { Elysia } from 'elysia'
import { createEndpoint, record, recordError } from './app.js'
${SURVIVES}
const endpoint = createEndpoint(['head-stream-left'])
const app = new Elysia()
  .onError(({ error, request }) => recordError(error, request))
  .all('/*', ({ request }) => endpoint(request), { parse: 'none' })
Bun.serve({ fetch: record(app.fetch), port: Number(process.env.PORT), hostname: '127.0.0.1', idleTimeout: 0, development: false })
`,
  },
  start: ['server.mjs'],
  runtime: bun.binary,
  known: { respells: true, differs: ['json-by-blob', 'chunked-by-blob', 'slow-by-blob', 'large-by-blob', 'echo'] },
}

const KOA: Framework = {
  app: 'serve-node-framework.ts',
  files: {
    'server.mjs': `
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import Koa from 'koa'
import { createEndpoint, record, recordError } from './app.js'
${SURVIVES}
const json = { method: 'POST', headers: ['content-type: application/json'], body: '{"a":1}' }
const endpoint = createEndpoint({
  'koa-json': { answer: context => void (context.body = { a: 1 }) },
  'koa-text': { answer: context => void (context.body = 'Hello') },
  'koa-bytes': { answer: context => void (context.body = Buffer.from('Hello')) },
  'koa-stream': { answer: context => void (context.body = Readable.from(['one ', 'two'])) },
  'koa-response': { answer: context => void (context.body = Response.json({ a: 1 })) },
  'koa-null': { answer: context => void (context.body = null) },
  'koa-head': { method: 'HEAD', answer: context => void (context.body = 'Hello') },
  'koa-read': { ...json, answer: async context => void (context.body = await new Response(Readable.toWeb(context.req)).json()) },
  'koa-redirect': { answer: context => context.redirect('/elsewhere') },
  'koa-cookies': { answer: context => void context.cookies.set('a', '1').set('b', '2') },
  'koa-refuses': { answer: context => context.throw(403, 'not yours') },
  'koa-throws': { answer: async () => { throw new Error('no') } },
  'koa-nothing': { answer: () => {} },
})
const app = new Koa()
app.silent = true
app.use(async (_context, next) => {
  try {
    await next()
  } catch (error) {
    recordError(error)
    throw error
  }
})
app.use(context => {
  const answer = endpoint.find(context.req)
  if (answer) return answer(context)
  context.respond = false
  endpoint.respond(context.req, context.res)
})
createServer(record(app.callback())).listen(Number(process.env.PORT), '127.0.0.1')
`,
  },
  start: ['server.mjs'],
}

/** On Node its request and response are Node's, elsewhere its own. */
const nitro = (preset: 'node-server' | 'bun'): Framework => ({
  app: 'serve-node-framework.ts',
  files: {
    'nitro.config.js': `export default { preset: '${preset}', srcDir: 'server', compatibilityDate: '2026-08-04' }`,
    'server/plugins/replaystack.js': `
import { isOurs, recordError, recorder } from '../../app.js'
${SURVIVES}
export default defineNitroPlugin(nitro => {
  const record = fromNodeMiddleware(recorder)
  nitro.hooks.hook('request', event => isOurs(event.node.req) ? record(event) : undefined)
  nitro.hooks.hook('error', (error, { event }) => recordError(error.cause ?? error, event?.node.req))
})
`,
    'server/routes/[...path].js': `
import { createEndpoint } from '../../app.js'
const json = { method: 'POST', headers: ['content-type: application/json'], body: '{"a":1}' }
const endpoint = createEndpoint({
  'nitro-json': { answer: () => ({ a: 1 }) },
  'nitro-text': { answer: () => 'Hello' },
  'nitro-bytes': { answer: () => Buffer.from('Hello') },
  'nitro-response': { answer: () => Response.json({ a: 1 }, { status: 201 }) },
  'nitro-stream': { answer: () => new Blob(['one ', 'two']).stream() },
  'nitro-null': { answer: () => null },
  'nitro-head': { method: 'HEAD', answer: () => 'Hello' },
  'nitro-read': { ...json, answer: event => readBody(event) },
  'nitro-badly-read': { ...json, body: '{"a"', answer: event => readBody(event) },
  'nitro-redirect': { answer: event => sendRedirect(event, '/elsewhere') },
  'nitro-cookies': { answer: event => { setCookie(event, 'a', '1'); setCookie(event, 'b', '2'); return 'two' } },
  'nitro-refuses': { answer: () => { throw createError({ statusCode: 403, statusMessage: 'not yours' }) } },
  'nitro-throws': { answer: async () => { throw new Error('no') } },
}, ${preset === 'node-server'})
// By a third parameter h3 sees that it has to wait for the response's end: Nitro's own has come before it does.
const respond = fromNodeMiddleware((request, response${preset === 'node-server' ? ', _next' : ''}) => endpoint.respond(request, response))
export default defineEventHandler(event => {
  const answer = endpoint.find(event.node.req)
  return answer ? answer(event) : respond(event)
})
`,
  },
  build: ['nitropack/dist/cli/index.mjs', 'build'],
  start: ['.output/server/index.mjs'],
  ...(preset === 'bun' && { runtime: bun.binary }),
})

async function startFramework(
  name: string,
  { app, files, build = [], start, runtime = process.execPath }: Framework,
): Promise<Host> {
  const { code } = await bundleEntry(`test/sameness/${app ?? 'serve-framework.ts'}`, app ? { platform: 'node' } : {})
  const manifest = JSON.stringify({ private: true, type: 'module' })
  const folder = await makeProject({ 'app.js': code, 'package.json': manifest, ...files })
  await linkInstalled(home, folder)
  // Nitro still has the version before.
  if (name === 'h3') {
    await rm(join(folder, 'node_modules/h3'), { force: true })
    await symlink(join(home, 'node_modules/h3-2'), join(folder, 'node_modules/h3'))
  }
  const [binary, ...args] = build
  const env = { ...process.env, ...QUIET }
  if (binary) await run(process.execPath, [join(home, 'node_modules', binary), ...args], { cwd: folder, env })
  const port = await freePort()
  runExample(folder, [runtime, ...start], { ...QUIET, PORT: String(port), HOST: '127.0.0.1' })
  return vi.waitFor(() => describe(port), { timeout: 100_000, interval: 200 })
}

test.each<[string, Framework]>([
  ['sveltekit', SVELTEKIT],
  ['astro', ASTRO],
  ['tanstack-start', START],
  ['h3', H3],
  ['elysia', ELYSIA],
  ['koa', KOA],
  ['nitro', nitro('node-server')],
  ['nitro on Bun', nitro('bun')],
])('%s', { timeout: 400_000 }, async (name, framework) => {
  const host = await startFramework(name, framework)
  console.log(`${name}: ${await compare(host, framework.known)} ways`)
})
