/** The examples of Koa, h3, Elysia, Nitro (the server of Nuxt), TanStack Start and Astro, each in its own server on Node, and Elysia's on Bun. */
import { execFile } from 'node:child_process'
import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { root } from '../package/bundle-entry.ts'
import {
  addressOf,
  EXAMPLE_SERVER,
  failedOrder,
  freePort,
  installExample,
  keyAndInbox,
  order,
  post,
  runExample,
} from '../support/example-project.ts'
import { linkInstalled } from '../support/fresh-project.ts'
import { bun } from '../support/legs/hosts.ts'
import { openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')

type Program = Pick<typeof bun, 'binary' | 'args'>

interface Started {
  url: string
  /** Posts an order to a path, once the server listens. */
  order(path: string, quantity: number): Promise<Response>
  arrived(count: number): Promise<ReplayStackEvent[]>
}

const node: Program = { binary: process.execPath, args: [] }

/**
 * @param build a command's file below `node_modules` and its arguments
 * @param start what the runtime is called with in the example's folder
 */
async function start(
  name: string,
  build: readonly string[],
  start: readonly string[],
  { binary: runtime, args: first }: Program = node,
): Promise<Started> {
  const ingest = await openIngest()
  const folder = await installExample(name)
  await linkInstalled(home, folder)
  // Nitro still has the version before.
  if (name === 'h3') {
    await rm(join(folder, 'node_modules/h3'), { force: true })
    await symlink(join(home, 'node_modules/h3-2'), join(folder, 'node_modules/h3'))
  }
  const [binary, ...args] = build
  const quiet = { ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
  const env = { ...process.env, ...quiet }
  if (binary) await run(process.execPath, [join(home, 'node_modules', binary), ...args], { cwd: folder, env })
  const port = String(await freePort())
  const place = { PORT: port, HOST: '127.0.0.1' }
  const server = runExample(folder, [runtime, ...first, ...start], { ...keyAndInbox(ingest), ...quiet, ...place })
  const isOurs = start.includes(EXAMPLE_SERVER)
  const url = isOurs ? (await addressOf(server)).replace(/\/$/, '') : `http://127.0.0.1:${port}`
  return {
    url,
    order: (path, quantity) => post(url + path, { ...order, quantity }, server),
    arrived: ingest.arrived,
  }
}

const find = (events: readonly ReplayStackEvent[], endpoint: string, statusCode: number) =>
  events.find(event => event.endpoint === endpoint && event.statusCode === statusCode)

test.each<[string, string[], string[], string, string | undefined, Program?]>([
  ['koa', [], ['main.js'], '/orders', undefined],
  ['h3', [], ['main.js'], '/orders/7', undefined],
  ['elysia', [], ['--experimental-strip-types', EXAMPLE_SERVER, 'main.ts'], '/orders/7', undefined],
  ['elysia', [], ['main.ts'], '/orders/7', undefined, bun],
  ['nitro', ['nitropack/dist/cli/index.mjs', 'build'], ['.output/server/index.mjs'], '/orders/7', undefined],
  ['tanstack-start', ['vite/bin/vite.js', 'build'], [EXAMPLE_SERVER, 'dist/server/server.js'], '/orders/7', undefined],
  ['astro', ['astro/bin/astro.mjs', 'build'], ['dist/server/entry.mjs'], '/orders/7', '/orders/[id]'],
])(
  'examples/%s: an order, one that throws, and a path that is not there',
  async (name, build, how, path, route, runtime) => {
    const { url, arrived, ...server } = await start(name, build, how, runtime)

    const taken = await server.order(path, 2)
    expect([taken.status, await taken.json()]).toEqual([201, expect.objectContaining({ sku: 'teapot' })])
    expect((await server.order(path, 0)).status).toBe(500)
    expect((await fetch(`${url}/nowhere`)).status).toBe(404)

    const events = await arrived(3)
    expect(events).toHaveLength(3)
    expect(find(events, path, 201)).toMatchObject({
      eventType: 'api',
      method: 'POST',
      status: 'success',
      traceId: taken.headers.get('x-trace-id'),
      requestPayload: { ...order, quantity: 2, cardNumber: '[MASKED]' },
      responsePayload: { sku: 'teapot' },
      ...(route && { metadata: { route } }),
    })
    expect(find(events, path, 500)).toMatchObject({ ...failedOrder, endpoint: path })
    expect(find(events, '/nowhere', 404)).toMatchObject({ status: 'warning' })
  },
)

test('examples/astro: pages, and none for one that was rendered ahead', async () => {
  const { url, arrived, ...server } = await start('astro', ['astro/bin/astro.mjs', 'build'], ['dist/server/entry.mjs'])

  expect((await server.order('/orders/7', 1)).status).toBe(201)
  expect(await (await fetch(`${url}/terms`)).text()).toContain('Terms')
  expect(await (await fetch(`${url}/basket?sku=teapot`)).text()).toContain('<li>teapot</li>')
  expect((await fetch(`${url}/basket`)).status).toBe(500)

  const events = await arrived(3)
  expect(find(events, '/basket', 200)).toMatchObject({ status: 'success', metadata: { route: '/basket' } })
  expect(find(events, '/basket', 500)).toMatchObject({ status: 'failed', errorMessage: 'The basket is empty' })
  expect(find(events, '/terms', 200)).toBeUndefined()
})
