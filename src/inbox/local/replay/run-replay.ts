import { createTraceId } from '../../../event/trace.ts'
import type { ReplayStackEvent } from '../../../types.ts'
import { InboxError } from '../../inbox-error.ts'
import { compareAnswers, showBody } from '../../replay/compare.ts'
import { measureDrift } from '../../replay/drift.ts'
import { asHandled, handlerOf, planEvent } from '../../replay/handler-plan.ts'
import {
  assertPlayed,
  assertPlays,
  judgeHermetic,
  type OpenReplays,
  PROBE,
  type ReplayOutcome,
} from '../../replay/hermetic.ts'
import { hasMask } from '../../replay/masked-text.ts'
import type { GivenValues } from '../../replay/needs.ts'
import { isUncapturedStream, readFields } from '../../replay/payload-kind.ts'
import type { ReplayPlan, ReplayRequest } from '../../replay/plan.ts'
import type { ReplayHistory } from '../../replay/replay-history.ts'
import { readReplayEnd } from '../../replay/replay-record.ts'
import type { AnswerView, ReplayResult } from '../../replay/replay-result.ts'
import type { ReplayedAnswer } from '../../replay/replayed-answer.ts'
import { readHeaderPairs } from '../../replay/request-headers.ts'
import { sendReplay } from './send.ts'
import { sendToHandler } from './send-to-handler.ts'
import { checkTarget, type ReplayTarget } from './target.ts'

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
  /** Base URL of a server with another build, whose answer is compared in place of the captured one. */
  baseline?: string | undefined
  /** How many times it is sent to each: what differs between them is left out of the verdict. @default 1 */
  times?: number | undefined
  /** What waits for the events of the replays. @default nothing */
  replays?: OpenReplays | undefined
  /** Whether the calls to the outside are played back, by what waits. @default false: they are made */
  isHermetic?: boolean | undefined
  /** Where the replay is written down. @default nowhere */
  history?: ReplayHistory | undefined
  allowHosts?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

/**
 * Sends an event's request again, or has `wrangler dev` call its handler again, and compares the answers.
 *
 * @throws ReplayPlanError, TargetError; SendError when there was no answer; HermeticError when no tape was played back
 */
export async function runReplay(captured: ReplayStackEvent, options: RunReplayOptions): Promise<ReplayResult> {
  const { history, target } = options
  let isStarted = false
  const start = async () => {
    await history?.start(target)
    isStarted = true
  }
  try {
    const result = await sendAndCompare(captured, options, start)
    await history?.end(readReplayEnd(result))
    return result
  } catch (error) {
    if (isStarted) await history?.end({ outcome: 'unanswered' })
    throw error
  }
}

