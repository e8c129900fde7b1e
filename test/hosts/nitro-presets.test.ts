/** examples/nitro with presets for other hosts than Node's server: served by that host's runtime, or called as the host does. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createContext, readEvent } from '../lambda/invoke.ts'
import { root } from '../package/bundle-entry.ts'
import {
  failedOrder,
  freePort,
  installExample,
  keyAndInbox,
  order,
  post,
  type RunningExample,
  runExample,
} from '../support/example-project.ts'
import { startWorkerIn } from '../support/example-worker.ts'
import { linkInstalled } from '../support/fresh-project.ts'
import { bun, deno } from '../support/legs/hosts.ts'
import { listen } from '../support/node-server.ts'
import { type OpenIngest, openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')

/**
 * Builds the example.
 * @param entry what stands in place of the preset's own, as docs/hosts/nuxt.md shows it
 */
async function build(preset: string, entry?: string): Promise<string> {
  const folder = await installExample('nitro')
  await linkInstalled(home, folder)
  if (entry) {
    await writeFile(join(folder, 'server/entry.js'), entry)
    const settings = { entry: './entry.js', externals: { inline: ['nitropack/presets'] } }
    const config = { srcDir: 'server', compatibilityDate: '2026-08-04', ...settings }
    await writeFile(join(folder, 'nitro.config.js'), `export default ${JSON.stringify(config)}`)
  }
  const env = { ...process.env, NITRO_PRESET: preset, NODE_ENV: 'production' }
  await run(process.execPath, [join(home, 'node_modules/nitropack/dist/cli/index.mjs'), 'build'], { cwd: folder, env })
  return folder
}

/** The events of an order that is taken, and of one that fails. */
async function expectOrders(ingest: OpenIngest, shown: object = { requestPayload: failedOrder.requestPayload }) {
  const events = await ingest.arrived(2)
  expect(events).toHaveLength(2)
  const common = { eventType: 'api', method: 'POST', endpoint: '/orders/7', metadata: { route: '/orders/:id' } }
  expect(events).toMatchObject([
    { ...common, status: 'success', statusCode: 201, responsePayload: { id: '7', sku: 'teapot' } },
    { ...common, ...shown, status: 'failed', statusCode: 500, errorMessage: failedOrder.errorMessage },
  ])
  expect(JSON.stringify(ingest.requests)).not.toContain(order.cardNumber)
}

describe('a server', () => {
  type Serve = (folder: string, ingest: OpenIngest) => Promise<{ url: string; example: RunningExample }>
  const onRuntime =
    (binary: string, args: readonly string[]): Serve =>
    async (folder, ingest) => {
      const port = await freePort()
      const env = { ...keyAndInbox(ingest), NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1' }
      const example = runExample(folder, [binary, ...args, '.output/server/index.mjs'], env)
      return { url: `http://127.0.0.1:${port}`, example }
    }
  test.each<[string, Serve]>([
    ['bun', onRuntime(bun.binary, bun.args)],
    ['deno_server', onRuntime(deno.binary, ['run', '-A', '--unstable-byonm', '--unstable-node-globals'])],
    ['cloudflare_pages', (folder, ingest) => startWorkerIn(join(folder, 'dist'), ingest, {}, ['pages', 'dev', '.'])],
  ])('of the preset %s needs the plugin alone', async (preset, serve) => {
    const ingest = await openIngest()
    const { url, example } = await serve(await build(preset), ingest)
    const taken = await post(`${url}/orders/7`, { ...order, quantity: 2 }, example)
    expect([taken.status, await taken.json()]).toEqual([201, { id: '7', sku: 'teapot' }])
    expect((await post(`${url}/orders/7`, order, example)).status).toBe(500)
    await expectOrders(ingest)
    expect(ingest.events()[0]?.traceId).toBe(taken.headers.get('x-trace-id'))
  })
})

describe('a function', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  /** What a built module exports, loaded with the ingest in its environment. */
  async function load<Exports>(file: string): Promise<[OpenIngest, Exports]> {
    const ingest = await openIngest()
    // Nitro writes each error.
    vi.spyOn(console, 'error').mockReturnValue()
    for (const [name, value] of Object.entries(keyAndInbox(ingest))) vi.stubEnv(name, value)
    return [ingest, await import(pathToFileURL(file).href)]
  }

  test('of Vercel needs the plugin alone, and is kept alive', async () => {
    const folder = await build('vercel')
    const file = join(folder, '.vercel/output/functions/__fallback.func/index.mjs')
    const [ingest, { default: listener }] = await load<{ default: RequestListener }>(file)
    const waiting: Promise<unknown>[] = []
    const context = Symbol.for('@vercel/request-context')
    Reflect.set(globalThis, context, { get: () => ({ waitUntil: (one: Promise<unknown>) => waiting.push(one) }) })
    const { url, server } = await listen(listener)
    for (const quantity of [2, 0]) {
      const body = JSON.stringify({ ...order, quantity })
      await fetch(`${url}/orders/7`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    }
    server.close()
    Reflect.deleteProperty(globalThis, context)
    await Promise.all(waiting)
    expect(ingest.events()).toHaveLength(2)
    await expectOrders(ingest)
  })

  test('of Netlify is wrapped in an entry of its own, and makes one event with the plugin', async () => {
    const folder = await build(
      'netlify',
      `import { withReplayStack } from '@replaystack/edge/netlify'
      import handler from 'nitropack/presets/netlify/runtime/netlify'
      export default withReplayStack(handler)`,
    )
    type Handler = (request: Request, context: object) => Promise<Response>
    const file = join(folder, '.netlify/functions-internal/server/main.mjs')
    const [ingest, { default: handler }] = await load<{ default: Handler }>(file)
    const waiting: Promise<unknown>[] = []
    const context = { ip: '203.0.113.4', waitUntil: (one: Promise<unknown>) => waiting.push(one) }
    for (const quantity of [2, 0]) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const body = JSON.stringify({ ...order, quantity })
      await handler(new Request('https://shop.example/orders/7', { ...init, body }), context)
    }
    await Promise.all(waiting)
    expect(ingest.events()).toHaveLength(2)
    await expectOrders(ingest, { requestPayload: failedOrder.requestPayload, sourceIp: '203.0.113.4' })
  })

  test('of AWS Lambda is wrapped in an entry of its own, and has its event delivered before it responds', async () => {
    const folder = await build(
      'aws_lambda',
      `import { withReplayStack } from '@replaystack/edge/lambda'
      import { handler as nitro } from 'nitropack/presets/aws-lambda/runtime/aws-lambda'
      export const handler = withReplayStack(nitro)`,
    )
    type Handler = (event: object, context: object) => Promise<{ statusCode: number }>
    const [ingest, { handler }] = await load<{ handler: Handler }>(join(folder, '.output/server/index.mjs'))
    for (const [place, quantity] of [2, 0].entries()) {
      const event = {
        ...readEvent('function-url'),
        body: JSON.stringify({ ...order, quantity }),
        isBase64Encoded: false,
      }
      expect((await handler(event, createContext())).statusCode).toBe(quantity ? 201 : 500)
      expect(ingest.events()).toHaveLength(place + 1)
    }
    await expectOrders(ingest)
    expect(ingest.events()[1]).toMatchObject({ errorName: 'RangeError', metadata: { functionName: 'shop-api' } })
  })
})
