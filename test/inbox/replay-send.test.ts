// Long: one server for each way in which a target may answer, or not.
import { lookup } from 'node:dns/promises'
import { createServer as createHttpsServer } from 'node:https'
import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type SendOptions, sendReplay } from '../../src/inbox/local/replay/send.ts'
import { checkTarget } from '../../src/inbox/local/replay/target.ts'
import type { ReplayRequest } from '../../src/inbox/replay/plan.ts'
import { SELF_SIGNED } from './replay-certificate.ts'
import { startReplayServer } from './replay-server.ts'

vi.mock('node:dns/promises', async load => {
  const dns = await load<typeof import('node:dns/promises')>()
  const known: Record<string, string[]> = {
    'app.test': ['127.0.0.1'],
    'rebound.test': ['127.0.0.1', '198.51.100.7'],
    'elsewhere.test': ['198.51.100.7'],
  }
  return {
    ...dns,
    lookup: vi.fn(async (host: string, options: { all: true }) => {
      const addresses = known[host]
      return addresses ? addresses.map(address => ({ address, family: 4 })) : dns.lookup(host, options)
    }),
  }
})

const OPTIONS: SendOptions = { eventId: 'event-1', traceId: 'trace-new' }

const request = (fields: Partial<ReplayRequest> = {}): ReplayRequest => ({
  method: 'GET',
  path: '/',
  headers: [],
  ...fields,
})

async function send(target: string, fields?: Partial<ReplayRequest>, options?: Partial<SendOptions>) {
  return sendReplay(await checkTarget(target), request(fields), { ...OPTIONS, ...options })
}

describe('a target', () => {
  it.each([
    'http://127.0.0.1:8787',
    'http://127.8.9.10',
    'https://localhost:8443/base/',
    'http://[::1]:3000',
    'http://[::ffff:127.0.0.1]',
    'http://2130706433',
    'http://app.test:1',
  ])('%s is this machine', async target => {
    await expect(checkTarget(target)).resolves.toMatchObject({ isLoopback: true })
  })

  it.each([
    [
      'http://198.51.100.7',
      '198.51.100.7 is not loopback; a replay goes there only from a terminal: npx replaystack replay … --allow-host 198.51.100.7',
    ],
    ['http://0.0.0.0:80', '0.0.0.0 is not loopback'],
    ['http://10.0.0.1', '10.0.0.1 is not loopback'],
    ['http://169.254.169.254/latest', '169.254.169.254 is not loopback'],
    ['http://[::ffff:198.51.100.7]', 'is not loopback'],
    ['http://[fe80::1]', 'fe80::1 is not loopback'],
    ['http://elsewhere.test', 'elsewhere.test is not loopback'],
    ['http://rebound.test', 'rebound.test is not loopback'],
    ['http://127.0.0.1.nowhere.invalid', '127.0.0.1.nowhere.invalid has no address'],
    ['http://user@127.0.0.1', 'The target must have no user and password'],
    ['http://127.0.0.1@198.51.100.7/', 'The target must have no user and password'],
    ['http://127.0.0.1/?a=1', 'The target must have no query and no fragment'],
    ['http://127.0.0.1/#a', 'The target must have no query and no fragment'],
    ['file:///etc/passwd', 'The target must be an http or https URL'],
    ['ftp://127.0.0.1', 'The target must be an http or https URL'],
    ['127.0.0.1:8787', 'The target must be an http or https URL'],
    ['localhost', 'The target must be an http or https URL'],
  ])('%s is refused', async (target, message) => {
    await expect(checkTarget(target)).rejects.toThrow(message)
  })

  it('elsewhere is allowed by its exact name', async () => {
    await expect(checkTarget('http://elsewhere.test:81', ['ELSEWHERE.test'])).resolves.toMatchObject({
      isLoopback: false,
    })
    await expect(checkTarget('http://[fe80::1]', ['[fe80::1]'])).resolves.toMatchObject({ isLoopback: false })
    for (const allowed of ['test', '*.test', 'elsewhere.test:81', 'a.elsewhere.test', '']) {
      await expect(checkTarget('http://elsewhere.test:81', [allowed])).rejects.toThrow('is not loopback')
    }
  })

  it('is connected to at the address that was checked, whatever its name says later', async () => {
    const server = await startReplayServer()
    const target = await checkTarget(`http://app.test:${server.port}/base`)
    vi.mocked(lookup).mockClear()
    await sendReplay(target, request({ path: '/x?y=1' }), OPTIONS)
    expect(lookup).not.toHaveBeenCalled()
    expect(server.requests).toMatchObject([{ url: '/base/x?y=1' }])
    expect(server.header('host')).toBe(`app.test:${server.port}`)
  })
})

