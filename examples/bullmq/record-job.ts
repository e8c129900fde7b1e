/** How BullMQ's jobs are recorded: its processor, in one call. */
import type { ReplayStackClient } from '@replaystack/edge'
import { runReplayStackJob } from '@replaystack/edge/node'

/** The members of BullMQ's `Job` that are read. */
export interface Job<Data> {
  id?: string | undefined
  name: string
  queueName: string
  data: Data
  /** Tries before this one. */
  attemptsMade: number
}

export type Processor<Data, Result> = (job: Job<Data>) => Promise<Result>

/** A processor whose jobs are recorded. Their errors reach BullMQ as they are, so that it tries again. */
export function recordJobs<Data, Result>(
  client: ReplayStackClient,
  processor: Processor<Data, Result>,
): Processor<Data, Result> {
  return job => {
    const { id, name, queueName, data, attemptsMade } = job
    const metadata = { id, queueName, attempt: attemptsMade + 1 }
    return runReplayStackJob(client, { name, payload: data, metadata }, () => processor(job))
  }
}
