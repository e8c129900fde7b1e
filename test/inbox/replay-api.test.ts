import { describe, expect, it } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { startReplayServer } from './replay-server.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const ORDER: Partial<ReplayStackEvent> = {
  requestUrl: 'https://api.example.com/orders?ref=email',
  requestHeaders: { 'content-type': 'application/json', authorization: '[MASKED]', host: 'api.example.com' },
  requestPayload: { item: 'book', pin: '[MASKED]' },
  responseHeaders: { 'content-type': 'application/json' },
  responsePayload: { error: 'order is undefined' },
  status: 'failed',
  statusCode: 500,
  authMode: 'bearer',
}

async function keep({ post }: TestApp, fields: Partial<ReplayStackEvent> = ORDER): Promise<string> {
  const { json } = await post('events', createSampleEvent(fields))
  return /"eventId":"([^"]+)"/.exec(JSON.stringify(json))?.[1] ?? ''
}

async function replay({ app }: TestApp, id: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await app.request(`/api/v1/events/${id}/replay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, json: await response.json() }
}

const GIVEN = { headers: { Authorization: ' Bearer x ' }, values: { 'body.pin': 1234 } }

describe('GET /api/v1/events/:id/replay', () => {
  it('tells what is needed, and keeps the masks to itself', async () => {
    const test = createTestApp()
    const { status, json } = await test.get(`/api/v1/events/${await keep(test)}/replay`)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      success: true,
      data: {
        needs: [
          { name: 'authorization', where: 'header' },
          { name: 'body.pin', where: 'body' },
        ],
        request: { method: 'POST', path: '/orders?ref=email' },
      },
    })
  })

  it('tells why an event cannot be replayed', async () => {
    const test = createTestApp()
    const id = await keep(test, { eventType: 'cron', endpoint: 'nightly' })
    const { json } = await test.get(`/api/v1/events/${id}/replay`)
    expect(json).toEqual({
      success: true,
      data: { refusal: 'This is a cron event without an HTTP request to replay.', needs: [], notes: [] },
    })
  })
})

describe('POST /api/v1/events/:id/replay', () => {
  it('sends the request with what was given, and answers both answers and their differences', async () => {
    const test = createTestApp()
    const id = await keep(test)
    const server = await startReplayServer((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":7}')
    })
    const { status, json } = await replay(test, id, { target: `${server.url}/`, ...GIVEN })
    const traceId = server.header('x-trace-id')
    expect(traceId).toMatch(/^[\da-f-]{36}$/)
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        success: true,
        data: {
          request: { method: 'POST', url: `${server.url}/orders?ref=email`, traceId },
          runs: [{ traceId, statusCode: 201, durationMs: expect.any(Number) }],
          comparedWith: 'capture',
          original: {
            statusCode: 500,
            headers: { 'content-type': 'application/json' },
            body: '{"error":"order is undefined"}',
            durationMs: 12.5,
          },
          replayed: {
            statusCode: 201,
            headers: expect.objectContaining({ 'content-type': 'application/json' }),
            body: '{"id":7}',
            durationMs: expect.any(Number),
          },
          same: false,
          compared: { status: true, body: 'whole' },
          verdict: 'The answers differ.',
          differences: [
            { path: 'status', kind: 'changed', original: '500', replayed: '201' },
            { path: 'body.error', kind: 'removed', original: '"order is undefined"', replayed: '' },
            { path: 'body.id', kind: 'added', original: '', replayed: '7' },
          ],
          leftOut: [],
          notes: [],
        },
      },
    })
    expect(server.requests).toMatchObject([{ url: '/orders?ref=email', body: '{"item":"book","pin":1234}' }])
    expect(server.header('authorization')).toBe('Bearer x')
    expect(server.header('host')).toBe(new URL(server.url).host)
    expect(server.header('x-replaystack-replay')).toBe(id)
  })

  it('answers the same for the same answer', async () => {
    const test = createTestApp()
    const server = await startReplayServer((_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{ "error": "order is undefined" }')
    })
    const { json } = await replay(test, await keep(test), { target: server.url, ...GIVEN })
    expect(json).toMatchObject({ success: true, data: { same: true, differences: [] } })
  })

  it('asks for what is missing, and sends nothing', async () => {
    const test = createTestApp()
    const server = await startReplayServer()
    const given = { target: server.url, headers: { authorization: 'Bearer x' } }
    expect(await replay(test, await keep(test), given)).toMatchObject({
      status: 409,
      json: {
        success: false,
        message: 'The event needs body.pin: give each a value',
        data: { needs: [{ name: 'body.pin', where: 'body', reason: expect.any(String) }] },
      },
    })
    expect(server.requests).toEqual([])
  })

  it('refuses what cannot be replayed, with the reason', async () => {
    const test = createTestApp()
    const server = await startReplayServer()
    const requestPayload = { __truncated: true, originalSizeBytes: 9, maxSizeBytes: 1, preview: '{' }
    const id = await keep(test, { ...ORDER, requestPayload })
    const message = 'The request body was too large to be captured whole, so it cannot be replayed.'
    expect(await replay(test, id, { target: server.url, ...GIVEN })).toEqual({
      status: 409,
      json: { success: false, message, data: { refusal: message, needs: [], notes: [] } },
    })
    expect(server.requests).toEqual([])
  })

  it.each([
    ['{', 'body must be a JSON object'],
    ['[]', 'body must be a JSON object'],
    [{}, 'or run npx replaystack replay '],
    [{ target: '' }, 'target must be the URL of a server'],
    [{ target: 1 }, 'target must be the URL of a server'],
    [{ target: 'http://h', headers: [] }, 'headers must be a JSON object of strings'],
    [{ target: 'http://h', headers: { a: 1 } }, 'headers.a must be a string'],
    [{ target: 'http://h', values: 'x' }, 'values must be a JSON object'],
    [{ target: 'ftp://127.0.0.1', ...GIVEN }, 'The target must be an http or https URL, got ftp://127.0.0.1'],
    [{ target: 'http://10.0.0.1', ...GIVEN }, '10.0.0.1 is not loopback'],
    [{ target: 'http://a:b@127.0.0.1', ...GIVEN }, 'The target must have no user and password'],
  ])('refuses %j', async (body, message) => {
    const test = createTestApp()
    const { status, json } = await replay(test, await keep(test), body)
    expect(status).toBe(400)
    expect(json).toMatchObject({ success: false, message: expect.stringContaining(message) })
  })

  it('goes to a host that the inbox allows by name', async () => {
    const server = await startReplayServer()
    // No loopback address, and yet this machine.
    const given = { target: `http://0.0.0.0:${server.port}`, ...GIVEN }
    for (const allowHosts of [undefined, ['0.0.0.1']]) {
      const test = createTestApp({ allowHosts })
      const message = expect.stringContaining('0.0.0.0 is not loopback')
      expect(await replay(test, await keep(test), given)).toMatchObject({ status: 400, json: { message } })
    }
    expect(server.requests).toEqual([])
    const test = createTestApp({ allowHosts: ['0.0.0.0'] })
    expect(await replay(test, await keep(test), given)).toMatchObject({ status: 200 })
    expect(server.requests).toHaveLength(1)
  })

  it('answers 502 when nothing answers', async () => {
    const test = createTestApp()
    const server = await startReplayServer((_request, response) => void response.destroy())
    expect(await replay(test, await keep(test), { target: server.url, ...GIVEN })).toEqual({
      status: 502,
      json: { success: false, message: `${server.url} closed the connection without a whole answer` },
    })
  })

  it('answers 404 for an event that is not there, and 413 for too much', async () => {
    const test = createTestApp()
    expect(await replay(test, 'nobody', { target: 'http://127.0.0.1' })).toMatchObject({ status: 404 })
    const values = { a: 'x'.repeat(1024 * 1024) }
    expect(await replay(test, await keep(test), { target: 'http://127.0.0.1', values })).toMatchObject({ status: 413 })
  })

  it.each([
    ['Origin', { origin: 'https://evil.example' }],
    ['Origin', { origin: 'null' }],
    ['Origin', { origin: 'http://127.0.0.1.evil.example' }],
    ['Host', { host: 'evil.example' }],
  ])('a foreign %s cannot replay: %j', async (name, headers) => {
    const test = createTestApp()
    const server = await startReplayServer()
    const id = await keep(test)
    const { status, json } = await replay(test, id, { target: server.url, ...GIVEN }, headers)
    expect({ status, json }).toEqual({
      status: 403,
      json: { success: false, message: `${name} must be a loopback address` },
    })
    expect(server.requests).toEqual([])
  })
})

