/** The server behind the application: each path is a way to respond, in the bytes that it is given. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'

const RESPONSES: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/length': response => response.end('{"a": 1}'),
  '/chunked': response => {
    response.write('{"a"')
    response.end(': 1}')
  },
  '/gzip': response => {
    const bytes = gzipSync('{"a": 1}')
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length })
    response.end(bytes)
  },
  '/cookies': response => {
    response.setHeader('set-cookie', ['a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT', 'b=2'])
    response.end('{}')
  },
  '/not-modified': response => response.writeHead(304).end(),
  '/moved': response => response.writeHead(302, { location: '/elsewhere' }).end('{"moved": true}'),
  '/endless': response => {
    response.write('{"a"')
  },
  '/endless-of-known-length': response => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('{"a"')
  },
  '/cut': response => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('{"a"')
  },
}

export interface Upstream {
  port: number
  /** Runs whose requests were left by the other side. */
  readonly left: ReadonlySet<string>
  /** Breaks off what it was sending to a run. */
  cut(run: string): void
}

/** Listens until the test is over. */
export async function startUpstream(): Promise<Upstream> {
  const left = new Set<string>()
  const cuts = new Map<string, () => void>()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://upstream')
    const run = searchParams.get('run') ?? ''
    response.setHeader('content-type', 'application/json')
    response.sendDate = false
    if (pathname === '/cut') cuts.set(run, () => response.destroy())
    else response.on('close', () => void (response.writableEnded || left.add(run)))
    RESPONSES[pathname]?.(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, left, cut: run => cuts.get(run)?.() }
}
