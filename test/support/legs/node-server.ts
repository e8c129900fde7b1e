/**
 * A server with the Node adapter, its client and its ingest API in one process, for every runtime that has `node:http`.
 * Prints what arrived, sorted by path, between marks.
 */
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { withReplayStack } from '../../../src/adapters/node/handler.ts'
import { replaystack } from '../../../src/adapters/node/middleware.ts'
import { createReplayStackClient } from '../../../src/client/client.ts'

const listen = (server: Server): Promise<number> =>
  new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

async function textOf(message: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of message) text += chunk
  return text
}

const events: Record<string, unknown>[] = []
const ingest = createServer(async (request, response) => {
  const sent: Record<string, unknown> & { events?: Record<string, unknown>[] } = JSON.parse(await textOf(request))
  events.push(...(sent.events ?? [sent]))
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end('{"success":true}')
})
const endpoint = `http://127.0.0.1:${await listen(ingest)}`
const client = createReplayStackClient({ apiKey: 'rs_live_test', endpoint })
const recorder = replaystack({ client })
const handler = withReplayStack(
  (request: IncomingMessage, response) => {
    const path = request.url
    if (path === '/throws') throw new RangeError('thrown')
    if (path === '/aborted') return response.write('begun')
    if (path === '/listed') {
      response.writeHead(202, ['content-type', 'text/plain', 'x-one', '1'])
      return response.end('listed')
    }
    if (path === '/piped') {
      response.setHeader('content-type', 'text/plain')
      return Readable.from(['a', 'b', 'c']).pipe(response)
    }
    if (path === '/zipped') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      return response.end(gzipSync('{"zipped":true}'))
    }
    const chunks: Buffer[] = []
    request.on('data', chunk => {
      client.addBreadcrumb('data')
      chunks.push(chunk)
    })
    return request.on('end', () => {
      setTimeout(() => {
        client.addBreadcrumb('timer')
        response.setHeader('content-type', 'application/json')
        response.end(Buffer.concat(chunks))
      }, 1)
    })
  },
  { client },
)
const server = createServer((request, response) => {
  try {
    recorder(request, response, () => handler(request, response))
  } catch {
    response.writeHead(500)
    response.end('failed')
  }
})
const port = await listen(server)

const send = (path: string, method = 'GET', body?: string): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, async response => {
      const { statusCode, headers } = response
      resolve([statusCode, await textOf(response), typeof headers['x-trace-id']])
    })
    sent.on('error', reject)
    sent.end(body)
  })

const answers = [
  await send('/echo', 'POST', '{"item":"book","pin":1}'),
  await send('/listed'),
  await send('/piped'),
  (await send('/zipped')).slice(2),
  await send('/listed', 'HEAD'),
  await send('/throws'),
]
await new Promise<void>(resolve => {
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /aborted HTTP/1.1\r\nhost: x\r\n\r\n'))
  socket.on('data', () => socket.resetAndDestroy())
  socket.on('error', () => {})
  socket.on('close', () => resolve())
})
// The server hears of it a turn or more later: the process that waits for this one has the only time limit.
while (events.length < answers.length + 1) {
  await client.flush()
  await new Promise(resolve => setTimeout(resolve, 5))
}
const told = events.map(event => ({
  endpoint: event['endpoint'],
  method: event['method'],
  statusCode: event['statusCode'],
  status: event['status'],
  requestPayload: event['requestPayload'],
  responsePayload: event['responsePayload'],
  one: Object(event['responseHeaders'])['x-one'],
  metadata: event['metadata'],
  errorName: event['errorName'],
  breadcrumbs: Object(event['breadcrumbs']).map((one: { message: string }) => one.message),
}))
told.sort((one, other) => (`${one.endpoint} ${one.method}` < `${other.endpoint} ${other.method}` ? -1 : 1))
console.log(`@@report@@${JSON.stringify({ answers, told, own: client.getBreadcrumbs().length })}`)
process.exit(0)