describe('a replay without a target', () => {
  const OPEN: Partial<ReplayStackEvent> = { ...ORDER, requestHeaders: {}, requestPayload: {}, authMode: 'none' }
  const SHOP = { ...OPEN, serviceName: 'shop' }

  async function offeredTarget({ app }: TestApp, id: string): Promise<string | undefined> {
    const response = await app.request(`/events/${id}`, { headers: { accept: 'text/html' } })
    return /<input[^>]* id="replay-target"[^>]* value="([^"]*)"/.exec(await response.text())?.[1]
  }

  it('goes to the server that the last replay of its service went to', async () => {
    const test = createTestApp()
    const [first, second] = [await startReplayServer(), await startReplayServer()]
    const id = await keep(test, SHOP)
    expect(await replay(test, id, {})).toEqual({
      status: 400,
      json: {
        success: false,
        message: `target is missing, and the event was not captured on this machine; give the URL of your app, or run npx replaystack replay ${id} --to http://127.0.0.1:8787 --inbox http://localhost`,
      },
    })
    for (const server of [first, second]) {
      expect(await replay(test, id, { target: `${server.url}/` })).toMatchObject({ status: 200 })
      const later = await keep(test, { ...SHOP, requestUrl: 'http://127.0.0.1:1/orders' })
      expect(await replay(test, later, {})).toMatchObject({ status: 200 })
      expect(server.requests).toHaveLength(2)
      expect(await offeredTarget(test, later)).toBe(server.url)
    }
    const other = await keep(test, { ...SHOP, serviceName: 'bank' })
    expect(await replay(test, other, {})).toMatchObject({ status: 400 })
  })

  it('goes to where the event was captured, if that is this machine and its service was replayed nowhere else', async () => {
    const test = createTestApp()
    const [shop, bank] = [await startReplayServer(), await startReplayServer()]
    // Neither names a service: they are two applications.
    for (const server of [shop, bank, shop]) {
      const id = await keep(test, { ...OPEN, serviceName: '', requestUrl: `${server.url}/orders` })
      expect(await replay(test, id, {})).toMatchObject({ status: 200 })
    }
    expect([shop.requests.length, bank.requests.length]).toEqual([2, 1])
  })

  it('remembers no server that did not answer', async () => {
    const test = createTestApp()
    const gone = await startReplayServer((_request, response) => void response.destroy())
    const id = await keep(test, SHOP)
    expect(await replay(test, id, { target: gone.url })).toMatchObject({ status: 502 })
    expect(await replay(test, id, {})).toMatchObject({ status: 400 })
  })

  it('keeps the target of a replay that was sent from a terminal', async () => {
    const test = createTestApp()
    const id = await keep(test, SHOP)
    const path = `/api/v1/events/${id}/replay-target`
    const put = async (body: object) => {
      const response = await test.app.request(path, { method: 'PUT', body: JSON.stringify(body) })
      return response.status
    }
    expect(await test.get(path)).toEqual({ status: 200, json: { success: true, data: { target: null } } })
    expect(await put({})).toBe(400)
    expect(await put({ target: 'http://198.51.100.7' })).toBe(400)
    expect(await put({ target: 'http://127.0.0.1:9/base/' })).toBe(200)
    expect(await test.get(path)).toEqual({
      status: 200,
      json: { success: true, data: { target: 'http://127.0.0.1:9/base' } },
    })
  })
})

