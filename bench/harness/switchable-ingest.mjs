/** ReplayStack's ingest API on loopback, in a process of its own: well, or failing in a way that can be chosen. */
import { createServer } from 'node:http'
import { serveParent } from './helper.mjs'

const ANSWER = '{"success":true}'

const WAYS = {
  well: response => response.end(ANSWER),
  hang() {},
  refuse: response => response.writeHead(503).end(),
  reset: response => response.socket.resetAndDestroy(),
  trickle: response => void setTimeout(() => response.end(ANSWER), 300),
}

let way = 'well'
let open = 0
let most = 0
let requests = 0
/** By key: one that comes twice is one event. */
const taken = new Set()

const server = createServer((request, response) => {
  requests++
  const answer = WAYS[way]
  if (answer === WAYS.well || answer === WAYS.trickle) {
    for (const key of request.headers['idempotency-key'].split(', ')) taken.add(key)
  }
  request.resume().on('end', () => answer(response))
})
server.keepAliveTimeout = 120_000
server.on('connection', socket => {
  most = Math.max(most, ++open)
  socket.on('error', () => {})
  socket.on('close', () => open--)
})
server.listen(0, '127.0.0.1', () =>
  serveParent({
    url: () => `http://127.0.0.1:${server.address().port}`,
    become(next) {
      way = next
    },
    counts() {
      const counts = { requests, taken: taken.size, open, most }
      most = open
      return counts
    },
  }),
)
