import type { Comparison } from './compare.ts'
import type { PlayedTape } from './hermetic.ts'

/** One of the two answers. */
export interface AnswerView {
  statusCode?: number
  headers: Record<string, string>
  body: string
  durationMs?: number
}

/** One time that the request was sent. */
export interface ReplayRun {
  /** By it, the run's own event is found. */
  traceId: string
  statusCode: number
  durationMs: number
}

/** A replay that was answered. */
export interface ReplayResult extends Comparison {
  /** What was sent first. */
  request: { method: string; url: string; traceId: string }
  /** What the replayed answer is compared with. */
  comparedWith: 'capture' | 'baseline'
  original: AnswerView
  /** The first run's. */
  replayed: AnswerView
  /** Each time that it was sent to the target. */
  runs: ReplayRun[]
  /** Where calls were played back: how those of the first run compare with the tape. */
  tape?: PlayedTape
}
