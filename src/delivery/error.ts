/**
 * What went wrong inside the SDK, by a name that does not change: an attempt took longer than `timeoutMs`, the network
 * failed, the ingest API refused an event (any status but those that follow), asked to be left alone (429) or failed (408,
 * 5xx), an adapter has no key or a wrong option, or the SDK itself failed.
 */
export type ReplayStackErrorCode =
  | 'timeout'
  | 'network'
  | 'rejected'
  | 'rate_limited'
  | 'server'
  | 'configuration'
  | 'internal'

/** `text` for one line: what ends a line, moves a terminal's cursor or turns text around becomes a space. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** Every error of the SDK itself, as `onError` gets it and `raiseOnError` rejects with it. Its message is one line; the API key is nowhere in it. */
export class ReplayStackError extends Error {
  /** Tells it from other errors, also across copies of this package. */
  override readonly name = 'ReplayStackError'
  /** What to branch on. */
  readonly code: ReplayStackErrorCode
  /** The ingest API's status, where it answered. */
  readonly status: number | undefined

  constructor(code: ReplayStackErrorCode, message: string, details: { status?: number; cause?: unknown } = {}) {
    super(oneLine(message), details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = details.status
  }
}

/** Anything thrown as a {@link ReplayStackError}: one as it is, everything else as an `internal` one's cause. */
export function toReplayStackError(thrown: unknown, doing: string): ReplayStackError {
  try {
    if (thrown instanceof ReplayStackError) return thrown
  } catch {
    // A Proxy that does not let itself be asked.
  }
  return new ReplayStackError('internal', `ReplayStack could not ${doing}.`, { cause: thrown })
}
