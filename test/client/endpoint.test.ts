import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { resolveOptions } from '../../src/client/options.ts'
import { memoryTransport } from '../../src/testing.ts'
import type { ClientOptions } from '../../src/types.ts'

/** What a client reports when it is made. */
function reportsOf(options: ClientOptions, environment = {}): string[] {
  const messages: string[] = []
  const onError = ({ message }: Error) => void messages.push(message)
  new ReplayStackClient({ apiKey: 'rs_live_key', onError, ...options }, environment)
  return messages
}

const warningOf = (url: string): string =>
  `ReplayStack sends the API key and all events unencrypted to ${url}: use https.`

describe('an http:// endpoint', () => {
  it.each([
    'http://ingest.example.com',
    'HTTP://INGEST.EXAMPLE.COM',
    // Private networks are read by whoever is in them.
    'http://10.0.0.1:8080',
    'http://192.168.1.5',
    'http://172.16.0.1',
    'http://169.254.169.254',
    'http://[fd00::1]',
    'http://[::ffff:10.0.0.1]',
    'http://0.0.0.0:4319',
    'http://ingest.internal',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://notlocalhost',
    'http://128.0.0.1',
    'http://h#localhost',
    'http://h?localhost',
  ])('is warned of beyond this machine: %s', endpoint => {
    const base = endpoint.replace(/\/+$/, '')
    expect(reportsOf({ endpoint })).toEqual([warningOf(`${base}/api/v1/ingest/events`)])
    expect(reportsOf({}, { REPLAYSTACK_ENDPOINT: endpoint })).toEqual([warningOf(`${base}/api/v1/ingest/events`)])
  })

  it.each([
    'http://localhost:4319',
    'http://LOCALHOST',
    'http://localhost./',
    'http://inbox.localhost:4319',
    'http://127.0.0.1:4319',
    'http://127.255.1.9',
    'http://127.1',
    'http://0x7f000001',
    'http://[::1]:4319',
    'http://[0:0:0:0:0:0:0:1]',
    'https://ingest.example.com',
    'https://10.0.0.1',
  ])('is not warned of on this machine, nor is https: %s', endpoint => {
    expect(reportsOf({ endpoint })).toEqual([])
    expect(reportsOf({ ingestUrl: `${endpoint}/events` })).toEqual([])
  })

  it('is warned of wherever single events or batches go to one', () => {
    expect(reportsOf({ ingestUrl: 'http://h/in/events' })).toEqual([warningOf('http://h/in/events')])
    expect(reportsOf({ ingestUrl: 'https://h/in', endpoint: 'http://other' })).toEqual([
      warningOf('http://other/api/v1/ingest/bulk-events'),
    ])
    expect(reportsOf({ endpoint: 'http://h', enabled: false })).toEqual([])
  })

  it('is warned of once in the life of a client: to onError, else to the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const endpoint = 'http://ingest.example.com'
    const message = warningOf(`${endpoint}/api/v1/ingest/events`)
    try {
      const client = new ReplayStackClient({ apiKey: 'rs_live_key', endpoint, transport: memoryTransport() }, {})
      const app = new Hono()
      app.use(replaystack({ client }))
      for (let count = 0; count < 3; count++) {
        await client.captureEvent({})
        await app.request('/nothing')
      }
      await client.close()
      expect(warn.mock.calls).toEqual([[message]])

      const errors: Error[] = []
      const onError = (error: Error) => void errors.push(error)
      const own = new Hono()
      own.use(replaystack({ apiKey: 'rs_live_key', endpoint, transport: memoryTransport(), onError }))
      for (let count = 0; count < 3; count++) await own.request('/nothing')
      expect(errors).toMatchObject([{ code: 'configuration', message }])
      expect(warn).toHaveBeenCalledOnce()
    } finally {
      warn.mockRestore()
    }
  })
})

describe('an address', () => {
  it.each([
    'http://user:hunter2@h',
    'https://user@h',
    'https://:hunter2@h',
    'https://h/a b',
    'https://h/a\r\nx-evil: 1',
    'https://h/\u2028x',
    'http://[',
    'http://h:99999',
    'https://',
    'https:h',
    'javascript://h/%0aalert(1)',
  ])('that cannot be posted to is refused, and shows no password: %j', endpoint => {
    for (const name of ['endpoint', 'ingestUrl']) {
      const wrong = () => resolveOptions({ apiKey: 'rs_live_key', [name]: endpoint }, {})
      expect(wrong).toThrow(`ReplayStack option "${name}" must be an absolute http or https URL; got "`)
      expect(wrong).not.toThrow(/hunter2|\n/)
    }
    expect(reportsOf({}, { REPLAYSTACK_ENDPOINT: endpoint })).toEqual([
      expect.stringMatching(/^ReplayStack variable REPLAYSTACK_ENDPOINT must be (?!.*hunter2).*It is not used\.$/),
    ])
  })
})
