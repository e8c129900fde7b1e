/** An application of Nuxt, built for Node and served, with the plugin that docs/hosts/nuxt.md shows. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { freePort, keyAndInbox, post, runExample } from '../support/example-project.ts'
import { linkInstalled, packForProjects } from '../support/fresh-project.ts'
import { openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')
const makeProject = packForProjects()

test('pages and API routes of Nuxt are one event each, and none while it builds', { timeout: 300_000 }, async () => {
  const ingest = await openIngest()
  const folder = await makeProject({
    'nuxt.config.js': `export default { compatibilityDate: '2026-01-01', telemetry: false }`,
    'server/plugins/replaystack.js': await readFile(join(root, 'examples/nitro/server/plugins/replaystack.js'), 'utf8'),
    'server/api/orders/[id].js': `
      export default defineEventHandler(async event => {
        const order = await readBody(event)
        if (order.quantity < 1) throw new RangeError('Nobody orders ' + order.quantity)
        return { id: event.context.params.id }
      })`,
    'app/pages/basket.vue': `
      <script setup>
      if (useRoute().query.fails) throw new RangeError('The basket is empty')
      </script>
      <template><p>A basket</p></template>`,
    'app/app.vue': '<template><NuxtPage /></template>',
  })
  await linkInstalled(home, folder)
  const env = { ...keyAndInbox(ingest), NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' }
  const nuxt = join(home, 'node_modules/nuxt/bin/nuxt.mjs')
  await run(process.execPath, [nuxt, 'build'], { cwd: folder, env: { ...process.env, ...env } })
  expect(ingest.events()).toEqual([])

  const port = await freePort()
  const place = { PORT: String(port), HOST: '127.0.0.1' }
  const server = runExample(folder, [process.execPath, '.output/server/index.mjs'], { ...env, ...place })
  const url = `http://127.0.0.1:${port}`
  const taken = await post(`${url}/api/orders/7`, { quantity: 1, pin: 1 }, server)
  expect([taken.status, await taken.json()]).toEqual([200, { id: '7' }])
  expect((await post(`${url}/api/orders/8`, { quantity: 0 }, server)).status).toBe(500)
  expect(await (await fetch(`${url}/basket`)).text()).toContain('A basket')
  expect((await fetch(`${url}/basket?fails=1`)).status).toBe(500)

  const events = await ingest.arrived(4)
  const shown = events.map(({ method, endpoint, statusCode, errorName, errorMessage }) =>
    [method, endpoint, statusCode, errorName, errorMessage].join(' '),
  )
  expect(shown.sort()).toEqual([
    'GET /basket 200  ',
    'GET /basket 500 RangeError The basket is empty',
    'POST /api/orders/7 200  ',
    'POST /api/orders/8 500 RangeError Nobody orders 0',
  ])
  expect(events.find(({ endpoint }) => endpoint === '/api/orders/7')).toMatchObject({
    eventType: 'api',
    traceId: taken.headers.get('x-trace-id'),
    requestPayload: { quantity: 1, pin: '[MASKED]' },
    responsePayload: { id: '7' },
  })
})
