import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { SELF_SIGNED } from '../inbox/replay-certificate.ts'

/** One request that the ingest has read whole, and how it may be answered: byte by byte. */
export interface Exchange {
  /** A connection, inside TLS where it is secure. */
  stream: Duplex
  /** Hands the event to the inbox. @returns the inbox's own answer, whole */
  take(): Promise<string>
  /** Resets the connection. */
  reset(): void
}

/** What the ingest does instead of what it should. */
export interface Fault {
  /** With a connection, before anything of it is read. */
  meet?: (socket: Socket) => void
  /** With a request. */
  answer?: (exchange: Exchange) => unknown
}

export interface RawIngest {
  url: string
  port: number
  /** What every connection and request is met with, while it is set; else the inbox answers. */
  fault: Fault | undefined
  /** Heads of the requests that were read whole, in lower case. */
  readonly requests: string[]
  /** Requests that were met by something: before, they wait behind the gate. */
  readonly met: number
  /** Connections that there are, that there were at once, and that there were at all. */
  readonly connections: { open: number; most: number; all: number }
  /** From now on requests wait. @returns lets them go on */
  closeGate(): () => void
  /** Resets every connection that there is. */
  drop(): void
  /** Nobody listens until `listen` is called. */
  refuse(): Promise<void>
  listen(): Promise<void>
  /** What the inbox has, oldest first. */
  events(): ReplayStackEvent[]
}

const HEAD_END = '\r\n\r\n'

/**
 * Listens on a free loopback port until the test is over.
 * @param options.onFinished where that test does not run alone, its own
 */
export async function openRawIngest({
  secure = false,
  onFinished = onTestFinished,
}: {
  secure?: boolean
  onFinished?: typeof onTestFinished
} = {}): Promise<RawIngest> {
  const inbox = await startInbox({ maxEvents: 100_000 })
  const sockets = new Set<Socket>()
  const connections = { open: 0, most: 0, all: 0 }
  const requests: string[] = []
  let met = 0
  let gate = Promise.resolve()

  /** The inbox's answer to a request, as it is written on the wire. */
  async function take(head: string, body: Buffer): Promise<string> {
    const [line = '', ...lines] = head.split('\r\n')
    const [method = '', path = ''] = line.split(' ')
    const headers = Object.fromEntries(lines.map(one => one.split(/: ?(.*)/s).slice(0, 2)))
    const forwarded = httpRequest({ host: '127.0.0.1', port: inbox.port, method, path, headers })
    forwarded.end(body)
    const [from] = await once(forwarded, 'response')
    const text: string = await new Response(from).text()
    return `HTTP/1.1 ${from.statusCode} Taken\r\ncontent-type: application/json\r\ncontent-length: ${text.length}${HEAD_END}${text}`
  }

  async function exchange(head: string, body: Buffer, stream: Duplex, socket: Socket): Promise<void> {
    requests.push(head.toLowerCase())
    await gate
    met++
    const taking = (): Promise<string> => take(head, body)
    const answer = ingest.fault?.answer ?? (async ({ stream }: Exchange) => stream.write(await taking()))
    await answer({ stream, take: taking, reset: () => socket.resetAndDestroy() })
  }

  /** Reads the requests of a connection one after the other. */
  async function serve(stream: Duplex, socket: Socket): Promise<void> {
    let read = Buffer.alloc(0)
    for await (const chunk of stream) {
      read = Buffer.concat([read, chunk])
      for (;;) {
        const end = read.indexOf(HEAD_END)
        if (end < 0) break
        const head = read.subarray(0, end).toString('latin1')
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN)
        if (Number.isNaN(length)) throw new Error(`This ingest reads bodies by their length alone:\n${head}`)
        const next = end + HEAD_END.length + length
        if (read.length < next) break
        const body = read.subarray(end + HEAD_END.length, next)
        read = read.subarray(next)
        await exchange(head, body, stream, socket)
      }
    }
  }

  // A client that ends its side has left: so has this one, when it has answered.
  const server = createServer(socket => {
    sockets.add(socket)
    connections.all++
    connections.most = Math.max(connections.most, ++connections.open)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      connections.open--
    })
    const meet = ingest.fault?.meet
    if (meet) {
      gate.then(() => meet(socket))
      return
    }
    const stream = secure ? new TLSSocket(socket, { isServer: true, ...SELF_SIGNED }) : socket
    stream.on('error', () => {})
    serve(stream, socket).catch(() => socket.destroy())
  })
  let port = 0
  const listen = async (): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const refuse = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise(resolve => server.close(resolve))
  }
  await listen()
  onFinished(async () => {
    await refuse()
    await inbox.close()
  })
  const ingest: RawIngest = {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    fault: undefined,
    requests,
    get met() {
      return met
    },
    connections,
    closeGate() {
      let open = (): void => {}
      gate = new Promise(resolve => {
        open = resolve
      })
      return open
    },
    drop() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    refuse,
    listen,
    events() {
      const events: ReplayStackEvent[] = []
      for (let before: number | undefined; ; ) {
        const page = inbox.store.list(before === undefined ? { limit: 200 } : { limit: 200, before })
        for (const { id } of page.events) events.unshift(JSON.parse(inbox.store.get(id)?.json ?? 'null'))
        if (page.next === null) return events
        before = page.next
      }
    },
  }
  return ingest
}
