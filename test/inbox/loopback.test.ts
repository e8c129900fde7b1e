import { describe, expect, it, onTestFinished } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import { assets } from '../../src/inbox/page/assets.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

describe('strangers', () => {
  it.each(['localhost', 'LOCALHOST:4319', '127.0.0.1', '127.0.0.1:4319', '127.255.1.9:80', '[::1]', '[::1]:4319'])(
    'are not those who call the host %s',
    async host => {
      const { app } = createTestApp()
      expect((await app.request('/api/v1/events', { headers: { host } })).status).toBe(200)
    },
  )

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example:4319',
    '127.0.0.1:4319@evil.example',
    '127.0.0.256',
    '128.0.0.1',
    '0.0.0.0',
    '192.168.0.2:4319',
    '[::2]',
    'localhost:',
  ])('are those who call the host %s', async host => {
    const { app } = createTestApp()
    const response = await app.request('/api/v1/events', { headers: { host } })
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({ success: false, message: 'Host must be a loopback address' })
  })

  it.each(['http://localhost:3000', 'http://127.0.0.1:4319', 'https://[::1]:8443'])(
    'are not the pages of %s',
    async origin => {
      const { app } = createTestApp()
      expect((await app.request('/api/v1/events', { headers: { host: 'localhost', origin } })).status).toBe(200)
    },
  )

  it.each([
    'https://evil.example',
    'http://localhost.evil.example',
    'null',
    '',
    'file://',
    'chrome-http://localhost',
    'http://127.0.0.1.evil.example',
  ])('are the pages of %j, whatever they ask for', async origin => {
    const { app } = createTestApp()
    const paths: [string, string][] = [
      ['GET', '/'],
      ['GET', '/api/v1/stream'],
      ['DELETE', '/api/v1/events'],
      ['POST', '/api/v1/ingest/events'],
      ['GET', '/nothing'],
    ]
    for (const [method, path] of paths) {
      const response = await app.request(path, { method, headers: { host: 'localhost', origin } })
      expect(response.status, `${method} ${path}`).toBe(403)
      expect(await response.json()).toEqual({ success: false, message: 'Origin must be a loopback address' })
    }
  })

  const event = JSON.stringify(createSampleEvent())
  const ingest = { 'x-replaystack-api-key': 'any', 'content-type': 'text/plain' }

  it.each(['http://localhost:3000', 'http://127.0.0.1:4319', 'https://localhost:4319', 'http://localhost'])(
    'are pages on this machine that write: %s',
    async origin => {
      const { app, store } = createTestApp()
      const writes: [string, string, string][] = [
        ['POST', '/api/v1/ingest/events', event],
        ['POST', '/api/v1/ingest/bulk-events', `{"events":[${event}]}`],
        ['POST', '/api/v1/events/any/replay', '{"target":"http://localhost:1"}'],
        ['DELETE', '/api/v1/events', ''],
        ['PUT', '/', ''],
      ]
      for (const [method, path, body] of writes) {
        const headers = { ...ingest, host: origin.startsWith('https:') ? 'localhost' : 'localhost:4319', origin }
        const response = await app.request(path, { method, headers, ...(body && { body }) })
        expect(response.status, `${method} ${path}`).toBe(403)
        expect(await response.json()).toEqual({ success: false, message: 'Origin must be the inbox itself' })
      }
      expect(store.list().events).toEqual([])
    },
  )

  it.each([
    ['http://localhost:4319', 'localhost:4319'],
    ['http://127.0.0.1:4319', '127.0.0.1:4319'],
    ['http://[::1]:4319', '[::1]:4319'],
    ['http://localhost:4319', 'LOCALHOST:4319'],
    // Programs tell none.
    [undefined, 'localhost:4319'],
  ])('are not the inbox’s own pages, nor programs, when they write: %s at %s', async (origin, host) => {
    const { app } = createTestApp()
    const headers = { ...ingest, host, ...(origin && { origin }) }
    const response = await app.request('/api/v1/ingest/events', { method: 'POST', headers, body: event })
    expect(response.status).toBe(200)
    expect((await app.request('/api/v1/events', { method: 'DELETE', headers })).status).toBe(200)
  })

  it.each([
    ['cross-site', 'image', 403],
    ['cross-site', 'script', 403],
    ['cross-site', 'iframe', 403],
    ['cross-site', 'empty', 403],
    ['cross-site', undefined, 403],
    ['cross-site', 'document', 200],
    ['same-site', 'document', 200],
    ['same-origin', 'empty', 200],
    ['none', 'document', 200],
    [undefined, undefined, 200],
  ])('are pages of another site that do more than link: %s, %s is %i', async (site, destination, status) => {
    const { app } = createTestApp()
    const headers = {
      host: 'localhost',
      ...(site && { 'sec-fetch-site': site }),
      ...(destination && { 'sec-fetch-dest': destination }),
    }
    for (const path of ['/', '/api/v1/events?q=a', assets.script.path]) {
      expect((await app.request(path, { headers })).status, path).toBe(status)
    }
  })
})

describe('a replay', () => {
  it('that comes back to an inbox is refused: where a request went is told by whoever sent it', async () => {
    const inbox = await startInbox()
    onTestFinished(() => inbox.close())
    const post = (path: string, body: unknown) =>
      fetch(inbox.url + path, {
        method: 'POST',
        headers: { 'x-replaystack-api-key': 'any', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const hostile = createSampleEvent({
      method: 'DELETE',
      endpoint: '/api/v1/events',
      requestUrl: `${inbox.url}/api/v1/events`,
      requestHeaders: { host: `127.0.0.1:${inbox.port}` },
      authMode: 'none',
    })
    const { data } = (await (await post('/api/v1/ingest/events', hostile)).json()) as { data: { eventId: string } }
    const response = await post(`/api/v1/events/${data.eventId}/replay`, { target: inbox.url })
    expect(await response.json()).toMatchObject({ success: true, data: { replayed: { statusCode: 403 } } })
    expect(inbox.store.list().events).toHaveLength(1)
  })
})
