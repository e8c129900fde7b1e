/** Hostile requests to a Node server, byte by byte: what comes back is the same with and without the SDK. */
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { replaystack } from '../../src/adapters/node/middleware.ts'
import { assertEvent } from '../../src/inbox/ingest.ts'
import { expectNoSecrets } from '../../src/testing.ts'
import { listen, openSocket, record, send, until } from '../support/node-server.ts'
import { expectBalance } from './application.ts'
import { RAW_REQUESTS, readAnswer, UNFINISHED } from './raw-requests.ts'

/** Answers what it was sent: an upload that breaks has no answer. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let size = 0
  if (request.url !== '/early') {
    try {
      for await (const chunk of request) size += chunk.length
    } catch {
      return
    }
  }
  response.setHeader('Set-Cookie', ['a=1', 'b=2'])
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ size, method: request.method, url: request.url }))
}

/** The same application twice: as it is, and recorded. */
async function startBoth() {
  const recorded = record<IncomingMessage>({}, { maxPayloadSizeBytes: 8_000_000 })
  const middleware = replaystack(recorded.options)
  const listener: RequestListener = (request, response) =>
    middleware(request, response, () => void answer(request, response))
  return {
    recorded,
    plain: await listen((request, response) => void answer(request, response)),
    ours: await listen(listener),
  }
}

/** What comes back for these bytes until the server closes. */
async function exchange(port: number, bytes: string): Promise<string> {
  const { socket, closed } = openSocket(port)
  socket.write(bytes, 'latin1')
  return closed
}

test.each(RAW_REQUESTS)('%s', async (_, bytes) => {
  const { recorded, plain, ours } = await startBoth()
  const [theirs, answered] = [
    readAnswer(await exchange(plain.port, bytes)),
    readAnswer(await exchange(ours.port, bytes)),
  ]
  expect(answered.rest).toBe(theirs.rest)
  expect(answered.rest).toContain('HTTP/1.1 ')
  for (const traceId of answered.traceIds) expect(traceId).toMatch(/^[\x21-\x7e]{1,128}$/)
  const events = await recorded.events(answered.traceIds.length)
  for (const event of events) assertEvent(event)
  // One that broke off after its head is told of too, though Node itself has answered it.
  expect(events.map(event => event.traceId).slice(0, answered.traceIds.length)).toEqual(answered.traceIds)
  expect(events.length).toBeLessThanOrEqual(1)
  if (events.length > 0 && bytes.includes('hunter2')) expectNoSecrets(events, ['hunter2'])
  expectBalance(recorded.client)
})

test.each(UNFINISHED)('%s, and its client leaves', async (_, bytes) => {
  const { recorded, ours } = await startBoth()
  const socket = connect(ours.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(bytes, 'latin1')
  await new Promise(resolve => setImmediate(resolve))
  socket.resetAndDestroy()
  // The next one is served as ever, and nothing is left to wait for.
  expect((await send(ours.port, '/read')).status).toBe(200)
  expect(await recorded.client.flush()).toBe(true)
  expect((await recorded.events(1)).filter(event => event.statusCode === 200)).toHaveLength(1)
  expectBalance(recorded.client)
  expect(recorded.errors).toEqual([])
})

test('uploads without an end hold nobody up', async () => {
  const { recorded, ours } = await startBoth()
  const endless = UNFINISHED.map(([, bytes]) => {
    const { socket } = openSocket(ours.port)
    socket.write(bytes, 'latin1')
    return socket
  })
  for (let count = 0; count < 5; count++) expect((await send(ours.port, '/read')).status).toBe(200)
  await until(() => recorded.transport.calls.length === 5)
  for (const socket of endless) socket.resetAndDestroy()
  await until(() => recorded.client.stats().pending === 0)
  expectBalance(recorded.client)
})

test('a thousand at once are a thousand answers and a thousand events', async () => {
  const { recorded, ours } = await startBoth()
  const body = JSON.stringify({ password: 'hunter2', list: Array.from({ length: 100 }, (_, index) => ({ index })) })
  const headers = (index: number) => ({ 'x-trace-id': `trace-${index}`, 'content-type': 'application/json' })
  const answers = await Promise.all(
    Array.from({ length: 1000 }, (_, index) =>
      send(ours.port, `/read?n=${index}`, { method: 'POST', headers: headers(index), body }),
    ),
  )
  for (const [index, { status, text, headers }] of answers.entries()) {
    expect({ status, text, traceId: headers['x-trace-id'] }).toEqual({
      status: 200,
      text: JSON.stringify({ size: body.length, method: 'POST', url: `/read?n=${index}` }),
      traceId: `trace-${index}`,
    })
  }
  const events = await recorded.events(1000)
  expect(new Set(events.map(event => event.traceId)).size).toBe(1000)
  expectNoSecrets(events.slice(0, 50), ['hunter2'])
  expectBalance(recorded.client)
})
