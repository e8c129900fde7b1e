import type { ReplayStackEvent, StackFrame } from '../../types.ts'
import { readRoute } from '../event-columns.ts'
import { isJsonObject } from '../replay/payload-kind.ts'
import type { ResolvedFrame } from '../source-maps.ts'
import { hashText } from '../text-hash.ts'
import { findApplicationFrame } from './application-frame.ts'
import { readMessageKind } from './message-kind.ts'

/** What failures of one kind have in common. */
export interface IssueKind {
  /** Sixteen hexadecimal digits: the same for all failures of one kind, in every inbox. */
  issueId: string
  /** `TypeError: Cannot read properties of undefined`, as the first of them said it. */
  title: string
  errorName: string | undefined
  /** The first one's, cut. */
  errorMessage: string | undefined
  /** Where it went wrong: `chargeCard (src/payments.ts)`; without frames, the route. */
  culprit: string
}

const MAX_TITLE = 200
const MAX_MESSAGE = 2000

/**
 * The issue that a failure belongs to; `undefined` for an event that is no failure. Two failures are of one kind when they
 * agree in event type, error name, message without what varies, the same of the error at the end of the chain of causes,
 * and the function and file of the application's first frame: without frames, in the route.
 *
 * @param resolve a frame in its source; `undefined` for one that no map explains
 */
export function readIssueKind(
  event: ReplayStackEvent,
  resolve?: (frame: StackFrame) => ResolvedFrame | undefined,
): IssueKind | undefined {
  if (event.status !== 'failed') return undefined
  const { eventType, errorName, errorMessage, statusCode, method } = event
  const frame = findApplicationFrame(event, resolve)
  const route = [method, readRoute(event)].filter(part => part).join(' ')
  const place = frame ? [frame.functionName, frame.fileName] : ['', route]
  // A failure without an error is of the kind of its status code.
  const said = errorName || errorMessage ? '' : `status ${statusCode ?? ''}`
  const kind = [eventType, errorName, readMessageKind(errorMessage ?? ''), said, ...readRootCause(event), ...place]
  const firstLine = errorMessage?.trim().split('\n', 1)[0]
  const title =
    [errorName, firstLine].filter(part => part).join(': ') || [statusCode, route].filter(part => part).join(' ')
  return {
    issueId: hashText(JSON.stringify(kind.map(part => part ?? ''))),
    title: (title || 'Failure').slice(0, MAX_TITLE),
    errorName,
    errorMessage: errorMessage?.slice(0, MAX_MESSAGE),
    culprit: frame ? [frame.functionName, `(${frame.fileName})`].filter(part => part).join(' ') : route,
  }
}

/** Name and kind of message of the error that began it: two failed queries may have failed for different reasons. */
function readRootCause({ metadata }: ReplayStackEvent): (string | undefined)[] {
  const causes = isJsonObject(metadata) ? metadata['causes'] : undefined
  const behind = Array.isArray(causes) ? causes.filter(isJsonObject) : []
  // The end of the chain; of several errors at once, the first.
  const root = behind.filter(({ path }) => /^cause(?:\.cause)*$/.test(String(path))).at(-1) ?? behind[0]
  if (!root) return []
  const { errorName, name = errorName, errorMessage, message = errorMessage } = root
  return [typeof name === 'string' ? name : '', readMessageKind(typeof message === 'string' ? message : '')]
}
