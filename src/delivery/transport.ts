/** The network and the time, as delivery needs them. */
import { read } from '../safe-read.ts'
import type { Transport, TransportRequest, TransportResponse } from '../types.ts'
import { ReplayStackError } from './error.ts'

/** Tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`. The timer belongs to whoever waits: on Workers it dies with its request. */
  sleep(ms: number): Promise<void>
  /** Calls back after `ms` unless the function returned is called first. */
  timer(ms: number, callback: () => void): () => void
}

/** The host's clock, looked up at each call: nothing is kept from one request to the next. */
export const systemClock: Clock = {
  now() {
    try {
      return Date.now()
    } catch {
      // An application has replaced `Date`: time stands still, and the counts add up.
      return 0
    }
  },
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  timer(ms, callback) {
    const id = setTimeout(callback, ms)
    return () => clearTimeout(id)
  },
}

/** Characters of an answer that are read; the rest is cancelled. */
const MAX_ANSWER_CHARACTERS = 65_536

async function readAnswer(response: Response): Promise<string> {
  // One of known length is read at once, which spares a wait for each of its chunks and for its end.
  const length = response.headers.get('content-length')
  if (length && Number(length) <= MAX_ANSWER_CHARACTERS && !response.headers.has('content-encoding')) {
    return response.text()
  }
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      text += decoder.decode(chunk.value, { stream: true })
      if (text.length >= MAX_ANSWER_CHARACTERS) break
    }
  } finally {
    // An answer that is left half read holds its connection.
    reader.cancel().catch(() => {})
  }
  return text
}

/** The host's own `fetch`, as it is at the time of the call. Redirects are not followed: the key stays with its host. */
export const fetchTransport: Transport = {
  async post(url: string, { body, headers, signal }: TransportRequest): Promise<TransportResponse> {
    const init: RequestInit = { method: 'POST', body, headers, signal, redirect: 'manual' }
    const response = await fetch(url, init)
    return { status: response.status, headers: response.headers, text: () => readAnswer(response) }
  },
}

/** What to look at where nothing is at an endpoint. */
const CURE = ' Does it run there? Check http or https, host and port of REPLAYSTACK_ENDPOINT.'

/** One answer of the ingest API, read whole. */
export interface Answer {
  status: number
  retryAfter: string | null
  text: string
}

/**
 * One attempt. It ends after `timeoutMs` whatever the transport does, also one that ignores its signal.
 * @throws {ReplayStackError} `timeout` or `network`
 */
export async function post(
  transport: Transport,
  url: string,
  request: Omit<TransportRequest, 'signal' | 'timeoutMs'>,
  timeoutMs: number,
  clock: Clock,
): Promise<Answer> {
  const controller = new AbortController()
  let stop = (): void => {}
  const late = new Promise<never>((_, reject) => {
    stop = clock.timer(timeoutMs, () => {
      reject(new ReplayStackError('timeout', `ReplayStack got no response within ${timeoutMs} ms.`))
      controller.abort()
    })
  })
  try {
    const response = await Promise.race([
      transport.post(url, { ...request, timeoutMs, signal: controller.signal }),
      late,
    ])
    const text: unknown = await Promise.race([response.text(), late])
    const { status, headers } = response
    // A transport of the application's own may answer anything.
    return { status, retryAfter: headers.get('retry-after'), text: typeof text === 'string' ? text : '' }
  } catch (cause) {
    if (cause instanceof ReplayStackError) throw cause
    const code = read(cause, 'cause', 'code') ?? read(cause, 'code')
    const why = typeof code === 'string' && /^\w+$/.test(code) ? ` (${code})` : ''
    const [place, cure] = transport === fetchTransport ? [` at ${new URL(url).origin}${why}`, CURE] : ['', '']
    throw new ReplayStackError('network', `ReplayStack could not be reached${place}.${cure}`, { cause })
  } finally {
    stop()
  }
}
