/** One invocation, as far as its context tells, and how long it may be held up. */
import type { Hold } from '../../observe/keep-alive.ts'
import { callMember, read } from '../../safe-read.ts'
import { known, textAt } from './read-event.ts'

/** Milliseconds that an answer waits for delivery at most. */
const MAX_HOLD_MS = 5_000

/** Milliseconds before its time is over at which an invocation answers, delivered or not. */
const MARGIN_MS = 200

export interface Invocation {
  event: unknown
  /** The platform's own object: it is passed on as it is. */
  context: unknown
  /** What its answer waits for. */
  hold: Hold
  /** Whether it is the first of its execution environment. */
  coldStart: boolean
}

const environmentText = (name: string): string | undefined => textAt(globalThis, 'process', 'env', name)

/** Milliseconds until its time is up, where its context says so. */
export function remainingMs({ context }: Invocation): number | undefined {
  const remaining = callMember(context, 'getRemainingTimeInMillis')
  return typeof remaining === 'number' && !Number.isNaN(remaining) ? remaining : undefined
}

/** Milliseconds that an invocation may still wait; never negative. */
export function budgetMs(invocation: Invocation): number {
  const remaining = remainingMs(invocation)
  if (remaining === undefined) return MAX_HOLD_MS
  return Math.max(0, Math.min(MAX_HOLD_MS, remaining - MARGIN_MS))
}

export function functionNameOf({ context }: Invocation): string {
  return textAt(context, 'functionName') ?? environmentText('AWS_LAMBDA_FUNCTION_NAME') ?? 'lambda'
}

/** What every event tells of its invocation. */
export function invocationMetadata(invocation: Invocation): Record<string, unknown> {
  const { context, coldStart } = invocation
  return known({
    functionName: functionNameOf(invocation),
    functionVersion: textAt(context, 'functionVersion'),
    requestId: textAt(context, 'awsRequestId'),
    xrayTraceId: read(context, 'xRayTraceId') ?? environmentText('_X_AMZN_TRACE_ID'),
    coldStart,
  })
}