describe('GET /api/v1/events/:id/test', () => {
  it('is the vitest file, as text', async () => {
    const test = createTestApp()
    const response = await test.app.request(`/api/v1/events/${await keep(test)}/test?status=201`)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const code = await response.text()
    expect(code).toContain("import { expect, test, vi } from 'vitest'")
    expect(code).toContain('expect(response.status, response.body).toBe(201)')
    expect(code).not.toContain('[MASKED]')
  })

  it('expects the status of the last success of its route', async () => {
    const test = createTestApp()
    await keep(test, { status: 'success', statusCode: 204 })
    await keep(test, { status: 'success', statusCode: 200, endpoint: '/orders/7' })
    await keep(test, { status: 'success', statusCode: 200, method: 'PUT' })
    const path = `/api/v1/events/${await keep(test, { status: 'failed', statusCode: 500 })}/test`
    expect(await (await test.app.request(path)).text()).toContain('expect(response.status, response.body).toBe(204)')
  })

  it('has its tape beside it, which the test reads', async () => {
    const test = createTestApp()
    const call = { kind: 'kv', target: 'KV', method: 'get', input: ['tax'], output: '0.19' }
    const tape = { version: 1, complete: true, calls: [{ ...call, ordinal: 0, startedMs: 0, durationMs: 1 }] }
    const path = `/api/v1/events/${await keep(test, { metadata: { tape } })}/test`
    const response = await test.app.request(`${path}/tape`)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toEqual(tape)
    expect(await (await test.app.request(path)).text()).toContain('replayBindings(tape)')
    const { status, json } = await test.get(`/api/v1/events/${await keep(test)}/test/tape`)
    expect({ status, json }).toMatchObject({ status: 200, json: { version: 1, complete: false, calls: [] } })
  })

  it('is refused where there is no request', async () => {
    const test = createTestApp()
    const id = await keep(test, { method: '', eventType: 'custom', endpoint: 'Counter.add' })
    expect(await test.get(`/api/v1/events/${id}/test`)).toMatchObject({ status: 409, json: { success: false } })
    expect(await test.get(`/api/v1/events/${id}/test?status=abc`)).toMatchObject({ status: 400 })
    expect(await test.get(`/api/v1/events/${id}/test/tape`)).toMatchObject({ status: 409, json: { success: false } })
    expect(await test.get('/api/v1/events/nobody/test')).toMatchObject({ status: 404 })
    expect(await test.get('/api/v1/events/nobody/test/tape')).toMatchObject({ status: 404 })
  })
})
