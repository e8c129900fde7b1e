/** A proxy of Next.js that lets requests go on, and Server Actions that succeed, in an application that is built and served. */
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

test('a proxy that lets a request go on has an event without a status', { timeout: 180_000 }, async () => {
  const ingest = await openIngest()
  const folder = await makeProject({
    'proxy.js': `
      import { withReplayStack } from '@replaystack/edge/vercel'
      import { NextResponse } from 'next/server'
      export const proxy = withReplayStack(request =>
        request.nextUrl.pathname === '/old'
          ? NextResponse.rewrite(new URL('/orders/8', request.url))
          : NextResponse.next(),
      )
      export const config = { matcher: ['/old', '/orders/7', '/basket'] }`,
    'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>',
    'app/orders/[id]/route.js': `
      import { withReplayStack } from '@replaystack/edge/vercel'
      export const GET = withReplayStack(async () => Response.json({ made: true }, { status: 201 }))`,
    'app/basket/page.js': `
      export const dynamic = 'force-dynamic'
      async function pay(form) { 'use server' }
      export default () => <form action={pay}><input name="sku" defaultValue="teapot" /></form>`,
  })
  await linkInstalled(home, folder)
  const next = join(home, 'node_modules/next/dist/bin/next')
  const env = { ...keyAndInbox(ingest), NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
  // Turbopack reads nothing through a link that leaves the folder.
  await run(process.execPath, [next, 'build', '--webpack'], { cwd: folder, env: { ...process.env, ...env } })
  expect(ingest.events()).toEqual([])
  const server = runExample(folder, [process.execPath, next, 'start', '-p', '0', '-H', '127.0.0.1'], env)
  const port = await vi.waitUntil(() => /127\.0\.0\.1:(\d+)[\s\S]*Ready/.exec(server.output())?.[1], 100_000)
  const url = `http://127.0.0.1:${port}`

  const statuses = []
  for (const path of ['/orders/7', '/old']) {
    const headers = { 'x-trace-id': `trace-of-${path}` }
    statuses.push((await fetch(url + path, { headers })).status)
  }
  expect(statuses).toEqual([201, 201])
  const basket = await (await fetch(`${url}/basket`)).text()
  const [, action = ''] = /name="(\$ACTION_ID_\w+)"/.exec(basket) ?? []
  expect(action).not.toBe('')
  const headers = { 'next-action': action.slice('$ACTION_ID_'.length), 'content-type': 'text/plain' }
  expect((await fetch(`${url}/basket`, { method: 'POST', headers, body: '[]' })).status).toBe(200)

  const events = await ingest.arrived(6)
  const shown = events.map(({ traceId, method, endpoint, statusCode, status, metadata }) => {
    const { route }: { route?: string } = Object(metadata)
    const trace = traceId?.startsWith('trace-of-') ? traceId : 'its own trace'
    return [method, endpoint, statusCode ?? 'no status', status, route ?? 'no route', trace].join(', ')
  })
  expect(shown.sort()).toEqual([
    'GET, /basket, no status, success, no route, its own trace',
    'GET, /old, no status, success, no route, trace-of-/old',
    'GET, /orders/7, 201, success, /orders/[id], trace-of-/orders/7',
    'GET, /orders/7, no status, success, no route, trace-of-/orders/7',
    'GET, /orders/8, 201, success, /orders/[id], trace-of-/old',
    'POST, /basket, no status, success, no route, its own trace',
  ])
})
