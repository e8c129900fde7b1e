import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { InboxError } from '../../src/inbox/inbox-error.ts'
import { MAX_BODY_BYTES } from '../../src/inbox/ingest-routes.ts'
import { PortInUseError, type StartInboxOptions, startInbox } from '../../src/inbox/local/server.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

// Before any inbox was started in this process.
const ownGlobals = [globalThis.Request, globalThis.Response]

const headers = { 'content-type': 'application/json', 'x-replaystack-api-key': 'k' }

async function startTestInbox(options?: StartInboxOptions) {
  const inbox = await startInbox(options)
  onTestFinished(() => inbox.close())
  return inbox
}

/** Sends raw bytes and answers all that comes back until the server is done with the connection. */
async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk.toString()
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

describe('startInbox', () => {
  it('takes real events over HTTP, with and without a known length', async () => {
    const { url, store } = await startTestInbox()
    const body = JSON.stringify(createSampleEvent())
    const known = await fetch(`${url}/api/v1/ingest/events`, { method: 'POST', headers, body })
    expect([known.status, await known.json()]).toMatchObject([200, { success: true }])
    const streamed = await fetch(`${url}/api/v1/ingest/events`, {
      method: 'POST',
      headers,
      body: new Blob([body]).stream(),
      duplex: 'half',
    })
    expect([streamed.status, await streamed.json()]).toMatchObject([200, { success: true }])
    expect(store.list().events.map(event => event.traceId)).toEqual(['trace-1', 'trace-1'])
  })

  it('refuses 10 MB and a byte by its announced length, before it is sent', async () => {
    const { port } = await startTestInbox()
    const upload = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/v1/ingest/events' })
    upload.on('error', () => {})
    for (const [name, value] of Object.entries(headers)) upload.setHeader(name, value)
    upload.setHeader('content-length', MAX_BODY_BYTES + 1)
    upload.write('{')
    const [response] = await once(upload, 'response')
    expect(response.statusCode).toBe(413)
    upload.destroy()
  })

  it('stops reading a body of unknown length at 10 MB', async () => {
    const { port, store } = await startTestInbox()
    const upload = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/v1/ingest/events', headers })
    upload.on('error', () => {})
    const chunk = Buffer.alloc(1024 * 1024, ' ')
    for (let count = 0; count < 11; count++) upload.write(chunk)
    const [response] = await once(upload, 'response')
    expect(response.statusCode).toBe(413)
    expect(store.list().events).toEqual([])
    upload.destroy()
  })

  it('outlives clients that leave in the middle of a body', async () => {
    const errors: Error[] = []
    const { port, url, store } = await startTestInbox({ onError: error => errors.push(error) })
    for (const framing of ['Content-Length: 100\r\n\r\n{', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n']) {
      const socket = connect(port, '127.0.0.1')
      socket.write(`POST /api/v1/ingest/events HTTP/1.1\r\nHost: localhost\r\nx-replaystack-api-key: k\r\n${framing}`)
      await once(socket, 'connect')
      socket.end()
      socket.resume()
      await once(socket, 'close')
    }
    expect((await fetch(`${url}/api/v1/events`)).status).toBe(200)
    expect(store.list().events).toEqual([])
    expect(errors).toEqual([])
  })

  it('refuses foreign hosts and origins', async () => {
    const { port, url } = await startTestInbox()
    const foreign = await sendRaw(port, 'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
    expect(foreign).toMatch(/^HTTP\/1\.1 403 /)
    expect(foreign).toContain('"success":false')
    const response = await fetch(`${url}/api/v1/events`, {
      method: 'DELETE',
      headers: { origin: 'https://evil.example' },
    })
    expect(response.status).toBe(403)
  })

  it('answers a host that is no host in JSON', async () => {
    const { port } = await startTestInbox()
    const answer = await sendRaw(port, 'GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('{"success":false,"message":"Bad request"}')
  })

  it('takes only the key it was started with', async () => {
    const { url } = await startTestInbox({ key: 'mine' })
    const body = JSON.stringify(createSampleEvent())
    expect((await fetch(`${url}/api/v1/ingest/events`, { method: 'POST', headers, body })).status).toBe(401)
  })

  it('leaves the program’s own globals alone', async () => {
    const { url } = await startTestInbox()
    await fetch(url)
    expect(globalThis.Request).toBe(ownGlobals[0])
    expect(globalThis.Response).toBe(ownGlobals[1])
  })

  it('says so when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => {
      other.close()
    })
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const file = join(createTemporaryFolder(), 'events.db')
    const refused = await startInbox({ port, file }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(PortInUseError)
    expect(refused).toBeInstanceOf(InboxError)
    expect(refused).toMatchObject({ message: `Port ${port} is already in use` })
    // Closed: an open database has its log beside it.
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  it.each(['0.0.0.0', '::', '192.168.0.2', 'example.com', ''])('does not listen on %j', async host => {
    await expect(startInbox({ host })).rejects.toThrow(TypeError)
  })

  it('closes once, frees its port and may be told twice', async () => {
    const inbox = await startInbox()
    await Promise.all([inbox.close(), inbox.close()])
    await expect(fetch(inbox.url)).rejects.toThrow()
    const again = await startTestInbox({ port: inbox.port })
    expect(again.port).toBe(inbox.port)
  })
})
