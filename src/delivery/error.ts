/** What went wrong inside the SDK, by a name that does not change. */
export type ReplayStackErrorCode =
  | 'timeout'
  | 'network'
  | 'rejected'
  | 'rate_limited'
  | 'server'
  | 'configuration'
  | 'internal'

/** Every error of the SDK itself, as `onError` gets it and `raiseOnError` rejects with it. Never holds the API key. */
export class ReplayStackError extends Error {
  override readonly name = 'ReplayStackError'
  readonly code: ReplayStackErrorCode
  /** The ingest API's status, where it answered. */
  readonly status: number | undefined

  constructor(code: ReplayStackErrorCode, message: string, details: { status?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = details.status
  }
}

/** Anything thrown as a {@link ReplayStackError}: one as it is, everything else as an `internal` one's cause. */
export function toReplayStackError(thrown: unknown, doing: string): ReplayStackError {
  if (thrown instanceof ReplayStackError) return thrown
  return new ReplayStackError('internal', `ReplayStack could not ${doing}.`, { cause: thrown })
}
