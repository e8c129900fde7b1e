/** examples/sveltekit, built by SvelteKit and served by its own server on Node. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import {
  failedOrder,
  freePort,
  installExample,
  keyAndInbox,
  order,
  post,
  runExample,
} from '../support/example-project.ts'
import { linkInstalled } from '../support/fresh-project.ts'
import { openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')

test('examples/sveltekit: an endpoint and a page that fail, a page that is there, one that is not', async () => {
  const ingest = await openIngest()
  const folder = await installExample('sveltekit')
  await linkInstalled(home, folder)
  await run(process.execPath, [join(home, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: folder })
  const port = await freePort()
  const settings = { PORT: String(port), HOST: '127.0.0.1', ORIGIN: `http://127.0.0.1:${port}` }
  const server = runExample(folder, [process.execPath, 'build'], { ...keyAndInbox(ingest), ...settings })
  const url = settings.ORIGIN

  expect((await post(`${url}/orders/7`, order, server)).status).toBe(500)
  expect((await fetch(`${url}/basket`)).status).toBe(500)
  const page = await fetch(`${url}/basket?sku=teapot`)
  expect(await page.text()).toContain('<li>teapot</li>')
  expect((await fetch(`${url}/nowhere`)).status).toBe(404)

  const events = await ingest.arrived(4)
  const find = (endpoint: string, statusCode: number) =>
    events.find(event => event.endpoint === endpoint && event.statusCode === statusCode)
  expect(events).toHaveLength(4)
  expect(find('/orders/7', 500)).toMatchObject({
    ...failedOrder,
    endpoint: '/orders/7',
    metadata: { route: '/orders/[id]' },
  })
  expect(find('/basket', 500)).toMatchObject({
    status: 'failed',
    errorName: 'TypeError',
    errorMessage: 'The basket is empty',
    metadata: { route: '/basket' },
  })
  expect(find('/basket', 200)).toMatchObject({ status: 'success', traceId: page.headers.get('x-trace-id') })
  expect(find('/nowhere', 404)).toMatchObject({ status: 'warning' })
})