/** @param start is called before the first request is sent */
async function sendAndCompare(
  captured: ReplayStackEvent,
  { eventId, target, baseline, times = 1, replays, isHermetic, allowHosts, signal, headers, values }: RunReplayOptions,
  start: () => Promise<void>,
): Promise<ReplayResult> {
  const plan = planEvent(captured, { headers, values })
  const { request } = plan
  if (!request || plan.needs.length > 0) throw new ReplayPlanError(plan)
  const handler = handlerOf(captured)
  if (handler && isHermetic) throw refuse(NO_TAPE)
  const event = handler ? asHandled(captured) : captured
  const sendOne = handler ? sendToHandler : sendReplay
  const checked = await checkTarget(target, allowHosts)
  const checkedBaseline = baseline === undefined ? undefined : await checkTarget(baseline, allowHosts)
  await start()
  // Where a stream was captured as one, its body is not compared, and may have no end to wait for.
  const skipBody = isUncapturedStream(event.responsePayload)
  const sendTo = async (server: ReplayTarget) => {
    const runs: SentRun[] = []
    const send = async (sent: ReplayRequest, waits: boolean) => {
      const traceId = createTraceId()
      const answered = async (replayId?: string) => {
        const answer = await sendOne(server, sent, { eventId, traceId, replayId, skipBody, signal })
        if (answer) return answer
        throw refuse(`${server.url.origin} is not wrangler dev, by which alone a handler can be called again.`)
      }
      if (!replays || !isHermetic) {
        // One that knows of no replays links none; the request is sent all the same. A handler is given no trace id.
        if (!handler) await replays?.open(traceId).catch(() => {})
        return { traceId, answer: await answered() }
      }
      const replayId = await replays.open(traceId)
      const answer = await answered(replayId)
      return { traceId, answer, outcome: await replays.outcome(replayId, waits) }
    }
    if (isHermetic) {
      const { outcome } = await send(PROBE, false)
      if (outcome) assertPlays(outcome, server.url.origin)
    }
    for (let run = 0; run < times; run++) {
      const sent = await send(request, run === 0)
      if (sent.outcome) assertPlayed(sent.outcome, server.url.origin)
      runs.push(sent)
    }
    return runs
  }
  const before = checkedBaseline && (await sendTo(checkedBaseline))
  const runs = await sendTo(checked)
  const [first] = runs
  if (!first) throw new RangeError('times must be 1 or more')
  const { answer, traceId } = first
  const original = before?.[0] ? readAsCaptured(event, before[0].answer) : event
  const compared = compareAnswers(original, answer, { drift: driftOf(runs), originalDrift: before && driftOf(before) })
  const { outcome } = first
  // A baseline's own replay says how that build fails today.
  const expected = before ? (before[0]?.outcome?.event ?? undefined) : event
  const { notes, ...comparison } = outcome
    ? judgeHermetic(expected, compared, answer.statusCode, outcome.event)
    : compared
  const missing = before?.[0]?.outcome?.event?.notOnTape.length ?? 0
  if (missing > 0) notes.push(`The baseline makes calls that the tape does not have: ${missing}.`)
  if (before?.[0] && hasMask(before[0].answer.body)) {
    notes.push("The baseline's answer holds the text [MASKED], which was taken for any text.")
  }
  if (before && times === 1 && !comparison.same) {
    notes.push('Ids and times differ from one answer to the next: sent several times (--times 3), they are left out.')
  }
  return {
    request: {
      method: request.method,
      url: checked.url.origin + checked.url.pathname.replace(/\/+$/, '') + request.path,
      traceId,
    },
    comparedWith: before ? 'baseline' : 'capture',
    original: before?.[0] ? describeAnswer(before[0].answer) : describeOriginal(event),
    replayed: describeAnswer(answer),
    runs: runs.map(run => ({
      traceId: run.traceId,
      statusCode: run.answer.statusCode,
      durationMs: run.answer.durationMs,
    })),
    ...comparison,
    notes: [...plan.notes, ...notes],
  }
}

const refuse = (refusal: string) => new ReplayPlanError({ refusal, needs: [], notes: [] })

const NO_TAPE =
  'wrangler dev gives a handler nothing by which it could know its tape: keep it as a test, which plays the tape back.'

interface SentRun {
  traceId: string
  answer: ReplayedAnswer
  outcome?: ReplayOutcome
}

const driftOf = (runs: readonly SentRun[]) => measureDrift(runs.map(({ answer }) => answer))

function describeAnswer(answer: ReplayedAnswer): AnswerView {
  const { statusCode, durationMs, headers } = answer
  return { statusCode, durationMs, headers, body: showReplayed(answer) }
}

/** The event as if it had been answered so when it was captured. */
function readAsCaptured(event: ReplayStackEvent, answer: ReplayedAnswer): ReplayStackEvent {
  const { statusCode, headers, body, isText, cut, sizeBytes } = answer
  const uncaptured = (reason: string) => ({ captured: false, reason, ...(cut === undefined && { sizeBytes }) })
  const fields = readFields(answer)
  const text = typeof fields === 'object' ? fields : body
  return {
    ...event,
    statusCode,
    responseHeaders: headers,
    responsePayload: cut
      ? uncaptured("The baseline's body was not read to its end")
      : isText
        ? text
        : uncaptured("The baseline's body is no text"),
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
