/** Cloudflare Pages Functions behind a middleware, in `wrangler pages dev`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { freePort, keyAndInbox, runExample } from '../support/example-project.ts'
import { packForProjects } from '../support/fresh-project.ts'
import { openIngest } from './open-inbox.ts'

const makeProject = packForProjects()

test('a function that responds, and one that throws', { timeout: 180_000 }, async () => {
  const ingest = await openIngest()
  const folder = await makeProject({
    'public/index.html': 'shop',
    'functions/_middleware.js': `
      import { withReplayStack } from '@replaystack/edge/fetch'
      export const onRequest = withReplayStack(context => context.next())`,
    'functions/orders/[id].js': 'export const onRequest = ({ params }) => Response.json(params)',
    'functions/fails.js': "export const onRequest = () => { throw new RangeError('no stock') }",
  })
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
  const variables = Object.entries(keyAndInbox(ingest)).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(join(folder, '.dev.vars'), variables.join(''))
  const port = String(await freePort())
  const place = ['--ip', '127.0.0.1', '--port', port, '--inspector-port', String(await freePort())]
  const command = [wrangler, 'pages', 'dev', 'public', ...place, '--compatibility-date', '2026-08-04']
  const quiet = {
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    XDG_CONFIG_HOME: folder,
    CI: 'true',
  }
  runExample(folder, [process.execPath, ...command], quiet)
  const url = `http://127.0.0.1:${port}`
  const ask = (path: string) => fetch(url + path).catch(() => undefined)
  const answer = await vi.waitUntil(() => ask('/orders/7'), { timeout: 100_000 })
  expect(await answer.json()).toEqual({ id: '7' })
  expect((await ask('/fails'))?.status).toBe(500)

  const events = await ingest.arrived(2)
  expect(events.find(({ endpoint }) => endpoint === '/orders/7')).toMatchObject({ status: 'success', statusCode: 200 })
  expect(events.find(({ endpoint }) => endpoint === '/fails')).toMatchObject({
    status: 'failed',
    errorName: 'RangeError',
    errorMessage: 'no stock',
  })
})
