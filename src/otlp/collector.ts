/** One export to a collector: its request, and what the response means. */
import { ReplayStackError } from '../delivery/error.ts'
import { maskKey } from '../delivery/key.ts'
import { verdictOf } from '../delivery/retry.ts'
import { fetchTransport } from '../delivery/transport.ts'
import { SDK_VERSION } from '../event/version.ts'
import { read } from '../safe-read.ts'
import type { ReplayStackErrorCode, ReplayStackEvent, TransportRequest } from '../types.ts'
import { keyValues } from './any-value.ts'
import { type LogRecord, logRecordOf, resourceOf } from './log-record.ts'
import type { OtlpSettings } from './options.ts'

/** What became of an export. */
export interface Exported {
  /** The collector's, or 0 where there was none. */
  status: number
  retryAfter: string | null
  /** Records that the collector took none of, though it took the request. */
  rejected: number
  /** Why not all of it was taken. */
  error?: ReplayStackError | undefined
}

/** Characters of a collector's own words in an error. */
const MAX_WORDS = 200

/** `ExportLogsServiceRequest` as JSON: one list of records for each resource. */
export function writeExport(events: readonly ReplayStackEvent[], settings: OtlpSettings, now: number): string {
  const groups = new Map<string, { resource: Record<string, unknown>; logRecords: LogRecord[] }>()
  for (const event of events) {
    const own = resourceOf(event).filter(([, value]) => value !== undefined)
    const resource = { ...settings.resource, ...Object.fromEntries(own) }
    const key = JSON.stringify(resource)
    const group = groups.get(key) ?? { resource, logRecords: [] }
    groups.set(key, group)
    group.logRecords.push(logRecordOf(event, now))
  }
  const scope = { name: '@replaystack/edge', version: SDK_VERSION }
  return JSON.stringify({
    resourceLogs: Array.from(groups.values(), ({ resource, logRecords }) => ({
      resource: { attributes: keyValues(Object.entries(resource)) },
      scopeLogs: [{ scope, logRecords }],
    })),
  })
}

/** What a collector says for itself, without the values of the headers that it was sent. */
function wordsOf(text: unknown, headers: OtlpSettings['headers']): string {
  if (typeof text !== 'string') return ''
  const words = Object.values(headers).reduce(maskKey, text)
  return `: ${words.slice(0, MAX_WORDS).replace(/[.\s]+$/, '')}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One attempt. Never rejects. */
export async function exportOnce(
  body: string,
  settings: OtlpSettings,
  { signal, timeoutMs }: Pick<TransportRequest, 'signal' | 'timeoutMs'>,
): Promise<Exported> {
  const { url, headers } = settings
  const place = `The OTLP collector at ${new URL(url).origin}`
  const failure = (code: ReplayStackErrorCode, what: string, status?: number): ReplayStackError =>
    new ReplayStackError(code, `${place} ${what}.`, status === undefined ? {} : { status })
  try {
    const sent = { body, headers: { ...headers, 'content-type': 'application/json' }, signal, timeoutMs }
    const response = await fetchTransport.post(url, sent)
    const { status } = response
    const answer = parse(await response.text())
    const verdict = verdictOf(status)
    if (verdict !== 'delivered') {
      const code = verdict === 'rejected' ? 'rejected' : status === 429 ? 'rate_limited' : 'server'
      const error = failure(code, `responded ${status}${wordsOf(read(answer, 'message'), headers)}`, status)
      return { status, retryAfter: response.headers.get('retry-after'), rejected: 0, error }
    }
    // A warning has words and rejects none; protobuf's JSON writes 64 bits as a text.
    const rejected = Number(read(answer, 'partialSuccess', 'rejectedLogRecords') ?? 0)
    const words = wordsOf(read(answer, 'partialSuccess', 'errorMessage'), headers)
    const error = rejected > 0 ? failure('rejected', `rejected ${rejected} of its log records${words}`) : undefined
    return { status, retryAfter: null, rejected, error }
  } catch (thrown) {
    const code = read(thrown, 'cause', 'code') ?? read(thrown, 'code')
    const why = typeof code === 'string' && /^\w+$/.test(code) ? ` (${code})` : ''
    const error = signal.aborted
      ? failure('timeout', 'gave no response in time')
      : failure('network', `could not be reached${why}`)
    return { status: 0, retryAfter: null, rejected: 0, error }
  }
}
