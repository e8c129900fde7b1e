import type { Transport, TransportRequest, TransportResponse } from '../types.ts'
import type { Clock } from './clock.ts'
import { ReplayStackError } from './error.ts'

/** Characters of an answer that are read; the rest is cancelled. */
const MAX_ANSWER_CHARACTERS = 65_536

async function readAnswer(response: Response): Promise<string> {
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
    const response = await fetch(url, { method: 'POST', body, headers, signal, redirect: 'manual' })
    return { status: response.status, headers: response.headers, text: () => readAnswer(response) }
  },
}

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
  request: Omit<TransportRequest, 'signal'>,
  timeoutMs: number,
  clock: Clock,
): Promise<Answer> {
  const controller = new AbortController()
  let stop: () => void = () => {}
  const timeout = new Promise<never>((_, reject) => {
    stop = clock.timer(timeoutMs, () => {
      reject(new ReplayStackError('timeout', `ReplayStack got no answer within ${timeoutMs} ms.`))
      controller.abort()
    })
  })
  const attempt = async (): Promise<Answer> => {
    const response = await transport.post(url, { ...request, signal: controller.signal })
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
  }
  try {
    return await Promise.race([attempt(), timeout])
  } catch (cause) {
    if (cause instanceof ReplayStackError) throw cause
    throw new ReplayStackError('network', 'ReplayStack could not be reached.', { cause })
  } finally {
    stop()
  }
}
