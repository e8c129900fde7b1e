import { createTraceId } from '../../event/trace.ts'
import type { ReplayStackEvent } from '../../types.ts'
import { InboxError } from '../inbox-error.ts'
import { type Comparison, compareAnswers, showBody } from './compare.ts'
import { isUncapturedStream } from './payload-kind.ts'
import { type GivenValues, planReplay, type ReplayPlan } from './plan.ts'
import { readHeaderPairs } from './request-headers.ts'
import { type ReplayedAnswer, sendReplay } from './send.ts'
import { checkTarget } from './target.ts'

/** One of the two answers. */
export interface AnswerView {
  statusCode?: number
  headers: Record<string, string>
  body: string
  durationMs?: number
}

/** A replay that was answered. */
export interface ReplayResult extends Comparison {
  /** What was sent. By its trace id, the replay's own event is found. */
  request: { method: string; url: string; traceId: string }
  original: AnswerView
  replayed: AnswerView
}

/** An event that cannot be replayed, or not with what was given. */
export class ReplayPlanError extends InboxError {
  override name = 'ReplayPlanError'
  readonly plan: ReplayPlan

  constructor(plan: ReplayPlan) {
    super(plan.refusal ?? `The event needs ${plan.needs.map(({ name }) => name).join(', ')}: give each a value`)
    this.plan = plan
  }
}

export interface RunReplayOptions extends GivenValues {
  eventId: string
  /** Base URL of the server to send to. */
  target: string
  allowHosts?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

/**
 * Sends an event's request again and compares the answers.
 *
 * @throws ReplayPlanError, TargetError; SendError when there was no answer
 */
export async function runReplay(
  event: ReplayStackEvent,
  { eventId, target, allowHosts, signal, headers, values }: RunReplayOptions,
): Promise<ReplayResult> {
  const plan = planReplay(event, { headers, values })
  if (!plan.request || plan.needs.length > 0) throw new ReplayPlanError(plan)
  const checked = await checkTarget(target, allowHosts)
  const traceId = createTraceId()
  // Where a stream was captured as one, its body is not compared, and may have no end to wait for.
  const skipBody = isUncapturedStream(event.responsePayload)
  const answer = await sendReplay(checked, plan.request, { eventId, traceId, skipBody, signal })
  const { notes, ...comparison } = compareAnswers(event, answer)
  const { statusCode, durationMs } = answer
  return {
    request: {
      method: plan.request.method,
      url: checked.url.origin + checked.url.pathname.replace(/\/+$/, '') + plan.request.path,
      traceId,
    },
    original: describeOriginal(event),
    replayed: {
      statusCode,
      durationMs,
      headers: answer.headers,
      body: showReplayed(answer),
    },
    ...comparison,
    notes: [...plan.notes, ...notes],
  }
}

function showReplayed({ cut, isText, body, sizeBytes }: ReplayedAnswer): string {
  if (cut === 'unwanted') return '(not read)'
  if (!isText) return `(${sizeBytes} bytes that are no text)`
  return cut === 'time' ? `${body}…` : body
}

function describeOriginal({
  statusCode,
  executionTimeMs,
  responseHeaders,
  responsePayload,
}: ReplayStackEvent): AnswerView {
  const headers = new Map<string, string>()
  for (const [name, value] of readHeaderPairs(responseHeaders) ?? []) {
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : before + (name === 'set-cookie' ? '\n' : ', ') + value)
  }
  return {
    ...(statusCode !== undefined && { statusCode }),
    headers: Object.fromEntries(headers),
    body: showBody(responsePayload),
    ...(executionTimeMs !== undefined && { durationMs: executionTimeMs }),
  }
}
