/** An application of Next.js (`next-app`), with the package as npm would install it: one `next build`, then `next start`. */
import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { root } from '../package/bundle-entry.ts'
import { keyAndInbox, runExample } from '../support/example-project.ts'
import { linkInstalled, packForProjects } from '../support/fresh-project.ts'
import { type OpenIngest, openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')
const next = join(home, 'node_modules/next/dist/bin/next')
const quiet = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
const makeProject = packForProjects()
let folder = ''
let whileBuilding: ReplayStackEvent[] = []

beforeAll(async () => {
  const ingest = await openIngest(afterAll)
  const env = { ...process.env, ...keyAndInbox(ingest), ...quiet }
  folder = await makeProject({})
  await cp(join(home, 'next-app'), folder, { recursive: true })
  await linkInstalled(home, folder)
  // Turbopack reads nothing through a link that leaves the folder.
  await run(process.execPath, [next, 'build', '--webpack'], { cwd: folder, env })
  whileBuilding = ingest.events()
})

interface Served {
  url: string
  ingest: OpenIngest
  /** Asks for a path, in a trace that is named after it. */
  ask(path: string, init?: RequestInit): Promise<Response>
}

/** Serves the application until the test is over. */
async function serve(): Promise<Served> {
  const ingest = await openIngest()
  const command = [process.execPath, next, 'start', '-p', '0', '-H', '127.0.0.1']
  const server = runExample(folder, command, { ...keyAndInbox(ingest), ...quiet })
  const port = await vi.waitUntil(() => /127\.0\.0\.1:(\d+)[\s\S]*Ready/.exec(server.output())?.[1], 100_000)
  const url = `http://127.0.0.1:${port}`
  const ask: Served['ask'] = (path, init = {}) =>
    fetch(url + path, { ...init, headers: { 'x-trace-id': `trace-of-${path}`, ...init.headers } })
  return { url, ingest, ask }
}

const metadataOf = ({ metadata }: ReplayStackEvent): { route?: string; routeType?: string } => Object(metadata)

test('nothing is recorded while it builds', () => {
  expect(whileBuilding).toEqual([])
})

test('a route handler and an API route are recorded, with the body that Next.js has parsed', async () => {
  const { url, ingest } = await serve()
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: '{"item":"book","pin":1}' }
  const handled = await fetch(`${url}/orders/8`, init)
  expect([handled.status, await handled.text()]).toEqual([201, 'made'])
  await ingest.arrived(1)
  const created = await fetch(`${url}/api/orders/7`, init)
  expect([created.status, await created.json()]).toEqual([201, { item: 'book', pin: 1, id: '7' }])
  await ingest.arrived(2)
  const failed = await fetch(`${url}/api/orders/fails`)
  expect([failed.status, await failed.text()]).toEqual([500, 'Internal Server Error'])

  const requestPayload = { item: 'book', pin: '[MASKED]' }
  const [byHandler, byRoute, failure] = await ingest.arrived(3)
  expect(byHandler).toMatchObject({ method: 'POST', endpoint: '/orders/8', statusCode: 201, requestPayload })
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

test('errors that Next.js responds to are events with their routes, once each', async () => {
  const { ingest, ask } = await serve()
  const paths = ['/shelves/7', '/node/7', '/edge/7', '/wrapped/7', '/api/plain', '/api/wrapped']
  const statuses = []
  for (const path of [...paths, '/fixed', '/lost', '/proxied']) statuses.push((await ask(path)).status)
  expect(statuses).toEqual([...paths.map(() => 500), 200, 404, 403])

  const all = await ingest.arrived(paths.length + 1)
  expect(all.find(({ endpoint }) => endpoint === '/proxied')).toMatchObject({ status: 'warning', statusCode: 403 })
  const events = all.filter(({ endpoint }) => endpoint !== '/proxied')
  const shown = events.map(event => {
    const { errorMessage, method, endpoint, traceId } = event
    expect(traceId).toBe(`trace-of-${endpoint}`)
    return [errorMessage, method, endpoint, metadataOf(event).route, metadataOf(event).routeType]
  })
  expect(shown.sort()).toEqual([
    ['api', 'GET', '/api/plain', '/api/plain', 'route'],
    ['edge', 'GET', '/edge/7', '/edge/[id]', 'route'],
    ['node', 'GET', '/node/7', '/node/[id]', 'route'],
    ['page 7', 'GET', '/shelves/7', '/shelves/[id]', 'render'],
    ['wrapped api', 'GET', '/api/wrapped', undefined, undefined],
    ['wrapped', 'GET', '/wrapped/7', '/wrapped/[id]', undefined],
  ])
  for (const event of events)
    expect(event).toMatchObject({ eventType: 'api', status: 'failed', errorName: 'RangeError' })
})

describe('a proxy that lets a request go on', () => {
  test('has an event without a status, in the trace of the route', async () => {
    const { url, ingest } = await serve()
    const responses = []
    for (const path of ['/orders/7', '/old', '/wrapped/8']) responses.push(await fetch(url + path))
    expect(responses.map(({ status }) => status)).toEqual([201, 201, 500])

    const events = await ingest.arrived(6)
    const ids = responses.map(({ headers }) => headers.get('x-trace-id'))
    expect(new Set(ids).size).toBe(3)
    const shown = events.map(event => {
      const { traceId = '', endpoint, statusCode, status } = event
      const path = ids.includes(traceId) ? ['/orders/7', '/old', '/wrapped/8'][ids.indexOf(traceId)] : 'none'
      return `${endpoint} of ${path}: ${statusCode}, ${status}, ${metadataOf(event).route}`
    })
    expect(shown.sort()).toEqual([
      '/old of /old: undefined, success, undefined',
      '/orders/7 of /orders/7: 201, success, /orders/[id]',
      '/orders/7 of /orders/7: undefined, success, undefined',
      '/orders/8 of /old: 201, success, /orders/[id]',
      '/wrapped/8 of /wrapped/8: 500, failed, /wrapped/[id]',
      '/wrapped/8 of /wrapped/8: undefined, success, undefined',
    ])
  })
})

describe('a Server Action', () => {
  /** React's own encoding of arguments. A form that is sent without JavaScript names its action among its fields instead. */
  const { encodeReply }: { encodeReply(args: unknown[]): Promise<string | FormData> } = createRequire(
    join(home, 'package.json'),
  )('next/dist/compiled/react-server-dom-webpack/client.edge')

  /** The ids that Next.js has given to the actions of a page's forms, by the forms' ids. */
  async function readActions({ url }: Served, path = '/basket'): Promise<Record<string, string>> {
    const page = await (await fetch(url + path)).text()
    const forms = [...page.matchAll(/<form[^>]* id="(\w+)".*?name="\$ACTION_ID_(\w+)"/gs)]
    return Object.fromEntries(forms.map(([, form, id]) => [form, id]))
  }

  /** Calls an action as a page's script does. */
  async function call({ url }: Served, id: string | undefined, args: unknown[], path = '/basket', headers = {}) {
    const body = await encodeReply(args)
    const type = typeof body === 'string' ? { 'content-type': 'text/plain;charset=UTF-8' } : {}
    return fetch(url + path, { method: 'POST', body, headers: { 'next-action': id ?? '', ...type, ...headers } })
  }

  const formOf = (fields: Record<string, string>): FormData => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    return form
  }

  /** What a page's script is sent, without the request's own random id, and what an error's frames are hashed to. */
  async function seen(response: Response) {
    const names = ['content-type', 'x-action-redirect', 'cache-control', 'x-nextjs-action-not-found']
    const text = (await response.text()).replace(/(?<="digest":")\d+(?=")|(?<=")[\w-]{21}(?=[vm]")/g, '')
    return [response.status, text, ...names.map(name => response.headers.get(name))]
  }

  test('is one event with its arguments and what it returned, and responds as it would', async () => {
    const served = await serve()
    const { bare, recorded, withoutHeaders } = await readActions(served)
    const ways = [
      ['teapot', 200, 'success', undefined],
      ['tea', 200, 'success', 303],
      ['lost', 404, 'warning', 404],
      ['gold', 500, 'failed', 500],
    ] as const
    for (const [sku, httpStatus] of ways) {
      const form = formOf({ sku, password: 'planted-form' })
      const plainly = await seen(await call(served, bare, [form]))
      expect(plainly[0]).toBe(httpStatus)
      for (const id of [recorded, withoutHeaders]) expect(await seen(await call(served, id, [form]))).toEqual(plainly)
    }
    // The bare one's failure has an event too: Next.js's own hook reports it. The proxy's events are no part of this.
    const isAction = (event: ReplayStackEvent) => event.method === undefined
    await vi.waitUntil(() => served.ingest.events().filter(isAction).length >= 8, 30_000)
    const events = served.ingest.events()
    for (const [place, [sku, , status, statusCode]] of ways.entries()) {
      const expected = {
        eventType: 'custom',
        status,
        requestPayload: { sku, password: '[MASKED]' },
        metadata: { routeType: 'action' },
      }
      const both = events.filter(isAction).slice(2 * place, 2 * place + 2)
      expect(both).toMatchObject([
        { ...expected, endpoint: 'placeOrder' },
        { ...expected, endpoint: 'placeOrderBlindly' },
      ])
      expect(both.map(event => event.statusCode)).toEqual([statusCode, statusCode])
      expect(both[0]?.breadcrumbs?.map(({ message }) => message)).toContain('Charging card')
    }
    expect(events.find(({ endpoint }) => endpoint === 'placeOrder')).toMatchObject({
      requestHeaders: { 'next-action': recorded },
      responsePayload: { sku: 'teapot', token: '[MASKED]' },
      metadata: { route: 'placeOrder' },
    })
    const failures = events.filter(({ status }) => status === 'failed')
    expect(failures.map(({ endpoint }) => endpoint).sort()).toEqual(['/basket', 'placeOrder', 'placeOrderBlindly'])
    expect(JSON.stringify(served.ingest.requests)).not.toContain('planted-')
  })

  test('is in the trace of its request, whichever way it is called and wherever it runs', async () => {
    const served = await serve()
    const { recorded } = await readActions(served)
    const { recorded: onEdge } = await readActions(served, '/edge-basket')
    const trace = (name: string) => ({ 'x-trace-id': name })
    const args = [{ sku: 'script', password: 'planted-json' }, 2]
    expect((await call(served, recorded, args, '/basket', trace('by-script'))).status).toBe(200)
    const form = formOf({ sku: 'edge' })
    expect((await call(served, onEdge, [form], '/edge-basket', trace('on-edge'))).status).toBe(200)
    const body = formOf({ [`$ACTION_ID_${recorded}`]: '', sku: 'tea' })
    const init = { method: 'POST', body, redirect: 'manual', headers: trace('by-form') } as const
    expect((await fetch(`${served.url}/basket`, init)).status).toBe(303)

    const actions = () => served.ingest.events().filter(({ endpoint }) => endpoint === 'placeOrder')
    await vi
      .waitUntil(() => actions().length >= 3, 5_000)
      .catch(() => console.log(JSON.stringify(served.ingest.events(), null, 1)))
    expect(actions()).toMatchObject([
      { traceId: 'by-script', requestPayload: [{ sku: 'script', password: '[MASKED]' }, 2] },
      { traceId: 'on-edge', requestPayload: { sku: 'edge' } },
      { traceId: 'by-form', requestPayload: { sku: 'tea' }, status: 'success', statusCode: 303 },
    ])
  })

  test('that is not wrapped is an event where it fails', async () => {
    const served = await serve()
    const { fail = '' } = await readActions(served)
    const body = formOf({ [`$ACTION_ID_${fail}`]: '', sku: 'teapot' })
    expect((await served.ask('/basket', { method: 'POST', body })).status).toBe(500)
    expect((await call(served, fail, [formOf({ sku: 'spoon' })])).status).toBe(500)
    const failures = () => served.ingest.events().filter(({ status }) => status === 'failed')
    await vi.waitUntil(() => failures().length >= 2, 30_000)
    expect(failures().map(event => [event.errorMessage, event.endpoint, metadataOf(event)])).toMatchObject([
      ['action teapot', '/basket', { route: '/basket', routeType: 'render' }],
      ['action spoon', '/basket', { route: '/basket', routeType: 'action' }],
    ])
  })
})
