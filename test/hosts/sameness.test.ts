/** Next.js, Cloudflare Pages and the edge VM, bare and recorded, by a client that sees each byte: `test/sameness`. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test, vi } from 'vitest'
import { bundleEntry, root } from '../package/bundle-entry.ts'
import { serveWorker } from '../package/serve-workerd.ts'
import { compare, type Known } from '../sameness/compare.ts'
import { describe } from '../sameness/hosts.ts'
import { runExample } from '../support/example-project.ts'
import { linkInstalled, packForProjects } from '../support/fresh-project.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')
const makeProject = packForProjects()

const routeHandler = (base: string, runtime: 'nodejs' | 'edge') => `
import { createRoute } from '../../../route-app.js'
const route = createRoute('${base}', ${runtime === 'edge'})
export { route as GET, route as HEAD, route as POST }
export const runtime = '${runtime}'
`
const apiRoute = (isParsed: boolean) => `
import { createRoute } from '../../../api-app.js'
export default createRoute(${isParsed})
export const config = { api: { bodyParser: ${isParsed}, externalResolver: true } }
`

test('Next.js', async () => {
  const folder = await makeProject({
    'route-app.js': (await bundleEntry('test/sameness/serve-next-route.ts')).code,
    'api-app.js': (await bundleEntry('test/sameness/serve-next-api.ts', { platform: 'node' })).code,
    'app/handler/[...path]/route.js': routeHandler('/handler', 'nodejs'),
    'app/edge/[...path]/route.js': routeHandler('/edge', 'edge'),
    'pages/api/plain/[...path].js': apiRoute(false),
    'pages/api/parsed/[...path].js': apiRoute(true),
  })
  await linkInstalled(home, folder)
  const next = join(home, 'node_modules/next/dist/bin/next')
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
  // Turbopack reads nothing through a link that leaves the folder.
  await run(process.execPath, [next, 'build', '--webpack'], { cwd: folder, env: { ...process.env, ...env } })
  const server = runExample(folder, [process.execPath, next, 'start', '-p', '0', '-H', '127.0.0.1'], env)
  const port = await vi.waitUntil(() => /127\.0\.0\.1:(\d+)[\s\S]*Ready/.exec(server.output())?.[1], 100_000)
  const bases: readonly [string, Known][] = [
    ['/handler', { differs: ['left-bytes'] }],
    // A response of `Response.redirect` cannot have Next.js's own header: bare it is an error.
    ['/edge', { differs: ['left-bytes', 'redirect'] }],
    ['/api/plain', {}],
    ['/api/parsed', {}],
  ]
  for (const [base, known] of bases) {
    console.log(`Next.js, ${base}: ${await compare(await describe(Number(port), base), known)} ways`)
  }
})

test('Cloudflare Pages Functions', { timeout: 300_000 }, async () => {
  const folder = await makeProject({
    'app.js': (await bundleEntry('test/sameness/serve-framework.ts')).code,
    'public/index.html': 'shop',
    'functions/_middleware.js': `
import { record } from '../app.js'
export const onRequest = record(context => context.next(context.request))
`,
    'functions/[[path]].js': `
import { createEndpoint } from '../app.js'
// A handler whose client has left runs no further.
const endpoint = createEndpoint(['cut-upload'])
export const onRequest = context => endpoint(context.request)
`,
  })
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', XDG_CONFIG_HOME: folder, CI: 'true' }
  // What a deployment uploads, run by workerd itself: `wrangler pages dev` has a server of its own before it.
  await run(process.execPath, [wrangler, 'pages', 'functions', 'build', '--outdir', 'built'], { cwd: folder, env })
  const code = await readFile(join(folder, 'built/index.js'), 'utf8')
  const settings = { compatibilityDate: '2026-08-04', compatibilityFlags: [], bindings: {} }
  const host = await describe(Number(new URL((await serveWorker(code, settings)).url).port))
  console.log(`Cloudflare Pages Functions: ${await compare(host)} ways`)
})

const edgeServer = `
import { readFile } from 'node:fs/promises'
import { EdgeRuntime, runServer } from 'edge-runtime'
// Some ways end in an error that nobody handles; it is to end no other way.
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => {})
const runtime = new EdgeRuntime({ initialCode: await readFile('app.js', 'utf8') })
const { url } = await runServer({ runtime, host: '127.0.0.1' })
console.log('listens on', url)
`

test('edge-runtime', async () => {
  const { code } = await bundleEntry('test/sameness/serve-edge.ts', { format: 'iife' })
  const folder = await makeProject({ 'app.js': code, 'server.mjs': edgeServer })
  await linkInstalled(home, folder)
  const server = runExample(folder, [process.execPath, 'server.mjs'], {})
  const port = await vi.waitUntil(() => /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(server.output())?.[1], 100_000)
  console.log(`edge-runtime: ${await compare(await describe(Number(port)))} ways`)
})
