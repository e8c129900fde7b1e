/** A worker that sends emails. The lines that record it are marked. */
import { createReplayStackClient, installReplayStackProcessGuards } from '@replaystack/edge/node'
import { Worker } from 'bullmq'
import { recordJobs } from './record-job.ts'
import { sendEmail } from './send-email.ts'

const client = createReplayStackClient({ flushIntervalMs: 10_000 }) // Key and settings come from the environment.
installReplayStackProcessGuards(client) // What waits is flushed before the process ends.

const connection = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }
const worker = new Worker('emails', recordJobs(client, sendEmail), { connection }) // Records every job.
worker.on('failed', (job, error) => console.error(`Job ${job?.id} failed: ${error.message}`))

// With a listener of its own, the worker decides: it finishes what it has begun.
process.once('SIGTERM', async () => {
  await worker.close()
  await client.close()
})
