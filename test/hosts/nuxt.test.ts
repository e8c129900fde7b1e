/** examples/nuxt, built for Node and for Cloudflare Workers, and served: on Node, and by `wrangler dev` in workerd. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { root } from '../package/bundle-entry.ts'
import { freePort, installExample, keyAndInbox, order, post, runExample } from '../support/example-project.ts'
import { startWorkerIn } from '../support/example-worker.ts'
import { linkInstalled } from '../support/fresh-project.ts'
import { type OpenIngest, openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')

/** Serves what was built until the test is over. */
type Serve = (folder: string, ingest: OpenIngest) => Promise<{ url: string; example: ReturnType<typeof runExample> }>

const onNode: Serve = async (folder, ingest) => {
  const port = await freePort()
  const env = { ...keyAndInbox(ingest), NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1' }
  const example = runExample(folder, [process.execPath, '.output/server/index.mjs'], env)
  return { url: `http://127.0.0.1:${port}`, example }
}

const onWorkers: Serve = (folder, ingest) => startWorkerIn(folder, ingest)

const metadataOf = ({ metadata }: ReplayStackEvent): { route?: string } => Object(metadata)

test.each<[string, Serve]>([
  ['node-server', onNode],
  ['cloudflare_module', onWorkers],
])('%s: pages and API routes are one event each with their routes, and none while it builds', async (preset, serve) => {
  const ingest = await openIngest()
  const folder = await installExample('nuxt')
  await linkInstalled(home, folder)
  const env = { ...process.env, ...keyAndInbox(ingest), NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' }
  const nuxt = join(home, 'node_modules/nuxt/bin/nuxt.mjs')
  await run(process.execPath, [nuxt, 'build', `--preset=${preset}`], { cwd: folder, env })
  expect(ingest.events()).toEqual([])

  const { url, example } = await serve(folder, ingest)
  const taken = await post(`${url}/api/orders/7`, { ...order, quantity: 1 }, example)
  expect([taken.status, await taken.json()]).toEqual([201, { id: '7', sku: 'teapot' }])
  expect((await post(`${url}/api/orders/8`, order, example)).status).toBe(500)
  expect(await (await fetch(`${url}/orders/9`)).text()).toContain('Order 9')
  expect((await fetch(`${url}/orders/0`)).status).toBe(500)

  const events = await ingest.arrived(4)
  const shown = events.map(event => {
    const { method, endpoint, statusCode, errorName = '', errorMessage = '' } = event
    return [method, endpoint, statusCode, metadataOf(event).route, errorName, errorMessage].join(' ').trim()
  })
  expect(shown.sort()).toEqual([
    'GET /orders/0 500 /orders/:id RangeError There is no order 0',
    'GET /orders/9 200 /orders/:id',
    'POST /api/orders/7 201 /api/orders/:id',
    'POST /api/orders/8 500 /api/orders/:id RangeError Nobody orders 0 × teapot',
  ])
  const paid = events.find(({ endpoint }) => endpoint === '/api/orders/7')
  expect(paid).toMatchObject({
    eventType: 'api',
    traceId: taken.headers.get('x-trace-id'),
    requestPayload: { ...order, quantity: 1, cardNumber: '[MASKED]' },
    responsePayload: { id: '7', sku: 'teapot' },
  })
  expect(paid?.breadcrumbs?.map(({ message }) => message)).toContain('Charging card')
})
