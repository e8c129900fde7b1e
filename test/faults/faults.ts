/** Every way in which an ingest API fails. What comes of the events is the same on every host. */
import { type Duplex, pipeline, Readable } from 'node:stream'
import type { Host } from './hosts.ts'
import type { Exchange, Fault } from './raw-ingest.ts'

export interface FaultCase {
  title: string
  /** @param elsewhere the address of another server */
  fault: (elsewhere: string) => Fault
  /** What becomes of the events that meet it. */
  verdict: 'delivered' | 'failed' | 'rejected'
  /** What `onError` is told of each: code and status. */
  error?: string
  /** Requests for one event. @default 2 for one that failed, else 1 */
  requests?: number
  /** Milliseconds for an attempt. @default more than a test takes */
  timeoutMs?: number
  /** The ingest speaks TLS, which the host trusts. */
  secure?: true
  /** Where a host has its own way. */
  except?: Partial<Record<Host['name'], Partial<FaultCase> & { why: string }>>
}

/** Short, but enough for an ingest that is well again on a machine that is busy. */
const SHORT_MS = 2_000

const line = (status: number | string, ...headers: string[]): string =>
  [`HTTP/1.1 ${status} Fault`, ...headers, '', ''].join('\r\n')

const whole = (status: number, body = '', ...headers: string[]): string =>
  `${line(status, `content-length: ${Buffer.byteLength(body)}`, ...headers)}${body}`

/** Writes something, and leaves it at that. */
const says = (text: string) => (): Fault => ({ answer: ({ stream }) => stream.write(text) })

/** Writes something, then does it. */
const then = (text: string, act: (exchange: Exchange) => unknown) => (): Fault => ({
  answer: exchange => exchange.stream.write(text, () => act(exchange)),
})

const reset = ({ reset }: Exchange): void => reset()
const end = ({ stream }: Exchange): unknown => stream.end()

/** Has the event, but the answer breaks off after so many characters. */
const takes = (characters: number, act: (exchange: Exchange) => unknown) => (): Fault => ({
  async answer(exchange) {
    const answer = await exchange.take()
    exchange.stream.write(answer.slice(0, characters), () => act(exchange))
  },
})

/** Writes a text again and again: as fast as it is read, or a character now and then. */
function repeat(stream: Duplex, text: string, everyMs = 0): void {
  async function* more(): AsyncGenerator<string> {
    for (let place = 0; ; place++) {
      if (everyMs > 0) await new Promise(resolve => setTimeout(resolve, everyMs))
      yield everyMs > 0 ? (text[place % text.length] ?? '') : text
    }
  }
  pipeline(Readable.from(more(), { objectMode: false, highWaterMark: 65_536 }), stream, () => {})
}

const repeats = (head: string, text: string, everyMs?: number) => (): Fault => ({
  answer({ stream }) {
    stream.write(head)
    repeat(stream, text, everyMs)
  },
})

const BODY = '{"success":true}'
const HALF = BODY.slice(0, 8)
const LENGTH = `content-length: ${BODY.length}`

const failed = { verdict: 'failed', error: 'network' } as const
const late = { verdict: 'failed', error: 'timeout', timeoutMs: SHORT_MS } as const
const delivered = { verdict: 'delivered' } as const
const busy = { verdict: 'failed', error: 'rate_limited 429' } as const

/** An HTTP date, from the time when it is asked for. */
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString()

const retryAfter = (...values: string[]): Fault => ({
  answer: ({ stream }) => stream.write(whole(429, '', ...values.map(value => `retry-after: ${value}`))),
})

