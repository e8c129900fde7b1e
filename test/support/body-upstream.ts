import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { onTestFinished } from 'vitest'

/** A server behind the one that is tested: it takes large bodies, and sends such and endless ones. */
export interface BodyUpstream {
  url: string
  /** Lets a download go on, of which only the beginning was sent. */
  proceed(): void
  /** Requests whose other side left before they were over, by path. */
  readonly left: string[]
  /** Bodies that are being sent, or received. */
  readonly open: number
}

/** What was received of a body. An upload is answered by it, and by how its length was told. */
export interface Received {
  size: number
  hash: string
}

export async function receive(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Received> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of body) {
    hash.update(chunk)
    size += chunk.length
  }
  return { size, hash: hash.digest('hex') }
}

const CHUNK_BYTES = 65_536

/** A large body of letters in chunks, of which no two are alike. */
export function* largeBody(size: number): Generator<Buffer> {
  for (let place = 0; place < size; place += CHUNK_BYTES) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - place), 'abcdefghijklmnopqrstuvwxyz ')
    chunk.write(String(place))
    yield chunk
  }
}

/** How much of an endless answer with a length is announced: less than is copied. */
const ENDLESS_BYTES = 200_000

/** Listens on a free loopback port until the test is over. */
export async function startBodyUpstream(): Promise<BodyUpstream> {
  let proceed = (): void => {}
  const left: string[] = []
  let open = 0

  /** `/download?type=…&size=…`, with its length unless `chunked`: the first chunk, the rest when it is told to. */
  async function download(answer: ServerResponse, query: URLSearchParams): Promise<void> {
    const size = Number(query.get('size'))
    const length = query.has('chunked') ? {} : { 'content-length': size }
    answer.writeHead(200, { 'content-type': query.get('type') ?? '', ...length })
    const proceeding = new Promise<void>(resolve => {
      proceed = resolve
    })
    await pipeline(async function* () {
      const chunks = largeBody(size)
      yield chunks.next().value
      await proceeding
      yield* chunks
    }, answer)
  }

  /** `/endless?type=…`, with a length where it is `known`: a few bytes again and again, until nobody listens. */
  async function endless(answer: ServerResponse, query: URLSearchParams): Promise<void> {
    const length = query.has('known') ? { 'content-length': ENDLESS_BYTES } : {}
    answer.writeHead(200, { 'content-type': query.get('type') ?? '', ...length })
    for (let index = 0; index < ENDLESS_BYTES / 10 && !answer.destroyed; index++) {
      answer.write('data: 12\n\n')
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    answer.end()
  }

  async function serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://upstream')
    if (pathname === '/upload') {
      const { 'content-length': length, 'transfer-encoding': coding } = incoming.headers
      answer.end(JSON.stringify({ ...(await receive(incoming)), length, coding }))
    } else if (pathname === '/download') await download(answer, searchParams)
    else await endless(answer, searchParams)
  }

  const server = createServer((incoming, answer) => {
    open++
    incoming.on('error', () => {})
    answer.on('close', () => {
      open--
      if (!answer.writableFinished) left.push(incoming.url ?? '')
    })
    serve(incoming, answer).catch(() => answer.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    proceed: () => proceed(),
    left,
    get open() {
      return open
    },
  }
}
