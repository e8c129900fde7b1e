import { describe, expect, it } from 'vitest'
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
})
