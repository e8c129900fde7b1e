import { InboxError } from '../../inbox-error.ts'
import type { GateEntry } from '../../replay/gate-result.ts'
import { planEvent } from '../../replay/handler-plan.ts'
import { pickOneOfEach, readRoute } from '../../replay/one-of-each.ts'
import type { KeptEvent } from '../../replay/test-file.ts'
import { isAnythingCompared } from '../../replay/verdict.ts'
import { ReplayPlanError, type RunReplayOptions, runReplay } from './run-replay.ts'
import { SendError } from './send.ts'

export interface RunGateOptions extends Omit<RunReplayOptions, 'eventId' | 'target' | 'replays' | 'history'> {
  /** Where an event's replay goes; `undefined` where nobody knows. */
  findTarget(kept: KeptEvent): Promise<string | undefined>
  /** What waits for the events of an event's replays. @default nothing */
  open?: ((kept: KeptEvent) => RunReplayOptions['replays']) | undefined
  /** Where an event's replay is written down. @default nowhere */
  openHistory?: ((kept: KeptEvent) => RunReplayOptions['history']) | undefined
  /** Is called before each replay, and at the end. */
  onProgress?: ((done: number, of: number, title: string) => void) | undefined
}

/**
 * Replays one event of each kind, one after another. What cannot be replayed is skipped, with its reason; an application
 * that does not answer fails that event. Where nobody was there from the first, nothing is replayed.
 *
 * @param events oldest first
 * @throws TargetError, SendError
 */
export async function runGate(
  events: readonly KeptEvent[],
  { findTarget, onProgress, ...options }: RunGateOptions,
): Promise<GateEntry[]> {
  // The newest of each kind: it is the likeliest to be answered as it was.
  const picked = pickOneOfEach(events.toReversed()).reverse()
  const entries: GateEntry[] = []
  let isAnswered = false
  for (const [index, { kept, count }] of picked.entries()) {
    if (options.signal?.aborted) throw new InboxError('It was interrupted')
    const entry = describeKept(kept, count)
    onProgress?.(index, picked.length, entry.title)
    const started = performance.now()
    const outcome = await replayOne(kept, { ...options, findTarget }, isAnswered)
    isAnswered ||= outcome.result !== undefined
    entries.push({ ...entry, ...outcome, durationMs: Math.round(performance.now() - started) })
  }
  onProgress?.(picked.length, picked.length, '')
  return entries
}

function describeKept({ id, receivedAt, event }: KeptEvent, count: number) {
  const { method, eventType, serviceName, statusCode } = event
  return {
    id,
    receivedAt,
    title: `${method ?? eventType} ${readRoute(event)}`,
    ...(serviceName !== undefined && { service: serviceName }),
    ...(statusCode !== undefined && { statusCode }),
    count,
  }
}

async function replayOne(
  kept: KeptEvent,
  { findTarget, open, openHistory, values = {}, ...options }: Omit<RunGateOptions, 'onProgress'>,
  isAnswered: boolean,
): Promise<Pick<GateEntry, 'outcome' | 'reason' | 'result'>> {
  const target = await findTarget(kept)
  if (target === undefined) {
    return {
      outcome: 'skipped',
      reason: 'It was not captured on this machine: say where the app listens, by --to URL.',
    }
  }
  try {
    const result = await runReplay(kept.event, {
      ...options,
      eventId: kept.id,
      target,
      replays: open?.(kept),
      history: openHistory?.(kept),
      values: pickNeeded(kept, values, options.headers),
    })
    if (!isAnythingCompared(result.compared)) return { outcome: 'skipped', reason: result.verdict, result }
    return { outcome: result.same ? 'same' : 'different', result }
  } catch (error) {
    if (error instanceof ReplayPlanError) return { outcome: 'skipped', reason: describeRefusal(error) }
    if (!(error instanceof SendError) || (!isAnswered && isUnreachable(error))) throw error
    return { outcome: 'unanswered', reason: `${error.message}.` }
  }
}

/** Whether nobody was there at all. */
function isUnreachable({ cause }: SendError): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH'
}

/** What is given is for all events: each takes what it needs. */
function pickNeeded(
  { event }: KeptEvent,
  values: NonNullable<RunReplayOptions['values']>,
  headers: RunReplayOptions['headers'],
): NonNullable<RunReplayOptions['values']> {
  const needed = new Set(planEvent(event, { headers }).needs.map(({ name }) => name))
  return Object.fromEntries(Object.entries(values).filter(([name]) => needed.has(name)))
}

function describeRefusal({ plan: { refusal, needs } }: ReplayPlanError): string {
  if (refusal !== undefined) return refusal
  const flags = needs.map(({ name, where }) => (where === 'header' ? `--header '${name}: …'` : `--value '${name}=…'`))
  return `It needs what was masked: ${flags.join(' ')}`
}
