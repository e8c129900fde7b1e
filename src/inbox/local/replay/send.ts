import { type ClientRequest, type IncomingMessage, request as sendHttp } from 'node:http'
import { request as sendHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { InboxError } from '../../inbox-error.ts'
import type { ReplayRequest } from '../../replay/plan.ts'
import type { BodyCut, ReplayedAnswer } from '../../replay/replayed-answer.ts'
import type { ReplayTarget } from './target.ts'

export interface SendOptions {
  eventId: string
  /** The new trace's. */
  traceId: string
  /** The id by which the application takes the tape that is played back to it. @default none is */
  replayId?: string | undefined
  /** Of the whole exchange. @default 30000 */
  timeoutMs?: number | undefined
  /** Bytes of the answer's body. @default 2097152 */
  maxBodyBytes?: number | undefined
  /** Whether to stop after the headers. @default false */
  skipBody?: boolean | undefined
  /** Ends the exchange early. */
  signal?: AbortSignal | undefined
}

/** A replay that was not answered. */
export class SendError extends InboxError {
  override name = 'SendError'
}

/**
 * Sends a request to a target that was checked, and reads the answer. Not by `fetch`: that adds headers of its own, takes
 * no body with GET, and would look the name up again. Redirects are answers like any other; so is
 * one whose body goes on for longer than the time that there is.
 *
 * @throws SendError
 */
export async function sendReplay(
  target: ReplayTarget,
  request: ReplayRequest,
  {
    eventId,
    traceId,
    replayId,
    timeoutMs = 30_000,
    maxBodyBytes = 2 * 1024 * 1024,
    skipBody = false,
    signal,
  }: SendOptions,
): Promise<ReplayedAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const started = performance.now()
  try {
    const outgoing = openRequest(target, request, signal ? AbortSignal.any([timeout, signal]) : timeout)
    for (const [name, values] of groupHeaders(request)) outgoing.setHeader(name, values)
    outgoing.setHeader('x-trace-id', traceId)
    outgoing.setHeader('x-replaystack-replay', replayId === undefined ? eventId : `${eventId}; tape=${replayId}`)
    // Bytes: with a text, Node writes the headers in that text's encoding.
    const body = request.body === undefined ? undefined : Buffer.from(request.body)
    // Set by hand: Node would send a GET's body in chunks.
    if (body) outgoing.setHeader('content-length', body.byteLength)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve).on('error', reject).end(body)
    })
    const { bytes, cut } = skipBody ? UNWANTED : await readBody(response, maxBodyBytes, timeout)
    outgoing.destroy()
    const text = readUtf8(bytes, cut !== undefined)
    return {
      statusCode: response.statusCode ?? 0,
      headers: joinHeaders(response),
      body: text ?? '',
      sizeBytes: bytes.byteLength,
      cut,
      isText: text !== undefined,
      durationMs: Math.round(performance.now() - started),
    }
  } catch (error) {
    throw new SendError(describeFailure(error, target, timeout, timeoutMs), { cause: error })
  }
}

/** A name with all of its values, so that a `host` that was given replaces Node's. */
function groupHeaders({ headers }: ReplayRequest): Map<string, string[]> {
  const grouped = new Map<string, string[]>()
  for (const [name, value] of headers) grouped.set(name, [...(grouped.get(name) ?? []), value])
  return grouped
}

function openRequest(
  { url, addresses, isLoopback }: ReplayTarget,
  request: ReplayRequest,
  signal: AbortSignal,
): ClientRequest {
  // What was checked is what is connected to: the name is not looked up again.
  const lookup: LookupFunction = (_host, { all }, answer) => {
    const [first] = addresses
    if (all) answer(null, addresses)
    else answer(null, first?.address ?? '', first?.family)
  }
  const send = url.protocol === 'https:' ? sendHttps : sendHttp
  return send({
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: url.pathname.replace(/\/+$/, '') + request.path,
    method: request.method,
    agent: false,
    // Development servers sign for themselves; on this machine nobody stands between.
    rejectUnauthorized: !isLoopback,
    lookup,
    signal,
  })
}

/** No coding was asked for; some servers use one all the same. */
function createDecoder({ headers }: IncomingMessage): Transform | undefined {
  const decoders = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress } as const
  const coding = headers['content-encoding']
  return coding === 'gzip' || coding === 'deflate' || coding === 'br' ? decoders[coding]() : undefined
}

interface ReadBody {
  bytes: Buffer
  cut: BodyCut | undefined
}

const UNWANTED: ReadBody = { bytes: Buffer.alloc(0), cut: 'unwanted' }

async function readBody(response: IncomingMessage, maximum: number, timeout: AbortSignal): Promise<ReadBody> {
  const chunks: Buffer[] = []
  const decoder = createDecoder(response)
  let isCoded = false
  if (decoder) {
    response.once('data', () => {
      isCoded = true
    })
    response.on('error', error => decoder.destroy(error)).pipe(decoder)
  }
  let size = 0
  try {
    for await (const chunk of decoder ?? response) {
      chunks.push(chunk)
      size += chunk.length
      if (size > maximum) return { bytes: Buffer.concat(chunks).subarray(0, maximum), cut: 'size' }
    }
  } catch (error) {
    if (timeout.aborted) return { bytes: Buffer.concat(chunks), cut: 'time' }
    // The answer to HEAD, and a 204 or 304, tell the coding of a body that is not there: nothing cannot be decoded.
    if (!decoder || isCoded || !response.complete) throw error
  }
  return { bytes: Buffer.concat(chunks), cut: undefined }
}

/** The text; `undefined` when the bytes are none. What was cut may end inside a character. */
function readUtf8(bytes: Buffer, cut: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut })
  } catch {
    return undefined
  }
}

function joinHeaders({ headersDistinct }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values = []]) => [
      name,
      values.join(name === 'set-cookie' ? '\n' : ', '),
    ]),
  )
}

function describeFailure(error: unknown, { url }: ReplayTarget, timeout: AbortSignal, timeoutMs: number): string {
  if (timeout.aborted) return `${url.origin} did not answer within ${timeoutMs / 1000} s`
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return `Nothing listens at ${url.origin}`
  if (code === 'ABORT_ERR') return 'The replay was interrupted'
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return `${url.origin} closed the connection without a whole answer`
  return `${url.origin} cannot be reached: ${code || (error instanceof Error ? error.message : String(error))}`
}
