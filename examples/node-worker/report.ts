/** A report that cron runs every night. The lines that record it are marked. */
import { createReplayStackClient, runReplayStackJob } from '@replaystack/edge/node'

const client = createReplayStackClient() // Key and settings come from the environment.

async function report(): Promise<{ orders: number }> {
  client.addBreadcrumb('Counting orders', { category: 'database' })
  const orders = Number(process.env['ORDERS'] ?? 0)
  if (orders === 0) throw new Error('A day without orders cannot be')
  return { orders }
}

try {
  // Records the run. Its error is thrown on, so that cron sees the exit code.
  await runReplayStackJob(client, { name: 'daily-report-job', eventType: 'cron' }, report)
} finally {
  await client.close() // Nothing runs on after a script: its event goes out first.
}
