import type { EventStatus, ReplayStackEvent } from '../../types.ts'
import type { ReplayResult } from './replay-result.ts'
import { isAnythingCompared, isFixed } from './verdict.ts'

/** What came of a replay: `fixed` where a failure was captured and the response is none, `unanswered` where none came. */
export const REPLAY_OUTCOMES = ['fixed', 'same', 'different', 'uncompared', 'unanswered'] as const

export type ReplayOutcomeName = (typeof REPLAY_OUTCOMES)[number]

/** A replay that was sent, as the history of its event keeps it. */
export interface ReplayRecord {
  replayId: string
  /** The event that was sent again. */
  eventId: string
  /** When it was sent: ISO 8601, UTC. */
  startedAt: string
  /** The server that it was sent to; absent for a replay of before there was a history. */
  target?: string | undefined
  /** Absent for a replay of before there was a history. */
  outcome?: ReplayOutcomeName | undefined
  /** The outcome as a sentence. */
  verdict?: string | undefined
  /** Of what it was compared with. */
  originalStatusCode?: number | undefined
  statusCode?: number | undefined
  durationMs?: number | undefined
  /** Of the request that was sent first. */
  traceId?: string | undefined
}

/** A replay with the event that came of it, where that has arrived. */
export interface KeptReplay extends ReplayRecord {
  replayEvent?: { id: string; status: EventStatus } | undefined
}

/** What is known of a replay when it is over. */
export type ReplayEnd = Pick<
  ReplayRecord,
  'outcome' | 'verdict' | 'originalStatusCode' | 'statusCode' | 'durationMs' | 'traceId'
>

export function readReplayEnd({
  comparedWith,
  original,
  replayed,
  request,
  same,
  compared,
  verdict,
}: ReplayResult): ReplayEnd {
  const { statusCode: captured } = original
  const { statusCode, durationMs } = replayed
  const isRepaired = comparedWith === 'capture' && isFixed(captured, statusCode)
  const outcome = isRepaired ? 'fixed' : !isAnythingCompared(compared) ? 'uncompared' : same ? 'same' : 'different'
  return { outcome, verdict, originalStatusCode: captured, statusCode, durationMs, traceId: request.traceId }
}

/** A replay that is under way, or over. */
export interface ReplayNews {
  type: 'replay.started' | 'replay.completed'
  record: ReplayRecord
  event: Pick<ReplayStackEvent, 'status' | 'endpoint' | 'statusCode' | 'errorName' | 'errorMessage'>
}
