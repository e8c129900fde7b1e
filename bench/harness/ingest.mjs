/**
 * Everybody's ingest API on loopback, in a process of its own: `/<wire>/<application>/…`. Answers as the wire says, and
 * counts requests, events and bytes by application. Besides, the origin of the files that `/download` hands on.
 */
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { serveParent } from './helper.mjs'
import { countEvents, WIRES } from './wires.mjs'

/** By application. */
const books = new Map()
const CHUNK = Buffer.alloc(65_536, 'a')

function bookOf(application) {
  const book = books.get(application) ?? { posts: 0, events: 0, bytes: 0, url: '', headers: {}, body: Buffer.alloc(0) }
  books.set(application, book)
  return book
}

function take(request, raw) {
  const [, wire, application] = request.url.split('/')
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
  const book = bookOf(application)
  const events = countEvents(body, WIRES[wire])
  book.posts++
  book.bytes += raw.length
  book.events += events
  if (events > 0 || book.events === 0) Object.assign(book, { url: request.url, headers: request.headers, body })
  return JSON.stringify(WIRES[wire].answer)
}

/** A file of `bytes` bytes that are no JSON but say so: what a careless recorder reads whole. */
async function serveFile(response, bytes) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes })
  for (let left = bytes; left > 0; left -= CHUNK.length) {
    const whole = response.write(left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK)
    if (!whole) await new Promise(resolve => response.once('drain', resolve))
  }
  response.end()
}

const server = createServer((request, response) => {
  if (request.url.startsWith('/file/')) return void serveFile(response, Number(request.url.slice(6)))
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const answer = take(request, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
    response.end(answer)
  })
})
server.keepAliveTimeout = 120_000

server.listen(0, '127.0.0.1', () =>
  serveParent({
    url: () => `http://127.0.0.1:${server.address().port}`,
    /** What has arrived so far: `{ posts, events, bytes }` by application. */
    counts: () =>
      Object.fromEntries([...books].map(([name, { posts, events, bytes }]) => [name, { posts, events, bytes }])),
    forget: () => books.clear(),
    /** The last POST of an application that held an event; any where none did. */
    sample(application) {
      const { url, headers, body } = bookOf(application)
      return { url, headers, body: body.toString() }
    },
  }),
)
