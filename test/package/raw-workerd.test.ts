import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { bundleEntry } from './bundle-entry.ts'
import { type ServedWorker, serveWorker, type WorkerSettings } from './serve-workerd.ts'

/** What workerd writes when a Worker did what it must not. */
const COMPLAINTS =
  /.*(hung|different request|Illegal invocation|Disallowed operation|never complete|uncaught exception).*/gi

/** Each way in which a Worker has, or has not, a part of Node: `AsyncLocalStorage` first of all. */
const runtimes = [
  { name: 'no flags', hasStorage: false, compatibilityDate: '2024-01-01', compatibilityFlags: [] },
  { name: 'nodejs_als', hasStorage: true, compatibilityDate: '2024-01-01', compatibilityFlags: ['nodejs_als'] },
  { name: 'nodejs_compat', hasStorage: true, compatibilityDate: '2024-09-23', compatibilityFlags: ['nodejs_compat'] },
  { name: 'Node compatibility by date', hasStorage: true, compatibilityDate: '2026-08-04', compatibilityFlags: [] },
]

const bindings = { REPLAYSTACK_API_KEY: 'raw-key', REPLAYSTACK_SERVICE_NAME: 'raw', REPLAYSTACK_TIMEOUT_MS: '60000' }

let code: string

beforeAll(async () => {
  // No `node` condition and no Node built-ins: what a Worker without flags is bundled with.
  const options = { conditions: ['workerd', 'worker', 'browser'], mainFields: ['module', 'main'] }
  const { code: bundled, imports } = await bundleEntry('test/package/fixtures/worker.ts', options)
  expect(imports).toEqual([])
  code = bundled
})

/** An inbox that tells when so many events have arrived. */
async function openInbox(): Promise<{ inbox: RunningInbox; arrived(count: number): Promise<ReplayStackEvent[]> }> {
  const inbox = await startInbox({ key: 'raw-key' })
  onTestFinished(() => inbox.close())
  return {
    inbox,
    arrived: count =>
      new Promise(resolve => {
        const look = () => {
          const { events } = inbox.store.list({ limit: 200 })
          if (events.length < count) return
          unsubscribe()
          resolve(events.map(({ id }): ReplayStackEvent => JSON.parse(inbox.store.get(id)?.json ?? 'null')))
        }
        const unsubscribe = inbox.feed.subscribe(look)
        look()
      }),
  }
}

const serve = (settings: Omit<WorkerSettings, 'bindings'>, inbox: RunningInbox): Promise<ServedWorker> =>
  serveWorker(code, { ...settings, bindings: { ...bindings, REPLAYSTACK_ENDPOINT: inbox.url } })

const order = (url: string, id: number): Promise<Response> =>
  fetch(`${url}/orders/${id}?api_key=query-secret`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer header-secret', 'x-trace-id': `trace-${id}` },
    body: JSON.stringify({ items: id, card: { cardNumber: 'body-secret' } }),
  })

// An event that is lost is one that is waited for until the test's time is up.
describe.each(runtimes)('a Worker in workerd with $name', { timeout: 60_000 }, ({ hasStorage, ...settings }) => {
  test('delivers what it recorded, masked, and works as without the SDK', async () => {
    const { inbox, arrived } = await openInbox()
    const worker = await serve(settings, inbox)

    const answers = {
      order: await order(worker.url, 1),
      broken: await fetch(`${worker.url}/broken`),
      captured: await fetch(`${worker.url}/captured`),
      stream: await fetch(`${worker.url}/stream`),
    }
    expect(await answers.order.json()).toEqual({ items: 1, session: 'answer-secret' })
    expect(answers.broken.status).toBe(500)
    expect(await answers.captured.json()).toMatchObject({ success: true })
    expect(await answers.stream.text()).toBe('data: 1\n\n')
    await worker.runCron('*/5 * * * *')

    const events = await arrived(6)
    const find = (endpoint: string) => events.find(event => event.endpoint === endpoint)
    expect(find('/orders/1')).toMatchObject({
      traceId: 'trace-1',
      authMode: 'bearer',
      requestPayload: { items: 1, card: { cardNumber: '[MASKED]' } },
      responsePayload: { items: 1, session: '[MASKED]' },
      serviceName: 'raw',
      breadcrumbs: [{}, { message: 'order 1', metadata: { token: '[MASKED]' } }, {}],
      metadata: { route: '/orders/:id' },
    })
    expect(find('/broken')).toMatchObject({ status: 'failed', statusCode: 500, errorName: 'TypeError' })
    expect(find('/stream')).toMatchObject({ responsePayload: { captured: false } })
    expect(find('own-client')).toMatchObject({ eventType: 'custom', metadata: { password: '[MASKED]' } })
    // A client that is in no one's hand finds its request where there is `AsyncLocalStorage`, and there alone.
    expect(find('own-client')?.traceId === find('/captured')?.traceId).toBe(hasStorage)
    expect(find('*/5 * * * *')).toMatchObject({ eventType: 'cron', status: 'success' })
    expect(JSON.stringify(events)).not.toMatch(/\w+-secret/)
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })

  test('keeps requests at the same time apart', async () => {
    const { inbox, arrived } = await openInbox()
    const worker = await serve(settings, inbox)
    const ids = Array.from({ length: 20 }, (_, index) => index + 1)

    const answers = await Promise.all(ids.map(id => order(worker.url, id)))

    expect(await Promise.all(answers.map(answer => answer.json()))).toMatchObject(ids.map(items => ({ items })))
    const events = await arrived(ids.length)
    const told = events.map(({ traceId, endpoint, breadcrumbs }) => [traceId, endpoint, breadcrumbs?.[1]?.message])
    expect(told.sort()).toEqual(ids.map(id => [`trace-${id}`, `/orders/${id}`, `order ${id}`]).sort())
    expect((await worker.stop()).match(COMPLAINTS)).toBeNull()
  })
})

test.each([
  ['Illegal invocation', 'const { waitUntil } = ctx; waitUntil(Promise.resolve())'],
  ['uncaught exception', 'ctx.waitUntil(Promise.reject(new Error("late")))'],
  ['hung', 'await new Promise(() => {})'],
])("workerd's log shows what would be %s", async (complaint, statement) => {
  const code = `export default { async fetch(request, env, ctx) { ${statement}; return new Response('done') } }`
  const worker = await serveWorker(code, { compatibilityDate: '2024-01-01', compatibilityFlags: [], bindings: {} })
  await fetch(worker.url)
  expect((await worker.stop()).match(COMPLAINTS)?.[0]).toContain(complaint)
})

test('workerd does not start a Worker that does at module scope what it must not', async () => {
  const settings = { compatibilityDate: '2024-01-01', compatibilityFlags: [], bindings: {} }
  const serving = serveWorker('setTimeout(() => {}, 0)\nexport default { fetch() {} }', settings)
  await expect(serving).rejects.toThrow('Disallowed operation')
})
