import { callMember, read } from '../safe-read.ts'

/** The response that an error asks its event to show. */
export interface ErrorCapture {
  /** The event's `responsePayload`. Any value; masked and bounded as others are. */
  responsePayload?: unknown
  /** The event's `statusCode`: a whole number from 100 to 999. */
  statusCode?: number
}

/**
 * Throws an error whose event shows a response of your own: it carries `replayStack: { responsePayload, statusCode }`,
 * which every adapter and `captureException` read from any error that they record.
 * @param responsePayload any value. Default: the message, where no response was sent
 * @param statusCode a whole number from 100 to 999, default 500
 * @throws {Error} always
 * @example
 * captureFailure('The card was declined', { error: 'card_declined', orderId }, 402)
 */
export function captureFailure(message: string, responsePayload?: unknown, statusCode = 500): never {
  const error = new Error(message)
  // Makes the first frame the caller's, where the runtime has it: https://v8.dev/docs/stack-trace-api
  callMember(Error, 'captureStackTrace', error, captureFailure)
  throw Object.assign(error, { replayStack: { responsePayload, statusCode } })
}

/** What {@link captureFailure} put on an error, or anyone else did; `undefined` where there is nothing. Never throws. */
export function getReplayStackErrorCapture(error: unknown): ErrorCapture | undefined {
  const capture = read(error, 'replayStack')
  if (typeof capture !== 'object' || capture === null) return undefined
  const [responsePayload, statusCode] = [read(capture, 'responsePayload'), read(capture, 'statusCode')]
  const isStatus =
    typeof statusCode === 'number' && Number.isInteger(statusCode) && statusCode >= 100 && statusCode <= 999
  return {
    ...(responsePayload !== undefined && { responsePayload }),
    ...(isStatus && { statusCode }),
  }
}
