/**
 * The package as a stranger gets it: packed, unpacked into `node_modules` of a project that has nothing else of this
 * folder, and imported there by its name, on each runtime. One request, and its event at an ingest API on this machine.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { INSTALL_TIMEOUT_MS, installOnce } from '../support/install-once.ts'
import { hosts, installHosts } from '../support/legs/hosts.ts'
import { type OpenIngest, openIngest } from '../workerd/open-inbox.ts'
import { type Packed, packPackage, unpackInto } from './build-elsewhere.ts'
import { root } from './bundle-entry.ts'
import { serveWorker } from './serve-workerd.ts'

const run = promisify(execFile)
const nextHome = join(root, 'test/frameworks/next')
const nextCommand = join(nextHome, 'node_modules/next/dist/bin/next')

let place: string
let packed: Packed

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'replaystack-fresh-'))
  const installs = [installHosts(), installOnce(nextHome, () => existsSync(nextCommand))]
  ;[packed] = await Promise.all([packPackage(root, place), ...installs])
}, INSTALL_TIMEOUT_MS)

afterAll(() => rm(place, { recursive: true, force: true, maxRetries: 3 }))

/** A project with the package, these files, and links to the packages that it depends on besides. */
async function makeProject(files: Record<string, string>, dependencies: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(place, 'project-'))
  await unpackInto(folder, packed)
  for (const name of dependencies) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  for (const [name, text] of Object.entries({ 'package.json': '{ "private": true }', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

const key = (ingest: OpenIngest) => ({ REPLAYSTACK_API_KEY: 'rs_live_fresh', REPLAYSTACK_ENDPOINT: ingest.url })
const order = { item: 'teapot', password: 'hunter2' }
const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) }
const recorded = {
  eventType: 'api',
  method: 'POST',
  endpoint: '/orders/7',
  status: 'success',
  statusCode: 201,
  requestPayload: { item: 'teapot', password: '[MASKED]' },
}

/** A program's own request to itself, as its last line: nothing has to find its port. */
const SEND = `const answer = await fetch(url + '/orders/7', ${JSON.stringify(init)})
console.log(answer.status, await answer.text())`

const nodeServer = (load: (name: string) => string): string => `
${load('node:http')}
${load('@replaystack/edge/node')}
const main = async () => {
  const client = createReplayStackClient()
  const recorder = replaystack({ client })
  const server = createServer((request, response) => recorder(request, response, () => {
    request.replaystack.addBreadcrumb('in the handler')
    request.resume().on('end', () => { response.statusCode = 201; response.end('made') })
  }))
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = 'http://127.0.0.1:' + server.address().port
  ${SEND}
  server.close()
  await client.close()
}
main()
`
const nodeNames: Record<string, string> = {
  'node:http': 'createServer',
  '@replaystack/edge/node': 'createReplayStackClient, replaystack',
}
const esModule = nodeServer(name => `import { ${nodeNames[name]} } from '${name}'`)
const commonModule = nodeServer(name => `const { ${nodeNames[name]} } = require('${name}')`)

const fetchServer = (serve: string): string => `
import { ReplayStackClient } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/fetch'
const client = new ReplayStackClient()
const handler = withReplayStack(async (request: Request, _info: unknown, _third: unknown, handle?: { addBreadcrumb(text: string): void }) => {
  await request.text()
  handle?.addBreadcrumb('in the handler')
  return new Response('made', { status: 201 })
}, { client })
${serve}
${SEND}
await client.close()
await stop()
`
const denoServer = fetchServer(`const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, handler)
const url = 'http://127.0.0.1:' + server.addr.port
const stop = () => server.shutdown()`)
const bunServer = fetchServer(`const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handler })
const url = 'http://127.0.0.1:' + server.port
const stop = () => server.stop(true)`)

const hostAt = (index: number) => {
  const host = hosts[index]
  if (!host) throw new Error('No such host')
  return host
}
const [node20, node22, node24, nodeLatest, deno, bun] = hosts.map((_, index) => hostAt(index))

const programs = [
  { name: 'ES modules on Node 20', host: node20, file: 'server.mjs', text: esModule },
  { name: 'ES modules on Node 24', host: node24, file: 'server.mjs', text: esModule },
  { name: 'CommonJS on Node 20', host: node20, file: 'server.cjs', text: commonModule },
  { name: 'CommonJS on Node 22', host: node22, file: 'server.cjs', text: commonModule },
  { name: 'CommonJS on the newest Node', host: nodeLatest, file: 'server.cjs', text: commonModule },
  { name: 'Deno', host: deno, file: 'server.ts', text: denoServer, args: ['--allow-net'] },
  { name: 'Bun', host: bun, file: 'server.ts', text: bunServer },
]

test.each(programs)('a server of $name', async ({ host, file, text, args = [] }) => {
  const ingest = await openIngest()
  const folder = await makeProject({ [file]: text })
  const command = [...(host?.args ?? []), ...args, file]
  const { stdout, stderr } = await run(host?.binary ?? '', command, {
    cwd: folder,
    env: { ...process.env, ...key(ingest) },
    timeout: 55_000,
  })
  expect(stdout).toBe('201 made\n')
  // Node 20 says that requiring an ES module is new; Deno, that copying a body has it look at `signal`.
  const notices = /ExperimentalWarning: CommonJS module|--trace-warnings|request\.signal|^\s*$/
  expect(stderr.split('\n').filter(line => !notices.test(line))).toEqual([])
  const [event] = await ingest.arrived(1)
  expect(event).toMatchObject(recorded)
  expect(event?.breadcrumbs?.map(({ message }) => message)).toContain('in the handler')
  expect(JSON.stringify(ingest.events())).not.toContain('hunter2')
})

test.each([
  ['Node 20', node20],
  ['Node 22', node22],
])('every entry is there for require on %s', async (_name, host) => {
  const { exports }: { exports: Record<string, unknown> } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  )
  const names = Object.keys(exports).map(name => `@replaystack/edge${name.slice(1)}`)
  const text = `console.log(${JSON.stringify(names)}.filter(name => Object.keys(require(name)).length === 0).length)`
  const folder = await makeProject({ 'all.cjs': text }, ['hono', 'itty-router'])
  const { stdout } = await run(host?.binary ?? '', ['all.cjs'], { cwd: folder })
  expect([names.length, stdout]).toEqual([11, '0\n'])
})

