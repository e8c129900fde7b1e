import { createServer, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { record, recordTape } from './record-tape.ts'

let origin = ''
/** Bytes and pieces that went out of `/endless` and whether its client has left. */
let endless: { pieces: number; left: Promise<void> }

async function sendEndless(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const left = new Promise<void>(resolve => response.on('close', resolve))
  endless = { pieces: 0, left }
  let open = true
  left.then(() => {
    open = false
  })
  while (open) {
    response.write(`data: ${endless.pieces++}\n\n`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const server = createServer(async (request, response) => {
  const body: Buffer[] = []
  for await (const chunk of request) body.push(chunk)
  const sent = Buffer.concat(body).toString()
  const { pathname } = new URL(request.url ?? '', origin)
  if (pathname === '/json')
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ password: 'hunter2', n: 1 }))
  else if (pathname === '/echo') response.setHeader('content-type', 'text/plain').end(sent)
  else if (pathname === '/moved') response.writeHead(302, { location: '/json' }).end()
  else if (pathname === '/none') response.writeHead(204).end()
  else if (pathname === '/image') response.setHeader('content-type', 'image/png').end(Buffer.from([137, 80, 78, 71]))
  else if (pathname === '/large') response.setHeader('content-type', 'text/plain').end('x'.repeat(100_000))
  else if (pathname === '/events') response.setHeader('content-type', 'text/event-stream').end('data: 1\n\ndata: 2\n\n')
  else if (pathname === '/endless') await sendEndless(response)
  else response.destroy()
})
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(() => void server.close())

test('a request is noted by its URL, body and the headers that choose the response', async () => {
  const tape = await recordTape({}, async (_env, { fetch }) => {
    const headers = { accept: 'application/json', authorization: 'Bearer hunter2', 'x-request-id': '1' }
    const response = await fetch(`${origin}/json?token=hunter2&page=2`, { headers })
    expect(await response.json()).toEqual({ password: 'hunter2', n: 1 })
  })
  expect(tape.complete).toBe(true)
  expect(tape.calls).toMatchObject([
    {
      kind: 'fetch',
      target: origin,
      method: 'GET',
      input: { url: `${origin}/json?token=[MASKED]&page=2`, headers: [['accept', 'application/json']] },
      output: { $: 'response', status: 200, statusText: 'OK', body: '{"password":"[MASKED]","n":1}' },
    },
  ])
})

describe('its body', () => {
  const form = new FormData()
  form.set('name', 'samovar')
  form.set('password', 'hunter2')
  const text = 'sku=7&password=hunter2'
  const masked = 'sku=7&password=[MASKED]'
  test.each<[what: string, make: () => [url: string | Request | URL, init?: RequestInit], body: unknown]>([
    ['a text', () => [`${origin}/echo`, { method: 'post', body: text }], masked],
    ['parameters', () => [new URL(`${origin}/echo`), { method: 'POST', body: new URLSearchParams(text) }], masked],
    ['bytes', () => [`${origin}/echo`, { method: 'POST', body: new TextEncoder().encode(text) }], masked],
    [
      'a blob',
      () => [`${origin}/echo`, { method: 'POST', body: new Blob([text]) }],
      { $: 'bytes', type: 'Blob', contentType: '', text: masked },
    ],
    [
      'a stream',
      () => [`${origin}/echo`, { method: 'POST', body: new Response(text).body, duplex: 'half' }],
      { $: 'stream', text: masked },
    ],
    ['a request', () => [new Request(`${origin}/echo`, { method: 'POST', body: text })], masked],
    [
      'a form',
      () => [`${origin}/echo`, { method: 'POST', body: form }],
      {
        $: 'form',
        entries: [
          ['name', 'samovar'],
          ['password', '[MASKED]'],
        ],
      },
    ],
    [
      'binary',
      () => [`${origin}/echo`, { method: 'POST', body: new Uint8Array([255]) }],
      { $: 'missing', why: 'binary', size: 1, sha256: expect.any(String) },
    ],
  ])('of %s is noted', async (_, make, body) => {
    const { tape, result } = await record({}, async (_env, { fetch }) => {
      const response = await fetch(...make())
      return { echoed: await response.text() }
    })
    expect(tape?.calls[0]?.method).toBe('POST')
    expect(tape?.calls[0]?.input).toMatchObject({ body })
    expect(result).toHaveProperty('echoed')
  })
})

describe('a response', () => {
  test.each<[path: string, output: object, why: string[] | undefined]>([
    ['/none', { status: 204 }, undefined],
    ['/moved', { status: 200, url: expect.stringContaining('/json') }, undefined],
    ['/image', { body: { $: 'missing', why: 'binary', size: 4 } }, ['GET: the body is binary']],
    ['/large', { body: { $: 'missing', why: 'too large', size: 100_000 } }, ['GET: the body is too large']],
    ['/events', { body: 'data: 1\n\ndata: 2\n\n' }, undefined],
  ])('of %s', async (path, output, why) => {
    const bare = await fetch(`${origin}${path}`)
    const expected = [bare.status, bare.url, bare.redirected, bare.type, await bare.text()]
    const tape = await recordTape({}, async (_env, handle) => {
      const response = await handle.fetch(`${origin}${path}`)
      expect(response).toBeInstanceOf(Response)
      const { status, url, redirected, type } = response
      expect([status, url, redirected, type, await response.text()]).toEqual(expected)
    })
    expect(tape.calls[0]?.output).toMatchObject(output)
    expect(tape.why).toEqual(why?.map(one => `${origin}.${one}`))
  })

  test('whose network fails rejects as it would', async () => {
    const { tape, thrown } = await record({}, (_env, handle) => handle.fetch(`${origin}/destroyed`))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(tape?.calls[0]?.error).toMatchObject({ $: 'error', name: 'TypeError', message: 'fetch failed' })
  })

  test('that is a stream is read no faster than its reader reads it, and ends when it leaves', async () => {
    const tape = await recordTape({}, async (_env, handle) => {
      const response = await handle.fetch(`${origin}/endless`)
      const reader = response.body?.getReader()
      const { value } = (await reader?.read()) ?? {}
      expect(new TextDecoder().decode(value)).toContain('data: 0')
      await reader?.cancel()
    })
    // The server hears of it.
    await endless.left
    expect(tape.calls[0]?.output).toMatchObject({ body: expect.stringMatching(/^data: 0\n\n(data: \d\n\n){0,3}$/) })
    expect(tape.complete).toBe(true)
  })
})
