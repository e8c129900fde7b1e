import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ReplayedRequest {
  method: string | undefined
  url: string | undefined
  /** As they stood on the wire, names in lower case. */
  headers: [name: string, value: string][]
  body: string
}

export interface ReplayServer {
  url: string
  port: number
  requests: ReplayedRequest[]
  /** The value of a header of the last request. */
  header(name: string): string | undefined
}

/** An application on this machine that keeps what it is sent, until the test is over. */
export async function startReplayServer(
  answer: (request: ReplayedRequest, response: ServerResponse) => void = (_request, response) => response.end(),
): Promise<ReplayServer> {
  const requests: ReplayedRequest[] = []
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method, url, rawHeaders } = incoming
    const headers = rawHeaders.flatMap((name, index): [string, string][] =>
      index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? '']] : [],
    )
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() }
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    header: name => requests.at(-1)?.headers.find(([known]) => known === name)?.[1],
  }
}