/** Where it is the connection that fails, or what comes is not quite HTTP. */
export const CONNECTIONS: readonly FaultCase[] = [
  // Connections that come to nothing.
  { title: 'a connection that is reset', ...failed, fault: () => ({ meet: socket => socket.resetAndDestroy() }) },
  { title: 'a connection that is closed', ...failed, fault: () => ({ meet: socket => socket.end() }) },
  { title: 'a connection that is never read', ...late, fault: () => ({ meet: socket => socket.pause() }) },
  {
    title: 'a port that does not speak TLS',
    ...failed,
    secure: true,
    fault: () => ({ meet: socket => socket.once('data', () => socket.end(whole(400))) }),
  },
  // Reset or closed at each stage.
  { title: 'a reset before the head', ...failed, fault: then('', reset) },
  { title: 'an end before the head', ...failed, fault: then('', end) },
  { title: 'a reset within the head', ...failed, fault: then('HTTP/1.1 200 O', reset) },
  { title: 'an end within the head', ...failed, fault: then('HTTP/1.1 200 O', end) },
  { title: 'a reset within the body', ...failed, fault: then(`${line(200, LENGTH)}${HALF}`, reset) },
  { title: 'an end within the body', ...failed, fault: then(`${line(200, LENGTH)}${HALF}`, end) },
  {
    title: 'a reset within a chunked body',
    ...failed,
    fault: then(`${line(200, 'transfer-encoding: chunked')}8\r\n${HALF}\r\n`, reset),
  },
  { title: 'taken, then a reset', ...failed, fault: takes(0, reset) },
  { title: 'taken, then a reset within the head', ...failed, fault: takes(20, reset) },
  { title: 'taken, then a reset within the body', ...failed, fault: takes(-10, reset) },
  // Hanging at each stage.
  { title: 'no head', ...late, fault: says('') },
  { title: 'half a head', ...late, fault: says('HTTP/1.1 200 O') },
  { title: 'a head without its body', ...late, fault: says(line(200, LENGTH)) },
  { title: 'half a body', ...late, fault: says(`${line(200, LENGTH)}${HALF}`) },
  { title: 'half a body of a refusal', ...late, fault: says(`${line(400, LENGTH)}${HALF}`) },
  { title: 'taken, then half an answer', ...late, fault: takes(-10, () => {}) },
  // Slow, or without end.
  { title: 'a head that trickles', ...late, fault: repeats('', `${line(200)}`.replaceAll('\r\n', ' '), 20) },
  { title: 'a body that trickles', ...late, fault: repeats(line(200), ' ', 20) },
  {
    title: 'a slow answer that comes in time',
    ...delivered,
    fault: () => ({
      async answer({ stream }) {
        for (const character of whole(200, BODY)) {
          await new Promise(resolve => setTimeout(resolve, 1))
          stream.write(character)
        }
      },
    }),
  },
  { title: 'a head without end', ...failed, fault: repeats('HTTP/1.1 200 OK\r\n', `x-more: ${'x'.repeat(1000)}\r\n`) },
  { title: 'a body without end', ...delivered, fault: repeats(line(200), 'x'.repeat(1000)) },
  // Not quite HTTP.
  { title: 'no HTTP at all', ...failed, fault: says('SSH-2.0-OpenSSH_9.9\r\n\r\n') },
  {
    title: 'a 100 before the answer',
    ...delivered,
    fault: says(`${line(100)}${whole(200, BODY)}`),
    except: { Node: { ...failed, why: 'its fetch takes a 100 for a broken answer where it has not asked for one' } },
  },
  { title: 'a 102 before the answer', ...delivered, fault: says(`${line(102)}${whole(200, BODY)}`) },
  { title: 'a 103 before the answer', ...delivered, fault: says(`${line(103, 'link: </a>')}${whole(200, BODY)}`) },
  // In an encoding.
  { title: 'a 200 that calls plain text gzip', ...failed, fault: says(whole(200, BODY, 'content-encoding: gzip')) },
  { title: 'a 200 in an unknown encoding', ...delivered, fault: says(whole(200, BODY, 'content-encoding: x-none')) },
]

/** Where the answer comes whole. */
export const ANSWERS: readonly FaultCase[] = [
  // A 2xx, whatever is in it.
  { title: 'a 200 that is empty', ...delivered, fault: says(whole(200)) },
  { title: 'a 204', ...delivered, fault: says(line(204)) },
  { title: 'a 200 of HTML', ...delivered, fault: says(whole(200, '<html>', 'content-type: text/html')) },
  { title: 'a 202 of half JSON', ...delivered, fault: says(whole(202, HALF, 'content-type: application/json')) },
  { title: 'a 200 of no text', ...delivered, fault: says(whole(200, '\u0000\u00ff\ud800')) },
  // Redirects: what they point to hears nothing.
  ...[302, 307, 308].map((status): FaultCase => {
    const fault = (elsewhere: string): Fault => says(whole(status, '', `location: ${elsewhere}/steal`))()
    return { title: `a ${status} to another host`, verdict: 'rejected', error: `rejected ${status}`, fault }
  }),
  { title: 'a 302 to nowhere', verdict: 'rejected', error: 'rejected 302', fault: says(whole(302)) },
  // Refusals, and failures that are said to be.
  ...[400, 401, 413].map((status): FaultCase => {
    const fault = says(whole(status, '{"success":false,"message":"no"}'))
    return { title: `a ${status}`, verdict: 'rejected', error: `rejected ${status}`, fault }
  }),
  ...[408, 500, 502, 503].map((status): FaultCase => {
    const fault = says(whole(status, '<html>', 'content-type: text/html'))
    return { title: `a ${status}`, verdict: 'failed', error: `server ${status}`, fault }
  }),
  // Told to come back later.
  { title: 'a 429 without Retry-After', ...busy, fault: () => retryAfter() },
  { title: 'a 429 with Retry-After: 1', ...busy, fault: () => retryAfter('1') },
  // Two seconds after the test begins: the host waits for what is left of them by then, and tries again.
  { title: 'a 429 until a date', ...busy, fault: () => retryAfter(inSeconds(2)) },
  { title: 'a 429 until a date that is past', ...busy, fault: () => retryAfter(inSeconds(-60)) },
  { title: 'a 429 until a far date', ...busy, requests: 1, fault: () => retryAfter(inSeconds(1e7)) },
  { title: 'a 429 with Retry-After: -5', ...busy, fault: () => retryAfter('-5') },
  { title: 'a 429 with Retry-After: a trillion', ...busy, requests: 1, fault: () => retryAfter('1000000000000') },
  { title: 'a 429 with Retry-After: 1e12', ...busy, fault: () => retryAfter('1e12') },
  { title: 'a 429 with Retry-After: in 2030', ...busy, fault: () => retryAfter('later, in 2030') },
  { title: 'a 429 with Retry-After twice', ...busy, fault: () => retryAfter('1', '2') },
  {
    title: 'a 503 with Retry-After: 60',
    verdict: 'failed',
    error: 'server 503',
    requests: 1,
    fault: says(whole(503, '', 'retry-after: 60')),
  },
]
