import { createServer, request as httpRequest, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'

/** What the ingest does with one request instead of taking it. */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** None: the inbox answers. */
  | 'pass'
  /** What a sender got wrong: the inbox answers to this body. */
  | { alter: (body: string) => string }
  /** Never answers. */
  | 'hang'
  /** Resets the connection. */
  | 'reset'
  /** Announces more than it sends, then resets. */
  | 'truncated'
  /** Answers 200 and never stops. */
  | 'endless'

export interface ReceivedRequest {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** The inbox's real ingest API with faults before it. */
export interface FaultyIngest {
  url: string
  inbox: RunningInbox
  /** One a request, first come; when they are used up, the inbox answers. */
  faults: Fault[]
  /** What every request is met with, while it is set. */
  always: Fault | undefined
  requests: ReceivedRequest[]
  /** Requests whose connection is held. Idle connections are the client runtime's own affair. */
  readonly openRequests: number
  close(): Promise<void>
}

/** Listens on a free loopback port until the test is over. */
export const startFaultyIngest = (...faults: Fault[]): Promise<FaultyIngest> =>
  startIngestFor(onTestFinished, ...faults)

/** The same for a test that does not run alone: it has an `onTestFinished` of its own. */
export async function startIngestFor(onFinished: typeof onTestFinished, ...faults: Fault[]): Promise<FaultyIngest> {
  const inbox = await startInbox()
  const sockets = new Set<Socket>()
  const requests: ReceivedRequest[] = []
  let open = 0
  const server = createServer(async (incoming, answer) => {
    open++
    answer.on('close', () => open--)
    let body = ''
    for await (const chunk of incoming) body += chunk
    const { method, url, headers } = incoming
    requests.push({ method, url, headers, body })
    const fault = ingest.always ?? faults.shift()
    let passed = body
    if (typeof fault === 'object' && 'alter' in fault) passed = fault.alter(body)
    else if (fault && fault !== 'pass') return misbehave(fault, answer)
    const { 'content-length': _, ...others } = headers
    const to = { host: '127.0.0.1', port: inbox.port, method, path: url, headers: others }
    const forwarded = httpRequest(to, from => {
      answer.writeHead(from.statusCode ?? 500, from.headers)
      from.pipe(answer)
    })
    forwarded.on('error', () => answer.destroy())
    forwarded.end(passed)
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  let closed: Promise<void> | undefined
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
    await inbox.close()
  }
  const ingest: FaultyIngest = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inbox,
    faults,
    always: undefined,
    requests,
    get openRequests() {
      return open
    },
    close: () => {
      closed ??= close()
      return closed
    },
  }
  onFinished(() => ingest.close())
  return ingest
}

function misbehave(fault: Exclude<Fault, 'pass' | { alter: unknown }>, answer: ServerResponse): void {
  if (fault === 'hang') return
  if (fault === 'reset') {
    answer.socket?.resetAndDestroy()
  } else if (fault === 'truncated') {
    answer.writeHead(200, { 'content-length': '1000' })
    answer.write('{"success":', () => answer.socket?.resetAndDestroy())
  } else if (fault === 'endless') {
    answer.writeHead(200)
    const more = (): void => {
      while (!answer.destroyed && answer.write('x'.repeat(16_384))) {}
      if (!answer.destroyed) answer.once('drain', more)
    }
    more()
  } else {
    answer.writeHead(fault.status, fault.headers)
    answer.end(fault.body ?? '')
  }
}
