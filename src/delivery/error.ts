import type { ReplayStackErrorCode, ReplayStackError as Shape } from '../types.ts'

/** `text` for one line: what ends a line, moves a terminal's cursor or turns text around becomes a space. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** Every error of the SDK itself: one line, without the API key. */
export class ReplayStackError extends Error implements Shape {
  override readonly name = 'ReplayStackError'
  readonly code: ReplayStackErrorCode
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
