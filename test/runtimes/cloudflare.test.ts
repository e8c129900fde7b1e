import { describe, expect, test } from 'vitest'
import { withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import type { WaitUntilLike } from '../../src/types.ts'
import { createMemoryHost, createOpenBody } from './memory.ts'

interface Env {
  REPLAYSTACK_API_KEY: string
  REPLAYSTACK_SERVICE_NAME?: string
}

const env: Env = { REPLAYSTACK_API_KEY: 'key-of-env', REPLAYSTACK_SERVICE_NAME: 'jobs' }

describe('a Worker without a framework', () => {
  test('records a request with the settings of its env, and returns the very answer', async () => {
    const host = createMemoryHost()
    const answer = Response.json({ id: 7, secret: 'shh' }, { headers: { 'x-own': 'yes' } })
    const worker = withReplayStack(
      { fetch: async (_request: Request, _env: Env, _ctx: WaitUntilLike) => answer },
      { transport: host.transport },
    )

    const request = new Request('https://jobs.test/items', {
      headers: { 'cf-connecting-ip': '192.0.2.1', cookie: 'session=abc' },
    })
    const response = await worker.fetch(request, env, host.ctx)

    expect(response).toBe(answer)
    expect(await response.json()).toEqual({ id: 7, secret: 'shh' })
    expect(await host.events()).toMatchObject([
      {
        eventType: 'api',
        method: 'GET',
        endpoint: '/items',
        authMode: 'cookie',
        sourceIp: '192.0.2.1',
        serviceName: 'jobs',
        statusCode: 200,
        responsePayload: { id: 7, secret: '[MASKED]' },
        traceId: response.headers.get('x-trace-id'),
      },
    ])
  })

  test('rethrows the very error, and records it', async () => {
    const host = createMemoryHost()
    const thrown = new Error('no database')
    const worker = withReplayStack(
      {
        async fetch(_request: Request, _env: Env, _ctx: WaitUntilLike): Promise<Response> {
          throw thrown
        },
      },
      { transport: host.transport },
    )

    await expect(worker.fetch(new Request('https://jobs.test/'), env, host.ctx)).rejects.toBe(thrown)

    expect(await host.events()).toMatchObject([
      { status: 'failed', statusCode: 500, errorName: 'Error', errorMessage: 'no database' },
    ])
  })

  test('does not hold a stream back', async () => {
    const host = createMemoryHost()
    const { body, finish } = createOpenBody('{"n":1}\n', '{"n":2}\n')
    const worker = withReplayStack(
      {
        fetch: (_request: Request, _env: Env, _ctx: WaitUntilLike) =>
          new Response(body, { headers: { 'content-type': 'application/x-ndjson' } }),
      },
      { transport: host.transport },
    )

    const response = await worker.fetch(new Request('https://jobs.test/export'), env, host.ctx)

    expect(await host.events()).toMatchObject([
      { responsePayload: { captured: false, reason: 'Streaming response body not captured' } },
    ])
    finish()
    expect(new TextDecoder().decode(await response.arrayBuffer())).toBe('{"n":1}\n{"n":2}\n')
  })

  test('records a cron run, and hands its handler the handle after its own arguments', async () => {
    const host = createMemoryHost()
    const scheduledTime = Date.UTC(2026, 0, 2, 3, 4, 5)
    const worker = withReplayStack(
      {
        async scheduled(_controller: { cron: string; scheduledTime: number }, ...rest: unknown[]) {
          const [, , handle] = rest as [Env, WaitUntilLike, ReplayStackHandle]
          handle.addBreadcrumb('report sent')
        },
      },
      { transport: host.transport },
    )

    await worker.scheduled({ cron: '*/5 * * * *', scheduledTime }, env, host.ctx)

    expect(await host.events()).toMatchObject([
      {
        eventType: 'cron',
        endpoint: '*/5 * * * *',
        status: 'success',
        breadcrumbs: [{ message: 'Job started' }, { message: 'report sent' }, { message: 'Job finished' }],
        metadata: { scheduledTime: '2026-01-02T03:04:05.000Z' },
      },
    ])
  })

  test('records a cron run that fails, and rethrows', async () => {
    const host = createMemoryHost()
    const thrown = new Error('no report')
    const worker = withReplayStack(
      {
        async scheduled(_controller: { cron: string; scheduledTime: number }, _env: Env, _ctx: WaitUntilLike) {
          throw thrown
        },
      },
      { transport: host.transport },
    )

    await expect(worker.scheduled({ cron: '0 0 * * *', scheduledTime: 0 }, env, host.ctx)).rejects.toBe(thrown)

    expect(await host.events()).toMatchObject([{ eventType: 'cron', status: 'failed', errorMessage: 'no report' }])
  })

  test('runs untouched without a key, and says so once', async () => {
    const host = createMemoryHost()
    const errors: Error[] = []
    const worker = withReplayStack(
      { fetch: async (_request: Request, _env: Partial<Env>, _ctx: WaitUntilLike) => new Response('hello') },
      { transport: host.transport, onError: error => errors.push(error) },
    )

    for (const path of ['/one', '/two']) {
      const response = await worker.fetch(new Request(`https://jobs.test${path}`), {}, host.ctx)
      expect([await response.text(), response.headers.has('x-trace-id')]).toEqual(['hello', false])
    }

    expect(await host.events()).toEqual([])
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('apiKey is required')])
  })
})
