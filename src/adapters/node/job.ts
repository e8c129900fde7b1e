/** A job of a queue's worker, a cron run, a webhook's work: whatever runs once and ends. It uses nothing of Node's. */
import type { ReplayStackClient, ReplayStackHandle } from '../../client/client.ts'
import { currentScope } from '../../client/scope.ts'
import { observe } from '../../observe/lifecycle.ts'
import { lazySetup, type Setup } from '../../observe/setup.ts'
import type { Ending } from '../../observe/work.ts'
import { read } from '../../safe-read.ts'
import type { EventType } from '../../types.ts'

/** What is known of a job before it runs. */
export interface ReplayStackJob {
  /** The event's `endpoint`: `send-email`, `daily-report-job`. */
  name: string
  /** @default 'queue' */
  eventType?: Exclude<EventType, 'api'> | undefined
  /** What it works on: the event's `requestPayload`, masked and bounded, as it is when the job ends. */
  payload?: unknown
  /** Its id, its attempt, its queue. */
  metadata?: Record<string, unknown> | undefined
  /** 1 to 128 visible ASCII characters. @default the surrounding scope's, else a new UUID */
  traceId?: string | undefined
}

const setups: WeakMap<ReplayStackClient, Setup> = new WeakMap()

function setupOf(client: ReplayStackClient): Setup {
  const known = setups.get(client)
  if (known) return known
  const setup = lazySetup({ client })()
  setups.set(client, setup)
  return setup
}

/** Errors by which a job of BullMQ gives itself back to its queue, by the name or the message that BullMQ knows them by. */
const BULLMQ_CONTROL_FLOW: Readonly<Record<string, string>> = {
  DelayedError: 'delayed',
  WaitingChildrenError: 'waiting for its children',
  WaitingError: 'waiting',
  // Others have errors of the name `RateLimitError`, and those are failures.
  'bullmq:rateLimitExceeded': 'rate limited',
}

/** The end of a job that is to run again, and has not failed. */
function answerThrown(thrown: unknown): Ending | undefined {
  for (const known of [read(thrown, 'name'), read(thrown, 'message')]) {
    if (typeof known !== 'string' || !Object.hasOwn(BULLMQ_CONTROL_FLOW, known)) continue
    return { fields: { status: 'pending', metadata: { bullmq: BULLMQ_CONTROL_FLOW[known] } } }
  }
  return undefined
}

/** Whether a result is data that an event can show, not a thing that lives on. */
function isPlainData(value: unknown): boolean {
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol' && value !== undefined
  if (value === null || Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * Runs a job in a scope of its own and records it as one event: its outcome, its time, its breadcrumbs, what it returned
 * where that is plain data, and its error. Returns what `run` returns, the same object; what it throws is rethrown, the
 * same object. One by which BullMQ takes a job back (`DelayedError` and its like) makes the event `pending`. `client.flush()` and `close()` wait for jobs that are running.
 * @param run gets the job's handle, for runtimes without `AsyncLocalStorage`
 * @example
 * // BullMQ
 * new Worker('emails', job =>
 *   runReplayStackJob(client, { name: job.name, payload: job.data, metadata: { id: job.id } }, () => send(job.data)),
 * )
 * @example
 * // A cron job
 * await runReplayStackJob(client, { name: 'daily-report', eventType: 'cron' }, () => report())
 * await client.close()
 */
export function runReplayStackJob<Result>(
  client: ReplayStackClient,
  job: ReplayStackJob,
  run: (handle: ReplayStackHandle) => Promise<Result>,
): Promise<Result>
export function runReplayStackJob<Result>(
  client: ReplayStackClient,
  job: ReplayStackJob,
  run: (handle: ReplayStackHandle) => Result,
): Result
export function runReplayStackJob(
  client: ReplayStackClient,
  { name, eventType = 'queue', payload, metadata, traceId }: ReplayStackJob,
  run: (handle: ReplayStackHandle) => unknown,
): unknown {
  const setup: Setup = { ...setupOf(client), getTraceId: () => traceId }
  const work = {
    eventType,
    endpoint: name,
    // What a trace id is checked for.
    subject: {},
    traceId: () => currentScope()?.traceId,
    describe: () => ({ fields: { requestPayload: payload, metadata } }),
    answerThrown,
  }
  return observe(setup, work, run, result => ({
    result,
    fields: isPlainData(result) ? { responsePayload: result } : {},
  }))
}
