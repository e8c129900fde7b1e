/** An application of Next.js with the package as npm would install it: `next build`, then `next start`. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { runExample } from '../support/example-project.ts'
import { keyAndEndpoint, linkInstalled, packForProjects } from '../support/fresh-project.ts'
import { openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')
const next = join(home, 'node_modules/next/dist/bin/next')
const makeProject = packForProjects()

const routeHandler = `
import { withReplayStack } from '@replaystack/edge/vercel'
export const POST = withReplayStack(async request => {
  await request.json()
  return new Response('made', { status: 201 })
})
`
const apiRoute = `
import { withReplayStack } from '@replaystack/edge/node'
export default withReplayStack(async (request, response) => {
  request.replaystack.addBreadcrumb('in the route')
  if (request.query.id === 'fails') throw new RangeError('no')
  response.status(201).json({ ...request.body, id: request.query.id })
})
`

test('a route handler and an API route are recorded, with the body that Next.js has parsed', async () => {
  const ingest = await openIngest()
  const folder = await makeProject({
    'app/orders/[id]/route.js': routeHandler,
    'pages/api/orders/[id].js': apiRoute,
  })
  await linkInstalled(home, folder)
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', ...keyAndEndpoint(ingest) }
  // Turbopack reads nothing through a link that leaves the folder.
  await run(process.execPath, [next, 'build', '--webpack'], { cwd: folder, env: { ...process.env, ...env } })
  const server = runExample(folder, [process.execPath, next, 'start', '-p', '0', '-H', '127.0.0.1'], env)
  const port = await vi.waitUntil(() => /127\.0\.0\.1:(\d+)[\s\S]*Ready/.exec(server.output())?.[1], 100_000)
  const url = `http://127.0.0.1:${port}`
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"item":"book","pin":1}',
  }

  const handled = await fetch(`${url}/orders/7`, init)
  expect([handled.status, await handled.text()]).toEqual([201, 'made'])
  await ingest.arrived(1)
  const created = await fetch(`${url}/api/orders/7`, init)
  expect([created.status, await created.json()]).toEqual([201, { item: 'book', pin: 1, id: '7' }])
  await ingest.arrived(2)
  const failed = await fetch(`${url}/api/orders/fails`)
  expect([failed.status, await failed.text()]).toEqual([500, 'Internal Server Error'])

  const requestPayload = { item: 'book', pin: '[MASKED]' }
  const [byHandler, byRoute, failure] = await ingest.arrived(3)
  expect(byHandler).toMatchObject({ method: 'POST', endpoint: '/orders/7', statusCode: 201, requestPayload })
  expect(byHandler?.metadata).toEqual({ route: '/orders/[id]' })
  expect([byRoute, failure].map(event => event?.metadata)).toEqual([
    { route: '/api/orders/[id]' },
    { route: '/api/orders/[id]' },
  ])
  expect(byRoute).toMatchObject({
    traceId: created.headers.get('x-trace-id'),
    method: 'POST',
    endpoint: '/api/orders/7',
    requestUrl: `${url}/api/orders/7`,
    requestPayload,
    responsePayload: { item: 'book', pin: '[MASKED]', id: '7' },
    statusCode: 201,
    environment: 'production',
  })
  expect(byRoute?.breadcrumbs?.map(({ message }) => message)).toContain('in the route')
  expect(failure).toMatchObject({
    traceId: failed.headers.get('x-trace-id'),
    statusCode: 500,
    status: 'failed',
    errorName: 'RangeError',
  })
})
