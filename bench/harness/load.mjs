/** Requests that are counted, not timed, in a process of its own: closed loops over kept connections, one at a time on each. */
import { Readable } from 'node:stream'
import { Client } from 'undici'
import { serveParent } from './helper.mjs'
import { headers, order } from './order.mjs'
import { percentile } from './statistics.mjs'

const body = JSON.stringify(order)

/** Failures after which a turn is given up. */
const TOO_MANY = 100

/** What undici tells of one answer. Its body is not kept: the load should take as little of the machine as it can. */
class Answer {
  constructor(resolve, reject) {
    this.resolve = resolve
    this.reject = reject
  }

  onRequestStart() {}

  onResponseStart(_controller, status) {
    this.status = status
  }

  onResponseData() {}

  onResponseEnd() {
    if (this.status === 201) this.resolve()
    else this.reject(new Error(`It answered ${this.status}.`))
  }

  onResponseError(_controller, error) {
    this.reject(error)
  }
}

const orderOnce = client =>
  new Promise((resolve, reject) => {
    client.dispatch({ method: 'POST', path: '/orders', headers, body }, new Answer(resolve, reject))
  })

/** Sends one after the other until it is `over`. */
async function loop(client, over, times, tally) {
  while (!over(tally)) {
    const started = performance.now()
    try {
      await orderOnce(client)
      tally.answered++
      times.push(performance.now() - started)
    } catch (thrown) {
      tally.failed++
      tally.failure ??= thrown.message
    }
  }
}

const CHUNK = Buffer.alloc(65_536, 'a')

function* chunksOf(bytes) {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK
}

serveParent({
  /** Sends `count` orders. @returns how many were answered and how many failed, and their median latency in milliseconds */
  async send({ url, connections, count }) {
    const clients = Array.from({ length: connections }, () => new Client(url, { pipelining: 1 }))
    const tally = { answered: 0, failed: 0, failure: undefined }
    const times = []
    const over = ({ answered, failed }) => failed > TOO_MANY || answered + failed >= count
    await Promise.all(clients.map(client => loop(client, over, times, tally)))
    await Promise.all(clients.map(client => client.close()))
    if (tally.failed > TOO_MANY) throw new Error(tally.failure)
    times.sort((one, other) => one - other)
    return { ...tally, p50: percentile(times, 0.5) }
  },

  /** Sends `bytes` bytes (none for a download) and reads the answer whole. @returns milliseconds, and how much came */
  async transfer({ url, path, bytes, chunked }) {
    const client = new Client(url)
    const started = performance.now()
    const upload = bytes && {
      method: 'POST',
      body: Readable.from(chunksOf(bytes)),
      headers: { 'content-type': 'application/json', ...(chunked ? {} : { 'content-length': String(bytes) }) },
    }
    const response = await client.request({ method: 'GET', path, ...upload })
    let received = 0
    for await (const chunk of response.body) received += chunk.length
    const milliseconds = performance.now() - started
    await client.close()
    return { milliseconds, received, status: response.statusCode }
  },

  /** One order, answered whole. */
  async once({ url }) {
    const client = new Client(url)
    const response = await client.request({ method: 'POST', path: '/orders', headers, body })
    const text = await response.body.text()
    await client.close()
    return { status: response.statusCode, text }
  },
})