const worker = `
import { withReplayStack } from '@replaystack/edge/cloudflare'
import { replaystack, type ReplayStackVariables } from '@replaystack/edge/hono'
import { Hono } from 'hono'
const app = new Hono<{ Variables: ReplayStackVariables }>()
app.use(replaystack())
app.post('/orders/:id', async c => {
  await c.req.json()
  c.var.replaystack.addBreadcrumb('in the handler')
  return c.text('made', 201)
})
export default withReplayStack({ fetch: app.fetch })
`

describe('a Worker', () => {
  test("that wrangler builds, in workerd, with Hono's middleware inside the wrapper", { timeout: 60_000 }, async () => {
    const ingest = await openIngest()
    const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
    const settings = 'name = "fresh"\nmain = "src/index.ts"\ncompatibility_date = "2026-08-04"\n'
    const folder = await makeProject({ 'src/index.ts': worker, 'wrangler.toml': settings }, ['hono'])
    const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: folder, CI: 'true' }
    const built = await run(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', 'built'], {
      cwd: folder,
      env,
    })
    expect(`${built.stdout}${built.stderr}`).not.toMatch(/warning|error/i)
    const code = await readFile(join(folder, 'built/index.js'), 'utf8')
    const running = await serveWorker(code, {
      compatibilityDate: '2026-08-04',
      compatibilityFlags: [],
      bindings: key(ingest),
    })
    const answer = await fetch(`${running.url}/orders/7`, init)
    expect([answer.status, await answer.text()]).toEqual([201, 'made'])
    const events = await ingest.arrived(1)
    expect(events).toMatchObject([{ ...recorded, metadata: { route: '/orders/:id' } }])
    expect(events[0]?.breadcrumbs?.map(({ message }) => message)).toContain('in the handler')
  })
})

const nextRoute = `
import { withReplayStack } from '@replaystack/edge/vercel'
export const POST = withReplayStack(async request => {
  await request.json()
  return new Response('made', { status: 201 })
})
`
const nextPage = `
import { withReplayStack } from '@replaystack/edge/node'
export default withReplayStack((request, response) => {
  request.replaystack.addBreadcrumb('in the handler')
  response.status(201).send('made')
})
`

/** Next.js, and what it needs, as links: a link to the whole folder would have no place for the package. */
async function linkNext(folder: string): Promise<void> {
  const modules = join(nextHome, 'node_modules')
  const names = (await readdir(modules)).filter(name => !name.startsWith('.'))
  for (const name of names) await symlink(join(modules, name), join(folder, 'node_modules', name))
}

/** Serves what was built until the test is over. */
async function serveNext(folder: string, env: Record<string, string>): Promise<string> {
  const server = spawn(process.execPath, [nextCommand, 'start', '-p', '0', '-H', '127.0.0.1'], {
    cwd: folder,
    env: { ...process.env, ...env },
  })
  const ended = once(server, 'exit')
  onTestFinished(async () => {
    server.kill()
    await ended
  })
  let printed = ''
  return new Promise((resolve, reject) => {
    ended.then(() => reject(new Error(`next start ended.\n${printed}`)))
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', data => {
        printed += data
        const port = /127\.0\.0\.1:(\d+)[\s\S]*Ready/.exec(printed)?.[1]
        if (port) resolve(`http://127.0.0.1:${port}`)
      })
    }
  })
}

test('an application of Next.js: a route handler and an API route', { timeout: 180_000 }, async () => {
  const ingest = await openIngest()
  const folder = await makeProject({ 'app/orders/[id]/route.js': nextRoute, 'pages/api/orders/[id].js': nextPage })
  await linkNext(folder)
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', ...key(ingest) }
  await run(process.execPath, [nextCommand, 'build', '--webpack'], { cwd: folder, env: { ...process.env, ...env } })
  const url = await serveNext(folder, env)
  for (const path of ['/orders/7', '/api/orders/7']) {
    const answer = await fetch(url + path, init)
    expect([answer.status, await answer.text()]).toEqual([201, 'made'])
    await ingest.arrived(path === '/orders/7' ? 1 : 2)
  }
  const events = ingest.events()
  const expected = [recorded, { ...recorded, endpoint: '/api/orders/7' }]
  expect(events).toMatchObject(expected)
  expect(JSON.stringify(events)).not.toContain('hunter2')
})
