/** The examples of Next.js, in `next dev`. */
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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

const home = join(root, 'test/hosts')
const next = join(home, 'node_modules/next/dist/bin/next')

// In one application, which is what may hold both: Next.js takes ten seconds to start.
test('examples/next-api and examples/vercel/next', async () => {
  const ingest = await openIngest()
  const folder = await installExample('next-api')
  await cp(join(root, 'examples/vercel/next/app'), join(folder, 'app'), { recursive: true })
  await linkInstalled(home, folder)
  const installed = join(folder, 'node_modules')
  // A link to all of them: what is added here is this application's own.
  await rm(join(installed, '@types'), { force: true })
  // Next.js installs what its types need by itself, unless that is there; none of it runs.
  await mkdir(join(installed, '@types/react'), { recursive: true })
  await writeFile(join(installed, '@types/react/index.d.ts'), 'export {}')
  await writeFile(join(installed, '@types/react/package.json'), '{ "name": "@types/react" }')
  for (const one of ['typescript', '@types/node']) {
    await symlink(join(root, 'node_modules', one), join(installed, one))
  }
  const port = await freePort()
  // Turbopack reads nothing through a link that leaves the folder.
  const command = [process.execPath, next, 'dev', '--webpack', '-p', String(port), '-H', '127.0.0.1']
  const quiet = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'development' }
  const example = runExample(folder, command, { ...keyAndInbox(ingest), ...quiet })

  for (const [method, path] of [
    ['POST', '/api/orders/7'],
    ['PUT', '/orders/7'],
  ] as const) {
    expect((await post(`http://127.0.0.1:${port}${path}`, order, example, method)).status).toBe(500)
    await ingest.arrived(method === 'POST' ? 1 : 2)
  }

  const events = ingest.events()
  expect(events).toMatchObject([
    { ...failedOrder, endpoint: '/api/orders/7' },
    { ...failedOrder, method: 'PUT', endpoint: '/orders/7' },
  ])
  const masked = expect.objectContaining({ metadata: { ...order, cardNumber: '[MASKED]' } })
  for (const { breadcrumbs } of events) expect(breadcrumbs).toContainEqual(masked)

  const url = `http://127.0.0.1:${port}/orders`
  const [, action = ''] = /name="(\$ACTION_ID_\w+)"/.exec(await (await fetch(url)).text()) ?? []
  const form = new FormData()
  for (const [name, value] of Object.entries({ [action]: '', ...order })) form.set(name, String(value))
  expect((await fetch(url, { method: 'POST', body: form })).status).toBe(500)
  expect((await ingest.arrived(3))[2]).toMatchObject({
    eventType: 'custom',
    endpoint: 'placeOrder',
    status: 'failed',
    errorMessage: failedOrder.errorMessage,
    requestPayload: { sku: 'teapot', quantity: '0', cardNumber: '[MASKED]' },
  })
})
