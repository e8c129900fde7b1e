/** Errors that Next.js responds to, in an application of its own, built and served. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { keyAndInbox, runExample } from '../support/example-project.ts'
import { linkInstalled, packForProjects } from '../support/fresh-project.ts'
import { openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')
const makeProject = packForProjects()

const fails = (what: string, runtime: string) => `
export const GET = async () => { throw new RangeError('${what}') }
export const runtime = '${runtime}'
`

test('are events with their routes, once each, and none while it builds', { timeout: 180_000 }, async () => {
  const ingest = await openIngest()
  const folder = await makeProject({
    'instrumentation.js': `
      import { captureRequestErrors } from '@replaystack/edge/vercel'
      export const onRequestError = captureRequestErrors()`,
    'proxy.js': `
      import { withReplayStack } from '@replaystack/edge/vercel'
      export const proxy = withReplayStack(() => Response.json({ error: 'forbidden' }, { status: 403 }))
      export const config = { matcher: '/proxied' }`,
    'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>',
    'app/fixed/page.js': `
      export default function Fixed() {
        try { throw new RangeError('handled while it is built') } catch { return <p>fixed</p> }
      }`,
    'app/orders/[id]/page.js': `
      export const dynamic = 'force-dynamic'
      export default async function Order({ params }) { throw new RangeError('page ' + (await params).id) }`,
    'app/lost/page.js': `
      import { notFound } from 'next/navigation'
      export const dynamic = 'force-dynamic'
      export default function Lost() { notFound() }`,
    'app/basket/page.js': `
      export const dynamic = 'force-dynamic'
      async function pay(form) { 'use server'; throw new RangeError('action ' + form?.get('sku')) }
      export default () => <form action={pay}><input name="sku" defaultValue="teapot" /></form>`,
    'app/node/[id]/route.js': fails('node', 'nodejs'),
    'app/edge/[id]/route.js': fails('edge', 'edge'),
    'app/wrapped/[id]/route.js': `
      import { withReplayStack } from '@replaystack/edge/vercel'
      export const GET = withReplayStack(async () => { throw new RangeError('wrapped') })`,
    'pages/api/plain.js': `export default function plain() { throw new RangeError('api') }`,
    'pages/api/wrapped.js': `
      import { withReplayStack } from '@replaystack/edge/node'
      export default withReplayStack(() => { throw new RangeError('wrapped api') })`,
  })
  await linkInstalled(home, folder)
  const next = join(home, 'node_modules/next/dist/bin/next')
  const env = { ...keyAndInbox(ingest), NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
  // Turbopack reads nothing through a link that leaves the folder.
  await run(process.execPath, [next, 'build', '--webpack'], { cwd: folder, env: { ...process.env, ...env } })
  expect(ingest.events()).toEqual([])

  const server = runExample(folder, [process.execPath, next, 'start', '-p', '0', '-H', '127.0.0.1'], env)
  const port = await vi.waitUntil(() => /127\.0\.0\.1:(\d+)[\s\S]*Ready/.exec(server.output())?.[1], 100_000)
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      headers: { 'x-trace-id': `trace-of-${path}`, ...init.headers },
    })
  const paths = ['/orders/7', '/node/7', '/edge/7', '/wrapped/7', '/api/plain', '/api/wrapped']
  const statuses = []
  for (const path of [...paths, '/fixed', '/lost', '/proxied']) statuses.push((await ask(path)).status)
  expect(statuses).toEqual([...paths.map(() => 500), 200, 404, 403])
  // A form that is sent without JavaScript names its action among its fields.
  const basket = await (await ask('/basket')).text()
  const [, action = ''] = /name="(\$ACTION_ID_\w+)"/.exec(basket) ?? []
  const form = new FormData()
  form.set(action, '')
  form.set('sku', 'teapot')
  expect((await ask('/basket', { method: 'POST', body: form })).status).toBe(500)
  // With JavaScript, the header names it.
  const headers = { 'next-action': action.slice('$ACTION_ID_'.length), 'content-type': 'text/plain' }
  expect((await ask('/basket', { method: 'POST', headers, body: '[]' })).status).toBe(500)

  const all = await ingest.arrived(paths.length + 3)
  expect(all.find(({ endpoint }) => endpoint === '/proxied')).toMatchObject({ status: 'warning', statusCode: 403 })
  const events = all.filter(({ endpoint }) => endpoint !== '/proxied')
  const shown = events.map(({ errorMessage, method, endpoint, traceId, metadata }) => {
    const { route, routeType }: { route?: string; routeType?: string } = Object(metadata)
    expect(traceId).toBe(`trace-of-${endpoint}`)
    return [errorMessage, method, endpoint, route, routeType]
  })
  expect(shown.sort()).toEqual([
    ['action teapot', 'POST', '/basket', '/basket', 'render'],
    ['action undefined', 'POST', '/basket', '/basket', 'action'],
    ['api', 'GET', '/api/plain', '/api/plain', 'route'],
    ['edge', 'GET', '/edge/7', '/edge/[id]', 'route'],
    ['node', 'GET', '/node/7', '/node/[id]', 'route'],
    ['page 7', 'GET', '/orders/7', '/orders/[id]', 'render'],
    ['wrapped api', 'GET', '/api/wrapped', undefined, undefined],
    ['wrapped', 'GET', '/wrapped/7', '/wrapped/[id]', undefined],
  ])
  for (const event of events)
    expect(event).toMatchObject({ eventType: 'api', status: 'failed', errorName: 'RangeError' })
})
