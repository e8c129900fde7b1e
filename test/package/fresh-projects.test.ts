/**
 * The package as a stranger gets it: packed, unpacked into `node_modules` of a project that has nothing else of this
 * folder, and imported there by its name, on each runtime. One request, and its event at an ingest API on this machine.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { keyAndEndpoint, packForProjects } from '../support/fresh-project.ts'
import { hosts } from '../support/legs/hosts.ts'
import { openIngest } from '../workerd/open-inbox.ts'
import { root } from './bundle-entry.ts'
import { serveWorker } from './serve-workerd.ts'

const run = promisify(execFile)
const makeProject = packForProjects()

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

const programs = {
  Node: [
    { file: 'server.mjs', text: esModule },
    { file: 'server.cjs', text: commonModule },
  ],
  Deno: [{ file: 'server.ts', text: denoServer }],
  Bun: [{ file: 'server.ts', text: bunServer }],
}
const served = hosts.flatMap(host =>
  programs[host.name].map(({ file, text }) => ({
    ...host,
    file,
    text,
    title: `${host.name} (${host.binary}), ${file}`,
  })),
)

test.each(served)('a server on $title', async ({ name, binary, args, file, text }) => {
  const ingest = await openIngest()
  const folder = await makeProject({ [file]: text })
  const { stdout, stderr } = await run(binary, [...args, ...(name === 'Deno' ? ['--allow-net'] : []), file], {
    cwd: folder,
    env: { ...process.env, ...keyAndEndpoint(ingest) },
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

/** A client is one only to the copy of the package that it comes from. */
const mixed = `
const { createTestClient } = require('@replaystack/edge/testing')
const { runReplayStackJob, replaystack } = require('@replaystack/edge/node')
const { client, events } = createTestClient()
replaystack({ client })
runReplayStackJob(client, { name: 'tidy' }, async handle => handle.addBreadcrumb('tidied')).then(async () => {
  await client.flush()
  const { ReplayStackClient } = await import('@replaystack/edge')
  console.log(events.length, events[0].breadcrumbs.some(({ message }) => message === 'tidied'), client instanceof ReplayStackClient)
})
`

test.each(hosts.filter(({ name }) => ['Node', 'Bun'].includes(name)))(
  'require and import give one copy on $name, $binary',
  async ({ binary }) => {
    const folder = await makeProject({ 'mixed.cjs': mixed })
    const { stdout } = await run(binary, ['mixed.cjs'], { cwd: folder })
    expect(stdout).toBe('1 true true\n')
  },
)

test('where no module can be required, as in Jest and on old Nodes, CommonJS is one copy for all entries', async () => {
  const folder = await makeProject({ 'mixed.cjs': mixed })
  const args = ['--no-experimental-require-module', 'mixed.cjs']
  const { stdout } = await run(process.execPath, args, { cwd: folder })
  expect(stdout).toBe('1 true false\n')
})

test.each(hosts.filter(({ name }) => name === 'Node'))('every entry is there for require on $binary', async host => {
  const { exports }: { exports: Record<string, unknown> } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  )
  const names = Object.keys(exports).map(name => `@replaystack/edge${name.slice(1)}`)
  const text = `console.log(${JSON.stringify(names)}.filter(name => Object.keys(require(name)).length === 0).length)`
  const folder = await makeProject({ 'all.cjs': text }, ['hono', 'itty-router'])
  const { stdout } = await run(host.binary, ['all.cjs'], { cwd: folder })
  expect([names.length, stdout]).toEqual([17, '0\n'])
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

test("a Worker that wrangler builds, in workerd, with Hono's middleware inside the wrapper", {
  timeout: 60_000,
}, async () => {
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
    bindings: keyAndEndpoint(ingest),
  })
  const answer = await fetch(`${running.url}/orders/7`, init)
  expect([answer.status, await answer.text()]).toEqual([201, 'made'])
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([{ ...recorded, metadata: { route: '/orders/:id' } }])
  expect(events[0]?.breadcrumbs?.map(({ message }) => message)).toContain('in the handler')
})
