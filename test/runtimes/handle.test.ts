import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { type ReplayStackVariables, replaystack } from '../../src/adapters/hono.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { createMemoryHost, createOpenBody, type MemoryHost } from './memory.ts'

function createApp({ transport }: MemoryHost): Hono<{ Variables: ReplayStackVariables }> {
  const app = new Hono<{ Variables: ReplayStackVariables }>()
  app.use(replaystack({ apiKey: 'test-key', transport }))
  return app
}

const at = (events: readonly ReplayStackEvent[], endpoint: string) => events.find(event => event.endpoint === endpoint)
const crumbs = (event: ReplayStackEvent | undefined) => event?.breadcrumbs?.map(({ message }) => message)

describe('what a request is handed', () => {
  test('is the trace id that it arrived with, and a new one where it has none', async () => {
    const host = createMemoryHost()
    const app = createApp(host)
    app.get('/:name', c => c.text(c.var.replaystack.traceId ?? ''))
    const ask = (path: string, headers: Record<string, string>) =>
      app.request(`https://shop.test${path}`, { headers }, {}, host.ctx)

    const known = await ask('/known', { 'x-trace-id': 'trace-7' })
    const forged = await ask('/forged', { 'x-trace-id': 'a'.repeat(129) })

    expect(known.headers.get('x-trace-id')).toBe('trace-7')
    const made = forged.headers.get('x-trace-id')
    expect(made).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect([await known.text(), await forged.text()]).toEqual(['trace-7', made])
    const events = await host.events()
    expect([at(events, '/known')?.traceId, at(events, '/forged')?.traceId]).toEqual(['trace-7', made])
  })

  test('is a handle whose breadcrumbs and log lines stay its own', async () => {
    const host = createMemoryHost()
    const app = createApp(host)
    const { body, finish } = createOpenBody('', 'go')
    app.get('/slow', async c => {
      c.var.replaystack.addBreadcrumb('before', { category: 'payment', metadata: { cvv: '123' } })
      await new Response(body).text()
      c.var.replaystack.captureLog({ message: 'after' })
      return c.text('late')
    })
    app.get('/fast', c => {
      c.var.replaystack.addBreadcrumb('between')
      return c.text('early')
    })

    const slow = app.request('https://shop.test/slow', {}, {}, host.ctx)
    await app.request('https://shop.test/fast', {}, {}, host.ctx)
    finish()
    await slow

    const events = await host.events()
    const late = at(events, '/slow')
    expect(crumbs(at(events, '/fast'))).toEqual(['HTTP request started', 'between', 'HTTP request finished'])
    expect(crumbs(late)).toEqual(['HTTP request started', 'before', 'HTTP request finished'])
    expect(late?.breadcrumbs?.[1]).toMatchObject({ category: 'payment', level: 'info', metadata: { cvv: '[MASKED]' } })
    expect(late?.logs).toMatchObject([{ level: 'error', message: 'after' }])
  })

  test('is a handle whose captures the host waits for, on the trace of the request', async () => {
    const host = createMemoryHost()
    const app = createApp(host)
    app.get('/partly', c => {
      c.var.replaystack.captureException(new RangeError('cache is cold'), { endpoint: 'cache' })
      return c.text('answered')
    })

    await app.request('https://shop.test/partly', { headers: { 'x-trace-id': 'trace-8' } }, {}, host.ctx)

    const events = await host.events()
    expect(at(events, 'cache')).toMatchObject({ traceId: 'trace-8', eventType: 'custom', errorName: 'RangeError' })
    expect(at(events, '/partly')).toMatchObject({ traceId: 'trace-8', eventType: 'api', status: 'success' })
  })
})