describe('sending', () => {
  it('sends what was planned and no header of its own but for host, trace and event', async () => {
    const server = await startReplayServer()
    const headers: [string, string][] = [
      ['content-type', 'text/plain'],
      ['x-twice', 'one'],
      ['x-twice', 'tw\u00f6'],
    ]
    await send(server.url, { method: 'POST', path: '//a/../b?c=%20', headers, body: 'h\u00e9' })
    expect(server.requests).toMatchObject([{ method: 'POST', url: '//a/../b?c=%20', body: 'h\u00e9' }])
    expect(server.requests[0]?.headers.toSorted()).toEqual([
      ['connection', 'close'],
      ['content-length', '3'],
      ['content-type', 'text/plain'],
      ['host', new URL(server.url).host],
      ['x-replaystack-replay', 'event-1'],
      ['x-trace-id', 'trace-new'],
      ['x-twice', 'one'],
      ['x-twice', 'tw\u00f6'],
    ])
  })

  it.each(['GET', 'DELETE', 'PATCH'])('sends a body with %s', async method => {
    const server = await startReplayServer()
    await send(server.url, { method, body: '{"a":1}' })
    expect(server.requests).toMatchObject([{ method, body: '{"a":1}' }])
    expect(server.header('content-length')).toBe('7')
  })

  it('a host that was given replaces the target’s', async () => {
    const server = await startReplayServer()
    await send(server.url, { headers: [['host', 'shop.example.com']] })
    expect(server.header('host')).toBe('shop.example.com')
  })

  it('a redirect is the answer, and is not followed', async () => {
    const server = await startReplayServer((_request, response) => {
      response.writeHead(302, { location: '/elsewhere', 'set-cookie': ['a=1', 'b=2'] }).end()
    })
    await expect(send(server.url)).resolves.toMatchObject({
      statusCode: 302,
      headers: { location: '/elsewhere', 'set-cookie': 'a=1\nb=2' },
      body: '',
    })
    expect(server.requests).toHaveLength(1)
  })

  it('reads no more than the bound, of an answer without end too', async () => {
    const server = await startReplayServer((_request, response) => {
      const write = (): void => void (response.destroyed || response.write('é'.repeat(1000), () => setImmediate(write)))
      write()
    })
    const answer = await send(server.url, {}, { maxBodyBytes: 5001 })
    expect(answer).toMatchObject({ cut: 'size', sizeBytes: 5001, isText: true, body: 'é'.repeat(2500) })
    const exact = await startReplayServer((_request, response) => response.end('12345'))
    await expect(send(exact.url, {}, { maxBodyBytes: 5 })).resolves.toMatchObject({ cut: undefined, body: '12345' })
  })

  it('reads what is coded though nobody asked, and bounds what it unpacks to', async () => {
    const server = await startReplayServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync('a'.repeat(5_000_000)))
    })
    await expect(send(server.url)).resolves.toMatchObject({ cut: 'size', sizeBytes: 2 * 1024 * 1024 })
  })

  it('tells bytes that are no text', async () => {
    const server = await startReplayServer((_request, response) => response.end(Buffer.from([0xff, 0xd8, 0xff])))
    await expect(send(server.url)).resolves.toMatchObject({ isText: false, body: '', sizeBytes: 3 })
  })

  it('says that nothing listens', async () => {
    const listener = createServer()
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
    const address = listener.address()
    const port = typeof address === 'object' ? address?.port : 0
    await new Promise(resolve => listener.close(resolve))
    await expect(send(`http://localhost:${port}`)).rejects.toThrow(`Nothing listens at http://localhost:${port}`)
  })

  it('says that the answer did not come in time, or not whole', async () => {
    const silent = await startReplayServer(() => {})
    await expect(send(silent.url, {}, { timeoutMs: 100 })).rejects.toThrow(`${silent.url} did not answer within 0.1 s`)
    const broken = await startReplayServer((_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('a', () => response.destroy())
    })
    await expect(send(broken.url)).rejects.toThrow(`${broken.url} closed the connection without a whole answer`)
    const reset = await startReplayServer((_request, response) => void response.destroy())
    await expect(send(reset.url)).rejects.toThrow(`${reset.url} closed the connection without a whole answer`)
  })

  it('that was answered is answered, however long its body goes on', async () => {
    const endless = await startReplayServer((_request, response) => void response.writeHead(201).write('a'))
    await expect(send(endless.url, {}, { timeoutMs: 2000 })).resolves.toMatchObject({
      statusCode: 201,
      body: 'a',
      cut: 'time',
    })
  })

  it('stops after the headers where the body is not wanted', async () => {
    let isLeft = (): void => {}
    const left = new Promise<void>(resolve => {
      isLeft = resolve
    })
    const endless = await startReplayServer((_request, response) => {
      response.on('close', isLeft).writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
    })
    await expect(send(endless.url, {}, { skipBody: true, timeoutMs: 600_000 })).resolves.toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: '',
      cut: 'unwanted',
    })
    await left
  })

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
    ['GET', 200],
  ])('decodes no body that is not there: %s answered %d', async (method, statusCode) => {
    for (const coding of ['gzip', 'deflate', 'br']) {
      const server = await startReplayServer((_request, response) => {
        response.writeHead(statusCode, { 'content-encoding': coding }).end()
      })
      const answer = await send(server.url, { method })
      expect(answer).toMatchObject({ statusCode, body: '', sizeBytes: 0, isText: true, cut: undefined })
    }
    const broken = await startReplayServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip')
    })
    await expect(send(broken.url)).rejects.toThrow('cannot be reached: Z_DATA_ERROR')
  })

  it('ends when it is interrupted', async () => {
    const silent = await startReplayServer(() => interruption.abort())
    const interruption = new AbortController()
    await expect(send(silent.url, {}, { signal: interruption.signal })).rejects.toThrow('The replay was interrupted')
  })

  it('trusts a certificate of its own making on this machine, and nowhere else', async () => {
    const server = createHttpsServer(SELF_SIGNED, (_request, response) => response.end('secure'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    await expect(send(url)).resolves.toMatchObject({ body: 'secure' })
    const foreign = { ...(await checkTarget(url)), isLoopback: false }
    await expect(sendReplay(foreign, request(), OPTIONS)).rejects.toThrow(
      'cannot be reached: DEPTH_ZERO_SELF_SIGNED_CERT',
    )
  })
})
